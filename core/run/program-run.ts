/**
 * From two documents to a program and its times: compile → schedule → emit → simulate, each stage's result checked before the
 * next sees it. What a run's accounts are made of, and what the functional interpreter plays.
 */
import { type Machine, resolveMachine } from '#core/architecture/machine.ts';
import { type Control, part } from '#core/base/control.ts';
import type { TechniqueRef } from '#core/base/metric.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import { pieceReader } from '#core/candidate/admit.ts';
import type { ResolvedCandidate } from '#core/candidate/resolve.ts';
import {
  bufferFault,
  candidatesInUse,
  loweringsOf,
  streaming,
  withCandidates,
  wrongCandidate,
} from '#core/candidate/use.ts';
import { type Compiled, compile } from '#core/compile/compile.ts';
import { emit } from '#core/compile/emit.ts';
import { type KernelBodies, kernelBodies } from '#core/compile/kernel-body.ts';
import { type KernelPieces, piecesOf } from '#core/compile/pieces.ts';
import { scheduleProblemOf } from '#core/compile/schedule-problem.ts';
import { explainSplits, type Split, splitOperators } from '#core/compile/split.ts';
import { unitBuffers } from '#core/compile/unit-buffers.ts';
import { withDistinctNames } from '#core/document/distinct-names.ts';
import { fromFile } from '#core/document/document.ts';
import { buildModel } from '#core/model/build.ts';
import type { ModelGraph } from '#core/model/graph.ts';
import { withRoom } from '#core/program/hazards.ts';
import type { Program } from '#core/program/program.ts';
import { verifyProgram } from '#core/program/verify.ts';
import type { LimitFigures } from '#core/schedule/curve.ts';
import { targetOf } from '#core/schedule/flags.ts';
import type { ScheduleAnswer, ScheduleProblem } from '#core/schedule/problem.ts';
import { scheduleAndVerify } from '#core/schedule/scheduler.ts';
import type { Timing } from '#core/simulate/simulator.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { techniques } from '#core/technique/registry.ts';
import type { Manifest } from '#core/technique/technique.ts';
import { atScratchpad } from './infeasible.ts';
import { limitsOf } from './limits.ts';
import type { RunInputs } from './result.ts';
import { type ScheduleRequest, scheduleRequestOf } from './schedule-request.ts';

export interface ProgramRun {
  readonly model: ModelGraph;
  readonly machine: Machine;
  readonly compiled: Compiled;
  readonly bodies: KernelBodies;
  readonly pieces: readonly KernelPieces[];
  readonly problem: ScheduleProblem;
  readonly answer: ScheduleAnswer;
  readonly program: Program;
  /** Bytes each operator read from and wrote to the scratchpad. */
  readonly scratchpadBytes: Float64Array;
  readonly timing: Timing;
  /** Scratchpads at which the problem can run and need spill nothing. */
  readonly limits: LimitFigures;
  /** What the documents have to say; no errors. */
  readonly findings: readonly Problem[];
  /** Operators whose lowering is given instead of the compiler's. */
  readonly candidates: readonly ResolvedCandidate[];
  readonly scheduler: TechniqueRef;
  readonly simulator: TechniqueRef;
  /** True when the user stopped it and this is the best so far. */
  readonly stoppedEarly: boolean;
}

export interface ProgramServices {
  readonly mip: MipSolver;
  readonly control: Control;
  /** The caller has played the candidates of the settings on numbers and found them right. */
  readonly candidatesAreProved?: boolean;
  /** Called as a stage ends, so that the host can measure it; core has no clock. */
  readonly stageFinished?: (stage: 'compile' | 'schedule' | 'simulate' | 'verify') => void;
}

/** Share of a run's progress each stage takes. */
const STAGES = { compile: [0, 0.1], schedule: [0.1, 0.6], simulate: [0.6, 0.85], verify: [0.85, 1] } as const;

/** A model compiled for a machine, and what its scheduler is asked for. */
export interface CompiledRun {
  readonly model: ModelGraph;
  readonly machine: Machine;
  readonly compiled: Compiled;
  readonly request: ScheduleRequest;
  readonly target: { readonly mode: ScheduleRequest['mode']; readonly S: number; readonly parameters: ParameterValues };
  /** Before and after operators that do not fit were split. */
  readonly whole: ScheduleProblem;
  readonly problem: ScheduleProblem;
  readonly splits: readonly Split[];
  /** Operators whose lowering is given instead of the compiler's. */
  readonly candidates: readonly ResolvedCandidate[];
  /** What the documents have to say; no errors. */
  readonly problems: readonly Problem[];
}

/**
 * Problems: `run.architecture-incomplete`, `run.model-incomplete`, `technique.unknown`, those of compile, and
 * `candidate.refused` where a candidate of the settings cannot be used.
 */
