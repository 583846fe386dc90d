/**
 * One run: compile → schedule → emit → simulate → accounts, over two frozen documents. Pure and deterministic:
 * same inputs, same bytes. Each stage's result is checked before the next sees it.
 */
import { contentHash } from '#core/base/canonical.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { findingsOf } from '#core/explain/findings.ts';
import { modelFacts } from '#core/model/facts.ts';
import type { ByteSource } from '#core/technique/importer.ts';
import { techniques } from '#core/technique/registry.ts';
import type { Manifest } from '#core/technique/technique.ts';
import { accountsOf } from './account.ts';
import { areaParts } from './area.ts';
import { arrayModelsOf } from './array-models.ts';
import { certificateFinding, certificateOf } from './certificate.ts';
import { OPERATOR_COLUMNS } from './columns.ts';
import { type ProgramServices, programRun, within } from './program-run.ts';
import { excerptOf, readableProgram } from './program-text.ts';
import type { RunInputs, RunResult, WeightsIdentity } from './result.ts';
import { timelineOf } from './timeline.ts';
import { totalsOf } from './totals.ts';

export interface PipelineServices extends ProgramServices {
  readonly appVersion: string;
  /** The file `inputs.weights` names; the caller has seen to it that it is that one. */
  readonly weights?: ByteSource | null;
}

export function runPipeline(inputs: RunInputs, services: PipelineServices): Result<RunResult, Problem> {
  const { settings } = inputs;
  if (inputs.weights && !services.weights) return err(withoutWeights(inputs.weights));
  const ran = programRun(inputs, services);
  if (!ran.ok) return ran;
  const { model, machine, compiled, problem: instance, answer, limits, program, scratchpadBytes, timing } = ran.value;
  const accounts = accountsOf({
    compiled,
    machine,
    problem: instance,
    program,
    timing,
    scratchpadBytes,
    settings,
  });
  const facts = modelFacts(model);
  services.stageFinished?.('simulate');
  const certificate = certificateOf({
    run: ran.value,
    settings,
    weights: inputs.weights && services.weights ? { identity: inputs.weights, source: services.weights } : null,
    control: within('verify', services.control),
  });
  const wasStopped = ran.value.stoppedEarly || ('skipped' in certificate && services.control.cancelled());
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
      problem: instance,
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
    schedule: { problem: instance, answer, limits },
    timeline: timelineOf(program, timing, machine),
    certificate,
    arrayModels: arrayModelsOf(compiled, machine, settings),
    energy: accounts.energy,
    area: areaParts(machine, settings),
    program: excerptOf(readableProgram(program, instance)),
    findings: [
      ...certificateFinding(certificate, ran.value),
      ...findingsOf({ machine, program, timing, operators: accounts.operators, problem: instance, answer }),
      ...ran.value.findings,
    ],
    techniques: usedTechniques(settings.scheduler.id),
    stoppedEarly: wasStopped,
  };
  services.stageFinished?.('verify');
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

function withoutWeights({ name, bytes }: WeightsIdentity): Problem {
  return problem('run.weights-missing', `The run takes weights from ${name}, which is not at hand`, {
    facts: { file: name, size: bytes, unit: 'B' },
  });
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
    ...techniques['array-model'].map((model) => row(model.manifest, 'cost of an array')),
    ...techniques.simulator.map((simulator) => row(simulator.manifest, 'simulate')),
  ];
}
