/**
 * Candidates in a run: what they stand for in the compiled model, the schedule they ask for, and their commands under the
 * schedule there is. A candidate that cannot be used is a problem of the run, never left aside.
 */
import type { Machine } from '#core/architecture/machine.ts';
import type { Control } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { Compiled } from '#core/compile/compile.ts';
import type { GivenCommand } from '#core/compile/given.ts';
import type { KernelBodies } from '#core/compile/kernel-body.ts';
import type { KernelGraph, KernelOperator } from '#core/compile/kernel-graph.ts';
import type { KernelPieces } from '#core/compile/pieces.ts';
import { placesOf } from '#core/compile/residency-plan.ts';
import type { UnitModel } from '#core/compile/unit-model.ts';
import type { Program } from '#core/program/program.ts';
import type { RunSettings } from '#core/run/settings.ts';
import type { ScheduleAnswer, ScheduleProblem } from '#core/schedule/problem.ts';
import type { Simulator } from '#core/simulate/simulator.ts';
import { admission, bufferProblems, elementsOf } from './admit.ts';
import { parseCandidate } from './parse.ts';
import { commandsOf, placeProblem, type ResolvedCandidate, resolveCandidate, streamedTensors } from './resolve.ts';

export interface CandidateSite {
  readonly compiled: Compiled;
  /** Before operators that do not fit are split. */
  readonly whole: ScheduleProblem;
  readonly candidates: readonly ResolvedCandidate[];
}

/** Problems: `candidate.refused`, which says why. */
export function withCandidates(
  texts: RunSettings['candidates'],
  compiled: Compiled,
  whole: ScheduleProblem,
  site: { readonly machine: Machine; readonly models: readonly UnitModel[]; readonly settings: RunSettings },
): Result<CandidateSite, Problem> {
  const candidates: ResolvedCandidate[] = [];
  const { graph } = compiled;
  for (const [node, text] of Object.entries(texts ?? {})) {
    const operator = operatorOf(graph, node);
    if (operator === -1) return err(noOperator(node));
    const parsed = parseCandidate(text);
    const resolved = parsed.ok ? resolveCandidate(parsed.value, operator, { graph, problem: whole, ...site }) : parsed;
    if (!resolved.ok) return err(refused(graph.operators[operator]!, resolved.error));
    if (candidates.some((other) => other.operator === operator))
      return err(refused(graph.operators[operator]!, problem('candidate.twice', 'the operator has two candidates')));
    candidates.push(resolved.value);
  }
  if (candidates.length === 0) return ok({ compiled, whole, candidates });
  const mapped = compiled.mapped.map(
    (each, index) => candidates.find(({ operator }) => operator === index)?.mapped ?? each,
  );
  return ok({ compiled: { graph, mapped }, whole: streaming(whole, graph, candidates), candidates });
}

/** The operator a document node is in, −1 where none is. */
export function operatorOf(graph: KernelGraph, node: string): number {
  return graph.operators.findIndex(({ nodes }) => nodes.includes(node));
}

export function noOperator(node: string): Problem {
  return problem('candidate.no-operator', `There is no operator ${node} to have a candidate for`, { where: { node } });
}

/** What a candidate streams the schedule streams, and nothing else of its operator. */
export function streaming(
  instance: ScheduleProblem,
  graph: KernelGraph,
  candidates: readonly ResolvedCandidate[],
): ScheduleProblem {
  if (candidates.length === 0) return instance;
  const ops = instance.ops.map((op) => {
    const candidate = candidates.find(({ operator }) => operator === op.id);
    if (!candidate) return op;
    const { streams: _split, ...rest } = op;
    const tensors = streamedTensors(candidate, graph);
    return tensors.length === 0 ? rest : { ...rest, streams: tensors };
  });
  return { ...instance, ops };
}

