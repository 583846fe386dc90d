import { join } from 'node:path';
import { uncontrolled } from '#core/base/control.ts';
import type { Problem } from '#core/base/problem.ts';
import { formatExact } from '#core/base/quantity.ts';
import { ok, type Result } from '#core/base/result.ts';
import { toFile } from '#core/document/document.ts';
import { renderReport } from '#core/report/render.ts';
import { runPipeline } from '#core/run/pipeline.ts';
import {
  DEFAULT_SEED,
  DEFAULT_SETTINGS,
  LARGEST_SEED,
  MAPPING_OBJECTIVES,
  RUN_FORMATS,
  type RunSettings,
  VALUE_CHECKS,
} from '#core/run/settings.ts';
import { SCHEDULE_MODES } from '#core/schedule/problem.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { writeFileAtomic } from '#projects/atomic-file.ts';
import { APP_VERSION } from '../version.ts';
import {
  bytesOption,
  type Command,
  choiceOption,
  DONE,
  FAILED,
  integerOption,
  type OptionValues,
  printProblems,
  textOption,
  UsageError,
} from './command.ts';
import { choicesOf, type ImportChoices, loadArchitecture, loadModel, SHAPE_OPTION, VALUE_OPTION } from './inputs.ts';
import { SOLVER_OPTIONS, schedulerOf } from './scheduling.ts';
import { WEIGHTS_OPTION, type WeightsSource, weightsFile, weightsOfModel } from './weights.ts';

export const runCommandLine: Command = {
  name: 'run',
  positionals: ['FILE_OR_PROJECT'],
  summary: 'Compiles, schedules and simulates a model on an architecture.',
  details: `Without --architecture the one in the project is taken. --out DIR gets report.html, run.json (re-imports),
operators.csv, schedule.json (order, residency, addresses, bound) and problem.json (the scheduling problem it solves).
With --json: {key, title, totals: {metric id: value}, schedule: {mode, S, objective, bound, optimal, stop, compulsory, baselines,
limits}, certificate, arrayModels, energy: {levels, operators}, area, program, problems, files}; the members from certificate to
program are as in run.json. Bytes are bytes, times cycles or seconds, energy joules, utilisation 0 to 1. Exit code 1 too where
values were verified and are wrong.`,
  options: {
    architecture: {
      type: 'string',
      value: 'PRESET_OR_FILE',
      help: 'A preset (weft presets), an architecture document or a project.',
    },
    spm: {
      type: 'string',
      value: 'BYTES',
      help: 'Scratchpad capacity instead of the drawn one: 131072, 128KiB, 2MiB.',
    },
    mode: {
      type: 'string',
      value: 'MODE',
      help: 'strict, strict+weights or stream (the default): may operators read operands from off chip?',
    },
    format: {
      type: 'string',
      value: 'FORMAT',
      help: 'int8 (the default), int16, fp16, fp32, or model: as in the file.',
    },
    ...SOLVER_OPTIONS,
    objective: {
      type: 'string',
      value: 'OBJECTIVE',
      help: 'cycles (the default) or off-chip: what the mapping minimises.',
    },
    split: {
      type: 'string',
      value: 'on|off',
      help: 'on (the default): in strict modes operators larger than the scratchpad stream what has no room, piece by piece.',
    },
    values: {
      type: 'string',
      value: 'WHEN',
      help: `${VALUE_CHECKS.join(', ')}: whether the program is played on numbers and its outputs compared; automatic (the default) where that takes about five seconds.`,
    },
    weights: WEIGHTS_OPTION,
    seed: { type: 'string', value: 'N', help: `Of random inputs and weights; ${DEFAULT_SEED} unless given.` },
    out: { type: 'string', value: 'DIR', help: 'Folder for the files; made when missing.' },
    json: { type: 'boolean', help: 'JSON on stdout.' },
    shape: SHAPE_OPTION,
    value: VALUE_OPTION,
  },
  async run([source = ''], options, io) {
    const settings = settingsOf(options);
    const choices = choicesOf(options);
    const loaded = loadModel(source, choices);
    if (!loaded.ok) return failed([loaded.error]);
    const named = textOption(options, 'architecture');
    if (named === undefined && loaded.value.architecture === null)
      throw new UsageError('--architecture is needed: a preset, a document or a project');
    const architecture =
      named === undefined ? { ok: true as const, value: loaded.value.architecture! } : loadArchitecture(named);
    if (!architecture.ok) return failed([architecture.error]);

    const file = weightsFor(source, choices, settings, options);
    if (!file.ok) return failed([file.error]);
    const mip = await loadHighs();
    const ran = runPipeline(
      {
        model: toFile(loaded.value.model),
        architecture: toFile(architecture.value),
        settings,
        ...(file.value && { weights: file.value.identity }),
      },
      { mip, control: uncontrolled, appVersion: APP_VERSION, weights: file.value?.source ?? null },
    );
    file.value?.close();
    if (!ran.ok) return failed([...loaded.value.problems, ran.error]);
    const result = ran.value;
    const files: string[] = [];
    const folder = textOption(options, 'out');
    if (folder !== undefined) {
      const contents = {
        'report.html': renderReport(result, 'html'),
        'run.json': renderReport(result, 'json'),
        'operators.csv': renderReport(result, 'csv'),
        'schedule.json': renderReport(result, 'schedule'),
        'problem.json': `${JSON.stringify(result.schedule.problem, null, 1)}\n`,
      };
      for (const [name, text] of Object.entries(contents)) {
        const path = join(folder, name);
        const written = writeFileAtomic(path, text);
        if (!written.ok) return failed([written.error]);
        files.push(path);
      }
    }
    const problems = [...loaded.value.problems, ...result.findings];
    printProblems(problems, io);
    const { limits, answer } = result.schedule;
    const { mode, S, objective, bound, optimal, stop, compulsory, baselines } = answer;
    const { certificate, arrayModels, energy, area, program } = result;
    if (options.json) {
      const totals = Object.fromEntries(result.totals.map(({ id, value }) => [id, value]));
      io.out(
        JSON.stringify({
          key: result.key,
          title: result.title,
          totals,
          schedule: { mode, S, objective, bound, optimal, stop, compulsory, baselines, limits },
          certificate,
          arrayModels,
          energy,
          area,
          program,
          problems,
          files,
        }),
      );
    } else {
      io.out(result.title);
      for (const { title, value, unit, badge } of result.totals)
        io.out(`  ${title.padEnd(24)} ${formatExact(value, unit)}  (${badge})`);
      if (certificate)
        io.out('skipped' in certificate ? `Values are not verified. ${certificate.skipped}` : certificate.statement);
    }
    return certificate && !('skipped' in certificate) && !certificate.isVerified ? FAILED : DONE;

    function failed(problems: Parameters<typeof printProblems>[0]): number {
      printProblems(problems, io);
      if (options.json) io.out(JSON.stringify({ problems }));
      return FAILED;
    }
  },
};

