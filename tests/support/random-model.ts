/** Seeded random models drawn from the catalog: branches, residuals, attention-like products, views, views of outputs. */
import type { Rng } from '#core/base/rng.ts';
import type { Document, Endpoint } from '#core/document/document.ts';
import { Sketch } from '#projects/examples/sketch.ts';

interface Live {
  readonly end: Endpoint;
  readonly shape: readonly [number, number, number, number];
}

/** 3 to 14 operators on images; every tensor that nobody reads becomes an output. */
export function randomModel(rng: Rng): Document {
  const sketch = new Sketch();
  const pick = <T>(list: readonly T[]): T => list[rng.below(list.length)]!;
  const first: Live['shape'] = [1, pick([1, 3, 8]), pick([7, 16, 33]), pick([7, 16, 31])];
  const live: Live[] = [{ end: sketch.add('input', 'in', { shape: [...first] }), shape: first }];
  const unread = new Set<Live>();
  const take = (): Live => {
    const chosen = live[live.length - 1 - rng.below(Math.min(3, live.length))]!;
    unread.delete(chosen);
    return chosen;
  };
  const put = (end: Endpoint, shape: Live['shape']) => {
    const made = { end, shape };
    live.push(made);
    unread.add(made);
  };
  const steps = 3 + rng.below(12);
  for (let i = 0; i < steps; i++) {
    const a = take();
    const [n, c, h, w] = a.shape;
    const name = `op ${i}`;
    switch (rng.below(9)) {
      case 0:
      case 1: {
        const filters = pick([4, 8, 24, 70]);
        const stride = pick([1, 1, 2]);
        put(
          sketch.add(
            'conv',
            name,
            {
              outChannels: filters,
              kernel: pick([
                [1, 1],
                [3, 3],
                [5, 3],
              ]),
              strides: [stride, stride],
              bias: rng.below(2) === 0,
            },
            a.end,
          ),
          [n, filters, Math.ceil(h / stride), Math.ceil(w / stride)],
        );
        break;
      }
      case 2:
        put(sketch.add('depthwise-conv', name, { kernel: [3, 3] }, a.end), a.shape);
        break;
      case 3:
        put(sketch.add('batch-norm', name, {}, a.end), a.shape);
        break;
      case 4:
        put(sketch.add('activation', name, { function: pick(['relu', 'gelu']) }, a.end), a.shape);
        break;
      case 5: {
        const b = live.find((other) => other !== a && other.shape.join() === a.shape.join());
        if (b) unread.delete(b);
        put(sketch.add('elementwise', name, { operation: 'add' }, a.end, (b ?? a).end), a.shape);
        break;
      }
      case 6:
        put(sketch.add('concat', name, { axis: 1 }, a.end, a.end), [n, c * 2, h, w]);
        break;
      case 7:
        put(sketch.add('reshape', name, { shape: [n, c, w, h] }, a.end), [n, c, w, h]);
        break;
      default:
        put(sketch.add('softmax', name, { axis: -1 }, a.end), a.shape);
    }
  }
  [...unread].forEach(({ end }, index) => {
    sketch.add('output', `out ${index}`, {}, end);
  });
  return sketch.document('model', 'random');
}
