/**
 * Operators that stream some tensors whatever the mode (`ScheduleOperator.streams`), turned into a problem in which no
 * operator does, and its answer back. A streamed tensor lies off chip: its maker stores it there, and a token of 0
 * bytes stands for it in the order. What that moves is a constant, so an optimum of one problem is one of the other.
 */
import { graphOf } from './graph.ts';
import type { ScheduleAnswer, ScheduleMode, ScheduleOperator, ScheduleProblem, ScheduleTensor } from './problem.ts';

export interface Relaxation {
  /** Operators have the ids they had. */
  readonly problem: ScheduleProblem;
  /** By tensor: its id in `problem`, −1 where every operator that touches it streams it. */
  readonly idOf: Int32Array;
  /** The answer to the problem with streams, of the answer to `problem`. */
  restore(answer: ScheduleAnswer): ScheduleAnswer;
}

/** Bytes by which the problem with streams moves more than the one without. */
interface Extra {
  compulsory: number;
  nonCompulsory: number;
}

export function streams(op: ScheduleOperator, tensor: number): boolean {
  return op.streams?.includes(tensor) ?? false;
}

export function hasStreams(instance: ScheduleProblem, mode: ScheduleMode): boolean {
  return mode !== 'stream' && instance.ops.some((op) => (op.streams?.length ?? 0) > 0 || op.streamsWeights);
}

export function withoutStreams(instance: ScheduleProblem): Relaxation {
  const { producer, consumers } = graphOf(instance);
  const tensors: ScheduleTensor[] = [];
  const idOf = new Int32Array(instance.tensors.length).fill(-1);
  const tokenOf = new Map<number, number>();
  const extra: Extra = { compulsory: 0, nonCompulsory: 0 };
  for (const tensor of instance.tensors) {
    const { id } = tensor;
    const maker = producer[id]! < 0 ? null : instance.ops[producer[id]!]!;
    const users = consumers[id]!.map((op) => instance.ops[op]!);
    const streaming = users.filter((op) => streams(op, id)).length;
    const holding = users.length - streaming;
    const isStored = maker !== null && streams(maker, id);
    const kind = kindBeside(tensor, isStored, streaming);
    if (holding > 0 || (maker !== null && !isStored) || (maker === null && streaming === 0)) {
      idOf[id] = tensors.length;
      tensors.push({ ...tensor, id: tensors.length, kind });
    }
    count(extra, tensor, { maker: maker !== null, isStored, streaming, holding });
    if (maker && users.length > 0 && (isStored || streaming > 0)) {
      tokenOf.set(id, tensors.length);
      tensors.push({ id: tensors.length, name: `${tensor.name}, off chip`, shape: [], bytes: 0, kind: 'act' });
    }
  }
  const held = (op: ScheduleOperator, ids: readonly number[]) =>
    ids.filter((id) => !streams(op, id)).map((id) => idOf[id]!);
  const ops = instance.ops.map((op): ScheduleOperator => {
    // An operator waits for what it streams, and for what its maker left off chip.
    const awaited = op.inputs.flatMap((id) => {
      const token = tokenOf.get(id);
      const isOffChip = streams(op, id) || streams(instance.ops[producer[id]!] ?? op, id);
      return token !== undefined && isOffChip ? [token] : [];
    });
    const told = op.outputs.flatMap((id) => tokenOf.get(id) ?? []);
    const { streams: _tensors, streamsWeights, inPlace, aliases, ...rest } = op;
    const isAsBefore = awaited.length === 0 && told.length === 0 && (op.streams?.length ?? 0) === 0;
    return {
      ...rest,
      inputs: [...held(op, op.inputs), ...awaited],
      outputs: [...held(op, op.outputs), ...told],
      weightBytes: streamsWeights ? 0 : op.weightBytes,
      // Sharing is left alone only where nothing else changes; where it is told by the type, it is still.
      ...(isAsBefore
        ? {
            ...(inPlace && { inPlace: held(op, inPlace) }),
            ...(aliases && { aliases: aliases.map((slot) => ({ ...slot, operand: idOf[slot.operand]! })) }),
          }
        : { inPlace: [], aliases: [] }),
    };
  });
  const original = new Int32Array(tensors.length).fill(-1);
  idOf.forEach((id, tensor) => {
    if (id >= 0) original[id] = tensor;
  });
  return {
    problem: { ...instance, tensors, ops },
    idOf,
    restore: (answer) => restored(instance, answer, original, extra),
  };
}

