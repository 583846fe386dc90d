/**
 * One run: compile → schedule → emit → simulate → accounts, over two frozen documents. Pure and deterministic:
 * same inputs, same bytes. Each stage's result is checked before the next sees it.
 */
import { contentHash } from '#core/base/canonical.ts';
import type { Problem } from '#core/base/problem.ts';
import { ok, type Result } from '#core/base/result.ts';
import { findingsOf } from '#core/explain/findings.ts';
import { modelFacts } from '#core/model/facts.ts';
import { techniques } from '#core/technique/registry.ts';
import type { Manifest } from '#core/technique/technique.ts';
import { accountsOf } from './account.ts';
import { OPERATOR_COLUMNS } from './columns.ts';
import { type ProgramServices, programRun } from './program-run.ts';
import type { RunInputs, RunResult } from './result.ts';
import { timelineOf } from './timeline.ts';
import { totalsOf } from './totals.ts';

export interface PipelineServices extends ProgramServices {
  readonly appVersion: string;
}

export function runPipeline(inputs: RunInputs, services: PipelineServices): Result<RunResult, Problem> {
  const { settings } = inputs;
  const ran = programRun(inputs, services);
  if (!ran.ok) return ran;
  const { model, machine, compiled, problem, answer, limits, program, scratchpadBytes, timing } = ran.value;
  const accounts = accountsOf({
    compiled,
    machine,
    problem,
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
      problem,
      answer,
      program,
      timing,
      accounts,
      settings,
      simulator: ran.value.simulator,
      scheduler: ran.value.scheduler,
    }),
    columns: OPERATOR_COLUMNS,
    operators: accounts.operators,
    schedule: { problem, answer, limits },
    timeline: timelineOf(program, timing, machine),
    findings: [
      ...findingsOf({ machine, program, timing, operators: accounts.operators, problem, answer }),
      ...ran.value.findings,
    ],
    techniques: usedTechniques(settings.scheduler.id),
    stoppedEarly: ran.value.stoppedEarly,
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
