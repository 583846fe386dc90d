import { describe, expect, it } from 'vitest';
import { type Machine, resolveMachine } from '#core/architecture/machine.ts';
import { presetById } from '#core/architecture/presets.ts';
import { buildModel } from '#core/model/build.ts';
import type { ModelGraph } from '#core/model/graph.ts';
import { techniques } from '#core/technique/registry.ts';
import { Sketch } from '#projects/examples/sketch.ts';
import { compile } from './compile.ts';
import { estimateModel } from './estimate.ts';
import { MappingCache } from './map.ts';

const compiler = { passes: techniques.pass, units: techniques.unit };
const settings = { format: 'int8', objective: 'cycles' } as const;
const machine = resolveMachine(presetById('systolic-32x32')!.build('a')).machine!;

/** A chain of `count` convolutions, all of other widths; the one at `changed` has one filter more. */
function chain(count: number, changed = -1): ModelGraph {
  const sketch = new Sketch();
  let at = sketch.add('input', 'in', { shape: [1, 8, 14, 14] });
  for (let i = 0; i < count; i++)
    at = sketch.add('conv', `conv ${i}`, { outChannels: 8 + i + (i === changed ? 1000 : 0), kernel: [3, 3] }, at);
  sketch.add('output', 'out', {}, at);
  return buildModel(sketch.document('m', 'm')).graph!;
}

function estimated(model: ModelGraph, on: Machine, cache?: MappingCache) {
  const made = estimateModel(model, on, compiler, settings, cache);
  if (!made.ok) throw new Error(made.error.message);
  return made.value;
}

describe('the estimate', () => {
  it('is that of the mappings a run is compiled with', () => {
    const model = chain(12);
    const compiled = compile(model, machine, compiler, settings);
    if (!compiled.ok) throw new Error(compiled.error.message);
    const { kernels, cycles } = estimated(model, machine);
    expect(kernels.map((kernel) => kernel.cycles)).toEqual(compiled.value.mapped.map((one) => one.estimateTicks));
    expect(cycles).toBe(kernels.reduce((sum, kernel) => sum + kernel.cycles, 0));
  });

  it('never beats the roofline, and says which side it is on', () => {
    const bandwidth = machine.channels.reduce((sum, { bytesPerTick }) => sum + bytesPerTick, 0);
    for (const { macs, cycles, bytes, utilisation, intensity, bound, computeCycles } of estimated(chain(12), machine)
      .kernels) {
      expect(cycles).toBeGreaterThanOrEqual(Math.max(macs / 1024, bytes / bandwidth));
      expect(utilisation).toBeLessThanOrEqual(1);
      expect(intensity).toBeCloseTo(macs / bytes, 12);
      expect(bound).toBe(computeCycles >= bytes / bandwidth ? 'compute' : 'bandwidth');
    }
  });

  it('splits cell-cycles into work, empty cells and filling', () => {
    for (const { cells, macs } of estimated(chain(12), machine).kernels) {
      expect(cells!.macs + cells!.empty + cells!.fillAndDrain).toBe(cells!.total);
      expect(cells!.macs).toBe(macs);
      expect(Math.min(cells!.empty, cells!.fillAndDrain)).toBeGreaterThanOrEqual(0);
    }
  });

  it('tells of each kernel that no unit can do, and counts the rest', () => {
    const without = { ...machine, units: machine.units.filter(({ kind }) => kind === 'systolic-array') };
    const sketch = new Sketch();
    const x = sketch.add('input', 'in', { shape: [1, 8, 14, 14] });
    sketch.add('output', 'out', {}, sketch.add('softmax', 's', {}, sketch.add('conv', 'c', { outChannels: 8 }, x)));
    const { kernels, cycles } = estimated(buildModel(sketch.document('m', 'm')).graph!, without);
    expect(kernels.map(({ problem }) => problem?.code ?? null)).toEqual([null, 'compile.no-unit']);
    expect(cycles).toBe(kernels[0]!.cycles);
  });
});

describe('the cache', () => {
  it('maps again only what an edit changes: a layer and the one that reads it', () => {
    const cache = new MappingCache();
    expect(estimated(chain(200), machine, cache).recomputed).toBe(200);
    const edited = chain(200, 77);
    const again = estimated(edited, machine, cache);
    expect(again.recomputed).toBe(2);
    const { kernels, cycles, macs, bytes } = estimated(edited, machine);
    expect(again).toMatchObject({ kernels, cycles, macs, bytes });
    expect(estimated(edited, machine, cache).recomputed).toBe(0);
  });

  it('starts anew on another machine, and for other settings', () => {
    const cache = new MappingCache();
    estimated(chain(5), machine, cache);
    const faster = {
      ...machine,
      channels: machine.channels.map((one) => ({ ...one, bytesPerTick: 2 * one.bytesPerTick })),
    };
    expect(estimated(chain(5), faster, cache).recomputed).toBe(5);
    // A larger scratchpad changes nothing in the estimate.
    const roomier = { ...faster, scratchpad: { ...faster.scratchpad, capacityBytes: 2 ** 30 } };
    expect(estimated(chain(5), roomier, cache).recomputed).toBe(0);
    const wide = estimateModel(chain(5), roomier, compiler, { ...settings, format: 'fp32' }, cache);
    expect(wide.ok && wide.value.recomputed).toBe(5);
  });
});

it('a product of one row goes where it is done sooner: by its fill an array needs longer than wide lanes', () => {
  const sketch = new Sketch();
  const x = sketch.add('input', 'token', { shape: [1, 16] });
  sketch.add('output', 'out', {}, sketch.add('dense', 'tiny', { units: 16, bias: false }, x));
  const small = buildModel(sketch.document('m', 'm')).graph!;
  const large = new Sketch();
  const y = large.add('input', 'rows', { shape: [512, 256] });
  large.add('output', 'out', {}, large.add('dense', 'large', { units: 256, bias: false }, y));
  const lanes = machine.units.find(({ kind }) => kind === 'vector-unit')!;
  const array = machine.units.find(({ kind }) => kind === 'systolic-array')!;
  // 16 × 16 MACs: 8 chunks at most on 32 lanes; one fold of the array alone fills and drains in 16 + 62 cycles.
  expect(estimated(small, machine).kernels[0]!.unit).toBe(lanes.node);
  expect(estimated(buildModel(large.document('m', 'm')).graph!, machine).kernels[0]!.unit).toBe(array.node);
});
