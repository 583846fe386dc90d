/** P-12: from the wish to stop a run to its being shown as cancelled, and to its best being kept; at random moments of real runs. */
import { resolve } from 'node:path';
import { createRng } from '#core/base/rng.ts';
import type { RunView } from '#core/contract/views.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { createBackend } from '#main/backend.ts';
import { places } from '#projects/places.ts';
import { temporaryFolder } from '../crash/edits.ts';
import { distribution, HEADER, machineLine, row } from '../support/measure.ts';

const RUNS = 12;

console.log(machineLine());
console.log(HEADER);

const folder = temporaryFolder();
const backend = createBackend({
  kind: 'local',
  places: places(folder.path),
  examples: resolve(import.meta.dirname, '../../projects/examples'),
  worker: new URL('../../main/jobs/worker.ts', import.meta.url),
});
let changed: (run: RunView) => void = () => {};
backend.events.subscribe('event', (event) => {
  if (event.type === 'run.changed') changed(event.run);
});
const opened = await backend.openExample('bert-base');
if (!opened.ok) throw new Error(opened.error.message);
const of = (kind: string) => opened.value.documents.find((each) => each.kind === kind)?.id ?? '';

const rng = createRng(1);
const shown: number[] = [];
let kept = 0;
let late = 0;
for (let i = 0; i < RUNS; i++) {
  const started = backend.startRun(of('model'), of('architecture'), DEFAULT_SETTINGS);
  if (!started.ok) throw new Error(started.error.message);
  const { id } = started.value;
  const cancelled = new Promise<number | null>((done) => {
    let asked: number | null = null;
    changed = (run) => {
      if (run.id !== id) return;
      if (run.state === 'cancelled' && asked !== null) done(performance.now() - asked);
      else if (run.state === 'done' || run.state === 'failed') done(null);
    };
    setTimeout(() => {
      asked = performance.now();
      backend.cancelRun(id);
    }, 20 + rng.below(600));
  });
  const took = await cancelled;
  if (took === null) late++;
  else shown.push(took);
  // The best so far may come within the grace.
  for (let waits = 0; waits < 60 && !backend.runResult(id); waits++) await new Promise((next) => setTimeout(next, 100));
  if (backend.runResult(id)) kept++;
}
if (shown.length > 0) print(shown);
function print(values: readonly number[]): void {
  console.log(row('wish to stop → shown as cancelled', distribution(values), 'ms'));
}
console.log(`${kept} of ${RUNS} kept a best; ${late} were done before they could be stopped`);
await backend.close();
folder.remove();
