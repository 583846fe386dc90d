import { expect, it } from 'vitest';
import { type KernelGraph, lower } from '#core/compile/kernel-graph.ts';
import type { Endpoint } from '#core/document/document.ts';
import { buildModel } from '#core/model/build.ts';
import { Sketch } from '#projects/examples/sketch.ts';
import { technique } from './technique.ts';

/** Heads of 32 × depth; `between` is put between the scores and their softmax. */
function attention(
  between: (s: Sketch, scores: Endpoint) => Endpoint,
  { isShared = false, depth = 16 } = {},
): KernelGraph {
  const s = new Sketch();
  const q = s.add('input', 'q', { shape: [4, 32, depth] });
  const k = s.add('input', 'k', { shape: [4, depth, 32] });
  const v = s.add('input', 'v', { shape: [4, 32, depth] });
  const scores = s.add('batched-matmul', 'scores', {}, q, k);
  const weighed = s.add('softmax', 'softmax', {}, between(s, scores));
  s.add('output', 'out', {}, s.add('batched-matmul', 'values', {}, weighed, v));
  if (isShared) s.add('output', 'scores too', {}, scores);
  const { graph, problems } = buildModel(s.document('m', 'm'));
  if (graph === null) throw new Error(problems[0]?.message);
  return technique.run(lower(graph));
}
const types = (graph: KernelGraph) => graph.operators.map((operator) => operator.types.join('+'));
const groups = (graph: KernelGraph) => graph.operators.map(({ group }) => group);
const scale = (s: Sketch, x: Endpoint) =>
  s.add('elementwise', 'scale', { operation: 'mul' }, x, s.add('constant', 'c', { shape: [] }));
const mask = (s: Sketch, x: Endpoint) =>
  s.add('elementwise', 'mask', { operation: 'add' }, x, s.add('input', 'm', { shape: [32] }));

it('scale and mask go with the first product; three kernels are one group', () => {
  const graph = attention((s, x) => mask(s, scale(s, x)));
  expect(types(graph)).toEqual(['batched-matmul+elementwise+elementwise', 'softmax', 'batched-matmul']);
  expect(groups(graph)).toEqual(new Array(3).fill('attention scores'));
  expect(graph.operators[0]).toMatchObject({ weightElements: 1, macs: 4 * 32 * 32 * 16 });
  expect(graph.operators[0]!.inputs).toHaveLength(3);
  expect(graph.operators[0]!.nodes).toHaveLength(3);
});

it('bare attention is a group of three', () => {
  const graph = attention((_, x) => x);
  expect(types(graph)).toEqual(['batched-matmul', 'softmax', 'batched-matmul']);
  expect(new Set(groups(graph)).size).toBe(1);
});

it('scores that are read elsewhere stay', () => {
  expect(groups(attention(scale, { isShared: true }))).toEqual([undefined, undefined, undefined, undefined]);
});

it('a mask as large as the scores is not folded where that takes more room, but belongs to the group', () => {
  const large = (s: Sketch, x: Endpoint) =>
    s.add('elementwise', 'mask', { operation: 'add' }, x, s.add('input', 'm', { shape: [4, 32, 32] }));
  // Queries, keys, mask and scores: 2 · 32 · depth + 2 · 32 · 32 a head against three times 32 · 32.
  expect(types(attention(large, { depth: 16 }))).toHaveLength(3);
  const graph = attention(large, { depth: 17 });
  expect(types(graph)).toEqual(['batched-matmul', 'elementwise', 'softmax', 'batched-matmul']);
  expect(new Set(groups(graph)).size).toBe(1);
});
