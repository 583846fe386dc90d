/**
 * The live estimate after a random sequence of edits of model, architecture and settings equals one from scratch, and so do the
 * array models on it; the tile search, which passes over what cannot win, finds what trying every tile finds.
 */
import { expect, it } from 'vitest';
import { type ArrayUnit, type Machine, resolveMachine } from '#core/architecture/machine.ts';
import { presetById } from '#core/architecture/presets.ts';
import { createRng } from '#core/base/rng.ts';
import { estimateModel } from '#core/compile/estimate.ts';
import { MappingCache } from '#core/compile/map.ts';
import { type MappingContext, streamedBytes } from '#core/compile/unit-model.ts';
import type { Document, DocumentNode } from '#core/document/document.ts';
import { buildModel } from '#core/model/build.ts';
import type { ModelGraph } from '#core/model/graph.ts';
import { ModelMemo } from '#core/model/memo.ts';
import { ArrayModelCache, arrayModelsOf } from '#core/run/array-models.ts';
import { techniques } from '#core/technique/registry.ts';
import { technique as systolicArray } from '#core/techniques/unit/systolic-array/technique.ts';
import { feasibleTiles } from '#core/techniques/unit/systolic-array/tiling.ts';
import { Sketch } from '#projects/examples/sketch.ts';

const COMPILER = { passes: techniques.pass, units: techniques.unit };
const PRESETS = ['systolic-32x32', 'gemmini-16x16', 'ethos-u55-256', 'fpga-2-cores'] as const;

/** Convolutions of all kinds with what is fused into them, views, a dead end, and products of rows with a softmax. */
function drawing(): Document {
  const sketch = new Sketch();
  let at = sketch.add('input', 'image', { shape: [1, 16, 14, 14] });
  for (let block = 0; block < 5; block++) {
    const conv = sketch.add('conv', `conv ${block}`, { outChannels: 16, kernel: [3, 3] }, at);
    const normal = sketch.add('batch-norm', `bn ${block}`, {}, conv);
    const relu = sketch.add('activation', `relu ${block}`, { function: block % 2 ? 'gelu' : 'relu' }, normal);
    at = sketch.add('elementwise', `add ${block}`, { operation: 'add' }, relu, conv);
  }
  sketch.add('activation', 'unread', { function: 'relu' }, at);
  let rows = sketch.add('reshape', 'rows', { shape: [14, -1] }, at);
  for (let layer = 0; layer < 3; layer++) {
    rows = sketch.add('dense', `dense ${layer}`, { units: 32 }, rows);
    rows = sketch.add('softmax', `softmax ${layer}`, {}, rows);
  }
  sketch.add('output', 'out', {}, rows);
  return sketch.document('m', 'm');
}

function withParameter(document: Document, node: DocumentNode, parameter: string, value: number | string): Document {
  const changed = { ...node, parameters: { ...node.parameters, [parameter]: value } };
  return { ...document, nodes: new Map(document.nodes).set(node.id, changed) };
}

it('equals an estimate from scratch after any sequence of edits', () => {
  const rng = createRng(11);
  const pick = <Item>(items: readonly Item[]): Item => items[rng.below(items.length)]!;
  for (let sequence = 0; sequence < 6; sequence++) {
    let model = drawing();
    let architecture = presetById(pick(PRESETS))!.build('a');
    let settings = { format: 'int8', objective: 'cycles' } as const as {
      readonly format: 'int8' | 'fp16' | 'model';
      readonly objective: 'cycles' | 'off-chip';
    };
    const memo = new ModelMemo();
    const [cache, models] = [new MappingCache(), new ArrayModelCache()];
    const nodesOf = (document: Document, type: string) =>
      [...document.nodes.values()].filter((node) => node.type === type);
    const edits: readonly (() => void)[] = [
      () => {
        model = withParameter(model, pick(nodesOf(model, 'conv')), 'groups', pick([1, 2, 4, 16]));
      },
      () => {
        model = withParameter(model, pick(nodesOf(model, 'conv')), 'outChannels', pick([8, 16, 16, 48]));
      },
      () => {
        model = withParameter(model, pick(nodesOf(model, 'dense')), 'units', 1 + rng.below(200));
      },
      () => {
        model = withParameter(model, pick(nodesOf(model, 'activation')), 'function', pick(['relu', 'gelu', 'sigmoid']));
      },
      () => {
        const parameter = pick(['rows', 'columns'] as const);
        const arrays = nodesOf(architecture, 'systolic-array');
        if (arrays.length > 0) architecture = withParameter(architecture, pick(arrays), parameter, 1 + rng.below(128));
      },
      () => {
        const parameter = pick(['inputBufferBytes', 'weightBufferBytes', 'outputBufferBytes'] as const);
        const arrays = nodesOf(architecture, 'systolic-array');
        if (arrays.length > 0)
          architecture = withParameter(architecture, pick(arrays), parameter, 1024 * (1 + rng.below(64)));
      },
      () => {
        settings = { format: pick(['int8', 'fp16', 'model']), objective: pick(['cycles', 'off-chip']) };
      },
    ];
    let [graph, drawn]: [ModelGraph | null, Document | null] = [null, null];
    for (let step = 0; step < 40; step++) {
      pick(edits)();
      // As the editor does: a model that was not touched keeps its graph.
      if (drawn !== model) graph = buildModel(model, memo).graph;
      drawn = model;
      const machine = resolveMachine(architecture).machine;
      const scratch = buildModel(model).graph;
      expect(graph === null).toBe(scratch === null);
      if (!graph || !scratch || !machine) continue;
      expect(figures(graph, machine, cache, models)).toEqual(
        figures(scratch, machine, new MappingCache(), new ArrayModelCache()),
      );
    }
    function figures(of: ModelGraph, machine: Machine, mappings: MappingCache, estimates: ArrayModelCache) {
      const made = estimateModel(of, machine, COMPILER, settings, mappings);
      if (!made.ok) throw new Error(made.error.message);
      const { kernels, cycles, macs, bytes } = made.value;
      return { kernels, cycles, macs, bytes, models: arrayModelsOf(made.value, machine, settings, estimates) };
    }
  }
});

