/** Energy figures against the reference tables, and the energy of whole runs against the sum of their parts. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { presetById } from '#core/architecture/presets.ts';
import { uncontrolled } from '#core/base/control.ts';
import { type Document, toFile } from '#core/document/document.ts';
import { DRAM_KINDS } from '#core/energy/dram.ts';
import { OPERATION_FIGURES } from '#core/energy/operations.ts';
import { sramFigures } from '#core/energy/sram.ts';
import { runPipeline } from '#core/run/pipeline.ts';
import type { RunResult } from '#core/run/result.ts';
import { DEFAULT_SETTINGS, type RunSettings } from '#core/run/settings.ts';
import { withoutMip } from '#core/solver/mip.ts';
import { Sketch } from '#projects/examples/sketch.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';

const cacti = sharedPath('data/energy/cacti7_sram.csv');
const table = sharedPath('data/energy/energy_table.csv');

describe.skipIf(!cacti || !table)(`figures ${cacti ? '' : skippedWithoutShared}`, () => {
  it('meet every 64-bit CACTI row', () => {
    const [head, ...rows] = readFileSync(cacti!, 'utf8').trim().split('\n');
    const column = (name: string) => head!.split(',').indexOf(name);
    let met = 0;
    for (const row of rows) {
      const field = (name: string) => Number(row.split(',')[column(name)]);
      if (field('access_width_bits') !== 64) continue;
      const made = sramFigures(field('size_kB') * 1024, field('tech_nm'));
      expect(made.readJoulesPerByte * 8e12).toBeCloseTo(field('read_pJ_per_access'), 9);
      expect(made.writeJoulesPerByte * 8e12).toBeCloseTo(field('write_pJ_per_access'), 9);
      expect(made.leakageWatts * 1e3).toBeCloseTo(field('leak_mW_per_bank'), 9);
      expect(made.squareMillimetres).toBeCloseTo(field('area_mm2'), 9);
      met++;
    }
    expect(met).toBe(48);
  });

  it('are in the table, and checked only where it says so', () => {
    const rows = readFileSync(table!, 'utf8').trim().split('\n').slice(1);
    const values = new Map(
      rows
        .filter((row) => row.includes('45nm 0.9V') && row.endsWith('page read'))
        .map((row) => row.split(',').slice(1, 3) as [string, string]),
    );
    const checked = OPERATION_FIGURES.filter(({ isChecked }) => isChecked);
    expect(checked.length).toBe(8);
    for (const { id, value } of checked) {
      const [, precision, arithmetic] = id.split('.');
      expect(values.get(`${precision} ${arithmetic}`), id).toBe(String(value));
    }
    for (const title of ['LPDDR4', 'LPDDR', 'GDDR5', 'HBM2']) {
      const row = rows.find((each) => each.startsWith(`dram,${title},`))!;
      expect(DRAM_KINDS.find((kind) => kind.title === title)!.energy.value).toBe(Number(row.split(',')[2]));
    }
  });
});

function model(): Document {
  const sketch = new Sketch();
  const image = sketch.add('input', 'in', { shape: [1, 16, 20, 20] });
  const depthwise = sketch.add('depthwise-conv', 'depthwise', { kernel: [3, 3] }, image);
  const pointwise = sketch.add('conv', 'pointwise', { outChannels: 48, kernel: [1, 1] }, depthwise);
  const sum = sketch.add('elementwise', 'sum', {}, pointwise, sketch.add('conv', 'side', { outChannels: 48 }, image));
  sketch.add('output', 'out', {}, sketch.add('softmax', 'softmax', {}, sum));
  return sketch.document('m', 'm');
}

function run(settings: Partial<RunSettings>, change: (document: Document) => Document = (document) => document) {
  const architecture = change(presetById('systolic-32x32')!.build('a'));
  const ran = runPipeline(
    { model: toFile(model()), architecture: toFile(architecture), settings: { ...DEFAULT_SETTINGS, ...settings } },
    { mip: withoutMip, control: uncontrolled, appVersion: 'test' },
  );
  if (!ran.ok) throw new Error(ran.error.message);
  return ran.value;
}

/** The document with one parameter set on every node of a type that has it. */
const withParameter = (parameter: string, value: number | string) => (document: Document) => ({
  ...document,
  nodes: new Map(
    [...document.nodes].map(([id, node]) => [
      id,
      parameter in node.parameters ? { ...node, parameters: { ...node.parameters, [parameter]: value } } : node,
    ]),
  ),
});

const total = (result: RunResult, id: string) => result.totals.find((metric) => metric.id === id)!;
const LEVELS = ['compute', 'cells', 'buffers', 'scratchpad', 'offchip'] as const;

describe('energy of a run', () => {
  it.each(['int8', 'int16', 'fp16', 'fp32'] as const)('in %s is the sum over levels and over operators', (format) => {
    const result = run({ format });
    const energy = total(result, 'energy.total').value;
    const levels = LEVELS.reduce((sum, level) => sum + total(result, `energy.${level}`).value, 0);
    const operators = result.operators.reduce((sum, operator) => sum + operator.energy, 0);
    expect(levels / energy).toBeCloseTo(1, 12);
    expect(operators / energy).toBeCloseTo(1, 12);
    for (const level of LEVELS) expect(total(result, `energy.${level}`).value).toBeGreaterThan(0);
    for (const { id, provenance } of result.totals)
      if (id.startsWith('energy.') || id.startsWith('area.')) expect(provenance.source, id).not.toBe('');
  });

  it('falls with the node on chip, and stays off chip', () => {
    const [large, small] = [65, 7].map((nanometres) => run({}, withParameter('nanometres', nanometres)));
    for (const level of LEVELS.slice(0, 4))
      expect(total(small!, `energy.${level}`).value).toBeLessThan(total(large!, `energy.${level}`).value);
    expect(total(small!, 'energy.offchip').value).toBe(total(large!, 'energy.offchip').value);
    expect(total(small!, 'area.total').value).toBeLessThan(total(large!, 'area.total').value);
    expect(total(small!, 'time.cycles').value).toBe(total(large!, 'time.cycles').value);
    expect(total(small!, 'energy.total').provenance.source).toMatch(/scaled to 7 nm by Stillmaker/);
  });

  it('says that a figure is unverified', () => {
    expect(total(run({ format: 'int16' }), 'energy.compute').provenance.source).toMatch(/unverified/);
    expect(total(run({}), 'energy.compute').provenance.source).not.toMatch(/unverified/);
    const eyeriss = run({}, withParameter('cells', 'register-file'));
    expect(total(eyeriss, 'energy.cells').provenance.source).toMatch(/unverified/);
    expect(total(eyeriss, 'energy.cells').value).toBeGreaterThan(total(run({}), 'energy.cells').value);
  });

  it('shows area as a metric that is the sum of its inputs', () => {
    const { value, unit, badge, provenance } = total(run({}), 'area.total');
    const parts = provenance.inputs.reduce((sum, input) => sum + Number(input.value), 0);
    expect(parts).toBeCloseTo(value, 12);
    expect([unit, badge]).toEqual(['mm²', 'estimate']);
  });

  it('reads documents from before the parameters as their defaults', () => {
    const old = (document: Document): Document => ({
      ...document,
      nodes: new Map(
        [...document.nodes].map(([id, node]) => {
          const { nanometres: _, cells: __, ...parameters } = node.parameters;
          return [id, { ...node, parameters }];
        }),
      ),
    });
    expect(total(run({}, old), 'energy.total').value).toBe(total(run({}), 'energy.total').value);
  });
});
