/**
 * A problem in the form the search wants: parts that share no step, each a list of pieces (rectangles; the slabs of a
 * composite are pieces of one group) over sections, in units of the greatest common divisor of all bytes. A section is
 * a maximal clique of pieces alive together: any two pieces that meet do so in one, and no other step can bind.
 */
import { type Block, slabsOf } from './block.ts';

export interface Part {
  /** Indices of its blocks in the problem. */
  readonly blocks: readonly number[];
  readonly count: number;
  /** Units a piece takes, and above the address of its block. */
  readonly size: Float64Array;
  readonly delta: Float64Array;
  /** Position in `blocks` of the block a piece belongs to. */
  readonly owner: Int32Array;
  /** Pieces of a block: `piecesOf[firstPiece[b]] …`, contiguous. */
  readonly firstPiece: Int32Array;
  /** Steps, for orderings; sections, inclusive, for the search. */
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly first: Int32Array;
  readonly last: Int32Array;
  readonly sections: number;
  /** Units, one a block: alignment, address or −1, and what must lie below the capacity above the address. */
  readonly alignment: Float64Array;
  readonly fixed: Float64Array;
  readonly extent: Float64Array;
}

export interface Parts {
  readonly unit: number;
  readonly parts: readonly Part[];
}

/** Blocks of no bytes are in no part. */
export function partsOf(blocks: readonly Block[]): Parts {
  const unit = unitOf(blocks);
  const slabs = blocks.map(slabsOf);
  const begin = Float64Array.from(slabs, (list) => list.reduce((least, { from }) => Math.min(least, from), Infinity));
  const end = Float64Array.from(slabs, (list) => list.reduce((most, { to }) => Math.max(most, to), -Infinity));
  const indices = blocks.map((_, index) => index).filter((index) => slabs[index]!.length > 0);
  indices.sort((a, b) => begin[a]! - begin[b]! || a - b);
  const groups: number[][] = [];
  let reached = -Infinity;
  for (const index of indices) {
    if (begin[index]! >= reached) groups.push([]);
    groups[groups.length - 1]!.push(index);
    reached = Math.max(reached, end[index]!);
  }
  return { unit, parts: groups.map((members) => partOf(blocks, slabs, members, unit)) };
}

function partOf(
  blocks: readonly Block[],
  slabs: readonly ReturnType<typeof slabsOf>[],
  members: readonly number[],
  unit: number,
): Part {
  const pieces = members.flatMap((index, owner) => slabs[index]!.map((slab) => ({ ...slab, owner })));
  const firstPiece = new Int32Array(members.length + 1);
  members.forEach((index, owner) => {
    firstPiece[owner + 1] = firstPiece[owner]! + slabs[index]!.length;
  });
  const { first, last, sections } = sectionsOf(pieces);
  return {
    blocks: members,
    count: pieces.length,
    size: Float64Array.from(pieces, ({ size }) => size / unit),
    delta: Float64Array.from(pieces, ({ offset }) => offset / unit),
    owner: Int32Array.from(pieces, ({ owner }) => owner),
    firstPiece,
    from: Float64Array.from(pieces, ({ from }) => from),
    to: Float64Array.from(pieces, ({ to }) => to),
    first,
    last,
    sections,
    alignment: Float64Array.from(members, (index) => Math.max(1, (blocks[index]!.alignment ?? 1) / unit)),
    fixed: Float64Array.from(members, (index) => (blocks[index]!.fixed ?? -unit) / unit),
    extent: Float64Array.from(members, (index) => blocks[index]!.size / unit),
  };
}

/** One sweep: a section closes at the first end after a beginning. */
function sectionsOf(pieces: readonly { readonly from: number; readonly to: number }[]) {
  const first = new Int32Array(pieces.length);
  const last = new Int32Array(pieces.length);
  const starts = pieces.map((_, index) => index).sort((a, b) => pieces[a]!.from - pieces[b]!.from);
  const ends = pieces.map((_, index) => index).sort((a, b) => pieces[a]!.to - pieces[b]!.to);
  let section = 0;
  let isOpen = false;
  let at = 0;
  for (const index of ends) {
    while (at < starts.length && pieces[starts[at]!]!.from < pieces[index]!.to) {
      first[starts[at]!] = section;
      at++;
      isOpen = true;
    }
    if (isOpen) section++;
    isOpen = false;
    last[index] = section - 1;
  }
  return { first, last, sections: section };
}

/**
 * Every address of a packing pushed down is a sum of sizes, offsets, alignments and fixed addresses, so a multiple of
 * their divisor; an alignment of one binds nothing.
 */
function unitOf(blocks: readonly Block[]): number {
  let unit = 0;
  const add = (value: number): void => {
    let rest = value;
    while (rest > 0) [unit, rest] = [rest, unit % rest];
  };
  for (const { size, fixed, alignment, slabs } of blocks) {
    if (unit === 1) break;
    if (size <= 0) continue;
    add(size);
    add(fixed ?? 0);
    if (alignment !== undefined && alignment > 1) add(alignment);
    for (const slab of slabs ?? []) {
      add(slab.offset);
      add(slab.size);
    }
  }
  return Math.max(1, unit);
}