/** What the tensor is to operators that hold it: stored by force where others stream it, loaded where its maker did. */
function kindBeside({ kind }: ScheduleTensor, isStored: boolean, streaming: number): ScheduleTensor['kind'] {
  if (isStored) return 'input';
  return kind === 'act' && streaming > 0 ? 'output' : kind;
}

interface Touched {
  readonly maker: boolean;
  readonly isStored: boolean;
  /** Users that stream the tensor, and that hold it. */
  readonly streaming: number;
  readonly holding: number;
}

function count(extra: Extra, { kind, bytes }: ScheduleTensor, { maker, isStored, streaming, holding }: Touched): void {
  if (!maker) {
    if (streaming === 0) return;
    // One first read, by whoever comes first; the problem without streams counts it where somebody holds the tensor.
    extra.compulsory += holding > 0 ? 0 : bytes;
    extra.nonCompulsory += (holding > 0 ? streaming : streaming - 1) * bytes;
    return;
  }
  const isRead = streaming + holding > 0;
  if (isStored) {
    extra.compulsory += (kind === 'output' ? bytes : 0) - (holding > 0 ? bytes : 0);
    extra.nonCompulsory += (streaming + (holding > 0 ? 1 : 0) + (kind === 'act' && isRead ? 1 : 0)) * bytes;
  } else if (streaming > 0) {
    extra.compulsory -= kind === 'act' ? bytes : 0;
    extra.nonCompulsory += (streaming + (kind === 'act' ? 1 : 0)) * bytes;
  }
}

function restored(
  instance: ScheduleProblem,
  answer: ScheduleAnswer,
  original: Int32Array,
  extra: Extra,
): ScheduleAnswer {
  const intervals = answer.intervals
    .filter(({ t }) => original[t]! >= 0)
    .map((interval) => ({ ...interval, t: original[interval.t]! }));
  const split = instance.ops.filter((op) => (op.streams?.length ?? 0) > 0 || op.streamsWeights).length;
  const more = (bytes: number) => bytes + extra.nonCompulsory;
  const objective = nonCompulsory(instance, { order: answer.order, intervals });
  // Less only where an operator finds on chip what it was to stream, which the bound of the rest does not allow for.
  const isLess = objective < more(answer.objective);
  const bound = isLess ? Math.min(answer.bound, objective) : more(answer.bound);
  const optimal = answer.optimal && bound === objective;
  const proof =
    isLess && !optimal
      ? 'Some operators find on chip what they were to stream, which the bound does not allow for.'
      : answer.proof;
  return {
    ...answer,
    split,
    intervals,
    objective,
    bound,
    optimal,
    ...(answer.stop === 'proven' && !optimal && { stop: 'nodes' as const }),
    compulsory: answer.compulsory + extra.compulsory,
    baselines: Object.fromEntries(Object.entries(answer.baselines).map(([name, bytes]) => [name, more(bytes)])),
    proof: `${proof} ${split === 1 ? '1 operator is' : `${split} operators are`} split.`,
  };
}

function nonCompulsory(
  instance: ScheduleProblem,
  { order, intervals }: Pick<ScheduleAnswer, 'order' | 'intervals'>,
): number {
  const held = instance.tensors.map((): (typeof intervals)[number][] => []);
  for (const interval of intervals) held[interval.t]!.push(interval);
  const reads = new Float64Array(instance.tensors.length);
  const isUsed = new Uint8Array(instance.tensors.length);
  order.forEach((op, step) => {
    for (const id of new Set(instance.ops[op]!.inputs)) {
      isUsed[id] = 1;
      if (!held[id]!.some(({ from, to }) => from < step && step < to)) reads[id]!++;
    }
  });
  return instance.tensors.reduce((sum, { id, bytes, kind }) => {
    const once = kind === 'input' ? -isUsed[id]! : kind === 'act' && reads[id]! > 0 ? 1 : 0;
    return sum + (reads[id]! + once) * bytes;
  }, 0);
}