/** Commands by operator, under a schedule. Problems: `candidate.refused`. */
export function loweringsOf(
  candidates: readonly ResolvedCandidate[],
  graph: KernelGraph,
  { instance, answer }: { readonly instance: ScheduleProblem; readonly answer: ScheduleAnswer },
  pieces: readonly KernelPieces[],
  machine: Machine,
): Result<ReadonlyMap<number, readonly GivenCommand[]>, Problem> {
  const lowerings = new Map<number, readonly GivenCommand[]>();
  if (candidates.length === 0) return ok(lowerings);
  const steps = placesOf(instance, answer);
  for (const resolved of candidates) {
    const { operator } = resolved;
    const kernel = graph.operators[operator]!;
    const misplaced = placeProblem(resolved, steps.find((step) => step.operator === operator)!);
    const commands = misplaced
      ? err(misplaced)
      : commandsOf(resolved, pieces[operator]!, machine, (operand) => elementsOf(instance, kernel.inputs[operand]!));
    if (!commands.ok) return err(refused(kernel, commands.error));
    lowerings.set(operator, commands.value);
  }
  return ok(lowerings);
}

/** The buffers of candidates in the whole program, where transfers may take other queues than alone. */
export function bufferFault(
  candidates: readonly ResolvedCandidate[],
  graph: KernelGraph,
  pieces: readonly KernelPieces[],
  emitted: { readonly program: Program; readonly givenCommand: Int32Array },
): Problem | null {
  for (const resolved of candidates) {
    const { operator, mapped, results } = resolved;
    const [fault] = bufferProblems(resolved, {
      program: emitted.program,
      operator,
      pieces: pieces[operator]!,
      mapped,
      textOf: emitted.givenCommand,
      isStored: results.map(({ place }) => place !== 'scratchpad'),
    });
    if (fault) return refused(graph.operators[operator]!, fault);
  }
  return null;
}

export interface ProvedRun {
  readonly compiled: Compiled;
  readonly bodies: KernelBodies;
  readonly machine: Machine;
}

/** Null when every candidate is right, played on numbers; else `candidate.refused`, `candidate.budget`, `run.cancelled`. */
export function wrongCandidate(
  candidates: readonly ResolvedCandidate[],
  { compiled: { graph }, bodies, machine }: ProvedRun,
  settings: RunSettings,
  simulator: Simulator,
  control: Control,
): Problem | null {
  for (const resolved of candidates) {
    const kernel = graph.operators[resolved.operator]!;
    const admitted = admission({ resolved, graph, bodies, machine, settings, simulator, control });
    if (!admitted.ok) return admitted.error.code === 'run.cancelled' ? admitted.error : refused(kernel, admitted.error);
    const [fault] = admitted.value.problems;
    if (fault) return refused(kernel, fault);
  }
  return null;
}

/** That a run uses candidates, as a sentence after others; empty where it uses none. */
export function candidatesText(candidates: readonly ResolvedCandidate[], graph: KernelGraph): string {
  const names = candidates.map(({ operator }) => graph.operators[operator]!.name);
  if (names.length === 0) return '';
  return names.length === 1 ? ` ${names[0]} runs a candidate.` : ` ${names.join(', ')} run candidates.`;
}

/** That a run uses candidates, for its findings; empty where it uses none. */
export function candidatesInUse(candidates: readonly ResolvedCandidate[], graph: KernelGraph): readonly Problem[] {
  return candidates.map(({ operator, candidate }) => {
    const { name, nodes } = graph.operators[operator]!;
    return problem(
      'candidate.in-use',
      `${name} runs a candidate of ${candidate.commands.length} commands instead of the compiler's lowering`,
      {
        severity: 'info',
        where: { node: nodes[0]! },
        facts: { commands: candidate.commands.length },
      },
    );
  });
}

function refused({ name, nodes }: KernelOperator, why: Problem): Problem {
  return problem('candidate.refused', `The candidate of ${name} cannot be used: ${why.message}`, {
    where: { node: nodes[0]! },
    facts: { ...why.facts, code: why.code },
  });
}
