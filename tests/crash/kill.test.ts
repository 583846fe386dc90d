/** P-01: an acknowledged edit survives a killed process. P-09: so does the way back. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fromFile, toFile } from '#core/document/document.ts';
import { type DocumentState, initialState, step } from '#core/document/history.ts';
import { openReadOnly } from '#projects/database.ts';
import { createProject, openProject } from '#projects/project.ts';
import { cases } from '../support/cases.ts';
import { createRng, emptyModel, nextOperation, temporaryFolder } from './edits.ts';

const folder = temporaryFolder();
const path = join(folder.path, 'killed.weft');
const KILLS = cases(24, 1000);

beforeAll(() => {
  const made = createProject(path, 'Killed', [emptyModel()]);
  if (!made.ok) throw new Error(made.error.message);
  made.value.close();
});
afterAll(folder.remove);

/** Runs the stepper until it has acknowledged `after` more revisions and a moment has passed; returns the last one. */
function killAfter(seed: number, after: number, delay: number, script = 'stepper.ts'): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, script), path, String(seed)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    let errors = '';
    let armed = false;
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (!armed && printed.split('\n').length > after) {
        armed = true;
        setTimeout(() => child.kill('SIGKILL'), delay);
      }
    });
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.on('close', (_code, signal) => {
      if (signal !== 'SIGKILL') reject(new Error(`the stepper ended by itself: ${errors}`));
      else resolve(Number(printed.trim().split('\n').at(-1)));
    });
  });
}

/** What an uninterrupted process would hold at `revision`, from `state` by the same seed. */
function advance(state: DocumentState, seed: number, revision: number): DocumentState {
  const rng = createRng(seed);
  let current = state;
  while (current.revision < revision) {
    const stepped = step(current, nextOperation(current, rng));
    if (!stepped.ok) throw new Error(stepped.error.message);
    current = stepped.value.state;
  }
  return current;
}

it(
  `P-01 loses no acknowledged revision in ${KILLS} kills at random points`,
  async () => {
    const rng = createRng(1);
    let expected = initialState(fromFile(emptyModel()));
    let lost = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const acknowledged = await killAfter(kill, rng.below(12), rng.below(8));
      const opened = openProject(path);
      if (!opened.ok) throw new Error(opened.error.message);
      const state = opened.value.documents.state('model')!;
      expect(opened.value.notice).toBeNull();
      if (state.revision < acknowledged) lost++;
      // At most the one operation that was committed but not yet printed is beyond the acknowledged ones.
      expect(state.revision - acknowledged).toBeLessThanOrEqual(1);
      expected = advance(expected, kill, state.revision);
      expect(toFile(state.document)).toEqual(toFile(expected.document));
      expect(state.cursor).toBe(expected.cursor);
      opened.value.close();
    }
    expect(lost).toBe(0);
    const db = openReadOnly(path);
    expect(db.pragma('quick_check', { simple: true })).toBe('ok');
    db.close();
  },
  60_000 + KILLS * 3000,
);

it('P-09 undoes 20 steps after a kill and a reopening, and redoes them', () => {
  const opened = openProject(path);
  if (!opened.ok) throw new Error(opened.error.message);
  const { documents } = opened.value;
  // The random walk may have left less to undo than wanted.
  for (let i = 0; i < 25; i++) {
    const { revision } = documents.state('model')!;
    documents.step('model', revision, { type: 'do', command: { type: 'document.rename', title: `Title ${i}` } });
  }
  opened.value.close();
  const again = openProject(path);
  if (!again.ok) throw new Error(again.error.message);
  const store = again.value.documents;
  const before = toFile(store.state('model')!.document);
  for (const type of ['undo', 'redo'] as const)
    for (let i = 0; i < 20; i++) {
      const stepped = store.step('model', store.state('model')!.revision, { type });
      if (!stepped.ok) throw new Error(stepped.error.message);
      if (type === 'undo' && i === 19) expect(store.state('model')!.document.title).toBe('Title 4');
    }
  expect(toFile(store.state('model')!.document)).toEqual(before);
  again.value.close();
});

it(
  `P-01 a model file is kept whole or not at all in ${cases(8, 300)} kills while it is copied`,
  async () => {
    const rng = createRng(2);
    let cut = 0;
    for (let kill = 0; kill < cases(8, 300); kill++) {
      const acknowledged = await killAfter(kill, 1 + rng.below(2), rng.below(60), 'keeper.ts');
      const opened = openProject(path);
      if (!opened.ok) throw new Error(opened.error.message);
      const { files, notice, close } = opened.value;
      expect(notice).toBeNull();
      const view = files.view('model')!;
      const round = Number.parseInt(view.name, 10);
      expect(round).toBeGreaterThanOrEqual(acknowledged);
      expect(round - acknowledged).toBeLessThanOrEqual(1);
      const identity = files.identity('model');
      if (identity) {
        const bytes = files.source(identity.sha256)!.read(0, view.bytes);
        expect(createHash('sha256').update(bytes).digest('hex')).toBe(identity.sha256);
        expect(bytes.every((byte) => byte === round + 1)).toBe(true);
      } else cut++;
      close();
      const db = openReadOnly(path);
      const chunks = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM file_chunks').get()!.n;
      db.close();
      expect(chunks).toBe(identity ? Math.ceil(view.bytes / 2 ** 20) : 0);
    }
    console.info(`kills while a file was copied: ${cut} of ${cases(8, 300)} left none`);
  },
  cases(120_000, 3_600_000),
);
