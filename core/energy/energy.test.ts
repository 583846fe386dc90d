import { describe, expect, it } from 'vitest';
import { resolveMachine } from '#core/architecture/machine.ts';
import { presetById } from '#core/architecture/presets.ts';
import { areaOf, macArea } from './area.ts';
import { cellEnergy, eyerissJoules } from './cells.ts';
import { DRAM_KINDS } from './dram.ts';
import { figureText } from './figure.ts';
import { OPERATION_FIGURES, operationEnergy, operationFigure, UNVERIFIED_7NM } from './operations.ts';
import { areaScale, energyScale, isScalingChecked } from './scaling.ts';
import { sramFigures } from './sram.ts';
import { SRAM_POINTS } from './sram-points.ts';

describe('operations', () => {
  it('are those of ISSCC 2014 at 45 nm: a MAC in int8 0.3 pJ, fp16 2.0 pJ, fp32 4.6 pJ', () => {
    expect(operationEnergy('int8', 45).mac * 1e12).toBeCloseTo(0.3, 12);
    expect(operationEnergy('fp16', 45).mac * 1e12).toBeCloseTo(2, 12);
    expect(operationEnergy('fp32', 45).mac * 1e12).toBeCloseTo(4.6, 12);
    expect(operationEnergy('model', 45)).toEqual(operationEnergy('fp32', 45));
    expect(operationEnergy('int8', 45).isChecked).toBe(true);
  });

  it('say which figure nobody checked', () => {
    expect(operationEnergy('int16', 45).isChecked).toBe(false);
    expect(figureText(operationFigure('int16', 'multiply'))).toMatch(/unverified\)$/);
    expect(figureText(operationFigure('int8', 'multiply'))).toBe(
      '0.2 pJ an operation at 45 nm, 0.9 V (Horowitz, Computing’s energy problem, ISSCC 2014)',
    );
    expect(UNVERIFIED_7NM.every(({ isChecked }) => !isChecked)).toBe(true);
    for (const { source, id } of [...OPERATION_FIGURES, ...DRAM_KINDS.map(({ energy }) => energy)])
      expect(source, id).not.toBe('');
  });
});

describe('technology scaling', () => {
  it('is the identity on a node, transitive, and falls with the node', () => {
    const nodes = [7, 10, 12, 14, 16, 20, 22, 28, 32, 40, 45, 65, 90, 130, 180];
    for (const [i, node] of nodes.entries()) {
      expect(energyScale(node, node)).toBe(1);
      expect(areaScale(node, node)).toBe(1);
      expect(energyScale(180, node) * energyScale(node, 7)).toBeCloseTo(energyScale(180, 7), 12);
      if (i === 0) continue;
      expect(energyScale(45, node)).toBeGreaterThan(energyScale(45, nodes[i - 1]!));
      expect(areaScale(45, node)).toBeGreaterThan(areaScale(45, nodes[i - 1]!));
    }
  });

  // Further cells of the paper's area table, none of them typed into the code: they are ratios of its 45 nm column.
  it.each([
    [130, 90, 0.44],
    [90, 65, 0.53],
    [65, 32, 0.31],
    [32, 20, 0.46],
    [20, 16, 0.89],
    [16, 14, 0.91],
    [14, 10, 0.59],
    [10, 7, 0.58],
    [180, 130, 0.34],
  ])('area %i → %i nm is the paper’s %f to its two digits', (from, to, published) => {
    // Both cells and the 45 nm column are rounded to two digits.
    expect(Math.abs(areaScale(from, to) / published - 1)).toBeLessThan(0.06);
  });

  it('energy at 0.9 V is the ratio of the polynomials, by hand for 45 → 7 nm', () => {
    const at45 = 1.103 * 0.81 - 0.362 * 0.9 + 0.2767;
    const at7 = 0.1776 * 0.81 - 0.09097 * 0.9 + 0.02447;
    expect(energyScale(45, 7)).toBeCloseTo(at7 / at45, 12);
    expect(isScalingChecked(45, 7)).toBe(true);
    expect(isScalingChecked(45, 180)).toBe(false);
  });
});

