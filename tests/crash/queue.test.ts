/** P-01 for the queue of runs: what waits survives a killed process, and no run takes the process down for ever. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { QueueView } from '#core/contract/queue.ts';
import type { RunView } from '#core/contract/views.ts';
import { emptyDocument, toFile } from '#core/document/document.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { createProject, openProject, type Project } from '#projects/project.ts';
import type { NewRun } from '#projects/run-store.ts';
import { temporaryFolder } from './edits.ts';

const folder = temporaryFolder();
const path = join(folder.path, 'queue.weft');
afterAll(folder.remove);

type State = QueueView & { readonly runs: readonly RunView[] };
const states = ({ runs }: State) => runs.map(({ state }) => state);

/** The host's first state that is as wanted; the host is killed there. */
function untilKilled(wanted: (state: State) => boolean, runs = 'idle'): Promise<State> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'queue-host.ts'), path], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, WEFT_TEST_RUNS: runs },
    });
    let rest = '';
    let errors = '';
    let found: State | null = null;
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const state = JSON.parse(line) as State;
        if (found === null && wanted(state)) {
          found = state;
          child.kill('SIGKILL');
        }
      }
    });
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.on('close', (_code, signal) => {
      if (found === null || signal !== 'SIGKILL') reject(new Error(`the host ended by itself: ${errors}`));
      else resolve(found);
    });
  });
}

function withProject<T>(use: (project: Project) => T): T {
  const opened = openProject(path);
  if (!opened.ok) throw new Error(opened.error.message);
  try {
    return use(opened.value);
  } finally {
    opened.value.close();
  }
}

const newRun = (title: string): NewRun => ({
  key: title,
  family: 'family',
  title,
  model: { document: 'm', revision: 1 },
  architecture: { document: 'a', revision: 1 },
  inputs: {
    model: toFile(emptyDocument('m', 'model', 'M')),
    architecture: toFile(emptyDocument('a', 'architecture', 'A')),
    settings: DEFAULT_SETTINGS,
  },
});

const ids: string[] = [];
beforeAll(() => {
  const made = createProject(path, 'Queue');
  if (!made.ok) throw new Error(made.error.message);
  for (const title of ['first', 'second', 'third']) ids.push(made.value.runs.insert(newRun(title)).id);
  made.value.close();
});

it('P-01 queued runs survive kills of the host, in their order, and go on by themselves', async () => {
  const [first = '', second = '', third = ''] = ids;
  withProject(({ runs }) => runs.reorder(third, second));
  const isUnderWay = ({ runs }: State) => runs.some(({ progress }) => progress !== null);

  const once = await untilKilled(isUnderWay);
  expect(states(once)).toEqual(['running', 'queued', 'queued']);
  expect(once.waiting).toEqual([third, second]);

  // The one that was running is first again.
  const twice = await untilKilled(isUnderWay);
  expect(states(twice)).toEqual(['running', 'queued', 'queued']);

  // Two processes died with it: it is not tried a third time, and says why; the next one is.
  const thrice = await untilKilled(isUnderWay);
  expect(states(thrice)).toEqual(['failed', 'queued', 'running']);
  expect(thrice.runs.find(({ id }) => id === first)?.failure).toMatchObject({
    code: 'run.interrupted',
    facts: { interruptions: 2 },
  });

  const ended = await untilKilled(({ runs }) => runs.every(({ finishedAt }) => finishedAt !== null), 'end');
  expect(states(ended)).toEqual(['failed', 'done', 'done']);
}, 60_000);

it('P-01 a paused queue is paused after a kill, and nothing in it starts', async () => {
  withProject(({ runs }) => {
    runs.setPaused(true);
    runs.insert(newRun('fourth'));
  });
  for (let kill = 0; kill < 2; kill++) {
    const state = await untilKilled(() => true, 'end');
    expect(state.isPaused).toBe(true);
    expect(states(state).at(-1)).toBe('queued');
  }
}, 60_000);
