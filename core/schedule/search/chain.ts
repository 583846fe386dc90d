/**
 * The whole problem from its segments: each distinct segment is settled once from each way its entry can stand, and the
 * segments are joined by the cheapest path through the ways between them (min-plus). In strict modes a cut's results
 * are certain to be on chip, so the optimum is the sum; in stream mode they may have been dropped.
 */
import type { Control } from '#core/base/control.ts';
import type { End, Settled } from './ends.ts';
import { groupsIn, type TensorGroup } from './groups.ts';
import type { Step } from './history.ts';
import { OFF, type SearchInstance } from './instance.ts';
import { type Segment, segmentKey, segmentsOf } from './segments.ts';
import { settleQuickly, settleThoroughly } from './settle.ts';
import { informed } from './ways.ts';

export interface ChainOptions {
  /** Children over all segments; deterministic. */
  readonly nodeLimit: number;
  /** No search keeps more states in a layer; unlimited by default. */
  readonly widest?: number;
  /** Orders of the whole problem to begin from where a segment is not settled at once. */
  readonly seeds?: readonly (readonly number[])[];
  readonly control: Control;
  /** Called when the schedule or the bound got better. */
  readonly onProgress?: (progress: ChainProgress) => void;
}

export interface ChainProgress {
  /** Share of the work budgeted, 0 … 1. */
  readonly done: number;
  readonly cost: number;
  readonly bound: number;
}

export interface ChainSolution {
  /** Non-compulsory bytes. */
  readonly cost: number;
  /** No schedule costs less. */
  readonly bound: number;
  readonly steps: readonly Step[];
  readonly nodes: number;
  readonly segments: readonly SegmentSummary[];
  /** What the search learnt of groups of tensors, which may overlap: bounds on the whole problem. */
  readonly groups: readonly TensorGroup[];
}

export interface SegmentSummary {
  readonly operators: number;
  readonly isProven: boolean;
  /** Settled before under other names. */
  readonly isRepeated: boolean;
}

/** Share of the budget for the quick passes over all segments. */
const QUICK_SHARE = 0.15;
/** Share of a segment's budget for the way in that the best path does not take. */
const OTHER_SHARE = 0.1;

/** One way into a segment. Results of a cut are all on chip, or (one result, stream) off. */
type Way = 'on' | 'off';

/** A distinct segment and how far it is settled from each way in. */
interface Piece {
  readonly segment: Segment;
  readonly settled: Map<Way, Settled>;
  /** By the tensors' names. */
  readonly groups: Map<string, TensorGroup>;
}

export function solveChain(instance: SearchInstance, options: ChainOptions): ChainSolution {
  const segments = segmentsOf(instance);
  const pieces = new Map<string, Piece>();
  const pieceOf = segments.map((segment) => {
    const key = segmentKey(instance, segment);
    const known = pieces.get(key) ?? { segment, settled: new Map(), groups: new Map() };
    pieces.set(key, known);
    return known;
  });
  const distinct = [...pieces.values()];
  const size = distinct.reduce((sum, { segment }) => sum + segment.ops.length, 0);
  const waysInto = ({ entry }: Segment): readonly Way[] =>
    instance.isStream && entry.length > 0 ? ['on', 'off'] : ['on'];
  const searching = { control: options.control, widest: options.widest ?? Infinity };
  let nodes = 0;
  const shareOf = ({ segment }: Piece, of: number): number =>
    Math.max(5_000, (of * segment.ops.length) / size / waysInto(segment).length);

  for (const piece of distinct)
    for (const way of waysInto(piece.segment)) {
      const nodeLimit = shareOf(piece, options.nodeLimit * QUICK_SHARE);
      const settled = settleQuickly(instance, piece.segment, way === 'on', { ...searching, nodeLimit });
      nodes += settled.nodes;
      piece.settled.set(way, settled);
    }
  let best = join(instance, segments, pieceOf);
  const tell = (): void => {
    best = join(instance, segments, pieceOf);
    options.onProgress?.({ done: Math.min(1, nodes / options.nodeLimit), cost: best.cost, bound: best.bound });
  };
  tell();

  const isOpen = (settled: Settled): boolean => settled.bound < settled.ends[0]!.cost;
  const open = distinct.filter(({ settled }) => [...settled.values()].some(isOpen));
  const openSize = open.reduce((sum, { segment }) => sum + segment.ops.length, 0);
  for (const piece of open) {
    // The way that the best path takes first, with most of the budget: it tells much of the other.
    const taken = wayTaken(best, piece.segment);
    const ways = [...waysInto(piece.segment)].sort((a, b) => Number(b === taken) - Number(a === taken));
    for (const way of ways) {
      const start = piece.settled.get(way)!;
      if (!isOpen(start) || best.bound >= best.cost || options.control.cancelled()) continue;
      const part = ways.length === 1 ? 1 : way === taken ? 1 - OTHER_SHARE : OTHER_SHARE;
      const settled = settleThoroughly(instance, piece.segment, way === 'on', start, {
        nodeLimit: (options.nodeLimit * (1 - QUICK_SHARE) * piece.segment.ops.length * part) / openSize,
        seeds: (options.seeds ?? []).map((order) => restrictedOrder(order, piece.segment)),
        ...searching,
        onImproved: (better) => {
          piece.settled.set(way, better);
          tell();
        },
        onGroups: (groups) => {
          for (const group of groupsIn(groups)) {
            const name = group.tensors.join();
            if (group.bytes > (piece.groups.get(name)?.bytes ?? 0)) piece.groups.set(name, group);
          }
        },
      });
      nodes += settled.nodes - start.nodes;
      piece.settled.set(way, settled);
      const [on, off] = [piece.settled.get('on')!, piece.settled.get('off')];
      if (off)
        for (const [name, better] of Object.entries(informed(instance, piece.segment, { on, off })))
          piece.settled.set(name === 'on' ? 'on' : 'off', better);
      tell();
    }
  }

  const parts: (readonly Step[])[] = [];
  for (let at: Reached | null = best.reached; at?.end; at = at.previous) parts.push(renamed(instance, at));
  return {
    cost: best.cost,
    bound: best.bound,
    steps: parts.reverse().flat(),
    nodes,
    segments: segments.map((segment, index) => ({
      operators: segment.ops.length,
      isProven: ![...pieceOf[index]!.settled.values()].some(isOpen),
      isRepeated: pieceOf[index]!.segment !== segment,
    })),
    groups: segments.flatMap((segment, index) => {
      const { segment: original, groups } = pieceOf[index]!;
      if (groups.size === 0) return [];
      const nameOf = renaming(instance, original, segment);
      return [...groups.values()].map(({ tensors, bytes }) => ({ tensors: tensors.map(nameOf), bytes }));
    }),
  };
}

