/**
 * What the scheduler is tested against: an exhaustive search that knows only the definition of a schedule (which
 * tensors are on chip at each step), none of the gaps, bounds or solvers.
 */
import type { ScheduleMode, ScheduleProblem } from '#core/schedule/problem.ts';

/** Operators and tensors an exhaustive search can take: sets of both are one whole number. */
const OPERATORS = 12;
const TENSORS = 20;

interface State {
  /** Operators that have run. */
  readonly run: number;
  /** Tensors on chip after the last step, and tensors read before, of those that are used again. */
  readonly onChip: number;
  readonly read: number;
  cost: number;
}

/**
 * Least non-compulsory bytes by dynamic programming over (operators run, tensors on chip, tensors read so far),
 * over every order or over the one given; null when no schedule fits.
 */
export function exhaustiveOptimum(
  problem: ScheduleProblem,
  mode: ScheduleMode,
  S: number,
  order?: readonly number[],
): number | null {
  const { tensors, ops } = problem;
  if (ops.length > OPERATORS || tensors.length > TENSORS) throw new Error('too large for an exhaustive search');
  const setOf = (ids: Iterable<number>) => [...ids].reduce((set, id) => set | (1 << id), 0);
  const makerOf = new Map(ops.flatMap((op) => op.outputs.map((id) => [id, op.id] as const)));
  const operands = ops.map((op) => setOf(op.inputs));
  const touched = ops.map((op) => setOf([...op.inputs, ...op.outputs]));
  const needed = ops.map((op) => setOf(op.inputs.flatMap((id) => makerOf.get(id) ?? [])));
  const usedBy = tensors.map(({ id }) => setOf(ops.filter((op) => op.inputs.includes(id)).map((op) => op.id)));
  const inputs = setOf(tensors.filter(({ kind }) => kind === 'input').map(({ id }) => id));
  const intermediates = setOf(tensors.filter(({ kind }) => kind === 'act').map(({ id }) => id));
  const bytesOf = bytesOfSets(problem);
  const liveAfterRun = new Int32Array(1 << ops.length).fill(-1);
  /** Tensors that are used again. The others need not be told apart: they may leave for nothing. */
  const liveAfter = (run: number): number => {
    if (liveAfterRun[run] === -1)
      liveAfterRun[run] = setOf(tensors.filter(({ id }) => usedBy[id]! & ~run).map(({ id }) => id));
    return liveAfterRun[run]!;
  };
  let layer = new Map<number, State>([[0, { run: 0, onChip: 0, read: 0, cost: 0 }]]);
  for (let step = 0; step < ops.length; step++) {
    const next = new Map<number, State>();
    for (const state of layer.values()) {
      for (const { id: op, weightBytes } of ops) {
        if (state.run & (1 << op) || (order && order[step] !== op) || (state.run & needed[op]!) !== needed[op])
          continue;
        const run = state.run | (1 << op);
        const live = liveAfter(run);
        const must = mode === 'stream' ? 0 : touched[op]!;
        const free = S - (mode === 'strict+weights' ? weightBytes : 0);
        const may = (state.onChip | (touched[op]! & live)) & ~must;
        // Every set of tensors that can be on chip during this step.
        for (let kept = may; ; kept = (kept - 1) & may) {
          const present = kept | must;
          if (bytesOf(present) <= free) {
            const reads = operands[op]! & ~(state.onChip & present);
            const first = reads & ~state.read;
            const cost = state.cost + bytesOf(reads & ~(first & inputs)) + bytesOf(first & intermediates);
            const onChip = present & live;
            const read = (state.read | reads) & live;
            const key = (run * 2 ** TENSORS + onChip) * 2 ** TENSORS + read;
            const known = next.get(key);
            if (!known) next.set(key, { run, onChip, read, cost });
            else if (cost < known.cost) known.cost = cost;
          }
          if (kept === 0) break;
        }
      }
    }
    layer = next;
  }
  let least: number | null = null;
  for (const { cost } of layer.values()) least = Math.min(least ?? cost, cost);
  return least;
}

/** Bytes of a set of tensors, from two tables. */
function bytesOfSets({ tensors }: ScheduleProblem): (set: number) => number {
  const half = 10;
  const table = (from: number) => {
    const sums = new Float64Array(1 << half);
    for (let set = 1; set < sums.length; set++) {
      const lowest = 31 - Math.clz32(set & -set);
      sums[set] = sums[set & (set - 1)]! + (tensors[from + lowest]?.bytes ?? 0);
    }
    return sums;
  };
  const low = table(0);
  const high = table(half);
  return (set) => low[set & (2 ** half - 1)]! + high[set >> half]!;
}

export { randomOrder, randomProblem, scaledProblem, unevenProblem } from './schedule-graphs.ts';
