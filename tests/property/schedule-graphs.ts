/** Random small scheduling problems of every shape the solvers must cope with, and what can be done to one. */
import type { Rng } from '#core/base/rng.ts';
import type { ScheduleOperator, ScheduleProblem, ScheduleTensor } from '#core/schedule/problem.ts';

/** A problem under construction; sizes come from the caller. */
class Draft {
  readonly tensors: { id: number; name: string; shape: number[]; bytes: number; kind: ScheduleTensor['kind'] }[] = [];
  readonly ops: ScheduleOperator[] = [];

  tensor(bytes: number, kind: ScheduleTensor['kind'] = 'act'): number {
    const id = this.tensors.length;
    this.tensors.push({ id, name: `t${id}`, shape: [bytes], bytes, kind });
    return id;
  }

  op(inputs: readonly number[], outputs: readonly number[], weightBytes: number): void {
    const id = this.ops.length;
    this.ops.push({ id, name: `op${id}`, type: 'Op', inputs, outputs, weightBytes });
  }

  problem(): ScheduleProblem {
    return { name: 'random', bytesPerElement: 1, tensors: this.tensors, ops: this.ops };
  }
}

/** 2 … `maximum` operators, some with two results, shared operands, side outputs, unused inputs and results. */
export function randomProblem(rng: Rng, maximum: number): ScheduleProblem {
  const scale = 1 + rng.below(5);
  const draft = new Draft();
  const size = () => scale * (1 + rng.below(7));
  for (let inputs = 1 + rng.below(2); inputs > 0; inputs--) draft.tensor(size(), 'input');
  for (let id = 0, count = 2 + rng.below(maximum - 1); id < count; id++) {
    const operands = new Set<number>();
    for (let wanted = 1 + rng.below(3); wanted > 0; wanted--) {
      // Mostly recent tensors, so that the graphs are deep as well as wide.
      const known = draft.tensors.length;
      operands.add(known - 1 - (rng.below(4) === 0 ? rng.below(known) : rng.below(Math.min(4, known))));
    }
    const outputs = [draft.tensor(size())];
    if (rng.below(8) === 0) outputs.push(draft.tensor(size()));
    draft.op([...operands], outputs, rng.below(3) * scale);
  }
  markOutputs(draft, rng, 10);
  return draft.problem();
}

/** Unused results mostly leave the chip; one used result in `rarity` does too. */
function markOutputs({ tensors, ops }: Draft, rng: Rng, rarity: number): void {
  const used = new Set(ops.flatMap((op) => op.inputs));
  for (const one of tensors)
    if (one.kind === 'act' && (used.has(one.id) ? rng.below(rarity) === 0 : rng.below(10) > 0)) one.kind = 'output';
}

/**
 * Operators in one of several shapes (wide, deep, diamonds, equal branches, a long skip, parts that do not meet) with
 * sizes in one of several characters (few distinct, many distinct, some zero, a few huge ones). Now and then: two
 * results, an operand named twice, operators without operands, unused inputs. 5 … 10 operators where not told otherwise:
 * what {@link exhaustiveOptimum} can take.
 */
export function variedProblem(rng: Rng, least = 5, most = 10): ScheduleProblem {
  const size = sizes(rng);
  const draft = new Draft();
  const count = least + rng.below(most - least + 1);
  for (let inputs = 1 + rng.below(3); inputs > 0; inputs--) draft.tensor(size(), 'input');
  const grow = [growWide, growDeep, growDiamonds, growBranches, growSkips, growApart][rng.below(6)]!;
  for (let left = count; left > 0; left = count - draft.ops.length)
    (left < 4 ? growDeep : grow)(draft, rng, size, left);
  if (rng.below(4) === 0) draft.tensor(size(), 'input');
  markOutputs(draft, rng, 4 + rng.below(12));
  const isTooLarge = draft.ops.length > most || draft.tensors.length > most + 8;
  return isTooLarge ? variedProblem(rng, least, most) : draft.problem();
}

type Size = () => number;
type Grow = (draft: Draft, rng: Rng, size: Size, left: number) => void;

function sizes(rng: Rng): Size {
  const scale = 1 + rng.below(3);
  const pick = rng.below(5);
  if (pick === 0) return () => scale;
  if (pick === 1) return () => scale * (1 + rng.below(3));
  if (pick === 2) return () => (rng.below(4) === 0 ? 0 : scale * (1 + rng.below(5)));
  if (pick === 3) return () => 1 + rng.below(1000);
  return () => (rng.below(4) === 0 ? 20 + rng.below(20) : 1 + rng.below(4));
}

/** One operator over `operands`, now and then with two results or an operand named twice. */
function extend(draft: Draft, rng: Rng, size: Size, operands: readonly number[]): number {
  const outputs = [draft.tensor(size())];
  if (rng.below(10) === 0) outputs.push(draft.tensor(size()));
  const inputs = [...new Set(operands)];
  if (rng.below(12) === 0) inputs.push(inputs[0]!);
  draft.op(rng.below(40) === 0 ? [] : inputs, outputs, rng.below(4) === 0 ? size() : 0);
  return outputs[rng.below(outputs.length)]!;
}

const anyTensor = (draft: Draft, rng: Rng): number => rng.below(draft.tensors.length);
const recentTensor = (draft: Draft, rng: Rng, within: number): number =>
  draft.tensors.length - 1 - rng.below(Math.min(within, draft.tensors.length));

const growWide: Grow = (draft, rng, size) => {
  extend(
    draft,
    rng,
    size,
    Array.from({ length: 1 + rng.below(3) }, () => anyTensor(draft, rng)),
  );
};

