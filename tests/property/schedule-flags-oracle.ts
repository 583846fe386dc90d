/**
 * The flags by their definition alone, for tiny graphs: exhaustive search over what is carried from step to step. Knows
 * nothing of gaps, rules or solvers; an operator states its own `inPlace` operands and `aliases`.
 */
import type { Rng } from '#core/base/rng.ts';
import type { ScheduleFlags, ScheduleMode, ScheduleOperator, ScheduleProblem } from '#core/schedule/problem.ts';
import { variedProblem } from './schedule-graphs.ts';

interface State {
  readonly run: number;
  /** Tensors carried into the next step, and tensors read before, of those used again. */
  readonly carried: number;
  readonly read: number;
  /** Bytes at the last step; what the next one fetches ahead is added to it. */
  readonly load: number;
  cost: number;
}

/**
 * Least non-compulsory bytes under flags, over every order or over the one given; null when no schedule fits.
 * @param problem at most 7 operators or so: time grows with the subsets of its tensors.
 */
export function flaggedOptimum(
  problem: ScheduleProblem,
  target: { readonly mode: ScheduleMode; readonly S: number; readonly flags: ScheduleFlags },
  order?: readonly number[],
): number | null {
  const { tensors, ops } = problem;
  const { mode, S, flags } = target;
  const isStream = mode === 'stream';
  const setOf = (ids: Iterable<number>): number => [...ids].reduce((set, id) => set | (1 << id), 0);
  const bytesOf = (set: number): number =>
    tensors.reduce((sum, { id, bytes }) => sum + (set & (1 << id) ? bytes : 0), 0);
  const makerOf = new Map(ops.flatMap((op) => op.outputs.map((id) => [id, op.id] as const)));
  const operands = ops.map((op) => setOf(op.inputs));
  const results = ops.map((op) => setOf(op.outputs));
  const needed = ops.map((op) => setOf(op.inputs.flatMap((id) => makerOf.get(id) ?? [])));
  const usedBy = tensors.map(({ id }) => setOf(ops.filter((op) => op.inputs.includes(id)).map((op) => op.id)));
  const inputs = setOf(tensors.filter(({ kind }) => kind === 'input').map(({ id }) => id));
  const intermediates = setOf(tensors.filter(({ kind }) => kind === 'act').map(({ id }) => id));
  const pinned = setOf(flags.pinned);

  let layer = new Map<string, State>([['', { run: 0, carried: 0, read: 0, load: 0, cost: 0 }]]);
  for (let step = 0; step < ops.length; step++) {
    const next = new Map<string, State>();
    for (const state of layer.values())
      for (const op of ops) {
        if (state.run & (1 << op.id) || (order && order[step] !== op.id)) continue;
        if ((state.run & needed[op.id]!) !== needed[op.id]) continue;
        const run = state.run | (1 << op.id);
        const live = setOf(tensors.filter(({ id }) => usedBy[id]! & ~run).map(({ id }) => id));
        const touched = operands[op.id]! | results[op.id]!;
        const mayGoOn = (state.carried | touched) & live;
        const mustGoOn = mayGoOn & pinned;
        const free = mayGoOn & ~mustGoOn;
        const weights = mode === 'strict+weights' ? op.weightBytes : 0;
        // Every set of tensors that can be carried beyond this step.
        for (let chosen = free; ; chosen = (chosen - 1) & free) {
          const onward = chosen | mustGoOn;
          const present = state.carried | onward | (isStream ? 0 : touched);
          const load = bytesOf(present) + weights - saved(problem, op, flags, present, onward);
          const fetched = operands[op.id]! & present & ~state.carried;
          const before = flags.doubleBuffer && step > 0 ? state.load + bytesOf(fetched) + weights : 0;
          if (load <= S && before <= S) {
            const reads = operands[op.id]! & ~state.carried;
            const first = reads & ~state.read;
            const cost = state.cost + bytesOf(reads & ~(first & inputs)) + bytesOf(first & intermediates);
            const read = (state.read | reads) & live;
            const key = `${run} ${onward} ${read} ${flags.doubleBuffer ? load : ''}`;
            const known = next.get(key);
            if (!known) next.set(key, { run, carried: onward, read, load, cost });
            else known.cost = Math.min(known.cost, cost);
          }
          if (chosen === 0) break;
        }
      }
    layer = next;
  }
  const costs = [...layer.values()].map(({ cost }) => cost);
  return costs.length > 0 ? Math.min(...costs) : null;
}

/** Bytes that operands which go no further share with the result. */
function saved(
  { tensors }: ScheduleProblem,
  op: ScheduleOperator,
  flags: ScheduleFlags,
  present: number,
  onward: number,
): number {
  const result = op.outputs[0]!;
  const ends = (id: number): boolean => (present & ~onward & (1 << id)) !== 0;
  if (!(present & (1 << result))) return 0;
  if (flags.aliasConcat && op.aliases)
    return op.aliases.reduce((sum, { operand }) => sum + (ends(operand) ? tensors[operand]!.bytes : 0), 0);
  const isRoomy = (id: number): boolean => tensors[id]!.bytes >= tensors[result]!.bytes;
  return flags.inPlace && op.inPlace?.some((id) => ends(id) && isRoomy(id)) ? tensors[result]!.bytes : 0;
}

/** A small graph in which many operators may work in place or join their operands, as they state themselves. */
export function sharingProblem(rng: Rng, least: number, most: number): ScheduleProblem {
  const drawn = variedProblem(rng, least, most);
  const bytes = drawn.tensors.map((tensor) => tensor.bytes);
  const ops = drawn.ops.map((op): ScheduleOperator => {
    const [result] = op.outputs;
    const kind = rng.below(3);
    if (result === undefined || op.outputs.length > 1 || op.inputs.length === 0 || kind === 0) return op;
    if (kind === 1) {
      // No larger than the first operand; perhaps larger than others, whose place it cannot take.
      bytes[result] = Math.min(bytes[result]!, bytes[op.inputs[0]!]!);
      return { ...op, inPlace: [...new Set(op.inputs)] };
    }
    let offset = 0;
    const aliases = [...new Set(op.inputs)].map((operand) => {
      const slot = { operand, offset };
      offset += bytes[operand]!;
      return slot;
    });
    bytes[result] = offset;
    return { ...op, inputs: [...new Set(op.inputs)], inPlace: [], aliases };
  });
  return { ...drawn, ops, tensors: drawn.tensors.map((tensor) => ({ ...tensor, bytes: bytes[tensor.id]! })) };
}
