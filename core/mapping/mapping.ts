/**
 * A loop nest on a tree of memories: for every level temporal factors and their order, spatial factors over its
 * children, and which data spaces it keeps. The factors of a dimension multiply to its size. A level's spatial loops
 * lie inside its temporal ones.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { fanout, type MemoryTree } from './memory-tree.ts';
import type { Workload } from './workload.ts';

export interface LevelMapping {
  /** A factor for every dimension. */
  readonly temporal: readonly number[];
  /** Every dimension once, the innermost loop first. */
  readonly temporalOrder: readonly number[];
  readonly spatial: readonly number[];
  /** Every dimension once, the fastest varying first; the first `split` of them lie along X, the others along Y. */
  readonly spatialOrder: readonly number[];
  readonly split: number;
  /** Whether a data space is kept here rather than passed by, for every data space. */
  readonly keep: readonly boolean[];
}

export interface Mapping {
  /** Innermost first, as the tree's. */
  readonly levels: readonly LevelMapping[];
}

/** Null when the mapping covers the workload on the tree's fan-outs, else why not. Capacities are the evaluation's. */
export function mappingFault(tree: MemoryTree, workload: Workload, mapping: Mapping): Problem | null {
  const { dimensions, dataSpaces } = workload;
  if (mapping.levels.length !== tree.levels.length)
    return problem('mapping.levels', `The mapping has ${mapping.levels.length} levels, not ${tree.levels.length}`);
  for (const [index, level] of mapping.levels.entries()) {
    const { name } = tree.levels[index]!;
    for (const list of [level.temporal, level.spatial])
      if (list.length !== dimensions.length || !list.every((factor) => Number.isSafeInteger(factor) && factor >= 1))
        return problem('mapping.factors', `${name}: a factor of at least 1 is needed for every dimension`);
    for (const order of [level.temporalOrder, level.spatialOrder])
      if (order.length !== dimensions.length || !isPermutation(order))
        return problem('mapping.permutation', `${name}: a permutation names every dimension once`);
    if (level.keep.length !== dataSpaces.length)
      return problem('mapping.keep', `${name}: what is kept is not said of every data space`);
    if (!Number.isSafeInteger(level.split) || level.split < 0 || level.split > dimensions.length)
      return problem('mapping.split', `${name}: the split is within 0…${dimensions.length}`);
  }
  for (const [dimension, { name, size }] of dimensions.entries()) {
    const product = mapping.levels.reduce(
      (so, level) => so * level.temporal[dimension]! * level.spatial[dimension]!,
      1,
    );
    if (product !== size)
      return problem(
        'mapping.factors',
        `parsing mapping: product of all factors of dimension ${name} is ${product}, which is not equal to the dimension size of the workload ${size}.`,
        { facts: { dimension: name, product, size } },
      );
  }
  for (const [space, { name }] of dataSpaces.entries())
    if (!mapping.levels.some((level) => level.keep[space]))
      return problem('mapping.unkept', 'one of the tensors is bypassed in all storage levels', {
        facts: { dataSpace: name },
      });
  return null;
}

/** The level's fan-out that is used, along X and Y. */
export function spatialExtent(level: LevelMapping): { readonly x: number; readonly y: number } {
  let [x, y] = [1, 1];
  for (const [position, dimension] of level.spatialOrder.entries())
    if (position < level.split) x *= level.spatial[dimension]!;
    else y *= level.spatial[dimension]!;
  return { x, y };
}

/** Null when the spatial loops fit the meshes, else the level and axis that they overrun. */
export function fanoutFault(tree: MemoryTree, mapping: Mapping): Problem | null {
  for (const [index, level] of mapping.levels.entries()) {
    const extent = spatialExtent(level);
    const there = fanout(tree, index);
    for (const axis of ['x', 'y'] as const)
      if (extent[axis] > there[axis]) {
        const label = axis.toUpperCase();
        const { name } = tree.levels[index]!;
        return problem(
          'mapping.fanout',
          `couldn't map level ${name}: mapped fanout${label} ${extent[axis]} exceeds hardware fanout${label} ${there[axis]}`,
          { facts: { level: name, axis: label, demand: extent[axis], bound: there[axis] } },
        );
      }
  }
  return null;
}

/** The nest as text, outermost level first: `for P in [0:16)`, with (Spatial-X) and what every level keeps. */
export function formatMapping(tree: MemoryTree, workload: Workload, mapping: Mapping): string {
  const lines: string[] = [];
  let depth = 0;
  const write = (dimension: number, factor: number, suffix: string): void => {
    lines.push(`${'  '.repeat(depth)}for ${workload.dimensions[dimension]!.name} in [0:${factor})${suffix}`);
    depth++;
  };
  for (let index = mapping.levels.length - 1; index >= 0; index--) {
    const level = mapping.levels[index]!;
    const kept = workload.dataSpaces.filter((_, space) => level.keep[space]).map(({ name }) => name);
    lines.push(`${'  '.repeat(depth)}${tree.levels[index]!.name} [${kept.join(' ')}]`);
    for (const dimension of [...level.temporalOrder].reverse())
      if (level.temporal[dimension]! > 1) write(dimension, level.temporal[dimension]!, '');
    for (const [back, dimension] of [...level.spatialOrder].reverse().entries()) {
      const isX = level.spatialOrder.length - 1 - back < level.split;
      if (level.spatial[dimension]! > 1)
        write(dimension, level.spatial[dimension]!, isX ? ' (Spatial-X)' : ' (Spatial-Y)');
    }
  }
  return lines.join('\n');
}

function isPermutation(order: readonly number[]): boolean {
  const seen = new Set(order);
  return (
    seen.size === order.length && order.every((value) => Number.isInteger(value) && value >= 0 && value < order.length)
  );
}
