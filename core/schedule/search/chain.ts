/**
 * The whole problem from its segments: each distinct segment is searched once from each way its entry can stand, and
 * the segments are joined by the cheapest path through the ways between them (min-plus). In strict modes a cut's
 * results are certain to be on chip, so the optimum is the sum; in stream mode they may have been dropped.
 */
import type { Control } from '#core/base/control.ts';
import type { Step } from './history.ts';
import { OFF, type SearchInstance } from './instance.ts';
import { orderWithin } from './peak.ts';
import { type RegionEnd, type RegionResult, searchRegion } from './region.ts';
import { residentStatus, type Segment, segmentKey } from './segments.ts';
import { waitingLists } from './symmetry.ts';

export interface ChainOptions {
  /** States kept in a layer in the first pass; each pass doubles it fourfold until proven or the budget is spent. */
  readonly firstWidth: number;
  readonly lastWidth: number;
  /** Children over all segments. */
  readonly nodeLimit: number;
  readonly control: Control;
  readonly onProgress?: (done: number, of: number) => void;
}

export interface ChainSolution {
  /** Non-compulsory bytes; Infinity without a schedule. */
  readonly cost: number;
  /** No schedule costs less. */
  readonly bound: number;
  readonly steps: readonly Step[];
  readonly nodes: number;
  readonly segments: readonly {
    readonly operators: number;
    readonly isProven: boolean;
    readonly isRepeated: boolean;
    readonly nodes: number;
  }[];
}

/** Downsets looked at for an order that spills nothing, before costs are searched. */
const FREE_RUN_NODES = 20_000;

/** One way into a segment. Results of a cut are all on chip, or (one result, stream) off. */
type Way = 'on' | 'off';

interface Solved {
  readonly ops: Int32Array;
  readonly tensors: Int32Array;
  readonly result: RegionResult;
  /** Lower bound on what any way through costs that is not among `result.ends`. */
  readonly bound: number;
}

export function solveChain(
  instance: SearchInstance,
  segments: readonly Segment[],
  options: ChainOptions,
): ChainSolution {
  const memo = new Map<string, Map<Way, Solved>>();
  const usesLeft = Int32Array.from(instance.consumers, (list) => list.length);
  let nodes = 0;
  /** Cheapest schedule, and bound, of everything before a segment, by the way into it. */
  let before = new Map<Way, Reached>([
    ['on', { cost: 0, bound: 0, previous: null, end: null, segment: null, solved: null }],
  ]);
  const told: { operators: number; isProven: boolean; isRepeated: boolean; nodes: number }[] = [];

  segments.forEach((segment, index) => {
    const key = segmentKey(instance, segment);
    const isRepeated = memo.has(key);
    const known = memo.get(key) ?? new Map<Way, Solved>();
    memo.set(key, known);
    const after = new Map<Way, Reached>();
    let isProven = true;
    const nodesBefore = nodes;
    for (const [way, reached] of before) {
      let solved = known.get(way);
      if (!solved) {
        const share = (options.nodeLimit - nodes) / (segments.length - index) / before.size;
        solved = searchSegment(instance, segment, way, usesLeft, { ...options, nodeLimit: Math.max(2_000, share) });
        nodes += solved.result.nodes;
        known.set(way, solved);
      }
      const best = solved.result.ends[0]?.cost ?? Infinity;
      if (solved.bound < best) isProven = false;
      for (const end of solved.result.ends) {
        const out: Way = end.status.some((status) => status === OFF) ? 'off' : 'on';
        const total = reached.cost + end.cost;
        const least = reached.bound + Math.min(end.cost, solved.bound);
        const other = after.get(out);
        after.set(
          out,
          other && other.cost <= total
            ? { ...other, bound: Math.min(other.bound, least) }
            : {
                cost: total,
                bound: Math.min(least, other?.bound ?? Infinity),
                previous: reached,
                end,
                segment,
                solved,
              },
        );
      }
    }
    told.push({ operators: segment.ops.length, isProven, isRepeated, nodes: isRepeated ? 0 : nodes - nodesBefore });
    before = after;
    options.onProgress?.(index + 1, segments.length);
  });

  let best: Reached | null = null;
  let bound = Infinity;
  for (const reached of before.values()) {
    if (!best || reached.cost < best.cost) best = reached;
    bound = Math.min(bound, reached.bound);
  }
  if (!best) return { cost: Infinity, bound: 0, steps: [], nodes, segments: told };
  const steps: Step[] = [];
  for (let at: Reached | null = best; at?.end; at = at.previous) steps.unshift(...renamed(instance, at));
  return { cost: best.cost, bound: Math.min(bound, best.cost), steps, nodes, segments: told };
}

interface Reached {
  readonly cost: number;
  readonly bound: number;
  readonly previous: Reached | null;
  readonly end: RegionEnd | null;
  readonly segment: Segment | null;
  readonly solved: Solved | null;
}

