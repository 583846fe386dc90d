/**
 * Operators whose operands, results (and weights, in strict+weights) do not fit the scratchpad together are split: what
 * has no room streams between off-chip memory and the buffers of the unit, a piece at a time (pieces.ts: blocks of m, n
 * and k with their halo), and what has room stays whole. Every unit has a smallest tile, so any model runs on any memory.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { formatQuantity } from '#core/base/quantity.ts';
import { type Program, REFETCH } from '#core/program/program.ts';
import { obstacleOf } from '#core/schedule/explain/feasible.ts';
import { gapView, type ScheduleTarget } from '#core/schedule/gaps.ts';
import { placedCapacity, placedSize } from '#core/schedule/graph.ts';
import { orderByName } from '#core/schedule/orders.ts';
import type { ScheduleOperator, ScheduleProblem } from '#core/schedule/problem.ts';
import { withoutStreams } from '#core/schedule/streams.ts';
import { workingSets } from '#core/schedule/working-set.ts';
import type { KernelGraph } from './kernel-graph.ts';

export interface Split {
  readonly operator: number;
  /** Bytes it needs on chip at once when whole. */
  readonly demand: number;
  /** Operands and results that stream. */
  readonly tensors: readonly number[];
  readonly weights: boolean;
}

export interface SplitProblem {
  readonly problem: ScheduleProblem;
  /** In the order of operators; empty where everything fits. */
  readonly splits: readonly Split[];
}

/**
 * The problem with `streams` set where an operator does not fit. Pinned tensors are never streamed; where they or fetches ahead
 * leave no room at all the problem stays infeasible. In stream mode, and where everything fits, it is the same object.
 */
export function splitOperators(instance: ScheduleProblem, target: ScheduleTarget): SplitProblem {
  const { mode, S, granule, flags } = target;
  if (mode === 'stream') return { problem: instance, splits: [] };
  const capacity = placedCapacity(S, granule);
  const pinned = new Set(flags?.pinned);
  const splits = new Map<number, Split>();
  for (const { operator, bytes } of workingSets(instance, mode, granule, flags)) {
    if (bytes > capacity) splits.set(operator, fitted(instance, operator, bytes, { capacity, granule, pinned, mode }));
  }
  let made = withSplits(instance, splits);
  // Sharing is lost beside a split operator, pinned tensors lie beside others, and fetches ahead beside the step before.
  for (let tight = obstacles(made, target); tight.length > 0; tight = obstacles(made, target)) {
    const more = tight.flatMap(
      (next) => narrowed(instance, splits.get(next.operator), next, pinned, mode === 'strict+weights') ?? [],
    );
    if (more.length === 0) break;
    for (const split of more) splits.set(split.operator, split);
    made = withSplits(instance, splits);
  }
  return { problem: made, splits: [...splits.values()].sort((a, b) => a.operator - b.operator) };
}

interface Room {
  readonly capacity: number;
  readonly granule: number;
  readonly pinned: ReadonlySet<number>;
  readonly mode: ScheduleTarget['mode'];
}

/** Weights stream first, for they cross once in any case; then the tensors beside the largest set that fits. */
function fitted(instance: ScheduleProblem, operator: number, demand: number, room: Room): Split {
  const op = instance.ops[operator]!;
  const touched = [...new Set([...op.inputs, ...op.outputs])];
  const size = (id: number) => placedSize(instance.tensors[id]!.bytes, room.granule);
  const kept = new Set(touched.filter((id) => room.pinned.has(id)));
  let left = [...kept].reduce((rest, id) => rest - size(id), room.capacity);
  for (const id of largestSubset(
    touched.filter((id) => !kept.has(id)),
    size,
    left,
  )) {
    kept.add(id);
    left -= size(id);
  }
  const weights = room.mode === 'strict+weights' && op.weightBytes > 0;
  return { operator, demand, tensors: touched.filter((id) => !kept.has(id)), weights };
}

/** Operands looked at in every combination; with more of them, the largest are taken first. */
const EXHAUSTIVE = 10;

function largestSubset(ids: readonly number[], size: (id: number) => number, room: number): readonly number[] {
  if (ids.length > EXHAUSTIVE) {
    let left = room;
    return [...ids]
      .sort((a, b) => size(b) - size(a) || a - b)
      .filter((id) => {
        if (size(id) > left) return false;
        left -= size(id);
        return true;
      });
  }
  let best: readonly number[] = [];
  let most = -1;
  for (let mask = 0; mask < 2 ** ids.length; mask++) {
    const chosen = ids.filter((_, index) => mask & (1 << index));
    const bytes = chosen.reduce((sum, id) => sum + size(id), 0);
    // Empty tensors cost nothing to hold.
    if (bytes <= room && (bytes > most || (bytes === most && chosen.length > best.length))) {
      most = bytes;
      best = chosen;
    }
  }
  return best;
}

