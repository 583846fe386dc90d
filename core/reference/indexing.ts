/** Row-major index arithmetic: where the elements of one tensor lie in another. */

type Shape = readonly number[];

/** Distance in row-major order between neighbours on each axis. */
export function stridesOf(shape: Shape): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** start + Σ iₐ·steps[a] for every index (i₀, i₁, …) of `shape`, in row-major order. */
export function offsetsOf(shape: Shape, steps: readonly number[], start = 0): Int32Array {
  const offsets = new Int32Array(shape.reduce((total, extent) => total * extent, 1));
  offsets[0] = start;
  let filled = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const step = steps[axis]!;
    for (let i = 1; i < shape[axis]!; i++)
      for (let j = 0; j < filled; j++) offsets[i * filled + j] = offsets[j]! + i * step;
    filled *= shape[axis]!;
  }
  return offsets;
}

/** Steps through a tensor of shape `from` that repeat it to the wider shape `to`: 0 where an axis is repeated. */
export function broadcastSteps(from: Shape, to: Shape): number[] {
  const missing = to.length - from.length;
  const strides = stridesOf(from);
  return to.map((_, axis) => (axis < missing || from[axis - missing] === 1 ? 0 : strides[axis - missing]!));
}

/** Where each element of the wider shape `to` is found in a tensor of shape `from`. */
export function broadcastOffsets(from: Shape, to: Shape): Int32Array {
  return offsetsOf(to, broadcastSteps(from, to));
}

/** The axis counted from the front. */
export function axisAt(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/**
 * Where the elements of a result lie in a tensor of shape `from`, when index i on axis a stands for index `lists[a][i]`
 * of it; −1 where one of these is negative.
 */
export function offsetsByAxis(from: Shape, lists: readonly (readonly number[])[]): Int32Array {
  const strides = stridesOf(from);
  const offsets = new Int32Array(lists.reduce((total, list) => total * list.length, 1));
  let filled = 1;
  for (let axis = lists.length - 1; axis >= 0; axis--) {
    const list = lists[axis]!;
    // From the back: the first run holds what the later ones are made of.
    for (let i = list.length - 1; i >= 0; i--)
      for (let j = filled - 1; j >= 0; j--) {
        const inner = offsets[j]!;
        offsets[i * filled + j] = inner < 0 || list[i]! < 0 ? -1 : inner + list[i]! * strides[axis]!;
      }
    filled *= list.length;
  }
  return offsets;
}
