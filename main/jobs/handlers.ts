/** What a worker does for the host: runs, imports, reports. Heavy, synchronous, cancellable. */
import { readFileSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Control, uncontrolled } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { checkCandidate } from '#core/candidate/check.ts';
import { candidateTemplate } from '#core/candidate/template.ts';
import { toFile } from '#core/document/document.ts';
import { LONGEST_RUN_FILE, parseRun } from '#core/report/parse.ts';
import { renderReport, renderRun } from '#core/report/render.ts';
import { isSimulationFile, parseSimulation } from '#core/report/simulation/parse.ts';
import { renderSimulation, renderSimulationRun } from '#core/report/simulation/render.ts';
import { type ConvergenceSample, withReport } from '#core/run/convergence.ts';
import { curveOfRun } from '#core/run/curve.ts';
import { crossoverStudy } from '#core/run/fabric/crossover.ts';
import { simulationRun } from '#core/run/fabric/pipeline.ts';
import type { SimulationInputs, SimulationResult } from '#core/run/fabric/result.ts';
import { runFamily, runPipeline } from '#core/run/pipeline.ts';
import { programRun } from '#core/run/program-run.ts';
import { type ProgramPage, pageOf, programOfRun, type ReadableProgram } from '#core/run/program-text.ts';
import type { RunInputs, RunResult } from '#core/run/result.ts';
import type { ScheduleCurve } from '#core/schedule/curve.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import type { ByteSource } from '#core/technique/importer.ts';
import { unpackJson } from '#projects/codec.ts';
import { sortOf } from '#projects/run-store.ts';
import { importFile } from '../files/import-file.ts';
import { inPieces } from '../files/rendered.ts';
import { derivedReport } from './derived-reports.ts';
import { explorerPlan, explorerTurn } from './explorer-session.ts';
import type { Jobs, RunOutput } from './messages.ts';
import { packedRun } from './packed-run.ts';
import { checkedBundle } from './read-bundle.ts';
import type { JobHandlers } from './serve.ts';
import { studyPoints } from './study-points.ts';

let solver: Promise<MipSolver> | null = null;

/** Loaded once a worker. */
function theSolver(): Promise<MipSolver> {
  solver ??= loadHighs();
  return solver;
}

/** Milliseconds by stage, measured from one end of a stage to the next. */
export function stageClock(): { readonly finished: (stage: string) => void; readonly times: Record<string, number> } {
  const times: Record<string, number> = {};
  let last = performance.now();
  return {
    times,
    finished: (stage) => {
      const now = performance.now();
      times[stage] = Math.round((now - last) * 10) / 10;
      last = now;
    },
  };
}

/** Adds `seconds` since now to every report, and keeps the samples of its course. */
export function watched(control: Control): {
  readonly control: Control;
  readonly samples: () => readonly ConvergenceSample[];
} {
  const began = performance.now();
  let samples: readonly ConvergenceSample[] = [];
  return {
    samples: () => samples,
    control: {
      cancelled: control.cancelled,
      report: (progress) => {
        const seconds = (performance.now() - began) / 1000;
        samples = withReport(samples, progress, seconds);
        control.report({ ...progress, figures: { ...progress.figures, seconds } });
      },
    },
  };
}

async function run(
  { inputs, appVersion }: Jobs['run']['input'],
  control: Control,
  weights: ByteSource | null,
): Promise<Result<RunOutput, Problem>> {
  const mip = await theSolver();
  const frozen = unpackJson<RunInputs | SimulationInputs>(inputs);
  const clock = stageClock();
  const watch = watched(control);
  if ('tasks' in frozen) {
    const simulated = simulationRun(frozen, { mip, control: watch.control, appVersion, stageFinished: clock.finished });
    if (!simulated.ok) return simulated;
    return ok(
      packedRun(simulated.value, renderSimulation(simulated.value, 'json'), { stageMilliseconds: clock.times }),
    );
  }
  const done = runPipeline(frozen, {
    mip,
    control: watch.control,
    appVersion,
    stageFinished: clock.finished,
    weights,
  });
  if (!done.ok) return done;
  const course = { stageMilliseconds: clock.times, convergence: watch.samples() };
  return ok(packedRun(done.value, renderReport(done.value, 'json'), course));
}

