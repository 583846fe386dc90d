import { describe, expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { ELEMENT_BYTES } from '#core/catalog/operator-type.ts';
import { type KernelGraph, lower, verifyKernelGraph } from '#core/compile/kernel-graph.ts';
import type { Endpoint } from '#core/document/document.ts';
import { buildModel } from '#core/model/build.ts';
import { Sketch } from '#projects/examples/sketch.ts';
import { technique } from './technique.ts';

function assigned(draw: (s: Sketch, x: Endpoint) => Endpoint, shape: readonly number[] = [4, 6, 8]): KernelGraph {
  const s = new Sketch();
  s.add('output', 'out', {}, draw(s, s.add('input', 'in', { shape: [...shape] })));
  const { graph, problems } = buildModel(s.document('m', 'm'));
  if (graph === null) throw new Error(problems[0]?.message);
  const made = technique.run(lower(graph));
  expect(verifyKernelGraph(made, 'pass/assign-layouts')).toEqual([]);
  expect(technique.run(made)).toEqual(made);
  return made;
}

const types = (graph: KernelGraph) => graph.operators.map((operator) => operator.types.join('+'));
const turn = (s: Sketch, x: Endpoint, permutation: readonly number[] = [0, 2, 1]) =>
  s.add('transpose', 'turn', { permutation: [...permutation] }, x);
const relu = (s: Sketch, x: Endpoint) => s.add('activation', 'relu', { function: 'relu' }, x);
const dense = (s: Sketch, x: Endpoint) => s.add('dense', 'dense', { units: 8 }, x);
const norm = (s: Sketch, x: Endpoint) => s.add('layer-norm', 'norm', {}, x);
const layouts = (graph: KernelGraph) => graph.tensors.map(({ layout }) => layout);

describe('a transposition', () => {
  it('before a product is a way of reading, after it a way of writing', () => {
    const before = assigned((s, x) => dense(s, turn(s, x)));
    expect(types(before)).toEqual(['dense']);
    expect(layouts(before)).toEqual([[], []]);
    const after = assigned((s, x) => turn(s, dense(s, x)));
    expect(types(after)).toEqual(['dense']);
    expect(after.tensors[1]).toMatchObject({
      kind: 'output',
      // 4 × 6 × 8 with its last axes swapped: place (i, j, k) of 4 × 8 × 6 has element (i, k, j).
      layout: [
        { extent: 4, stride: 48 },
        { extent: 8, stride: 1 },
        { extent: 6, stride: 8 },
      ],
    });
  });

  it('reaches a product through element-wise kernels and pooling', () => {
    expect(types(assigned((s, x) => dense(s, relu(s, turn(s, x)))))).toEqual(['activation', 'dense']);
    const pooled = assigned(
      (s, x) =>
        norm(
          s,
          turn(
            s,
            s.add('pool', 'pool', {}, s.add('conv', 'conv', { outChannels: 8, kernel: [1, 1] }, x)),
            [0, 2, 3, 1],
          ),
        ),
      [1, 3, 8, 8],
    );
    expect(types(pooled)).toEqual(['conv', 'pool', 'layer-norm']);
    // Channels last, before pooling as behind it.
    expect(layouts(pooled).slice(1, 3)).toEqual([
      [
        { extent: 64, stride: 1 },
        { extent: 8, stride: 64 },
      ],
      [
        { extent: 16, stride: 1 },
        { extent: 8, stride: 16 },
      ],
    ]);
  });

  it('cancels with its inverse', () => {
    const made = assigned((s, x) => norm(s, turn(s, relu(s, turn(s, norm(s, x))))));
    expect(types(made)).toEqual(['layer-norm', 'activation', 'layer-norm']);
  });

  it('stays between kernels that both want rows', () => {
    expect(types(assigned((s, x) => norm(s, turn(s, norm(s, x)))))).toEqual(['layer-norm', 'transpose', 'layer-norm']);
    expect(types(assigned((s, x) => turn(s, x)))).toEqual(['transpose']);
  });

  it('stays where a product would read one tensor as both of its operands', () => {
    const made = assigned((s, x) => {
      const y = dense(s, x);
      return s.add('batched-matmul', 'scores', {}, y, turn(s, y));
    });
    expect(types(made)).toEqual(['dense', 'transpose', 'batched-matmul']);
  });

  it('stays where a tensor and itself turned come together', () => {
    const made = assigned(
      (s, x) => {
        const y = dense(s, x);
        return dense(s, s.add('elementwise', 'sum', { operation: 'add' }, relu(s, y), turn(s, y)));
      },
      [4, 8, 8],
    );
    expect(types(made)).toEqual(['dense', 'activation', 'transpose', 'elementwise', 'dense']);
  });

  it('stays where what it makes and what it reads are both outputs', () => {
    const s = new Sketch();
    const y = dense(s, s.add('input', 'in', { shape: [4, 6, 8] }));
    s.add('output', 'one', {}, turn(s, y));
    s.add('output', 'two', {}, turn(s, y));
    const made = technique.run(lower(buildModel(s.document('m', 'm')).graph!));
    expect(types(made)).toEqual(['dense', 'transpose']);
    expect(made.tensors.filter(({ kind }) => kind === 'output')).toHaveLength(2);
  });
});

const CASTS = [
  ['fp32', 4],
  ['fp16', 2],
  ['int8', 1],
] as const;

describe('chains', () => {
  it('move as few bytes as can be', () => {
    for (let seed = 0; seed < 200; seed++) {
      const rng = createRng(seed);
      const s = new Sketch();
      const shape = [2, 3, 4];
      let at: Endpoint = norm(s, s.add('input', 'in', { shape }));
      let now: readonly number[] = shape;
      /** In runs between norms: the axes of the run's first tensor in the order they are in after each transposition. */
      let order = [0, 1, 2];
      let [best, width, least] = [0, 4, Number.POSITIVE_INFINITY];
      const isAnyway = (list: readonly number[]) => list.every((axis, i) => axis === i);
      for (let i = 3 + rng.below(10); i > 0; i--) {
        const kind = rng.below(5);
        if (kind === 0) {
          at = norm(s, at);
          // Where the orders at both ends differ one transposition has to stay: the one of the narrowest elements.
          if (!isAnyway(order)) best += least;
          order = [0, 1, 2];
          least = Number.POSITIVE_INFINITY;
        } else if (kind === 1) at = relu(s, at);
        else if (kind === 2) {
          const [type, bytes] = CASTS[rng.below(3)]!;
          at = s.add('cast', 'cast', { elementType: type }, at);
          width = bytes;
        } else {
          const permutation = [
            [0, 2, 1],
            [1, 0, 2],
            [2, 0, 1],
          ][rng.below(3)]!;
          at = turn(s, at, permutation);
          now = permutation.map((axis) => now[axis]!);
          order = permutation.map((axis) => order[axis]!);
          least = Math.min(least, 24 * width);
        }
      }
      s.add('output', 'out', {}, norm(s, at));
      if (!isAnyway(order)) best += least;
      const made = technique.run(lower(buildModel(s.document('m', 'm')).graph!));
      const moved = made.operators
        .filter(({ types: [type] }) => type === 'transpose')
        .reduce((sum, { inputs: [id] }) => sum + 24 * ELEMENT_BYTES[made.tensors[id!]!.elementType]!, 0);
      expect(moved, `seed ${seed}`).toBe(best);
    }
  });
});
