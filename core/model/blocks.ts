/**
 * Finds the repeated blocks of a flat model. The topological order is cut wherever a single tensor is alive,
 * so that a stretch between two cuts has one entry and one exit. A stretch with branches (a residual or
 * inception block, an attention sub-layer) becomes a unit with the activations and norms that follow it;
 * adjacent repetitions of a sequence of units or operators become one block each. Equal hash = equal operators,
 * parameters, wiring and shapes.
 */
import { contentHash } from '#core/base/canonical.ts';
import type { ParameterValues } from '#core/base/value.ts';

export interface BlockNode {
  readonly id: string;
  readonly type: string;
  readonly category: string;
  readonly parameters: ParameterValues;
  /** Ids of the nodes it reads, in the order of its ports; those not in the list (inputs, constants) are outside. */
  readonly sources: readonly string[];
  /** Shapes of its results, so that blocks of equal operators but other extents differ. */
  readonly shapes: string;
}

export interface Block {
  readonly members: readonly string[];
  /** Equal for identical blocks. */
  readonly hash: string;
}

/** Blocks smaller than this are not worth a group. */
const SMALLEST = 3;
/** The longest sequence of units that is looked for as one repeated block. */
const LONGEST_PERIOD = 24;
/** A unit that is nearly the whole model explains nothing. */
const LARGEST_SHARE = 0.6;
const FOLLOWERS = new Set(['activation', 'normalisation']);

/** Disjoint blocks in order; `nodes` must be in topological order. */
export function findBlocks(nodes: readonly BlockNode[]): readonly Block[] {
  const units = unitsOf(nodes);
  const tokens = units.map(blockHash);
  const blocks: Block[] = [];
  const largest = LARGEST_SHARE * nodes.length;
  let at = 0;
  while (at < units.length) {
    const { period, repeats } = repetition(units, tokens, at);
    if (repeats >= 2) {
      for (let i = 0; i < repeats; i++) {
        const members = units.slice(at + i * period, at + (i + 1) * period).flat();
        blocks.push({ members: members.map(({ id }) => id), hash: blockHash(members) });
      }
      at += period * repeats;
      continue;
    }
    const unit = units[at]!;
    if (unit.length >= SMALLEST && unit.length <= largest)
      blocks.push({ members: unit.map(({ id }) => id), hash: tokens[at]! });
    at++;
  }
  return blocks;
}

function unitsOf(nodes: readonly BlockNode[]): readonly (readonly BlockNode[])[] {
  const indexOf = new Map(nodes.map(({ id }, index) => [id, index]));
  const lastReader = new Int32Array(nodes.length).fill(-1);
  for (const [index, { sources }] of nodes.entries()) {
    for (const id of sources) {
      const source = indexOf.get(id);
      if (source !== undefined) lastReader[source] = index;
    }
  }
  // alive[i]: results made at or before i and read after i.
  const change = new Int32Array(nodes.length + 1);
  for (const [index, last] of lastReader.entries()) {
    if (last <= index) continue;
    change[index]!++;
    change[last]!--;
  }
  const units: BlockNode[][] = [];
  let stretch: BlockNode[] = [];
  let alive = 0;
  for (const [index, node] of nodes.entries()) {
    stretch.push(node);
    alive += change[index]!;
    if (alive > 1) continue;
    const previous = units.at(-1);
    const follows = stretch.length === 1 && FOLLOWERS.has(node.category) && previous && previous.length >= SMALLEST;
    if (follows) previous.push(node);
    else units.push(stretch);
    stretch = [];
  }
  if (stretch.length > 0) units.push(stretch);
  return units;
}

/** Equal for lists of nodes with equal operators, parameters, shapes and wiring among themselves. */
export function blockHash(members: readonly BlockNode[]): string {
  const place = new Map(members.map(({ id }, index) => [id, index]));
  return contentHash(
    members.map(({ type, parameters, sources, shapes }) => [
      type,
      parameters,
      sources.map((id) => place.get(id) ?? -1),
      shapes,
    ]),
  ).slice(0, 16);
}

/** The sequence from `at` whose adjacent repetitions cover most operators; the shortest of equals. */
function repetition(units: readonly (readonly BlockNode[])[], tokens: readonly string[], at: number) {
  let best = { period: 1, repeats: 1, covered: 0 };
  for (let period = 1; period <= LONGEST_PERIOD && at + 2 * period <= units.length; period++) {
    let same = 0;
    while (at + period + same < units.length && tokens[at + same] === tokens[at + period + same]) same++;
    const repeats = Math.floor(same / period) + 1;
    if (repeats < 2) continue;
    let size = 0;
    for (let i = 0; i < period; i++) size += units[at + i]!.length;
    const covered = size * repeats;
    if (size >= SMALLEST && covered > best.covered) best = { period, repeats, covered };
  }
  return best;
}
