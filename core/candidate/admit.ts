/**
 * Whether a candidate is right: its operator alone, first by order (buffers, hazards, bytes), then played on numbers and
 * compared with plain execution, case after case. What is wrong is said with the line of the text.
 */
import type { Machine } from '#core/architecture/machine.ts';
import type { Control } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { elementCount } from '#core/catalog/operator-type.ts';
import type { KernelBodies } from '#core/compile/kernel-body.ts';
import type { KernelGraph } from '#core/compile/kernel-graph.ts';
import type { MappedOperator } from '#core/compile/map.ts';
import { type KernelPieces, tileNumbers } from '#core/compile/pieces.ts';
import type { PieceRead } from '#core/program/hazards.ts';
import { LOAD, type Program } from '#core/program/program.ts';
import { verifyProgram } from '#core/program/verify.ts';
import { AUTOMATIC_WORK, DEFAULT_SEED, type RunSettings, WORK_A_COMMAND, WORK_AN_ELEMENT } from '#core/run/settings.ts';
import type { ScheduleProblem } from '#core/schedule/problem.ts';
import { functionalCertificate } from '#core/simulate/functional/certificate.ts';
import type { Simulator } from '#core/simulate/simulator.ts';
import { type Alone, type AloneProgram, aloneOf, alonePieces, aloneProgram, observed } from './alone.ts';
import { valueCases } from './cases.ts';
import { inspectBuffers } from './inspect.ts';
import { textProblem } from './parse.ts';
import { kernelReference } from './reference.ts';
import type { CandidateWrong, PlayedCase } from './report.ts';
import { commandsOf, type ResolvedCandidate } from './resolve.ts';
import { commandText } from './text.ts';

/** Work of all cases, and of one, in multiply-accumulates. */
const WORK_IN_ALL = AUTOMATIC_WORK;
const LEAST_CASES = 2;

export interface AdmissionInputs {
  readonly resolved: ResolvedCandidate;
  readonly graph: KernelGraph;
  readonly bodies: KernelBodies;
  readonly machine: Machine;
  readonly settings: Pick<RunSettings, 'format' | 'seed'>;
  readonly simulator: Simulator;
  readonly control: Control;
}

export interface Admission {
  readonly stage: 'order' | 'values' | null;
  /** Empty when it is right. */
  readonly problems: readonly Problem[];
  readonly played: readonly PlayedCase[];
  readonly cases: number;
  readonly firstWrong: CandidateWrong | null;
}

/** Problems: `candidate.name`, `candidate.command` (the text), `candidate.budget`, `run.cancelled`, those of the reference. */
export function admission(inputs: AdmissionInputs): Result<Admission, Problem> {
  const { resolved, machine } = inputs;
  const alone = aloneOf({
    ...inputs,
    ...placesIn(resolved),
    operator: resolved.operator,
    format: inputs.settings.format,
    isObserved: true,
  });
  const program = loweredAlone(alone, resolved, machine, true);
  if (!program.ok) return program;
  const faults = orderFaults(resolved, alone, program.value);
  if (faults.length > 0) return ok({ stage: 'order', problems: faults, played: [], cases: 0, firstWrong: null });
  return playedCases(inputs, alone, program.value);
}

export function placesIn({ operands, results }: ResolvedCandidate) {
  return { operands: operands.map(({ place }) => place), results: results.map(({ place }) => place) };
}

/** The candidate's operator alone as a program. */
export function loweredAlone(
  alone: Alone,
  resolved: ResolvedCandidate,
  machine: Machine,
  isObserved: boolean,
): Result<AloneProgram, Problem> {
  const { mapped } = resolved;
  const pieces = alonePieces(alone, mapped);
  const [kernel] = alone.graph.operators;
  const widths = (operand: number) => elementsOf(alone.problem, kernel!.inputs[operand]!);
  const commands = commandsOf(resolved, pieces, machine, widths);
  if (!commands.ok) return commands;
  const lowering = isObserved
    ? observed(commands.value, pieces, placesIn(resolved).results, mapped.mapping.loop.counts.k)
    : { commands: commands.value, textOf: commands.value.map((_, index) => index) };
  return ok(aloneProgram(alone, mapped, pieces, lowering));
}

export function elementsOf(
  { tensors }: ScheduleProblem,
  id: number,
): { readonly elements: number; readonly width: number } {
  const { shape, bytes } = tensors[id]!;
  const elements = shape.reduce((total, extent) => total * extent, 1);
  return { elements, width: elements === 0 ? 0 : bytes / elements };
}

/** Which piece an execute reads of an operand, for the hazards of a program. */
export function pieceReader(
  program: Program,
  pieces: readonly KernelPieces[],
  mapped: readonly Pick<MappedOperator, 'mapping'>[],
): PieceRead {
  return (execute, buffer) => {
    const operator = program.operator[execute]!;
    const { operands, weights } = pieces[operator]!;
    const own = buffer === operands.length ? weights : operands[buffer];
    return own?.indexOf(tileNumbers(mapped[operator]!.mapping.loop.counts).at(program.tile[execute]!)) ?? -1;
  };
}

function orderFaults(resolved: ResolvedCandidate, alone: Alone, made: AloneProgram): readonly Problem[] {
  const { program, pieces, mapped } = made;
  const found = bufferProblems(resolved, {
    program,
    operator: 0,
    pieces,
    mapped,
    textOf: made.textOf,
    isStored: resolved.results.map(() => true),
  });
  if (found.length > 0) return found;
  return verifyProgram(program, alone.problem, alone.answer, pieceReader(program, [pieces], [mapped])).map((fault) =>
    inLines(fault, resolved, made.textOf),
  );
}

