/**
 * One operator of a compiled model as a model of its own: its operands are given, its results the outputs. The schedule is the
 * only one there is: what lies in the scratchpad is brought there first, the rest streams.
 */
import type { Machine } from '#core/architecture/machine.ts';
import { emit } from '#core/compile/emit.ts';
import type { GivenCommand } from '#core/compile/given.ts';
import type { KernelBodies } from '#core/compile/kernel-body.ts';
import type { KernelGraph } from '#core/compile/kernel-graph.ts';
import type { MappedOperator } from '#core/compile/map.ts';
import { type KernelPieces, piecesOf } from '#core/compile/pieces.ts';
import { scheduleProblemOf } from '#core/compile/schedule-problem.ts';
import type { Program } from '#core/program/program.ts';
import type { RunSettings } from '#core/run/settings.ts';
import type { ScheduleAnswer, ScheduleProblem } from '#core/schedule/problem.ts';
import type { OperandPlaceName, ResultPlaceName } from './candidate.ts';

export interface AloneInputs {
  readonly graph: KernelGraph;
  readonly bodies: KernelBodies;
  readonly operator: number;
  readonly machine: Machine;
  readonly format: RunSettings['format'];
  readonly operands: readonly OperandPlaceName[];
  readonly results: readonly ResultPlaceName[];
  /** Every result is stored, so that it can be looked at; timing wants it as the run has it. */
  readonly isObserved: boolean;
}

export interface Alone {
  readonly graph: KernelGraph;
  readonly bodies: KernelBodies;
  readonly problem: ScheduleProblem;
  readonly answer: ScheduleAnswer;
  readonly machine: Machine;
}

export interface AloneProgram {
  readonly mapped: MappedOperator;
  readonly pieces: KernelPieces;
  readonly program: Program;
  /** By row: the command of the candidate's text it is of; −1 for what the schedule brings. */
  readonly textOf: Int32Array;
}

/** Commands, and by command the one of the text it is or stands for. */
export interface Lowering {
  readonly commands: readonly GivenCommand[];
  readonly textOf: readonly number[];
}

export function aloneOf(inputs: AloneInputs): Alone {
  const { operator, machine, format, operands, results } = inputs;
  const kernel = inputs.graph.operators[operator]!;
  const ids = [...new Set([...kernel.inputs, ...kernel.outputs])];
  const numberOf = new Map(ids.map((id, index) => [id, index]));
  const renamed = (list: readonly number[]) => list.map((id) => numberOf.get(id)!);
  const isStored = (index: number) => inputs.isObserved || results[index] !== 'scratchpad';
  const kinds = new Map([
    ...kernel.inputs.map((id) => [id, 'input'] as const),
    ...kernel.outputs.map((id, index) => [id, isStored(index) ? 'output' : 'act'] as const),
  ]);
  const graph: KernelGraph = {
    operators: [{ ...kernel, inputs: renamed(kernel.inputs), outputs: renamed(kernel.outputs) }],
    tensors: ids.map((id, index) => ({ ...inputs.graph.tensors[id]!, id: index, kind: kinds.get(id)! })),
  };
  const made = scheduleProblemOf(kernel.name, graph, format);
  const [op] = made.ops;
  const [alone] = graph.operators;
  const streams = [
    ...alone!.inputs.filter((_, index) => operands[index] === 'off-chip'),
    ...alone!.outputs.filter((_, index) => results[index] === 'off-chip'),
  ];
  const problem = { ...made, ops: [{ ...op!, ...(streams.length > 0 && { streams }) }] };
  const answer = answerOf(problem, streams, machine);
  return {
    graph,
    bodies: aloneBodies(inputs.bodies, inputs.graph, operator, numberOf),
    problem,
    answer,
    machine: { ...machine, scratchpad: { ...machine.scratchpad, capacityBytes: answer.S } },
  };
}

