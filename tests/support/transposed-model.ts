/** Seeded models with transpositions and reshapes in random places between products, convolutions, pooling, chains, copies and norms. */
import type { Rng } from '#core/base/rng.ts';
import { product } from '#core/catalog/operators/common.ts';
import type { Document, Endpoint } from '#core/document/document.ts';
import { Sketch } from '#projects/examples/sketch.ts';

type Shape = readonly number[];

interface Live {
  readonly end: Endpoint;
  readonly shape: Shape;
}

/** 4 to 15 operators on tensors of rank 4, two in five of them transpositions; what nobody reads becomes an output. */
export function transposedModel(rng: Rng): Document {
  const sketch = new Sketch();
  const pick = <T>(list: readonly T[]): T => list[rng.below(list.length)]!;
  const first = [pick([1, 1, 2]), pick([2, 4, 6]), pick([3, 4, 8]), pick([2, 4, 5])];
  const live: Live[] = [];
  const unread = new Set<Live>();
  const put = (end: Endpoint, shape: Shape) => {
    const made = { end, shape };
    live.push(made);
    unread.add(made);
  };
  for (let i = 1 + rng.below(2); i > 0; i--) put(sketch.add('input', `in ${i}`, { shape: first }), first);

  const steps = 4 + rng.below(12);
  for (let i = 0; i < steps; i++) {
    const a = live[live.length - 1 - rng.below(Math.min(3, live.length))]!;
    unread.delete(a);
    const name = `op ${i}`;
    const [n, c, h, w] = a.shape as [number, number, number, number];
    switch (rng.below(15)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4: {
        const permutation = shuffled(rng, [0, 1, 2, 3]);
        put(
          sketch.add('transpose', name, { permutation }, a.end),
          permutation.map((axis) => a.shape[axis]!),
        );
        break;
      }
      case 5:
      case 6: {
        const shape = regrouped(rng, product(a.shape));
        put(sketch.add('reshape', name, { shape }, a.end), shape);
        break;
      }
      case 7: {
        const units = pick([3, 8, 12]);
        put(sketch.add('dense', name, { units, bias: rng.below(2) === 0 }, a.end), [n, c, h, units]);
        break;
      }
      case 8: {
        const b = live.find(({ shape: [m, d, k] }) => m === n && d === c && k === w);
        if (b) unread.delete(b);
        const right = b?.end ?? sketch.add('transpose', `${name} turned`, { permutation: [0, 1, 3, 2] }, a.end);
        put(sketch.add('matmul', name, {}, a.end, right), [n, c, h, b?.shape[3] ?? h]);
        break;
      }
      case 9:
        put(sketch.add('activation', name, { function: pick(['relu', 'gelu']) }, a.end), a.shape);
        break;
      case 10: {
        const b = live.find((other) => other !== a && other.shape.join() === a.shape.join());
        if (b) unread.delete(b);
        const right = b?.end ?? sketch.add('input', `row ${i}`, { shape: [w] });
        put(sketch.add('elementwise', name, { operation: 'add' }, a.end, right), a.shape);
        break;
      }
      case 11: {
        const kernel = [Math.min(2, h), Math.min(2, w)];
        put(sketch.add('pool', name, { kernel, strides: [1, 1] }, a.end), [
          n,
          c,
          h - kernel[0]! + 1,
          w - kernel[1]! + 1,
        ]);
        break;
      }
      case 12:
        put(sketch.add('conv', name, { outChannels: 6, kernel: [3, 3], pads: [1, 1, 1, 1] }, a.end), [n, 6, h, w]);
        break;
      case 13:
        if (rng.below(2) === 0) put(sketch.add('concat', name, { axis: 1 }, a.end, a.end), [n, 2 * c, h, w]);
        else put(sketch.add('slice', name, { axes: [2], starts: [0], ends: [1], steps: [1] }, a.end), [n, c, 1, w]);
        break;
      default:
        put(sketch.add(pick(['softmax', 'layer-norm']), name, { axis: -1 }, a.end), a.shape);
    }
  }
  [...unread].forEach(({ end }, index) => {
    sketch.add('output', `out ${index}`, {}, end);
  });
  return sketch.document('model', 'transposed');
}

function shuffled(rng: Rng, list: readonly number[]): number[] {
  const rest = [...list];
  return list.map(() => rest.splice(rng.below(rest.length), 1)[0]!);
}

/** Four extents of this product. */
function regrouped(rng: Rng, elements: number): number[] {
  const shape: number[] = [];
  let left = elements;
  for (let axis = 0; axis < 3; axis++) {
    const divisors = Array.from({ length: Math.min(left, 12) }, (_, i) => i + 1).filter((each) => left % each === 0);
    const extent = divisors[rng.below(divisors.length)]!;
    shape.push(extent);
    left /= extent;
  }
  return [...shape, left];
}