/** The file to verify with; null where there is none or values are not verified. */
function weightsFor(
  model: string,
  choices: ImportChoices,
  { values }: RunSettings,
  options: OptionValues,
): Result<WeightsSource | null, Problem> {
  const named = textOption(options, 'weights');
  if (values === 'never') {
    if (named !== undefined) throw new UsageError('--weights is for verifying values; --values never asks for none');
    return ok(null);
  }
  return named === undefined ? ok(weightsOfModel(model, choices)) : weightsFile(named, choices);
}

function settingsOf(options: OptionValues): RunSettings {
  const mode = choiceOption(options, 'mode', SCHEDULE_MODES);
  const { scheduler, set } = schedulerOf(options);
  const values = choiceOption(options, 'values', VALUE_CHECKS) ?? 'automatic';
  const seed = integerOption(options, 'seed', 0) ?? DEFAULT_SEED;
  if (seed > LARGEST_SEED) throw new UsageError(`--seed takes at most ${LARGEST_SEED}`);
  return {
    ...DEFAULT_SETTINGS,
    ...(values !== 'automatic' && { values }),
    ...(seed !== DEFAULT_SEED && { seed }),
    format: choiceOption(options, 'format', RUN_FORMATS) ?? DEFAULT_SETTINGS.format,
    objective: choiceOption(options, 'objective', MAPPING_OBJECTIVES) ?? DEFAULT_SETTINGS.objective,
    scratchpadBytes: bytesOption(options, 'spm', 1) ?? null,
    ...(choiceOption(options, 'split', ['on', 'off']) === 'off' && { split: false }),
    scheduler: { id: scheduler.manifest.id, parameters: { ...set, ...(mode !== undefined && { mode }) } },
  };
}
