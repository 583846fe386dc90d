/** Seeded attention heads as files draw them: constants that could be folded, scale, mask, element-wise chains on the way. */
import type { Rng } from '#core/base/rng.ts';
import type { Document } from '#core/document/document.ts';
import { Sketch } from '#projects/examples/sketch.ts';

/** 1 to 4 heads of up to 40 rows; the scale is made of constants, a mask and activations may follow it. */
export function attentionModel(rng: Rng): Document {
  const s = new Sketch();
  const [heads, rows, depth] = [1 + rng.below(4), 1 + rng.below(40), 1 + rng.below(20)];
  const q = s.add('input', 'q', { shape: [heads, rows, depth] });
  const k = s.add('input', 'k', { shape: [heads, depth, rows] });
  const v = s.add('input', 'v', { shape: [heads, rows, depth] });
  const root = s.add('activation', 'root', { function: 'sqrt' }, s.add('constant', 'd', { shape: [] }));
  let scores = s.add('batched-matmul', 'scores', {}, q, k);
  scores = s.add('elementwise', 'scale', { operation: 'div' }, scores, root);
  if (rng.below(2) > 0)
    scores = s.add('elementwise', 'mask', { operation: 'add' }, scores, s.add('input', 'm', { shape: [rows] }));
  for (let i = rng.below(5) - 2; i > 0; i--) scores = s.add('activation', `clip ${i}`, { function: 'relu' }, scores);
  const weights = s.add('softmax', 'softmax', { axis: -1 }, scores);
  s.add('output', 'out', {}, s.add('batched-matmul', 'values', {}, weights, v));
  return s.document('model', 'attention');
}
