import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { canonicalJson } from '#core/base/canonical.ts';
import { uncontrolled } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { parseRun } from '#core/report/parse.ts';
import { isSimulationFile, parseSimulation } from '#core/report/simulation/parse.ts';
import { simulationRun } from '#core/run/fabric/pipeline.ts';
import type { SimulationResult } from '#core/run/fabric/result.ts';
import { runPipeline } from '#core/run/pipeline.ts';
import type { RunInputs, RunResult } from '#core/run/result.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { ByteSource } from '#core/technique/importer.ts';
import { fileProblem } from '#projects/atomic-file.ts';
import { openProject, PROJECT_EXTENSION } from '#projects/project.ts';
import { APP_VERSION } from '../version.ts';
import { type Command, DONE, FAILED, printProblems, textOption, UsageError } from './command.ts';
import { type WeightsSource, weightsFile } from './weights.ts';

export const replayCommand: Command = {
  name: 'replay',
  positionals: ['FILE'],
  summary: 'Runs the frozen inputs of a run or a simulation again and compares.',
  details: `FILE is the JSON of a run, which holds the documents and the settings it was made from, or a project with --run and the
number of one of its runs. Exit code 0 when key and result are the same bytes, 1 when not. Where the run took weights from a file,
--weights names that file; a project may have kept it. With --json: {key, sameKey, sameResult}.`,
  options: {
    run: { type: 'string', value: 'NUMBER', help: 'Which run of a project.' },
    weights: { type: 'string', value: 'FILE', help: 'The file the run took weights from, the same bytes.' },
    json: { type: 'boolean', help: 'JSON on stdout.' },
  },
  async run([file = ''], options, io) {
    const number = textOption(options, 'run');
    const repeated = await (isProjectFile(file)
      ? repeatOfProject(file, number, textOption(options, 'weights'))
      : repeat(file, textOption(options, 'weights')));
    if (!repeated.ok) {
      const { where } = repeated.error;
      printProblems([{ ...repeated.error, where: { file, ...where } }], io);
      return FAILED;
    }
    const { stored, again } = repeated.value;
    const sameKey = again.key === stored.key;
    const sameResult = canonicalJson(again) === canonicalJson(stored);
    if (options.json) io.out(JSON.stringify({ key: again.key, sameKey, sameResult }));
    else
      io.out(
        sameResult
          ? `the same result, key ${again.key}`
          : `a different ${sameKey ? 'result under the same key' : 'key: techniques or version have changed since'}`,
      );
    return sameKey && sameResult ? DONE : FAILED;
  },
};

interface Repeated {
  /** As the file has it; of a simulation only its inputs are checked. */
  readonly stored: { readonly key?: unknown };
  readonly again: RunResult | SimulationResult;
}

const isProjectFile = (file: string) => file.endsWith(PROJECT_EXTENSION);

/** A run as the project keeps it; with the project's own copy of the weights, unless another is named. */
async function repeatOfProject(
  file: string,
  number: string | undefined,
  named: string | undefined,
): Promise<Result<Repeated, Problem>> {
  if (number === undefined) throw new UsageError('which run of the project? --run takes its number');
  const opened = openProject(file);
  if (!opened.ok) return opened;
  const { runs, files, close } = opened.value;
  try {
    const run = runs.list().find((one) => String(one.number) === number);
    const result = run && runs.result(run.id);
    if (!result) return err(problem('run.missing', `The project has no run ${number} with a result`));
    const text = gunzipSync(result).toString('utf8');
    return isSimulationFile(text)
      ? await repeatSimulation(text, named)
      : await repeatRun(text, named, (sha256) => files.source(sha256));
  } finally {
    close();
  }
}

async function repeat(file: string, weights: string | undefined): Promise<Result<Repeated, Problem>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    return err(fileProblem('file.unreadable', `${file} cannot be read`, file, cause));
  }
  return isSimulationFile(text) ? repeatSimulation(text, weights) : repeatRun(text, weights);
}

async function repeatSimulation(text: string, weights: string | undefined): Promise<Result<Repeated, Problem>> {
  const inputs = parseSimulation(text);
  if (!inputs.ok) return inputs;
  if (weights !== undefined) return err(problem('weights.other-file', 'A simulation takes no weights from a file'));
  const services = { mip: await loadHighs(), control: uncontrolled, appVersion: APP_VERSION };
  const again = simulationRun(inputs.value, services);
  return again.ok ? ok({ stored: JSON.parse(text), again: again.value }) : again;
}

async function repeatRun(
  text: string,
  named: string | undefined,
  kept: (sha256: string) => ByteSource | null = () => null,
): Promise<Result<Repeated, Problem>> {
  const stored = parseRun(text);
  if (!stored.ok) return stored;
  const { inputs } = stored.value;
  const weights = named === undefined ? ok(null) : sameWeights(named, inputs);
  if (!weights.ok) return weights;
  const again = runPipeline(inputs, {
    mip: await loadHighs(),
    control: uncontrolled,
    appVersion: APP_VERSION,
    weights: weights.value?.source ?? (inputs.weights ? kept(inputs.weights.sha256) : null),
  });
  weights.value?.close();
  return again.ok ? ok({ stored: stored.value, again: again.value }) : again;
}

/** The file the run was verified with, told by its digest. */
function sameWeights(path: string, { weights }: RunInputs): Result<WeightsSource, Problem> {
  const file = weightsFile(path);
  if (!file.ok || file.value.identity.sha256 === weights?.sha256) return file;
  file.value.close();
  const message = weights ? `${path} is not the file ${weights.name} was` : 'The run took no weights from a file';
  return err(problem('weights.other-file', message, { where: { file: path } }));
}
