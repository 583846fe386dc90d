/** Off-chip bytes no schedule can avoid, and those of the schedule that reuses nothing. */
import { graphOf } from './graph.ts';
import type { ScheduleProblem } from './problem.ts';

/** Bytes. `inputs` + `outputs` is the answer's `compulsory`. */
export interface CompulsoryTraffic {
  /** One load of each graph input that is used. */
  readonly inputs: number;
  /** One write of each graph output. */
  readonly outputs: number;
  /** Each operator's weights once. */
  readonly weights: number;
}

export function compulsoryTraffic(problem: ScheduleProblem): CompulsoryTraffic {
  const { consumers } = graphOf(problem);
  let inputs = 0;
  let outputs = 0;
  for (const tensor of problem.tensors) {
    if (tensor.kind === 'input' && consumers[tensor.id]!.length > 0) inputs += tensor.bytes;
    if (tensor.kind === 'output') outputs += tensor.bytes;
  }
  return { inputs, outputs, weights: problem.ops.reduce((sum, op) => sum + op.weightBytes, 0) };
}

/** Non-compulsory bytes when every operand is read from and every result written to off-chip memory. */
export function noReuseTraffic(problem: ScheduleProblem): number {
  const { consumers } = graphOf(problem);
  let bytes = 0;
  for (const tensor of problem.tensors) {
    const uses = consumers[tensor.id]!.length;
    if (uses === 0) continue;
    bytes += tensor.bytes * (tensor.kind === 'input' ? uses - 1 : tensor.kind === 'act' ? uses + 1 : uses);
  }
  return bytes;
}
