import { canonicalJson } from '#core/base/canonical.ts';
import { uncontrolled } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { runPipeline } from '#core/run/pipeline.ts';
import type { RunInputs } from '#core/run/result.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { APP_VERSION } from '../version.ts';
import { type Command, DONE, FAILED, printProblems, textOption } from './command.ts';
import { loadRun } from './inputs.ts';
import { type WeightsSource, weightsFile } from './weights.ts';

export const replayCommand: Command = {
  name: 'replay',
  positionals: ['RUN.json'],
  summary: 'Runs the frozen inputs of a run again and compares.',
  details: `RUN.json holds the model, the architecture and the settings it was made from. Exit code 0 when key and result are the same
bytes, 1 when not. Where the run took weights from a file, --weights names that file. With --json: {key, sameKey, sameResult}.`,
  options: {
    weights: { type: 'string', value: 'FILE', help: 'The file the run took weights from, the same bytes.' },
    json: { type: 'boolean', help: 'JSON on stdout.' },
  },
  async run([file = ''], options, io) {
    const stored = loadRun(file);
    if (!stored.ok) {
      printProblems([stored.error], io);
      return FAILED;
    }
    const { inputs } = stored.value;
    const named = textOption(options, 'weights');
    const weights = named === undefined ? ok(null) : sameWeights(named, inputs);
    if (!weights.ok) {
      printProblems([weights.error], io);
      return FAILED;
    }
    const again = runPipeline(inputs, {
      mip: await loadHighs(),
      control: uncontrolled,
      appVersion: APP_VERSION,
      weights: weights.value?.source ?? null,
    });
    weights.value?.close();
    if (!again.ok) {
      printProblems([again.error], io);
      return FAILED;
    }
    const sameKey = again.value.key === stored.value.key;
    const sameResult = canonicalJson(again.value) === canonicalJson(stored.value);
    if (options.json) io.out(JSON.stringify({ key: again.value.key, sameKey, sameResult }));
    else
      io.out(
        sameResult
          ? `the same result, key ${again.value.key}`
          : `a different ${sameKey ? 'result under the same key' : 'key: techniques or version have changed since'}`,
      );
    return sameKey && sameResult ? DONE : FAILED;
  },
};

/** The file the run was verified with, told by its digest. */
function sameWeights(path: string, { weights }: RunInputs): Result<WeightsSource, Problem> {
  const file = weightsFile(path);
  if (!file.ok || file.value.identity.sha256 === weights?.sha256) return file;
  file.value.close();
  const message = weights ? `${path} is not the file ${weights.name} was` : 'The run took no weights from a file';
  return err(problem('weights.other-file', message, { where: { file: path } }));
}