async function importRun({
  path,
  appVersion,
}: Jobs['import-run']['input']): Promise<Result<Jobs['import-run']['output'], Problem>> {
  const { size } = statSync(path);
  if (size > LONGEST_RUN_FILE)
    return err(
      problem('run-file.too-large', 'The file is larger than any run this version reads', {
        facts: { size, limit: LONGEST_RUN_FILE },
      }),
    );
  const json = readFileSync(path, 'utf8');
  if (isSimulationFile(json)) {
    const inputs = parseSimulation(json);
    if (!inputs.ok) return inputs;
    const again = simulationRun(inputs.value, { mip: await theSolver(), control: uncontrolled, appVersion });
    return again.ok ? ok(importedSimulation(again.value)) : again;
  }
  const parsed = parseRun(json);
  if (!parsed.ok) return parsed;
  const { inputs } = parsed.value;
  return ok({
    ...packedRun(parsed.value, json, {}),
    family: runFamily(inputs, appVersion),
    model: inputs.model.id,
    architecture: inputs.architecture.id,
    sort: sortOf(inputs),
  });
}

function importedSimulation(result: SimulationResult): Jobs['import-run']['output'] {
  const { inputs } = result;
  return {
    ...packedRun(result, renderSimulation(result, 'json'), {}),
    family: result.key,
    model: inputs.tasks.id,
    architecture: inputs.fabric.id,
    sort: sortOf(inputs),
  };
}

async function curve(
  { result, range }: Jobs['curve']['input'],
  control: Control,
): Promise<Result<ScheduleCurve, Problem>> {
  const mip = await theSolver();
  return curveOfRun(unpackJson<RunResult>(result), range, { mip, control, clock: () => performance.now() / 1000 });
}

function report({
  result,
  format,
  curve,
  sections,
}: Jobs['report']['input']): Result<Jobs['report']['output'], Problem> {
  const bytes = gunzipSync(result);
  const json = bytes.toString('utf8');
  const made = JSON.parse(json) as RunResult | SimulationResult;
  // A stored JSON result is already what the JSON report is.
  if (format === 'json') return ok({ pieces: [bytes], outline: [] });
  if (made.format === 'weft-run/1') return ok(inPieces(renderRun(made, format, { curve, sections })));
  if (format === 'schedule') return err(problem('export.no-schedule', 'A simulation has no schedule of a scratchpad'));
  return ok(inPieces(renderSimulationRun(made, format, { sections })));
}

async function candidateText(
  { inputs, node }: Jobs['candidate-template']['input'],
  control: Control,
): Promise<Result<Jobs['candidate-template']['output'], Problem>> {
  const ran = programRun(inputs, { mip: await theSolver(), control });
  const text = ran.ok ? candidateTemplate(ran.value, node) : ran;
  return text.ok ? ok({ text: text.value }) : text;
}

/** Programs made again, by run, the last asked for last. */
const programs = new Map<string, ReadableProgram>();
const KEPT_PROGRAMS = 4;

function program({ run: id, result, page }: Jobs['program']['input']): Result<ProgramPage, Problem> {
  let found = programs.get(id);
  if (!found) {
    const made = programOfRun(unpackJson<RunResult>(result));
    if (!made.ok) return made;
    found = made.value;
  }
  programs.delete(id);
  programs.set(id, found);
  for (const oldest of programs.keys()) {
    if (programs.size <= KEPT_PROGRAMS) break;
    programs.delete(oldest);
  }
  return ok(pageOf(found, page));
}

export const handlers: JobHandlers = {
  ready: () => ok(null),
  warm: async () => {
    await theSolver();
    return ok(null);
  },
  run,
  import: ({ path, name, shapes }) => {
    const imported = importFile(path, name, shapes);
    return imported.ok ? ok({ ...imported.value, document: toFile(imported.value.document) }) : imported;
  },
  'import-run': importRun,
  'read-bundle': ({ path, appVersion }) => checkedBundle(path, appVersion, theSolver, packedRun),
  curve,
  crossover: async (inputs, control) => crossoverStudy(inputs, { mip: await theSolver(), control }),
  'study-points': (input, control) => studyPoints(input, control, theSolver),
  'explorer-plan': explorerPlan,
  'explorer-turn': explorerTurn,
  program,
  'candidate-template': candidateText,
  'candidate-check': async (check, control) => checkCandidate(check, { mip: await theSolver(), control }),
  report,
  'derived-report': derivedReport,
};