export function compiledRun({ model: modelFile, architecture, settings }: RunInputs): Result<CompiledRun, Problem> {
  const { machine: drawn, problems: machineProblems } = resolveMachine(fromFile(architecture));
  if (drawn === null) return err(blocked('architecture', architecture.title, machineProblems));
  const capacity = settings.scratchpadBytes ?? drawn.scratchpad.capacityBytes;
  const machine = { ...drawn, scratchpad: { ...drawn.scratchpad, capacityBytes: capacity } };
  const request = scheduleRequestOf(settings, machine);
  if (!request.ok) return request;
  const { mode, parameters } = request.value;
  const { graph: model, problems: modelProblems } = buildModel(withDistinctNames(fromFile(modelFile)));
  if (model === null) return err(blocked('model', modelFile.title, modelProblems));
  const compiled = compile(model, machine, { passes: techniques.pass, units: techniques.unit }, settings);
  if (!compiled.ok) return compiled;
  const plain = scheduleProblemOf(modelFile.title, compiled.value.graph, settings.format);
  const site = { machine, models: techniques.unit, settings };
  const used = withCandidates(settings.candidates, compiled.value, plain, site);
  if (!used.ok) return used;
  const { whole, candidates } = used.value;
  const target = { mode, S: capacity, parameters };
  const split =
    settings.split === false ? { problem: whole, splits: [] } : splitOperators(whole, targetOf(whole, target));
  return ok({
    model,
    machine,
    compiled: used.value.compiled,
    request: request.value,
    target,
    whole,
    ...split,
    problem: streaming(split.problem, compiled.value.graph, candidates),
    splits: split.splits.filter(({ operator }) => !candidates.some((candidate) => candidate.operator === operator)),
    candidates,
    problems: [...modelProblems, ...machineProblems],
  });
}

export type EmittedRun = Pick<ProgramRun, 'bodies' | 'pieces' | 'program' | 'scratchpadBytes'>;

/**
 * The commands of a schedule, verified. Problems: `candidate.refused` where one does not go with the schedule; `program.*`, a
 * bug of ours where the schedule is of this problem.
 */
export function emittedRun(
  { compiled: { graph, mapped }, model, machine, problem: instance, candidates }: CompiledRun,
  answer: ScheduleAnswer,
): Result<EmittedRun, Problem> {
  const bodies = kernelBodies(graph, model);
  const pieces = piecesOf(instance, graph, bodies, mapped);
  const given = loweringsOf(candidates, graph, { instance, answer }, pieces, machine);
  if (!given.ok) return given;
  const emitted = emit(instance, answer, mapped, pieces, machine, given.value);
  const { scratchpadBytes } = emitted;
  const read = pieceReader(emitted.program, pieces, mapped);
  const buffers = unitBuffers(instance, graph, pieces, mapped, machine);
  const program = withRoom(emitted.program, instance, read, buffers);
  const [broken] = [
    bufferFault(candidates, graph, pieces, { ...emitted, program }),
    ...verifyProgram(program, instance, answer, read, buffers),
  ].filter((fault) => fault !== null);
  return broken ? err(broken) : ok({ bodies, pieces, program, scratchpadBytes });
}

/** Problems: those of `compiledRun`, of schedule and of `emittedRun`, and `run.cancelled` where there is nothing to keep. */
export function programRun(inputs: RunInputs, services: ProgramServices): Result<ProgramRun, Problem> {
  const [simulator] = techniques.simulator;
  within('compile', services.control).report({
    phase: 'compile',
    fraction: 0,
    message: 'Reading model and architecture',
  });
  const made = compiledRun(inputs);
  if (!made.ok) return made;
  services.stageFinished?.('compile');

  const { model, machine, compiled, request, target, whole, problem: instance, splits, problems } = made.value;
  const { candidates } = made.value;
  if (!services.candidatesAreProved) {
    const bodies = kernelBodies(compiled.graph, model);
    const control = within('compile', services.control);
    const wrong = wrongCandidate(candidates, { compiled, bodies, machine }, inputs.settings, simulator, control);
    if (wrong) return err(wrong);
  }
  const control = within('schedule', services.control);
  const scheduled = scheduleAndVerify(request.scheduler, instance, { ...target, mip: services.mip, control });
  if (!scheduled.ok) return err(atScratchpad(scheduled.error[0]!, whole, request, inputs, machine));
  const answer = scheduled.value;
  const stoppedEarly = services.control.cancelled();
  const limits = limitsOf(whole, targetOf(whole, target), services.control);
  services.stageFinished?.('schedule');

  const emitted = emittedRun(made.value, answer);
  if (!emitted.ok) return emitted;
  const { program } = emitted.value;
  // Asked to stop while scheduling: the best schedule is still worth its simulation, so that one runs to its end.
  const simulation = within('simulate', services.control);
  const timing = simulator.simulate(
    program,
    machine,
    stoppedEarly ? { ...simulation, cancelled: () => false } : simulation,
  );
  if (timing === null)
    return err(
      problem('run.cancelled', 'The run was stopped before its simulation ended; there is no result to keep', {
        severity: 'info',
      }),
    );
  return ok({
    ...emitted.value,
    model,
    machine,
    compiled,
    problem: instance,
    answer,
    limits,
    timing,
    findings: [
      ...candidatesInUse(candidates, compiled.graph),
      ...explainSplits(splits, instance, compiled.graph, program, target.S),
      ...problems,
    ],
    candidates,
    scheduler: reference(request.scheduler.manifest),
    simulator: reference(simulator.manifest),
    stoppedEarly,
  });
}

/** Progress of one stage as its part of the whole. */
export function within(stage: keyof typeof STAGES, control: Control): Control {
  const [from, to] = STAGES[stage];
  return part(control, from, to);
}

function blocked(what: 'model' | 'architecture', title: string, problems: readonly Problem[]): Problem {
  const errors = problems.filter((found) => found.severity === 'error');
  const first = errors[0];
  const rest = errors.length > 1 ? `, and ${errors.length - 1} more` : '';
  return problem(
    `run.${what}-incomplete`,
    `The ${what} ${title} cannot run yet: ${first?.message ?? 'it is empty'}${rest}`,
    {
      where: first?.where ?? {},
      facts: { errors: errors.length },
      fixes: first?.fixes ?? [],
    },
  );
}

function reference({ id, version }: Manifest): TechniqueRef {
  return { id, version };
}
