/** `weft verify`: compiles a model, plays its program on numbers and compares with the reference. */
import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { uncontrolled } from '#core/base/control.ts';
import type { Problem } from '#core/base/problem.ts';
import { ok, type Result } from '#core/base/result.ts';
import { toFile } from '#core/document/document.ts';
import { randomSource, valueSourceOf } from '#core/reference/source.ts';
import type { StoredWeights } from '#core/reference/stored.ts';
import type { ValueSource } from '#core/reference/values.ts';
import { certify } from '#core/run/certify.ts';
import { type ProgramRun, programRun } from '#core/run/program-run.ts';
import { RUN_FORMATS } from '#core/run/settings.ts';
import { SCHEDULE_MODES } from '#core/schedule/problem.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { Importer } from '#core/technique/importer.ts';
import { techniques } from '#core/technique/registry.ts';
import { type FileSource, openFileSource } from '../files/byte-source.ts';
import {
  bytesOption,
  type Command,
  choiceOption,
  DONE,
  FAILED,
  integerOption,
  printProblems,
  textOption,
  UsageError,
} from './command.ts';
import { choicesOf, type ImportChoices, loadArchitecture, loadModel, SHAPE_OPTION, VALUE_OPTION } from './inputs.ts';
import { SOLVER_OPTIONS, schedulerOf } from './scheduling.ts';

export const verifyCommand: Command = {
  name: 'verify',
  positionals: ['FILE_OR_PROJECT'],
  summary: 'Plays the compiled program on numbers and compares its outputs with a plain execution.',
  details: `The model is compiled, scheduled and simulated; its program is then played on a scratchpad of bytes, by the simulated
times and row by row. Weights are the file's where it has them; inputs, and weights of drawn models, are random from --seed.
With --json: {isVerified, isExact, outputs: [{name, elements, maximumError, relativeError, isExact}], elements, maximumError,
relativeError, tolerance, commands, bytesMoved, orders, reference, statement, fault, firstWrong: {tensor, index, expected, got,
command}, weights: file | random, seed, schedule: {mode, S, objective}}. Exit code 0 when verified, 1 otherwise.`,
  options: {
    architecture: {
      type: 'string',
      value: 'PRESET_OR_FILE',
      help: 'A preset (weft presets), an architecture document or a project; unless given, the one in the project.',
    },
    scratchpad: {
      type: 'string',
      value: 'BYTES',
      help: 'Scratchpad capacity instead of the drawn one: small ones force tiling, spills and refills.',
    },
    mode: { type: 'string', value: 'MODE', help: 'strict, strict+weights or stream (the default).' },
    format: {
      type: 'string',
      value: 'FORMAT',
      help: 'model (the default): as in the file; or int8, int16, fp16, fp32, which set sizes, not rounding.',
    },
    ...SOLVER_OPTIONS,
    seed: { type: 'string', value: 'N', help: 'Of the random numbers; 1 unless given.' },
    json: { type: 'boolean', help: 'JSON on stdout.' },
    shape: SHAPE_OPTION,
    value: VALUE_OPTION,
  },
  async run([source = ''], options, io) {
    const { scheduler, set } = schedulerOf(options);
    const mode = choiceOption(options, 'mode', SCHEDULE_MODES);
    const format = choiceOption(options, 'format', RUN_FORMATS) ?? 'model';
    const scratchpadBytes = bytesOption(options, 'scratchpad', 1) ?? null;
    const seed = integerOption(options, 'seed', 0) ?? 1;
    const choices = choicesOf(options);
    const loaded = loadModel(source, choices);
    if (!loaded.ok) return failed([loaded.error]);
    const named = textOption(options, 'architecture');
    if (named === undefined && loaded.value.architecture === null)
      throw new UsageError('--architecture is needed: a preset, a document or a project');
    const architecture = named === undefined ? ok(loaded.value.architecture!) : loadArchitecture(named);
    if (!architecture.ok) return failed([architecture.error]);

    const parameters = { ...set, ...(mode !== undefined && { mode }) };
    const ran = programRun(
      {
        model: toFile(loaded.value.model),
        architecture: toFile(architecture.value),
        settings: {
          format,
          scratchpadBytes,
          objective: 'cycles',
          scheduler: { id: scheduler.manifest.id, parameters },
        },
      },
      { mip: await loadHighs(), control: uncontrolled },
    );
    if (!ran.ok) return failed([...loaded.value.problems, ran.error]);
    const file = weightsFile(source, choices);
    try {
      const numbers = sourceOf(ran.value, file, seed);
      if (!numbers.ok) return failed([numbers.error]);
      const certificate = certify(ran.value, numbers.value, { format });
      if (!certificate.ok) return failed([certificate.error]);
      const { mode: played, S, objective } = ran.value.answer;
      if (options.json)
        io.out(
          JSON.stringify({
            ...certificate.value,
            weights: file ? 'file' : 'random',
            seed,
            schedule: { mode: played, S, objective },
          }),
        );
      else {
        io.out(certificate.value.statement);
        for (const { name, elements, relativeError } of certificate.value.outputs)
          io.out(`  ${name}: ${elements} elements, largest error ${relativeError.toExponential(2)} of the range`);
      }
      return certificate.value.isVerified ? DONE : FAILED;
    } finally {
      file?.source.close();
    }

    function failed(problems: readonly Problem[]): number {
      printProblems(problems, io);
      if (options.json) io.out(JSON.stringify({ isVerified: false, problems }));
      return FAILED;
    }
  },
};

interface WeightsFile {
  readonly weights: StoredWeights;
  readonly source: FileSource;
}

const importers: readonly Importer[] = techniques.importer;
const HEAD_BYTES = 4096;

/** The file the weights lie in, open; null for drawn models. The file has been imported before, so it can be read. */
function weightsFile(path: string, { shapes, values }: ImportChoices): WeightsFile | null {
  if (!existsSync(path) || statSync(path).isDirectory()) return null;
  const source = openFileSource(path);
  const name = basename(path);
  const importer = importers.find((candidate) => candidate.match(name, source.read(0, HEAD_BYTES)));
  const opened = importer?.open(source, { document: 'model', file: name, shapes, values });
  if (opened?.ok && opened.value.weights) return { weights: opened.value.weights, source };
  source.close();
  return null;
}

/** The numbers the program is played on. */
function sourceOf({ model }: ProgramRun, file: WeightsFile | null, seed: number): Result<ValueSource, Problem> {
  const fallback = randomSource(model, seed);
  return file ? valueSourceOf(model, file.weights, file.source, { inputs: new Map(), fallback }) : ok(fallback);
}
