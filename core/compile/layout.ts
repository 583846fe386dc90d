/**
 * The order in which the elements of a tensor lie in memory. A layout is a permutation of places 0 … N − 1 written as
 * axes, outermost first: place p, read as digits of their extents, has element Σ digit × stride of the row-major numbering.
 * Axes of extent 1 are left out and neighbours that go on where the other ends are one, so that equal layouts look equal;
 * row-major is the empty list. As strided layouts of NumPy arrays, or of CuTe (Cecka et al.), restricted to permutations.
 */
import { product } from '#core/catalog/operators/common.ts';

export interface Axis {
  readonly extent: number;
  readonly stride: number;
}

export type Layout = readonly Axis[];

export const ROW_MAJOR: Layout = [];

/** Of a tensor of shape `shape` that lies as its transposition by `permutation` does: result axis i is axis permutation[i]. */
export function transposition(shape: readonly number[], permutation: readonly number[]): Layout {
  return canonical(
    permutation.map((axis) => ({ extent: shape[axis]!, stride: product(shape, axis + 1) })),
    product(shape),
  );
}

export function isEqual(a: Layout, b: Layout): boolean {
  return (
    a.length === b.length && a.every(({ extent, stride }, i) => extent === b[i]!.extent && stride === b[i]!.stride)
  );
}

/** From elements to places. */
export function inverse(layout: Layout): Layout {
  return placed(layout)
    .sort((a, b) => b.stride - a.stride)
    .map(({ extent, place }) => ({ extent, stride: place }));
}

/** First `inner`, then `outer`: place p has element outer(inner(p)). Null where that is not a list of axes. */
export function composed(outer: Layout, inner: Layout): Layout | null {
  if (inner.length === 0) return outer;
  if (outer.length === 0) return inner;
  const digits = placed(outer);
  const axes: Axis[] = [];
  const cuts = new Set(digits.map(({ place }) => place));
  for (const axis of inner) {
    const parts = cutAxis(axis, cuts);
    if (!parts) return null;
    for (const { extent, stride } of parts) {
      const digit = digits.find((each) => each.place <= stride && stride * extent <= each.place * each.extent);
      if (!digit || stride % digit.place !== 0 || (digit.place * digit.extent) % (stride * extent) !== 0) return null;
      axes.push({ extent, stride: digit.stride * (stride / digit.place) });
    }
  }
  return canonical(axes, size(inner));
}

/** The order in which whole axes of `shape` lie, outermost first, those of extent 1 left out; null where some are torn. */
export function axisOrder(layout: Layout, shape: readonly number[]): readonly number[] | null {
  const strides = shape.map((_, axis) => product(shape, axis + 1));
  const wide = shape.flatMap((extent, axis) => (extent > 1 ? [axis] : []));
  if (layout.length === 0) return wide;
  const cuts = new Set(wide.map((axis) => strides[axis]!));
  const order: number[] = [];
  for (const each of layout) {
    for (const part of cutAxis(each, cuts) ?? [{ extent: 0, stride: 0 }]) {
      const axis = wide.find((at) => strides[at] === part.stride && shape[at] === part.extent);
      if (axis === undefined) return null;
      order.push(axis);
    }
  }
  return order;
}

/** What the permutation makes of 0 … N − 1. */
export function mappedBy(layout: Layout): Int32Array {
  const made = new Int32Array(size(layout));
  let filled = 1;
  // What the inner axes make is repeated along the next one out.
  for (const { extent, stride } of layout.toReversed()) {
    for (let i = 1; i < extent; i++) for (let j = 0; j < filled; j++) made[i * filled + j] = made[j]! + i * stride;
    filled *= extent;
  }
  return made;
}

const size = (layout: Layout): number => layout.reduce((total, { extent }) => total * extent, 1);

/** Axes with how many places lie below each of their steps. */
function placed(layout: Layout): (Axis & { readonly place: number })[] {
  let place = 1;
  return layout
    .toReversed()
    .map((axis) => {
      const at = { ...axis, place };
      place *= axis.extent;
      return at;
    })
    .reverse();
}

/** An axis as several, ending and beginning at the strides `cuts` inside it; null where one does not divide it. */
function cutAxis({ extent, stride }: Axis, cuts: ReadonlySet<number>): readonly Axis[] | null {
  const inside = [...cuts].filter((cut) => cut > stride && cut < stride * extent).sort((a, b) => b - a);
  const parts: Axis[] = [];
  let end = stride * extent;
  for (const cut of [...inside, stride]) {
    if (end % cut !== 0) return null;
    parts.push({ extent: end / cut, stride: cut });
    end = cut;
  }
  return parts;
}

function canonical(axes: readonly Axis[], elements: number): Layout {
  const made: Axis[] = [];
  for (const axis of axes) {
    if (axis.extent === 1) continue;
    const last = made.at(-1);
    if (last && last.stride === axis.stride * axis.extent)
      made[made.length - 1] = { extent: last.extent * axis.extent, stride: axis.stride };
    else made.push(axis);
  }
  return made.length === 1 && made[0]!.extent === elements ? ROW_MAJOR : made;
}
