/**
 * Two walks of a loop nest that share nothing with the closed form. `walk` goes through every iteration and keeps every
 * level's tile as a set of words. `walkAsTimeloop` visits the first two iterations of every temporal loop with weights,
 * keeps the last tile and its last move, and looks for neighbours that had the words one step earlier.
 */
import type { Mapping } from '#core/mapping/mapping.ts';
import { fanout, type MemoryTree } from '#core/mapping/memory-tree.ts';
import type { DataSpace, Workload } from '#core/mapping/workload.ts';

interface Loop {
  readonly level: number;
  readonly dimension: number;
  readonly count: number;
  readonly stride: number;
}

interface Nest {
  /** Outermost first. */
  readonly temporal: readonly Loop[];
  /** Slowest varying first within a level; outer levels first. */
  readonly spatial: readonly Loop[];
}

function nestOf(mapping: Mapping, dimensions: number): Nest {
  const extent = Array.from({ length: dimensions }, () => 1);
  const temporal: Loop[] = [];
  const spatial: Loop[] = [];
  for (const [level, given] of mapping.levels.entries()) {
    const take = (order: readonly number[], factors: readonly number[], into: Loop[]): void => {
      for (const dimension of order) {
        const count = factors[dimension]!;
        if (count > 1) into.unshift({ level, dimension, count, stride: extent[dimension]! });
        extent[dimension]! *= count;
      }
    };
    take(given.spatialOrder, given.spatial, spatial);
    take(given.temporalOrder, given.temporal, temporal);
  }
  return { temporal, spatial };
}

/** Every combination of indices of the loops, the last loop varying fastest, as index vectors over the dimensions. */
function iterations(loops: readonly Loop[], dimensions: number): readonly (readonly number[])[] {
  let all: number[][] = [Array.from({ length: dimensions }, () => 0)];
  for (const { dimension, count, stride } of loops)
    all = all.flatMap((point) =>
      Array.from({ length: count }, (_, index) => point.with(dimension, point[dimension]! + index * stride)),
    );
  return all;
}

type Box = readonly (readonly [low: number, high: number])[];

/** The box of words under the loops at and below a level, at a place. */
function boxAt(space: DataSpace, at: readonly number[], size: readonly number[]): Box {
  return space.projection.map((rank) => {
    let [low, high] = [0, 0];
    for (const { dimension, coefficient } of rank) {
      const ends = [at[dimension]! * coefficient, (at[dimension]! + size[dimension]! - 1) * coefficient];
      low += Math.min(...ends);
      high += Math.max(...ends);
    }
    return [low, high];
  });
}

function words(box: Box): readonly string[] {
  return box.reduce<string[]>(
    (so, [low, high]) =>
      so.flatMap((prefix) => Array.from({ length: high - low + 1 }, (_, index) => `${prefix},${low + index}`)),
    [''],
  );
}

function plus(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((value, index) => value + b[index]!);
}

function sizesBelow(mapping: Mapping, level: number, dimensions: number): readonly number[] {
  return Array.from({ length: dimensions }, (_, dimension) =>
    mapping.levels
      .slice(0, level + 1)
      .reduce((so, given) => so * given.temporal[dimension]! * given.spatial[dimension]!, 1),
  );
}

export interface Counts {
  readonly reads: number;
  readonly fills: number;
  readonly updates: number;
}

/** Counts per instance (the mean over instances) of every level and data space that is kept: `[level][space]`. */
export function walk(workload: Workload, mapping: Mapping): readonly (readonly (Counts | null)[])[] {
  const dimensions = workload.dimensions.length;
  const nest = nestOf(mapping, dimensions);
  const result = mapping.levels.map(() => workload.dataSpaces.map((): Counts | null => null));
  for (const [s, space] of workload.dataSpaces.entries()) {
    const kept = mapping.levels.flatMap((level, index) => (level.keep[s] ? [index] : []));
    const counts = kept.map(() => ({ reads: 0, fills: 0, updates: 0, instances: 1 }));
    for (const [position, parent] of kept.entries()) {
      const child = position === 0 ? -1 : kept[position - 1]!;
      const parents = iterations(
        nest.spatial.filter(({ level }) => level > parent),
        dimensions,
      );
      const children = iterations(
        nest.spatial.filter(({ level }) => level > child && level <= parent),
        dimensions,
      );
      const steps = iterations(
        nest.temporal.filter(({ level }) => level > child),
        dimensions,
      );
      const size = child < 0 ? Array.from({ length: dimensions }, () => 1) : sizesBelow(mapping, child, dimensions);
      counts[position]!.instances = parents.length;
      for (const at of parents) {
        const held = children.map(() => new Set<string>());
        const everHeld = children.map(() => new Set<string>());
        const everWritten = new Set<string>();
        for (const step of steps) {
          const seen = new Set<string>();
          for (const [c, offset] of children.entries()) {
            const tile = words(boxAt(space, plus(plus(at, offset), step), size));
            // An arithmetic unit keeps nothing.
            const fresh = child < 0 ? tile : tile.filter((word) => !held[c]!.has(word));
            held[c] = new Set(tile);
            if (child >= 0)
              for (const word of fresh) {
                if (!space.isReadWrite || everHeld[c]!.has(word)) counts[position - 1]!.fills++;
                everHeld[c]!.add(word);
              }
            const key = fresh.join(' ');
            if (fresh.length === 0 || seen.has(key)) continue;
            seen.add(key);
            for (const word of fresh)
              if (space.isReadWrite) {
                counts[position]!.updates++;
                if (everWritten.has(word)) counts[position]!.reads++;
                everWritten.add(word);
              } else counts[position]!.reads++;
          }
        }
      }
    }
    for (const [position, level] of kept.entries()) {
      const { reads, fills, updates, instances } = counts[position]!;
      result[level]![s] = { reads: reads / instances, fills: fills / instances, updates: updates / instances };
    }
  }
  return result;
}