describe('SRAM', () => {
  it('meets every CACTI point and rises with capacity and node between them', () => {
    for (const [node, kibibytes, read, write, leakage, area] of SRAM_POINTS) {
      const made = sramFigures(kibibytes * 1024, node);
      expect(made.readJoulesPerByte * 8e12).toBeCloseTo(read, 9);
      expect(made.writeJoulesPerByte * 8e12).toBeCloseTo(write, 9);
      expect(made.leakageWatts * 1e3).toBeCloseTo(leakage, 12);
      expect(made.squareMillimetres).toBeCloseTo(area, 12);
    }
    for (const node of [7, 14, 22, 28, 45, 65, 130]) {
      let before = 0;
      for (let bytes = 64; bytes <= 2 ** 28; bytes *= 2) {
        const { readJoulesPerByte, squareMillimetres, leakageWatts } = sramFigures(bytes, node);
        expect(readJoulesPerByte).toBeGreaterThan(before);
        expect(squareMillimetres).toBeGreaterThan(0);
        expect(leakageWatts).toBeGreaterThan(0);
        before = readJoulesPerByte;
      }
    }
    // Within the factor of 1.7 of the other 45 nm source: 10 / 20 / 100 pJ at 8 / 32 / 1,024 KiB (Horowitz).
    for (const [kibibytes, horowitz] of [
      [8, 10],
      [32, 20],
      [1024, 100],
    ] as const) {
      const ratio = horowitz / (sramFigures(kibibytes * 1024, 45).readJoulesPerByte * 8e12);
      expect(ratio).toBeGreaterThan(1);
      expect(ratio).toBeLessThan(1.7);
    }
  });

  it('says when it goes beyond its points', () => {
    expect(sramFigures(64 * 1024, 45).source).not.toMatch(/beyond|scaled/);
    expect(sramFigures(2 ** 24, 45).source).toMatch(/continued beyond its ends/);
    expect(sramFigures(64 * 1024, 7).source).toMatch(/scaled from 22 to 7 nm by Stillmaker/);
  });
});

describe('cells', () => {
  it('clock two operands and a sum in an output-stationary array, one operand and a sum otherwise', () => {
    const bit = 0.009e-12;
    expect(cellEnergy('pipeline', 'os', 8, 40).joulesPerMac).toBeCloseTo(48 * bit, 24);
    expect(cellEnergy('pipeline', 'ws', 8, 40).joulesPerMac).toBeCloseTo(40 * bit, 24);
    expect(cellEnergy('pipeline', 'is', 16, 40).joulesPerMac).toBeCloseTo(48 * bit, 24);
  });

  it('keep Eyeriss’ ratios 1 : 2 : 6 : 200', () => {
    const one = eyerissJoules('registerFile', 16, 65);
    expect(eyerissJoules('hop', 16, 65) / one).toBeCloseTo(2, 12);
    expect(eyerissJoules('globalBuffer', 16, 65) / one).toBeCloseTo(6, 12);
    expect(eyerissJoules('dram', 16, 65) / one).toBeCloseTo(200, 12);
    expect(cellEnergy('register-file', 'ws', 8, 45).isChecked).toBe(false);
  });
});

describe('area', () => {
  it('of a machine is the sum of its parts, and shrinks with the node', () => {
    const document = presetById('systolic-32x32')!.build('a');
    const { machine } = resolveMachine(document);
    const parts = areaOf(machine!, 'int8');
    expect(parts.cells).toBeCloseTo(1024 * macArea('int8', 45).squareMillimetres, 12);
    expect(parts.scratchpad).toBeCloseTo(1.64463, 9);
    // Three operand buffers of 64 KiB and two of 32 KiB.
    expect(parts.buffers).toBeCloseTo(3 * 0.209046 + 2 * 0.0948597, 9);
    const smaller = { ...machine!, scratchpad: { ...machine!.scratchpad, nanometres: 22 } };
    expect(areaOf(smaller, 'int8').scratchpad).toBeLessThan(parts.scratchpad);
    expect(macArea('int8', 45).squareMillimetres).toBeLessThan(macArea('fp32', 45).squareMillimetres);
  });
});
