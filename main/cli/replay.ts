import { canonicalJson } from '#core/base/canonical.ts';
import { runPipeline } from '#core/run/pipeline.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { APP_VERSION } from '../version.ts';
import { type Command, DONE, FAILED, printProblems } from './command.ts';
import { loadRun } from './inputs.ts';

export const replayCommand: Command = {
  name: 'replay',
  positionals: ['RUN.json'],
  summary: 'Runs the frozen inputs of a run again and compares.',
  details: `RUN.json holds the model, the architecture and the settings it was made from. Exit code 0 when key and result are the same
bytes, 1 when not. With --json: {key, sameKey, sameResult}.`,
  options: { json: { type: 'boolean', help: 'JSON on stdout.' } },
  async run([file = ''], options, io) {
    const stored = loadRun(file);
    if (!stored.ok) {
      printProblems([stored.error], io);
      return FAILED;
    }
    const again = runPipeline(stored.value.inputs, {
      mip: await loadHighs(),
      control: { report: () => {}, cancelled: () => false },
      appVersion: APP_VERSION,
    });
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
