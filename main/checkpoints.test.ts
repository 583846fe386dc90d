import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { emptyDocument, toFile } from '#core/document/document.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { createProject, type Project } from '#projects/project.ts';
import { temporaryFolder } from '../tests/crash/edits.ts';
import { createCheckpoints } from './checkpoints.ts';

const model = toFile(emptyDocument('m', 'model', 'M'));
const architecture = toFile(emptyDocument('a', 'architecture', 'A'));
let folder: ReturnType<typeof temporaryFolder>;
let project: Project;
beforeEach(() => {
  folder = temporaryFolder();
  const made = createProject(join(folder.path, 'p.weft'), 'P', [model, architecture]);
  if (!made.ok) throw new Error(made.error.message);
  project = made.value;
});
afterEach(() => {
  project.close();
  folder.remove();
});
const host = () => ({ ok: true, value: project }) as const;

it('makes, gives, renames and removes', () => {
  const checkpoints = createCheckpoints({ project: host, writable: host });
  const made = checkpoints.make('m', 'First');
  if (!made.ok) throw new Error(made.error.message);
  const { id } = made.value;
  expect(checkpoints.list('m')).toMatchObject({ value: [{ id, title: 'First', revision: 0 }] });
  expect(checkpoints.file(id)).toEqual({ ok: true, value: model });
  expect(checkpoints.rename(id, 'Start')).toMatchObject({ value: { title: 'Start' } });
  expect(checkpoints.remove(id).ok).toBe(true);
  expect(checkpoints.restore(id)).toMatchObject({ value: { title: 'Start' } });
  expect(checkpoints.make('none', 'T')).toMatchObject({ error: { code: 'document.missing' } });
});

it('gives the frozen inputs of a run: queued, failed, done; never the file of its weights', () => {
  const checkpoints = createCheckpoints({ project: host, writable: host });
  const inputs = { model, architecture, settings: DEFAULT_SETTINGS };
  const run = {
    key: 'k',
    family: 'f',
    title: 'M on A',
    model: { document: 'm', revision: 0 },
    architecture: { document: 'a', revision: 0 },
  };
  const weights = { name: 'm.onnx', bytes: 3, sha256: '0'.repeat(64), shapes: {} };
  const { id } = project.runs.insert({ ...run, inputs: { ...inputs, weights } });
  expect(checkpoints.frozen(id)).toEqual({ ok: true, value: inputs });
  project.runs.end(id, 'failed', null);
  expect(checkpoints.frozen(id)).toEqual({ ok: true, value: inputs });
  const done = project.runs.insert({ ...run, inputs });
  project.runs.saveResult(done.id, 'done', {
    result: gzipSync(JSON.stringify({ inputs })),
    key: 'k',
    totals: [],
    stageMilliseconds: {},
    convergence: [],
  });
  expect(checkpoints.frozen(done.id)).toEqual({ ok: true, value: inputs });
  expect(checkpoints.frozen('none')).toMatchObject({ error: { code: 'run.no-inputs' } });
});