function withSplits(instance: ScheduleProblem, splits: ReadonlyMap<number, Split>): ScheduleProblem {
  if (splits.size === 0) return instance;
  return {
    ...instance,
    ops: instance.ops.map((op): ScheduleOperator => {
      const split = splits.get(op.id);
      if (!split) return op;
      return {
        ...op,
        ...(split.tensors.length > 0 && { streams: split.tensors }),
        ...(split.weights && { streamsWeights: true }),
      };
    }),
  };
}

interface Tight {
  readonly operator: number;
  readonly demand: number;
}

/** Operators that still need too much, of neighbouring steps the first; empty where the problem can run. */
function obstacles(instance: ScheduleProblem, asked: ScheduleTarget): readonly Tight[] {
  const { problem: relaxed, idOf } = withoutStreams(instance);
  const { flags } = asked;
  const target = flags ? { ...asked, flags: { ...flags, pinned: flags.pinned.map((id) => idOf[id]!) } } : asked;
  const { mode, S, granule } = target;
  const large = workingSets(relaxed, mode, granule, target.flags).filter(
    ({ bytes }) => bytes > placedCapacity(S, granule),
  );
  if (large.length > 0) return large.map(({ operator, bytes }) => ({ operator, demand: bytes }));
  const obstacle = obstacleOf(relaxed, target);
  if (!obstacle) return [];
  const { order, mandatory, capacity } = gapView(relaxed, target, orderByName(relaxed, 'file'));
  const tight: Tight[] = [];
  for (let step = 0; step < order.length; step++) {
    if (mandatory[step]! <= capacity) continue;
    tight.push({ operator: order[step]!, demand: mandatory[step]! });
    step++;
  }
  return tight.length > 0 ? tight : [obstacle];
}

/** One tensor more that streams, the largest; or the weights, where nothing else is left. */
function narrowed(
  instance: ScheduleProblem,
  split: Split | undefined,
  { operator, demand }: Tight,
  pinned: ReadonlySet<number>,
  holdsWeights: boolean,
): Split | null {
  const op = instance.ops[operator]!;
  const { tensors = [], weights = false } = split ?? {};
  const [largest] = [...new Set([...op.inputs, ...op.outputs])]
    .filter((id) => !tensors.includes(id) && !pinned.has(id) && instance.tensors[id]!.bytes > 0)
    .sort((a, b) => instance.tensors[b]!.bytes - instance.tensors[a]!.bytes || a - b);
  const whole = split?.demand ?? demand;
  if (holdsWeights && !weights && op.weightBytes > 0) return { operator, demand: whole, tensors, weights: true };
  return largest === undefined ? null : { operator, demand: whole, tensors: [...tensors, largest], weights };
}

/** Operators named in the finding. */
const NAMED = 3;

/**
 * One finding about all splits: which operators, what they need whole, what their pieces fetch again. Empty where there are
 * none.
 */
export function explainSplits(
  splits: readonly Split[],
  instance: ScheduleProblem,
  graph: KernelGraph,
  program: Program,
  capacity: number,
): readonly Problem[] {
  if (splits.length === 0) return [];
  const byDemand = [...splits].sort((a, b) => b.demand - a.demand || a.operator - b.operator);
  const named = byDemand.slice(0, NAMED).map(({ operator, demand, tensors, weights }) => {
    const what = [...tensors.map((id) => instance.tensors[id]!.name), ...(weights ? ['its weights'] : [])].join(', ');
    return `${instance.ops[operator]!.name} (${formatQuantity(demand, 'B')}; streams ${what})`;
  });
  const rest = splits.length > NAMED ? `, and ${splits.length - NAMED} more` : '';
  const isSplit = new Set(splits.map(({ operator }) => operator));
  let refetch = 0;
  for (let i = 0; i < program.length; i++)
    if (program.traffic[i] === REFETCH && isSplit.has(program.operator[i]!)) refetch += program.bytes[i]!;
  const isOne = splits.length === 1;
  const message =
    `${splits.length} ${isOne ? 'operator does' : 'operators do'} not fit ${formatQuantity(capacity, 'B')} of scratchpad and ${isOne ? 'is' : 'are'} split: ` +
    `${named.join('; ')}${rest}. Their pieces fetch ${formatQuantity(refetch, 'B')} more than once, halos included`;
  return [
    problem('compile.split', message, {
      severity: 'info',
      where: { node: graph.operators[byDemand[0]!.operator]!.nodes[0]! },
      facts: { operators: splits.length, demand: byDemand[0]!.demand, bound: capacity, refetch, unit: 'B' },
    }),
  ];
}