/** The operator's rows of a program. */
interface Rows {
  readonly program: Program;
  readonly operator: number;
  readonly pieces: KernelPieces;
  readonly mapped: Pick<MappedOperator, 'mapping'>;
  readonly textOf: Int32Array;
  readonly isStored: readonly boolean[];
}

export function bufferProblems(
  resolved: ResolvedCandidate,
  { program, operator, pieces, mapped, textOf, isStored }: Rows,
): readonly Problem[] {
  const { buffers, candidate, resultNames } = resolved;
  const keyOf = (names: ReadonlyMap<string, number>, wanted: number) =>
    [...names].find(([, index]) => index === wanted)?.[0] ?? `${wanted}`;
  const faults = inspectBuffers({
    program,
    operator,
    pieces,
    counts: mapped.mapping.loop.counts,
    isStored,
    nameOf: (buffer) => keyOf(buffers, buffer),
    resultName: (result) => keyOf(resultNames, result),
    rowName: (row) => lineName(resolved, textOf[row]!),
  });
  return faults.map(({ row, message }) => {
    const line = row === null ? undefined : candidate.commands[textOf[row]!];
    return line ? textProblem('order', line.at, message) : problem('candidate.order', message);
  });
}

function lineName({ candidate }: ResolvedCandidate, index: number): string {
  const line = candidate.commands[index];
  return line ? `line ${line.at.line}` : 'what the schedule brings';
}

/** A problem of the program in terms of the text. */
function inLines(fault: Problem, resolved: ResolvedCandidate, textOf: Int32Array): Problem {
  const words = (row: string) => lineName(resolved, textOf[Number(row)] ?? -1);
  const message = fault.message.replace(/\b[Cc]ommand (\d+)(?: \([^)]*\))?/g, (_whole, row: string) => words(row));
  const row = fault.facts.command;
  const line = typeof row === 'number' ? resolved.candidate.commands[textOf[row] ?? -1] : undefined;
  return line ? textProblem('order', line.at, message) : problem('candidate.order', message, { facts: fault.facts });
}

/** Plays the cases on numbers, as many as are affordable; stops at the first that is wrong. */
export function playedCases(inputs: AdmissionInputs, alone: Alone, made: AloneProgram): Result<Admission, Problem> {
  const { machine, settings, simulator, control, resolved } = inputs;
  const { program, pieces, mapped } = made;
  const all = valueCases(alone.bodies.model, settings.seed ?? DEFAULT_SEED);
  const work = workOf(alone, program);
  const affordable = Math.floor(WORK_IN_ALL / work);
  if (affordable < LEAST_CASES) {
    const message = `Playing it takes ${Math.ceil((LEAST_CASES * work) / WORK_IN_ALL)} times what is played: the operator is too large or its commands move too much`;
    return err(problem('candidate.budget', message, { facts: { work, bound: WORK_IN_ALL / LEAST_CASES } }));
  }
  const timing = simulator.simulate(program, machine, control);
  if (timing === null) return err(cancelled());
  const played: PlayedCase[] = [];
  for (const { name, seed, source } of all.slice(0, affordable)) {
    if (control.cancelled()) return err(cancelled());
    const reference = kernelReference(alone.bodies, source);
    if (!reference.ok) {
      // On edges an operator may have no value; on ordinary numbers it must.
      if (played.length === 0) return reference;
      continue;
    }
    const certificate = functionalCertificate({
      graph: alone.graph,
      bodies: alone.bodies,
      mapped: [mapped],
      pieces: [pieces],
      problem: alone.problem,
      capacity: alone.answer.S,
      program,
      source,
      timing,
      control,
      format: settings.format,
      reference: { name: 'plain reference', outputs: reference.value },
    });
    if (!certificate.ok) return certificate;
    const { isVerified, elements, relativeError, fault, firstWrong } = certificate.value;
    played.push({ name, seed, elements, relativeError: finite(relativeError), isRight: isVerified });
    if (isVerified) continue;
    const row = firstWrong?.command ?? fault?.problem.facts.command;
    const line = typeof row === 'number' ? resolved.candidate.commands[made.textOf[row] ?? -1] : undefined;
    const message = fault ? inLines(fault.problem, resolved, made.textOf).message : 'it is wrong';
    return ok({
      stage: 'values',
      problems: [
        line
          ? textProblem('values', line.at, `${name}: ${message}`)
          : problem('candidate.values', `${name}: ${message}`),
      ],
      played,
      cases: all.length,
      firstWrong: firstWrong && {
        case: name,
        tensor: firstWrong.tensor,
        index: firstWrong.index,
        expected: finite(firstWrong.expected),
        got: finite(firstWrong.got),
        line: line?.at.line ?? null,
        command: line ? commandText(line) : null,
      },
    });
  }
  return ok({ stage: null, problems: [], played, cases: all.length, firstWrong: null });
}

/** JSON has no other numbers. */
const finite = (value: number) => (Number.isFinite(value) ? value + 0 : null);

const cancelled = () => problem('run.cancelled', 'Checking the candidate was stopped', { severity: 'info' });

/** Of one case, in multiply-accumulates: counted, not measured. */
function workOf({ graph, bodies, problem: { tensors } }: Alone, program: Program): number {
  const macs = bodies.operators[0]!.reduce((sum, operator) => sum + operator.macs, 0);
  let elements = graph.tensors.reduce((sum, tensor) => sum + tensor.elements, 0);
  for (let row = 0; row < program.length; row++) {
    const tensor = tensors[program.tensor[row]!];
    if (program.opcode[row] === LOAD && tensor)
      elements += (program.bytes[row]! * elementCount(tensor.shape)) / tensor.bytes;
  }
  return macs + WORK_AN_ELEMENT * elements + WORK_A_COMMAND * program.length;
}