it('the tile search finds what trying every tile, dataflow and order finds, and the first of equals', () => {
  const rng = createRng(5);
  const below = (most: number) => 1 + rng.below(most);
  for (let trial = 0; trial < 300; trial++) {
    const kernel = {
      kind: 'gemm',
      bIsActivation: false,
      groups: rng.below(3) === 0 ? below(40) : 1,
      m: below(600),
      n: below(300),
      k: below(600),
    } as const;
    const unit: ArrayUnit = {
      kind: 'systolic-array',
      node: 'a',
      name: 'Array',
      ticksPerCycle: 1,
      nanometres: 45,
      rows: below(64),
      columns: below(64),
      dataflows: (['os', 'ws', 'is'] as const).filter((_, at) => at === trial % 3 || rng.below(2) === 0),
      inputBufferBytes: 256 * below(256),
      weightBufferBytes: 256 * below(256),
      outputBufferBytes: 256 * below(256),
      cells: 'pipeline',
    };
    const { groups, m, n, k } = kernel;
    const context: MappingContext = {
      inputElementBytes: 1,
      weightElementBytes: 1,
      outputElementBytes: 1,
      inputBytes: groups * m * k,
      weightBytes: groups * k * n,
      outputBytes: groups * m * n,
      offChipBytesPerCycle: below(64),
      parallel: below(4),
      objective: rng.below(2) === 0 ? 'cycles' : 'off-chip',
    };
    let best: { readonly rank: readonly number[]; readonly description: string; readonly loop: unknown } | null = null;
    for (const dataflow of unit.dataflows) {
      for (const tile of feasibleTiles(kernel, unit, { input: 1, weight: 1, accumulator: 4 })) {
        for (const outer of ['m', 'n'] as const) {
          const made = systolicArray.mapAs(kernel, unit, context, { kind: 'tile', tile, dataflow, outer });
          if (!made.ok) throw new Error(made.error);
          const { loop, description, tileCycles } = made.value;
          const { counts } = loop;
          let cycles = 0;
          // Blocks of one axis differ only in the last: the rest count as often as they occur.
          const ends = (count: number) =>
            (count === 1
              ? [[0, 1]]
              : [
                  [0, count - 1],
                  [count - 1, 1],
                ]) as [number, number][];
          for (const [g, g2] of ends(counts.g))
            for (const [i, i2] of ends(counts.m))
              for (const [j, j2] of ends(counts.n))
                for (const [l, l2] of ends(counts.k)) cycles += g2 * i2 * j2 * l2 * tileCycles(g, i, j, l);
          expect(made.value.cycles).toBe(cycles);
          const blocks = counts.g * counts.m * counts.n;
          const shared = (cycles * Math.ceil(blocks / context.parallel)) / blocks;
          const bytes = streamedBytes(loop, context);
          const time = Math.max(shared, bytes / context.offChipBytesPerCycle);
          const rank = context.objective === 'cycles' ? [time, bytes, shared] : [bytes, time, shared];
          const at = best === null ? 0 : rank.findIndex((value, place) => value !== best!.rank[place]);
          if (best === null || (at >= 0 && rank[at]! < best.rank[at]!)) best = { rank, description, loop };
        }
      }
    }
    const found = systolicArray.map(kernel, unit, context);
    expect(found?.description ?? null).toBe(best?.description ?? null);
    expect(found?.loop ?? null).toEqual(best?.loop ?? null);
  }
});
