/**
 * One run: compile → schedule → emit → simulate → accounts, over two frozen documents. Pure and deterministic:
 * same inputs, same bytes. Each stage's result is checked before the next sees it.
 */
import { resolveMachine } from '#core/architecture/machine.ts';
import { contentHash } from '#core/base/canonical.ts';
import type { Control, Progress } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { compile } from '#core/compile/compile.ts';
import { emit } from '#core/compile/emit.ts';
import { kernelBodies } from '#core/compile/kernel-body.ts';
import { piecesOf } from '#core/compile/pieces.ts';
import { scheduleProblemOf } from '#core/compile/schedule-problem.ts';
import { withDistinctNames } from '#core/document/distinct-names.ts';
import { fromFile } from '#core/document/document.ts';
import { findingsOf } from '#core/explain/findings.ts';
import { buildModel } from '#core/model/build.ts';
import { modelFacts } from '#core/model/facts.ts';
import { verifyProgram } from '#core/program/verify.ts';
import { targetOf } from '#core/schedule/flags.ts';
import { scheduleAndVerify } from '#core/schedule/scheduler.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { techniques } from '#core/technique/registry.ts';
import type { Manifest } from '#core/technique/technique.ts';
import { accountsOf } from './account.ts';
import { OPERATOR_COLUMNS } from './columns.ts';
import { atScratchpad } from './infeasible.ts';
import { limitsOf } from './limits.ts';
import type { RunInputs, RunResult } from './result.ts';
import { scheduleRequestOf } from './schedule-request.ts';
import { timelineOf } from './timeline.ts';
import { totalsOf } from './totals.ts';

export interface PipelineServices {
  readonly mip: MipSolver;
  readonly control: Control;
  readonly appVersion: string;
  /** Called as a stage ends, so that the host can measure it; core has no clock. */
  readonly stageFinished?: (stage: 'compile' | 'schedule' | 'simulate') => void;
}

/** Share of a run's progress each stage takes. */
const STAGES = { compile: [0, 0.1], schedule: [0.1, 0.6], simulate: [0.6, 1] } as const;

