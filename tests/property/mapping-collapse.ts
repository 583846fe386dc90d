/**
 * From what every level's children take, all levels keeping everything, to Timeloop's counters with bypasses: a level
 * that keeps nothing of a data space hands its children's accesses to the next outer one; the first update of a word
 * needs no read. Source: Timeloop v3.0, loop-analysis/tiling.cpp.
 */
import type { Mapping } from '#core/mapping/mapping.ts';
import type { MemoryTree } from '#core/mapping/memory-tree.ts';
import { boxWords, type Workload } from '#core/mapping/workload.ts';
import { type Counts, walkAsTimeloop } from './mapping-oracle.ts';

interface Tile {
  accesses: number;
  delivered: number;
  links: number;
  /** Of the parent's traffic, per instance. */
  share: number;
  peers: number;
}

/** Counts per instance of every level and data space; null where it is bypassed: `[level][space]`. */
export function countAsTimeloop(
  tree: MemoryTree,
  workload: Workload,
  mapping: Mapping,
): readonly (readonly (Counts | null)[])[] {
  const { levels } = mapping;
  const fans = levels.map(({ spatial }) => spatial.reduce((product, factor) => product * factor, 1));
  const instances = levels.map((_, level) => fans.slice(level + 1).reduce((product, fan) => product * fan, 1));
  const walked = walkAsTimeloop(tree, workload, mapping);
  const result = levels.map(() => workload.dataSpaces.map((): Counts | null => null));
  for (const [s, { isReadWrite }] of workload.dataSpaces.entries()) {
    const kept = levels.map(({ keep }) => keep[s]!);
    const outermost = kept.lastIndexOf(true);
    const tiles = walked.map((spaces, level): Tile => {
      const parent = walked[level + 1]?.[s];
      return { ...spaces[s]!, share: parent ? parent.delivered / fans[level + 1]! : 0, peers: 0 };
    });
    for (const [level, tile] of tiles.entries()) {
      const outer = tiles[level + 1];
      if (kept[level] || !outer) continue;
      const more = (tile.accesses * fans[level + 1]!) / outer.delivered;
      outer.accesses *= more;
      outer.delivered *= more;
      outer.links = 0;
    }
    // Outside the outermost level that keeps it nothing moves.
    for (const tile of tiles.slice(outermost + 1)) tile.links = 0;
    tiles[outermost]!.share = 0;
    // Arithmetic units that pass data on hold none.
    for (const [level, { links }] of tiles.entries())
      if (level > 0 && links > 0) tiles[level - 1]!.peers = Math.floor(links / instances[level - 1]!);
    const partitions = partitionsOf(workload, mapping, s);
    for (const [level, { accesses, share, peers }] of tiles.entries()) {
      if (!kept[level]) continue;
      const seen = isReadWrite ? partitions[level]! : 0;
      result[level]![s] = {
        reads: Math.round(accesses + peers - seen),
        fills: isReadWrite ? Math.round(share + peers - (level === outermost ? 0 : seen)) : Math.trunc(share + peers),
        updates: isReadWrite ? Math.round(accesses) : 0,
      };
    }
  }
  return result;
}

/** Words one instance ever sees: the parent's, shared in proportion to its tile in that of all children together. */
function partitionsOf({ dataSpaces }: Workload, { levels }: Mapping, s: number): readonly number[] {
  const space = dataSpaces[s]!;
  const below = (level: number, isWithFan: boolean) =>
    levels[0]!.temporal.map((_, dimension) =>
      levels.reduce((size, { temporal, spatial }, at) => {
        if (at < level) return size * temporal[dimension]! * spatial[dimension]!;
        return at === level && isWithFan ? size * spatial[dimension]! : size;
      }, 1),
    );
  const result = levels.map(() => 0);
  let words = boxWords(space, below(levels.length, false));
  for (let level = levels.length - 1; level >= 0; level--) {
    if (level < levels.length - 1)
      words = Math.floor((words * boxWords(space, below(level + 1, false))) / boxWords(space, below(level + 1, true)));
    result[level] = words;
  }
  return result;
}