const growDeep: Grow = (draft, rng, size) => {
  const operands = [recentTensor(draft, rng, 1 + rng.below(2))];
  if (rng.below(3) === 0) operands.push(anyTensor(draft, rng));
  extend(draft, rng, size, operands);
};

/** Two or three branches of one operator each, and what joins them. */
const growDiamonds: Grow = (draft, rng, size) => {
  const top = recentTensor(draft, rng, 2);
  const joined = Array.from({ length: 2 + rng.below(2) }, () => extend(draft, rng, size, [top]));
  if (rng.below(3) === 0) joined.push(top);
  extend(draft, rng, size, joined);
};

/** The same branch several times, operator by operator or branch by branch, and what joins them. */
const growBranches: Grow = (draft, rng, size, left) => {
  const copies = 2 + rng.below(2);
  const length = Math.max(1, Math.min(1 + rng.below(3), Math.floor((left - 1) / copies)));
  const top = recentTensor(draft, rng, 3);
  const other = anyTensor(draft, rng);
  const plan = Array.from({ length }, (_, at) => ({
    bytes: size(),
    weightBytes: rng.below(4) === 0 ? size() : 0,
    from: at === 0 ? -1 : rng.below(at + 1) - 1,
    readsOther: rng.below(4) === 0,
    second: rng.below(8) === 0 ? size() : null,
  }));
  const made: number[][] = Array.from({ length: copies }, () => []);
  const make = (copy: number, at: number) => {
    const { bytes, weightBytes, from, readsOther, second } = plan[at]!;
    const operand = from < 0 ? top : made[copy]![from]!;
    const outputs = [draft.tensor(bytes), ...(second === null ? [] : [draft.tensor(second)])];
    draft.op([...new Set([operand, ...(readsOther ? [other] : [])])], outputs, weightBytes);
    made[copy]!.push(outputs[0]!);
  };
  if (rng.below(2) === 0) for (let at = 0; at < length; at++) for (let copy = 0; copy < copies; copy++) make(copy, at);
  else for (let copy = 0; copy < copies; copy++) for (let at = 0; at < length; at++) make(copy, at);
  extend(draft, rng, size, [...made.map((branch) => branch[length - 1]!), ...(rng.below(2) === 0 ? [top] : [])]);
};

/** A chain whose early tensors are used again late. */
const growSkips: Grow = (draft, rng, size, left) => {
  const operands = [recentTensor(draft, rng, 1)];
  if (left <= 4) operands.push(rng.below(Math.max(1, draft.tensors.length >> 1)));
  extend(draft, rng, size, operands);
};

/** Parts that share nothing, or an input at most. */
const growApart: Grow = (draft, rng, size) => {
  const inputs = draft.tensors.filter(({ kind }) => kind === 'input');
  const operands =
    rng.below(4) === 0 ? [inputs[rng.below(inputs.length)]!.id] : [recentTensor(draft, rng, 1 + rng.below(3))];
  if (rng.below(4) === 0) operands.push(draft.tensor(size(), 'input'));
  extend(draft, rng, size, operands);
};

/** A relabelling-free copy with every byte count multiplied. */
export function scaledProblem(problem: ScheduleProblem, factor: number): ScheduleProblem {
  return {
    ...problem,
    tensors: problem.tensors.map((tensor) => ({ ...tensor, bytes: tensor.bytes * factor })),
    ops: problem.ops.map((op) => ({ ...op, weightBytes: op.weightBytes * factor })),
  };
}

/** A copy whose sizes are large and share no divisor, as unpadded tensors have them. */
export function unevenProblem(problem: ScheduleProblem, rng: Rng): ScheduleProblem {
  return {
    ...problem,
    tensors: problem.tensors.map((tensor) => ({ ...tensor, bytes: tensor.bytes * 300_007 + rng.below(1_000) })),
    ops: problem.ops.map((op) => ({ ...op, weightBytes: op.weightBytes * 300_007 })),
  };
}

/** The same problem with its operators listed in another topological order and its tensors numbered anew. */
export function relabelledProblem(problem: ScheduleProblem, order: readonly number[], rng: Rng): ScheduleProblem {
  const tensors = shuffled(
    problem.tensors.map(({ id }) => id),
    rng,
  );
  const numberOf = new Map(tensors.map((old, id) => [old, id] as const));
  const renamed = (ids: readonly number[]) =>
    shuffled(
      ids.map((id) => numberOf.get(id)!),
      rng,
    );
  return {
    ...problem,
    tensors: tensors.map((old, id) => ({ ...problem.tensors[old]!, id })),
    ops: order.map((old, id) => {
      const op = problem.ops[old]!;
      return { ...op, id, inputs: renamed(op.inputs), outputs: renamed(op.outputs) };
    }),
  };
}

function shuffled<T>(items: readonly T[], rng: Rng): readonly T[] {
  const result = [...items];
  for (let at = result.length - 1; at > 0; at--) {
    const other = rng.below(at + 1);
    [result[at], result[other]] = [result[other]!, result[at]!];
  }
  return result;
}

/** Any topological order, uniformly chosen step by step. */
export function randomOrder(problem: ScheduleProblem, rng: Rng): readonly number[] {
  const made = new Set(problem.tensors.filter((tensor) => tensor.kind === 'input').map((tensor) => tensor.id));
  const left = new Set(problem.ops);
  const order: number[] = [];
  while (left.size > 0) {
    const ready = [...left].filter((op) => op.inputs.every((id) => made.has(id)));
    const op = ready[rng.below(ready.length)]!;
    left.delete(op);
    order.push(op.id);
    for (const id of op.outputs) made.add(id);
  }
  return order;
}
