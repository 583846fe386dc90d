import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ArrayUnit, type Machine, resolveMachine } from '#core/architecture/machine.ts';
import { presetById } from '#core/architecture/presets.ts';
import { estimateModel } from '#core/compile/estimate.ts';
import type { UnitModel } from '#core/compile/unit-model.ts';
import { apply } from '#core/document/apply.ts';
import { fromFile, toFile } from '#core/document/document.ts';
import { buildModel } from '#core/model/build.ts';
import { modelFacts } from '#core/model/facts.ts';
import { techniques } from '#core/technique/registry.ts';
import type { Predicted } from '#core/technique/rewrite.ts';
import { examples } from '#projects/examples/make.ts';
import { Sketch } from '#projects/examples/sketch.ts';
import { technique } from './technique.ts';

const compiler = { passes: techniques.pass, units: techniques.unit };
const settings = { format: 'int8', objective: 'cycles' } as const;
const preset = resolveMachine(presetById('systolic-32x32')!.build('a')).machine!;

/** The preset with another array, no vector unit that might take its work, and all the bandwidth there is. */
function machineWith(array: Partial<ArrayUnit>): Machine {
  return {
    ...preset,
    units: preset.units.map((unit) => (unit.kind === 'systolic-array' ? { ...unit, ...array } : { ...unit, lanes: 1 })),
    channels: preset.channels.map((channel) => ({ ...channel, bytesPerTick: 1e9 })),
  };
}

function depthwise(channels: number, size: number, parameters = {}) {
  const sketch = new Sketch();
  const x = sketch.add('input', 'in', { shape: [1, channels, size, size] });
  sketch.add(
    'output',
    'out',
    {},
    sketch.add('depthwise-conv', 'dw', { kernel: [3, 3], bias: false, ...parameters }, x),
  );
  return sketch.document('m', 'm');
}

function proposed(model: ReturnType<typeof depthwise>, machine: Machine, parameters = {}) {
  const made = technique.propose({ model, machine, compiler, settings, parameters });
  if (!made.ok) throw new Error(made.error.message);
  return made.value;
}

describe('one layer', () => {
  it('outputs stationary on 64 × 64: any group size takes the time of depthwise, 64 fills every column', () => {
    // Joined groups of G channels: 64 columns, 64 ÷ G groups of 9·G steps one after the other: 576 + 126 cycles for 64 rows,
    // whatever G is. 128 channels of 64 positions: 2 · 702.
    const machine = machineWith({ rows: 64, columns: 64, dataflows: ['os'], weightBufferBytes: 2 ** 20 });
    const { layers, before, after } = proposed(depthwise(128, 8), machine);
    expect(layers).toEqual([
      {
        node: expect.any(String),
        name: 'dw',
        change: '128 groups of 1 → 2 of 64',
        before: {
          cycles: 1404,
          utilisation: (64 * 9 * 128) / (1404 * 4096),
          macs: 64 * 9 * 128,
          unit: expect.any(String),
          because: 'depthwise',
        },
        after: {
          cycles: 1404,
          utilisation: (64 * 9 * 64 * 128) / (1404 * 4096),
          macs: 64 * 9 * 64 * 128,
          unit: expect.any(String),
          because: 'none',
        },
      },
    ]);
    expect(after.meanUtilisation / before.meanUtilisation).toBeCloseTo(64, 9);
  });

  it('takes the size asked for, where it divides the channels', () => {
    const machine = machineWith({ rows: 64, columns: 64 });
    expect(proposed(depthwise(96, 8), machine, { groupSize: 8 }).layers[0]!.change).toBe('96 groups of 1 → 12 of 8');
    expect(proposed(depthwise(96, 8), machine, { groupSize: 5 })).toMatchObject({
      command: null,
      layers: [{ name: 'dw', change: null }],
    });
  });

  it('says what it found', () => {
    const machine = machineWith({ rows: 64, columns: 64 });
    const found = (channels: number, groupSize: number) =>
      proposed(depthwise(channels, 8), machine, { groupSize }).finding;
    expect(found(96, 8)).toBe('The depthwise convolution becomes a group convolution.');
    expect(found(96, 7)).toBe('The depthwise convolution has no channels that 7 divides.');
    expect(found(96, 1)).toBe('Groups of one channel are what is drawn.');
    expect(found(97, 0)).toMatch(/^The depthwise convolution would not fill more/);
    // Without an array there is nothing to fill.
    const lanes = { ...machine, units: machine.units.filter(({ kind }) => kind !== 'systolic-array') };
    expect(proposed(depthwise(96, 8), lanes)).toMatchObject({ command: null, layers: [{ after: { utilisation: 0 } }] });
  });

  it('is one step of undo that keeps ids, links, names, filters and the shape of the result', () => {
    const model = depthwise(96, 9, { multiplier: 2, strides: [2, 2], dilations: [2, 2] });
    const { command } = proposed(model, machineWith({ rows: 64, columns: 64 }), { groupSize: 8 });
    const applied = apply(model, command!);
    if (!applied.ok) throw new Error(applied.error.message);
    const { document } = applied.value;
    expect([...document.links.keys()].sort()).toEqual([...model.links.keys()].sort());
    expect([...document.nodes.keys()].sort()).toEqual([...model.nodes.keys()].sort());
    const [was, is] = [buildModel(model).graph!, buildModel(document).graph!];
    expect(is.tensors.map(({ type }) => type)).toEqual(was.tensors.map(({ type }) => type));
    expect(is.operators[0]!.parameters).toMatchObject({
      outChannels: 192,
      groups: 12,
      strides: [2, 2],
      dilations: [2, 2],
    });
    expect(modelFacts(is).parameters).toBe(8 * modelFacts(was).parameters);
  });

  it('has nothing to propose without depthwise layers', () => {
    const sketch = new Sketch();
    sketch.add('output', 'out', {}, sketch.add('conv', 'c', {}, sketch.add('input', 'in', { shape: [1, 8, 9, 9] })));
    expect(proposed(sketch.document('m', 'm'), preset)).toMatchObject({
      command: null,
      finding: 'The model has no depthwise convolution.',
      layers: [{ name: 'c', change: null }],
    });
  });
});