function aloneBodies(
  { model, operators, results, root, place }: KernelBodies,
  graph: KernelGraph,
  operator: number,
  numberOf: ReadonlyMap<number, number>,
): KernelBodies {
  const { inputs, outputs } = graph.operators[operator]!;
  const kernelTensor = new Int32Array(model.tensors.length).fill(-1);
  for (const [id, number] of numberOf) kernelTensor[graph.tensors[id]!.origin] = number;
  const originsOf = (ids: readonly number[]) => new Set(ids.map((id) => graph.tensors[id]!.origin));
  const [given, made] = [originsOf(inputs), originsOf(outputs)];
  const tensors = model.tensors.map((tensor) => {
    if (tensor.kind === 'constant') return tensor;
    const kind = given.has(tensor.index) ? 'input' : made.has(tensor.index) ? 'output' : 'activation';
    return { ...tensor, kind } as const;
  });
  return {
    model: { ...model, tensors },
    operators: [operators[operator]!],
    results: [results[operator]!],
    root,
    place,
    kernelTensor,
  };
}

/** Tensors one after the other, aligned; a scratchpad that is too small for that (results in place of operands) is made larger. */
function answerOf(problem: ScheduleProblem, streams: readonly number[], machine: Machine): ScheduleAnswer {
  const { alignmentBytes, capacityBytes } = machine.scratchpad;
  let end = 0;
  const intervals = problem.tensors.flatMap(({ id, bytes }) => {
    if (streams.includes(id)) return [];
    const addr = end;
    end += Math.ceil(bytes / alignmentBytes) * alignmentBytes;
    return [{ t: id, from: 0, to: 1, addr }];
  });
  const compulsory = problem.tensors.reduce((sum, { kind, bytes }) => (kind === 'act' ? sum : sum + bytes), 0);
  return {
    mode: 'strict',
    S: Math.max(capacityBytes, end),
    objective: 0,
    bound: 0,
    optimal: true,
    compulsory,
    order: [0],
    intervals,
    baselines: {},
    proof: 'one operator',
    solver: { id: 'alone', version: '1' },
  };
}

/** The operator emitted from its mapping, or from commands. */
export function aloneProgram(
  { problem, answer, machine }: Alone,
  mapped: MappedOperator,
  pieces: KernelPieces,
  lowering: Lowering | null,
): AloneProgram {
  const given = lowering ? new Map([[0, lowering.commands]]) : undefined;
  const { program, givenCommand } = emit(problem, answer, [mapped], [pieces], machine, given);
  return { mapped, pieces, program, textOf: givenCommand.map((command) => lowering?.textOf[command] ?? -1) };
}

export function alonePieces({ problem, graph, bodies }: Alone, mapped: MappedOperator): KernelPieces {
  return piecesOf(problem, graph, bodies, [mapped])[0]!;
}

/** With a store of every result that stays on chip behind the last sum of each of its blocks. */
export function observed(
  commands: readonly GivenCommand[],
  pieces: KernelPieces,
  results: readonly ResultPlaceName[],
  kBlocks: number,
): Lowering {
  const kept = results.flatMap((place, index) => (place === 'scratchpad' ? [index] : []));
  const made: GivenCommand[] = [];
  const textOf: number[] = [];
  const numberOf: number[] = [];
  const add = (command: GivenCommand, text: number): number => {
    textOf.push(text);
    return made.push(command) - 1;
  };
  /** By unit and half: stores the next sums wait for. */
  const pending = new Map<string, readonly number[]>();
  commands.forEach((command, text) => {
    const after = command.after.map((index) => numberOf[index]!);
    if (command.kind !== 'execute') {
      numberOf.push(add({ ...command, after }, text));
      return;
    }
    const { tile, unit, slot } = command;
    const key = `${unit}/${slot}`;
    const stores = tile.k === 0 ? (pending.get(key) ?? []) : [];
    const executed = add({ ...command, after: [...after, ...stores] }, text);
    numberOf.push(executed);
    if (tile.k !== kBlocks - 1) return;
    const store = (result: number) => {
      const piece = pieces.results[result]!.indexOf(tile);
      return add({ kind: 'store', result, piece, unit, slot, route: null, after: [executed] }, text);
    };
    pending.set(key, kept.map(store));
  });
  return { commands: made, textOf };
}
