/** Who makes and who uses each tensor, and which operators must precede which: the view every other file starts from. */
import type { ScheduleProblem } from './problem.ts';

export interface ScheduleGraph {
  /** Operator that makes the tensor, −1 for a graph input. */
  readonly producer: readonly number[];
  /** Operators that use the tensor, ascending, each once. */
  readonly consumers: readonly (readonly number[])[];
  /** Distinct operators whose results the operator uses. */
  readonly predecessors: readonly (readonly number[])[];
  readonly successors: readonly (readonly number[])[];
  /** Distinct tensors the operator uses or makes. */
  readonly touched: readonly (readonly number[])[];
  /** True where leaving the chip costs a write: made here, and not written as a graph output anyway. */
  readonly isIntermediate: readonly boolean[];
}

/** The graph of a checked problem. */
export function graphOf(problem: ScheduleProblem): ScheduleGraph {
  const producer = problem.tensors.map(() => -1);
  for (const op of problem.ops) for (const tensor of op.outputs) producer[tensor] = op.id;
  const consumers: number[][] = problem.tensors.map(() => []);
  const predecessors: Set<number>[] = problem.ops.map(() => new Set());
  const successors: Set<number>[] = problem.ops.map(() => new Set());
  for (const op of problem.ops) {
    for (const tensor of new Set(op.inputs)) {
      consumers[tensor]!.push(op.id);
      const from = producer[tensor]!;
      if (from < 0) continue;
      predecessors[op.id]!.add(from);
      successors[from]!.add(op.id);
    }
  }
  return {
    producer,
    consumers,
    predecessors: predecessors.map((set) => [...set]),
    successors: successors.map((set) => [...set]),
    touched: problem.ops.map((op) => [...new Set([...op.inputs, ...op.outputs])]),
    isIntermediate: problem.tensors.map((tensor) => tensor.kind === 'act'),
  };
}

/** Bytes a tensor takes on chip when space is handed out in whole granules. */
export function placedSize(bytes: number, granule: number): number {
  return Math.ceil(bytes / granule) * granule;
}

/** Whole granules of a scratchpad, bytes. */
export function placedCapacity(S: number, granule: number): number {
  return Math.floor(S / granule) * granule;
}
