/**
 * Which tensors may share space, as the problem states it: part of the semantics, not of any solver, so that solvers
 * and verification read the same statement. Element-wise and concatenating operators are told by the operator's own
 * `inPlace` and `aliases`, else by the names of its type (ONNX operators; fused names joined with +).
 */
import type { ScheduleFlags, ScheduleOperator, ScheduleProblem } from './problem.ts';

/** At the operator's step, `operand` (not kept beyond it) and the result share bytes. */
export interface Share {
  readonly operand: number;
  readonly result: number;
  /** Where the operand begins, bytes from the address of the result. */
  readonly offset: number;
  /** Of the operands whose place the result may take it takes one; slots are all taken. */
  readonly isExclusive: boolean;
}

const ELEMENTWISE = new Set(
  `Abs Add And BatchNormalization Cast Ceil Clip Cos Div Dropout Elu Equal Erf Exp Floor Gelu GELU Greater HardSigmoid
   HardSwish Identity LeakyRelu Less Log Max Mean Min Mish Mod Mul Neg Not Or PRelu Pow Reciprocal Relu ReLU Relu6 ReLU6
   Round Selu Sigmoid Sign Sin Softplus Softsign Sqrt Sub Sum Swish SiLU Tanh WeightedSum Where Xor`.split(/\s+/),
);
const CONCATENATIONS = new Set(['Concat', 'Concatenate', 'concat']);

const namesOf = ({ type }: ScheduleOperator): readonly string[] => type.split('+').map((name) => name.trim());

/** Operands whose place the result may take: of the shape of the result, where both are stated. */
function overwritten(problem: ScheduleProblem, op: ScheduleOperator): readonly number[] {
  if (op.inPlace) return op.inPlace;
  if (!namesOf(op).every((name) => ELEMENTWISE.has(name))) return [];
  const { shape } = problem.tensors[op.outputs[0]!]!;
  const isSame = (other: readonly number[]): boolean =>
    other.length === shape.length && other.every((extent, axis) => extent === shape[axis]);
  return op.inputs.filter((id) => isSame(problem.tensors[id]!.shape));
}

/**
 * Slots of a concatenation's result: parts one after the other, provided that they fill it and lie in one piece each,
 * which they do where every axis outside the joined one has extent 1.
 */
function slots(problem: ScheduleProblem, op: ScheduleOperator): readonly { operand: number; offset: number }[] {
  if (op.aliases) return op.aliases;
  if (!CONCATENATIONS.has(op.type)) return [];
  const result = problem.tensors[op.outputs[0]!]!;
  const parts = op.inputs.map((id) => problem.tensors[id]!);
  const joined = result.shape.findIndex((extent, axis) => parts.some((part) => part.shape[axis] !== extent));
  if (result.shape.slice(0, Math.max(0, joined)).some((extent) => extent !== 1)) return [];
  let offset = 0;
  const found = parts.map(({ id, bytes }) => {
    const slot = { operand: id, offset };
    offset += bytes;
    return slot;
  });
  return offset === result.bytes ? found : [];
}

/**
 * What may share space at the operator's step under the flags. An operand named twice has two slots and lies in neither; a slot
 * that does not begin at a multiple of `granule` is not used.
 */
export function sharesOf(
  problem: ScheduleProblem,
  op: ScheduleOperator,
  flags: ScheduleFlags,
  granule = 1,
): readonly Share[] {
  if (!flags.inPlace && !flags.aliasConcat) return [];
  const results = [...new Set(op.outputs)];
  const result = results[0];
  if (result === undefined || results.length > 1) return [];
  const { bytes } = problem.tensors[result]!;
  if (bytes === 0) return [];
  const isOperandOnce = (id: number): boolean => op.inputs.filter((other) => other === id).length === 1;
  if (flags.aliasConcat) {
    const inSlots = slots(problem, op).filter(
      ({ operand, offset }) =>
        isOperandOnce(operand) &&
        offset % granule === 0 &&
        offset + problem.tensors[operand]!.bytes <= bytes &&
        problem.tensors[operand]!.bytes > 0,
    );
    if (inSlots.length > 0) return inSlots.map((slot) => ({ ...slot, result, isExclusive: false }));
  }
  if (!flags.inPlace) return [];
  return [...new Set(overwritten(problem, op))]
    .filter((operand) => op.inputs.includes(operand) && problem.tensors[operand]!.bytes >= bytes)
    .map((operand) => ({ operand, result, offset: 0, isExclusive: true }));
}

/** Most placed bytes that sharing can save at the operator's step, whatever is kept. */
export function mostSaved(
  problem: ScheduleProblem,
  op: ScheduleOperator,
  flags: ScheduleFlags | undefined,
  granule: number,
): number {
  if (!flags) return 0;
  const placed = (id: number): number => Math.ceil(problem.tensors[id]!.bytes / granule) * granule;
  const shares = sharesOf(problem, op, flags, granule);
  return shares[0]?.isExclusive
    ? placed(shares[0].result)
    : shares.reduce((sum, { operand }) => sum + placed(operand), 0);
}