interface Reached {
  readonly cost: number;
  readonly bound: number;
  readonly previous: Reached | null;
  /** How `segment` was entered. */
  readonly way: Way;
  readonly end: End | null;
  readonly segment: Segment | null;
  /** The segment that was settled, of which `segment` is a copy under other names (or itself). */
  readonly original: Segment | null;
}

interface Joined {
  readonly cost: number;
  readonly bound: number;
  readonly reached: Reached;
}

/** Cheapest path through the ways between segments, and the bound by the same rule. */
function join(instance: SearchInstance, segments: readonly Segment[], pieceOf: readonly Piece[]): Joined {
  let before = new Map<Way, Reached>([
    ['on', { cost: 0, bound: 0, previous: null, way: 'on', end: null, segment: null, original: null }],
  ]);
  segments.forEach((segment, index) => {
    const { settled, segment: original } = pieceOf[index]!;
    const after = new Map<Way, Reached>();
    for (const [way, reached] of before) {
      const { ends, bound, offBound, live } = settled.get(way)!;
      const wayOut = ({ status }: End): Way => (instance.isStream && status.some((one) => one === OFF) ? 'off' : 'on');
      // A way out that no end found takes may be taken by one that was not: it has a bound, if no cost.
      const outs: readonly Way[] = instance.isStream && live.length > 0 ? ['on', 'off'] : ['on'];
      const missing = outs.filter((out) => !ends.some((end) => wayOut(end) === out)).map((out) => ({ out, end: null }));
      for (const { out, end } of [...ends.map((one) => ({ out: wayOut(one), end: one })), ...missing]) {
        const cost = reached.cost + (end?.cost ?? Infinity);
        const known = after.get(out);
        const others = out === 'off' ? offBound : bound;
        const least = Math.min(reached.bound + Math.min(end?.cost ?? Infinity, others), known?.bound ?? Infinity);
        after.set(
          out,
          known && known.cost <= cost
            ? { ...known, bound: least }
            : { cost, bound: least, previous: reached, way, end, segment, original },
        );
      }
    }
    before = after;
  });
  const all = [...before.values()];
  const reached = all.reduce((a, b) => (b.cost < a.cost ? b : a));
  return { cost: reached.cost, bound: Math.min(reached.cost, ...all.map(({ bound }) => bound)), reached };
}

/** The way in which the best path enters a segment the first time. */
function wayTaken({ reached }: Joined, segment: Segment): Way {
  let taken: Way = 'on';
  for (let at: Reached | null = reached; at?.end; at = at.previous) if (at.original === segment) taken = at.way;
  return taken;
}

function restrictedOrder(order: readonly number[], { ops }: Segment): readonly number[] {
  const own = new Set(ops);
  return order.filter((op) => own.has(op));
}

/** Steps of a settled segment in the names of the one it stands for. */
function renamed(instance: SearchInstance, { end, segment, original }: Reached): readonly Step[] {
  const steps = end!.steps();
  if (original === segment) return steps;
  const opOf = new Map(Array.from(original!.ops, (op, index) => [op, segment!.ops[index]!] as const));
  const nameOf = renaming(instance, original!, segment!);
  return steps.map(({ op, dropped }) => ({ op: opOf.get(op)!, dropped: dropped.map(nameOf) }));
}

/** From the tensors of a segment to those of another that looks the same. */
function renaming(instance: SearchInstance, from: Segment, to: Segment): (tensor: number) => number {
  if (from === to) return (tensor) => tensor;
  const names = tensorsOf(instance, to);
  const nameOf = new Map(tensorsOf(instance, from).map((tensor, index) => [tensor, names[index]!] as const));
  return (tensor) => nameOf.get(tensor)!;
}

/** Tensors of a segment in the order in which its key names them. */
function tensorsOf(instance: SearchInstance, { ops, entry }: Segment): readonly number[] {
  const seen = new Set<number>(entry);
  for (const op of ops) {
    for (const tensor of instance.operands[op]!) seen.add(tensor);
    for (const tensor of instance.results[op]!) seen.add(tensor);
  }
  return [...seen];
}