describe('MobileNetV1 on 64 × 64', () => {
  const { documents, summary } = examples().find(({ slug }) => slug === 'mobilenet-v1-draco')!.project;
  const [model, architecture, grouped] = documents.map(fromFile);
  const { machine } = resolveMachine(architecture!);
  const proposal = proposed(model!, machine!);
  const readme = readFileSync(
    resolve(import.meta.dirname, '../../../../projects/examples/mobilenet-v1-draco/README.md'),
    'utf8',
  ).replace(/ +/g, ' ');
  const shown = ({ meanUtilisation, cycles }: Predicted) =>
    `${(100 * meanUtilisation).toFixed(1)} % | ${cycles.toLocaleString('en')} |`;

  it('the example is what is proposed, and predicted as told', () => {
    const applied = apply(model!, proposal.command!);
    if (!applied.ok) throw new Error(applied.error.message);
    expect(toFile(applied.value.document).nodes).toEqual(toFile(grouped!).nodes);
    const estimate = estimateModel(buildModel(grouped!).graph!, machine!, compiler, settings);
    expect(estimate.ok && estimate.value.cycles).toBe(proposal.after.cycles);
  });

  it('fills more of the array in no more time', () => {
    const { before, after, layers } = proposal;
    const mean = (of: 'before' | 'after') =>
      layers.reduce((sum, layer) => sum + layer[of].utilisation, 0) / layers.length;
    expect(mean('before')).toBeCloseTo(before.meanUtilisation, 12);
    expect(mean('after')).toBeCloseTo(after.meanUtilisation, 12);
    const changed = layers.filter(({ change }) => change !== null);
    expect(changed.length).toBe(6);
    expect(proposal.finding).toBe('Of 13 depthwise convolutions 6 become group convolutions.');
    expect(new Set(layers.map(({ name }) => name)).size).toBe(layers.length);
    for (const layer of layers) if (layer.change === null) expect(layer.after).toEqual(layer.before);
    for (const layer of changed) {
      expect(layer.after.cycles).toBeLessThanOrEqual(layer.before.cycles);
      expect(layer.after.utilisation).toBeGreaterThan(layer.before.utilisation);
      expect(layer.after.macs).toBeGreaterThan(layer.before.macs);
    }
    expect(after.cycles).toBeLessThanOrEqual(before.cycles);
    expect(after.meanUtilisation).toBeGreaterThan(before.meanUtilisation);
  });

  it('against an array that does one channel after the other, without lanes beside it', () => {
    // As published tools have it: the groups of a product fold one by one.
    const arrayOnly = {
      ...machine!,
      units: machine!.units.map((unit) => (unit.kind === 'systolic-array' ? unit : { ...unit, lanes: 1 })),
    };
    const units = techniques.unit.map(
      (unit): UnitModel => ({
        ...unit,
        map(kernel, on, context) {
          if (kernel.kind !== 'gemm' || on.kind !== 'systolic-array') return unit.map(kernel, on, context);
          const one = unit.map({ ...kernel, groups: 1 }, on, context);
          return (
            one && {
              ...one,
              cycles: one.cycles * kernel.groups,
              streamCycles: (one.streamCycles ?? 0) * kernel.groups,
            }
          );
        },
      }),
    );
    const request = { model: model!, machine: arrayOnly, settings };
    const oneByOne = technique.propose({ ...request, compiler: { ...compiler, units }, parameters: { groupSize: 1 } });
    const packed = technique.propose({ ...request, compiler, parameters: {} });
    if (!oneByOne.ok || !packed.ok) throw new Error('not proposed');
    const rows = [oneByOne.value.before, packed.value.before, packed.value.after];
    for (const row of [...rows, proposal.before, proposal.after]) expect(readme).toContain(shown(row));
    // What is told of ours beside the paper's.
    const gain = (was: Predicted, is: Predicted) => {
      const [fill, time] = [is.meanUtilisation / was.meanUtilisation - 1, 1 - is.cycles / was.cycles];
      return `+${(100 * fill).toFixed(1)} % | −${(100 * time).toFixed(1)} % |`;
    };
    expect(readme).toContain('+41.8 % | −42.6 % |');
    expect(readme).toContain(gain(oneByOne.value.before, packed.value.after));
    expect(readme).toContain(gain(packed.value.before, packed.value.after));
    expect(summary).toContain(gain(proposal.before, proposal.after).split(' |')[0]);
    expect(oneByOne.value.before.meanUtilisation).toBeLessThan(packed.value.before.meanUtilisation);
    expect(oneByOne.value.before.cycles).toBeGreaterThan(packed.value.before.cycles);
    expect(packed.value.after.cycles).toBeLessThanOrEqual(packed.value.before.cycles);
  });
});