/** Steps of a solved segment in the names of the one it stands for. */
function renamed(instance: SearchInstance, { end, segment, solved }: Reached): readonly Step[] {
  const steps = end!.steps();
  if (solved!.ops === segment!.ops) return steps;
  const opOf = new Map<number, number>();
  solved!.ops.forEach((op, index) => {
    opOf.set(op, segment!.ops[index]!);
  });
  const tensors = tensorsOf(instance, segment!);
  const tensorOf = new Map<number, number>();
  solved!.tensors.forEach((tensor, index) => {
    tensorOf.set(tensor, tensors[index]!);
  });
  return steps.map(({ op, dropped }) => ({
    op: opOf.get(op)!,
    dropped: dropped.map((tensor) => tensorOf.get(tensor)!),
  }));
}

/** Tensors of a segment in the order in which its key names them. */
function tensorsOf(instance: SearchInstance, { ops, entry }: Segment): Int32Array {
  const seen = new Set<number>(entry);
  for (const op of ops) {
    for (const tensor of instance.operands[op]!) seen.add(tensor);
    for (const tensor of instance.results[op]!) seen.add(tensor);
  }
  return Int32Array.from(seen);
}

function searchSegment(
  instance: SearchInstance,
  segment: Segment,
  way: Way,
  usesLeft: Int32Array,
  { firstWidth, lastWidth, nodeLimit, control }: ChainOptions,
): Solved {
  const entry = {
    live: segment.entry,
    status: Uint8Array.from(segment.entry, (tensor) => (way === 'off' ? OFF : residentStatus(instance, tensor))),
  };
  const waitsFor = waitingLists(instance, segment.ops);
  const free = way === 'on' ? freeRun(instance, segment, control) : null;
  if (free) return free;
  let best: RegionResult | null = null;
  let bound = 0;
  let below = Infinity;
  let nodes = 0;
  for (let width = firstWidth; width <= lastWidth; width *= 4) {
    const result = searchRegion(
      instance,
      { ops: segment.ops, entry, usesLeft, waitsFor },
      { width, below, exposure: 0.5, nodeLimit: best ? nodeLimit - nodes : Infinity, control },
    );
    nodes += result.nodes;
    if (!result.isComplete) break;
    bound = Math.max(bound, Math.min(result.cutBound, below));
    if (result.ends.length > 0) best = merged(best, result);
    for (const end of result.ends) below = Math.min(below, droppedCost(instance, result.live, end));
    if (result.cutBound >= below || control.cancelled() || nodes >= nodeLimit) break;
  }
  if (best && instance.isStream) best = { ...best, ends: withDroppedEnd(instance, best) };
  const result = best ?? { live: new Int32Array(0), ends: [], cutBound: 0, nodes, isComplete: false };
  return { ops: segment.ops, tensors: tensorsOf(instance, segment), result: { ...result, nodes }, bound };
}

/** The segment without any spill, where an order for that exists: no other search finds better. */
function freeRun(instance: SearchInstance, segment: Segment, control: Control): Solved | null {
  const { order, nodes } = orderWithin(instance, segment, instance.capacity, { nodeLimit: FREE_RUN_NODES, control });
  if (!order) return null;
  const live = instance.results[segment.ops.at(-1)!]!.filter((tensor) => instance.consumers[tensor]!.length > 0);
  const steps = order.map((op): Step => ({ op, dropped: [] }));
  const end = { cost: 0, status: live.map((tensor) => residentStatus(instance, tensor)), steps: () => steps };
  const result = { live, ends: [], cutBound: Infinity, nodes, isComplete: true };
  const ends = [{ ...end, status: Uint8Array.from(end.status) }];
  return {
    ops: segment.ops,
    tensors: tensorsOf(instance, segment),
    result: { ...result, ends: instance.isStream ? withDroppedEnd(instance, { ...result, ends }) : ends },
    bound: Infinity,
  };
}

/** What an end costs once everything it still holds has been dropped: nothing dearer is worth looking for. */
function droppedCost(instance: SearchInstance, live: Int32Array, end: RegionEnd): number {
  return live.reduce((sum, tensor, i) => sum + instance.bytes[tensor]! * end.status[i]!, end.cost);
}

/**
 * With the cheapest end whose results were dropped as they were made, so that both ways out are there: a way that was
 * cut costs at least the bound, and going on from off chip is never dearer than from on chip.
 */
function withDroppedEnd(instance: SearchInstance, { live, ends }: RegionResult): readonly RegionEnd[] {
  if (live.length === 0 || ends.some((end) => end.status.every((status) => status === OFF))) return ends;
  const [best] = [...ends].sort((a, b) => droppedCost(instance, live, a) - droppedCost(instance, live, b));
  const steps = (): readonly Step[] => {
    const own = best!.steps();
    const last = own.at(-1)!;
    return [...own.slice(0, -1), { op: last.op, dropped: [...last.dropped, ...live] }];
  };
  return [...ends, { cost: droppedCost(instance, live, best!), status: new Uint8Array(live.length), steps }];
}

/** The better of two passes for each way to end. */
function merged(one: RegionResult | null, other: RegionResult): RegionResult {
  if (!one) return other;
  const ends = [...other.ends, ...one.ends].sort((a, b) => a.cost - b.cost);
  const distinct = new Map<string, RegionEnd>();
  for (const end of ends) {
    const key = end.status.join();
    if (!distinct.has(key)) distinct.set(key, end);
  }
  return { ...other, live: other.ends.length > 0 ? other.live : one.live, ends: [...distinct.values()] };
}