export function runPipeline(inputs: RunInputs, services: PipelineServices): Result<RunResult, Problem> {
  const { settings } = inputs;
  const [simulator] = techniques.simulator;
  const compileControl = within('compile', services.control);
  compileControl.report({ phase: 'compile', fraction: 0, message: 'Reading model and architecture' });
  const { machine: drawn, problems: machineProblems } = resolveMachine(fromFile(inputs.architecture));
  if (drawn === null) return err(blocked('architecture', inputs.architecture.title, machineProblems));
  const capacity = settings.scratchpadBytes ?? drawn.scratchpad.capacityBytes;
  const machine = { ...drawn, scratchpad: { ...drawn.scratchpad, capacityBytes: capacity } };
  const request = scheduleRequestOf(settings, machine);
  if (!request.ok) return request;
  const { scheduler, mode, parameters } = request.value;
  const { graph: model, problems: modelProblems } = buildModel(withDistinctNames(fromFile(inputs.model)));
  if (model === null) return err(blocked('model', inputs.model.title, modelProblems));
  const compiled = compile(model, machine, { passes: techniques.pass, units: techniques.unit }, settings);
  if (!compiled.ok) return compiled;
  services.stageFinished?.('compile');

  const scheduleProblem = scheduleProblemOf(inputs.model.title, compiled.value.graph, settings.format);
  const scheduled = scheduleAndVerify(scheduler, scheduleProblem, {
    mode,
    S: capacity,
    parameters,
    mip: services.mip,
    control: within('schedule', services.control),
  });
  if (!scheduled.ok) return err(atScratchpad(scheduled.error[0]!, scheduleProblem, request.value, inputs, machine));
  const answer = scheduled.value;
  const stoppedEarly = services.control.cancelled();
  const limits = limitsOf(
    scheduleProblem,
    targetOf(scheduleProblem, { mode, S: capacity, parameters }),
    services.control,
  );
  services.stageFinished?.('schedule');

  const { graph, mapped } = compiled.value;
  const pieces = piecesOf(scheduleProblem, graph, kernelBodies(graph, model), mapped);
  const { program, scratchpadBytes } = emit(scheduleProblem, answer, mapped, pieces, machine);
  const [broken] = verifyProgram(program, scheduleProblem, answer);
  if (broken) return err(broken);
  // Asked to stop while scheduling: the best schedule is still worth its simulation, so that one runs to its end.
  const timing = simulator.simulate(
    program,
    machine,
    stoppedEarly
      ? { ...within('simulate', services.control), cancelled: () => false }
      : within('simulate', services.control),
  );
  if (timing === null)
    return err(
      problem('run.cancelled', 'The run was stopped before its simulation ended; there is no result to keep', {
        severity: 'info',
      }),
    );
  const accounts = accountsOf({
    compiled: compiled.value,
    machine,
    problem: scheduleProblem,
    program,
    timing,
    scratchpadBytes,
    settings,
  });
  const facts = modelFacts(model);
  const result: RunResult = {
    format: 'weft-run/1',
    key: runKey(inputs, services.appVersion),
    appVersion: services.appVersion,
    title: `${inputs.model.title} on ${inputs.architecture.title}`,
    inputs,
    facts,
    totals: totalsOf({
      machine,
      facts,
      problem: scheduleProblem,
      answer,
      program,
      timing,
      accounts,
      settings,
      simulator: reference(simulator.manifest),
      scheduler: reference(scheduler.manifest),
    }),
    columns: OPERATOR_COLUMNS,
    operators: accounts.operators,
    schedule: { problem: scheduleProblem, answer, limits },
    timeline: timelineOf(program, timing, machine),
    findings: [
      ...findingsOf({ machine, program, timing, operators: accounts.operators, problem: scheduleProblem, answer }),
      ...modelProblems,
      ...machineProblems,
    ],
    techniques: usedTechniques(settings.scheduler.id),
    stoppedEarly,
  };
  services.stageFinished?.('simulate');
  return ok(result);
}

/** SHA-256 over everything that decides the result: frozen documents, settings, technique and app versions. */
export function runKey(inputs: RunInputs, appVersion: string): string {
  const versions = usedTechniques(inputs.settings.scheduler.id).map(({ id, version }) => `${id}@${version}`);
  return contentHash({ inputs, versions, appVersion });
}

/** The key with the scratchpad left open: runs that share it are points of one curve bytes(S). */
export function runFamily(inputs: RunInputs, appVersion: string): string {
  return runKey({ ...inputs, settings: { ...inputs.settings, scratchpadBytes: null } }, appVersion);
}

function usedTechniques(schedulerId: string): RunResult['techniques'] {
  const row = (manifest: Manifest, role: string) => ({
    id: manifest.id,
    version: manifest.version,
    title: manifest.title,
    role,
  });
  return [
    ...techniques.pass.map((pass) => row(pass.manifest, 'compile: pass')),
    ...techniques.unit.map((unit) => row(unit.manifest, 'compile: cost of a unit')),
    ...techniques.scheduler
      .filter((scheduler) => scheduler.manifest.id === schedulerId)
      .map((scheduler) => row(scheduler.manifest, 'schedule')),
    ...techniques.simulator.map((simulator) => row(simulator.manifest, 'simulate')),
  ];
}

const reference = ({ id, version }: Manifest) => ({ id, version });

/** Progress of one stage as its part of the whole. */
function within(stage: keyof typeof STAGES, control: Control): Control {
  const [from, to] = STAGES[stage];
  return {
    cancelled: control.cancelled,
    report: (progress: Progress) =>
      control.report({ ...progress, fraction: from + (to - from) * Math.min(1, Math.max(0, progress.fraction)) }),
  };
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