/** What a level's children take from one instance of it: words read, words delivered, words passed between neighbours. */
export interface Traffic {
  readonly accesses: number;
  readonly delivered: number;
  readonly links: number;
}

/** Of every level and data space, all kept: `[level][space]`. */
export function walkAsTimeloop(
  tree: MemoryTree,
  workload: Workload,
  mapping: Mapping,
): readonly (readonly Traffic[])[] {
  const dimensions = workload.dimensions.length;
  const nest = nestOf(mapping, dimensions);
  return mapping.levels.map((_, level) =>
    workload.dataSpaces.map((space): Traffic => {
      const loops = nest.temporal.filter((loop) => loop.level >= level);
      const children = iterations(
        nest.spatial.filter((loop) => loop.level === level),
        dimensions,
      );
      const size =
        level === 0 ? Array.from({ length: dimensions }, () => 1) : sizesBelow(mapping, level - 1, dimensions);
      const { x, y } = fanout(tree, level);
      const extent = children.length;
      const used = mapping.levels[level]!.spatialOrder.slice(0, mapping.levels[level]!.split).reduce(
        (so, dimension) => so * mapping.levels[level]!.spatial[dimension]!,
        1,
      );
      const [width, height] = [Math.max(x, used), Math.max(y, extent / used)];
      let [accesses, delivered, links] = [0, 0, 0];
      const last: { tile: readonly string[]; move: readonly number[] | null }[] = children.map(() => ({
        tile: [],
        move: null,
      }));
      let lastFresh: readonly string[] | null = null;
      let lastLow: readonly number[] = [];
      for (let visit = 0; visit < 2 ** loops.length; visit++) {
        let weight = 1;
        let step: readonly number[] = Array.from({ length: dimensions }, () => 0);
        for (const [index, { dimension, count, stride }] of loops.entries())
          if (visit & (1 << (loops.length - 1 - index))) {
            weight *= count - 1;
            step = step.with(dimension, step[dimension]! + stride);
          }
        const low = boxAt(space, step, size).map(([start]) => start);
        const move = visit === 0 ? null : low.map((value, rank) => value - lastLow[rank]!);
        lastLow = low;
        const fresh = children.map((offset, c) => {
          const tile = words(boxAt(space, plus(step, offset), size));
          if (level === 0) return tile.join(' ');
          const before = last[c]!;
          const had = new Set(before.tile);
          const rest = tile.filter((word) => !had.has(word)).join(' ');
          if (before.move === null) {
            last[c] = { tile, move };
            return rest;
          }
          if (String(before.move) === String(move)) {
            last[c] = { tile, move };
            return rest;
          }
          last[c] = { tile, move: null };
          return tile.join(' ');
        });
        const total = (list: readonly string[]): number =>
          list.reduce((so, text) => so + (text === '' ? 0 : text.split(' ').length), 0);
        const linked = fresh.map((text, c) => {
          if (text === '' || lastFresh === null || extent === 1) return false;
          const column = c % width;
          const row = Math.floor(c / width);
          return [
            column > 0 ? c - 1 : -1,
            column + 1 < width ? c + 1 : -1,
            row > 0 ? c - width : -1,
            row + 1 < height ? c + width : -1,
          ].some((neighbour) => neighbour >= 0 && neighbour < extent && lastFresh![neighbour] === text);
        });
        const alone = fresh.filter((_, c) => !linked[c]);
        const [without, with_] = [total([...new Set(fresh)]), total([...new Set(alone)])];
        const takesLinks = with_ < without;
        accesses += weight * (takesLinks ? with_ : without);
        delivered += weight * total(takesLinks ? alone : fresh);
        if (takesLinks) links += weight * total(fresh.filter((_, c) => linked[c]));
        lastFresh = fresh;
      }
      return { accesses, delivered, links };
    }),
  );
}
