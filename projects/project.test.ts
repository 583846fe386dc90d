import { createHash } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Result } from '#core/base/result.ts';
import { type DocumentFile, emptyDocument, fromFile, toFile } from '#core/document/document.ts';
import { initialState, type Operation, replay } from '#core/document/history.ts';
import type { RunInputs } from '#core/run/result.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import type { ScheduleCurve } from '#core/schedule/curve.ts';
import { temporaryFolder } from '../tests/crash/edits.ts';
import { packJson, unpackJson } from './codec.ts';
import { type Db, migrate, openReadOnly, openWritable } from './database.ts';
import { createProject, openProject, type Project } from './project.ts';
import type { FinishedRun, NewRun } from './run-store.ts';
import { MIGRATIONS } from './schema/migrations.ts';

let folder: ReturnType<typeof temporaryFolder>;
let path: string;
const open: Project[] = [];

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder.path, 'project.weft');
});
afterEach(() => {
  for (const project of open.splice(0)) project.close();
  folder.remove();
});

function expectOk<T>(result: Result<T, { readonly code: string }>): T {
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}
function track(result: ReturnType<typeof openProject>): Project {
  const project = expectOk(result);
  open.push(project);
  return project;
}
const model = (id = 'm1'): DocumentFile => toFile(emptyDocument(id, 'model', 'LeNet'));
const rename = (title: string, gesture?: string): Operation => {
  const command = { type: 'document.rename', title } as const;
  return gesture === undefined ? { type: 'do', command } : { type: 'do', command, gesture };
};

function hashOfDocuments(file: string): string {
  // A writer, because a reader leaves -wal and -shm behind.
  const db = openWritable(file);
  const hash = createHash('sha256');
  for (const table of ['documents', 'operations'])
    for (const row of db.prepare<[], Record<string, unknown>>(`SELECT * FROM ${table} ORDER BY rowid`).all())
      hash.update(JSON.stringify(row));
  db.close();
  return hash.digest('hex');
}

describe('documents', () => {
  it('acknowledges a step, refuses another base, and names what is missing', () => {
    const project = track(createProject(path, 'P', [model()]));
    expect(project.documents.step('m1', 0, rename('A'))).toMatchObject({ ok: true, value: { revision: 1 } });
    expect(project.documents.step('m1', 0, rename('B'))).toMatchObject({
      ok: false,
      error: { code: 'document.conflict', facts: { base: 0, revision: 1 } },
    });
    expect(project.documents.step('nope', 0, rename('B'))).toMatchObject({ error: { code: 'document.missing' } });
    expect(project.documents.step('m1', 1, { type: 'redo' })).toMatchObject({
      error: { code: 'history.nothing-to-redo' },
    });
    expect(project.documents.list()).toEqual([{ id: 'm1', kind: 'model', title: 'A', revision: 1, nodes: 0 }]);
    expect(project.documents.create(model())).toMatchObject({ error: { code: 'document.duplicate' } });
  });

  it('gives a log that rebuilds the history, squashed gestures and undone entries included, also after reopening', () => {
    const project = track(createProject(path, 'P', [model()]));
    const operations: Operation[] = [
      rename('A'),
      rename('B', 'g'),
      rename('C', 'g'),
      rename('D'),
      { type: 'undo' },
      { type: 'undo' },
      { type: 'redo' },
    ];
    operations.forEach((operation, base) => {
      expectOk(project.documents.step('m1', base, operation));
    });
    const check = (view: ReturnType<Project['documents']['get']>) => {
      const { file, revision, log } = expectOk(view);
      expect([file.title, revision]).toEqual(['C', 7]);
      let state = initialState(fromFile(file), revision - log.length);
      for (const row of log) state = replay(state, row, false);
      expect(state.revision).toBe(7);
      expect(state.cursor).toBe(2);
      expect(state.entries.map((entry) => entry.patch)).toEqual([
        [{ table: 'title', id: 'title', before: 'LeNet', after: 'A' }],
        [{ table: 'title', id: 'title', before: 'A', after: 'C' }],
        [{ table: 'title', id: 'title', before: 'C', after: 'D' }],
      ]);
    };
    check(project.documents.get('m1'));
    project.close();
    check(track(openProject(path)).documents.get('m1'));
  });

  it('folds a long log into the snapshot when closing, history and all', () => {
    const project = track(createProject(path, 'P', [model()]));
    for (let base = 0; base < 30; base++) expectOk(project.documents.step('m1', base, rename(`T${base}`)));
    project.documents.compact(10);
    project.close();
    const db = openReadOnly(path);
    expect(db.prepare('SELECT count(*) AS n FROM operations').get()).toEqual({ n: 0 });
    db.close();
    const again = track(openProject(path));
    for (let base = 30; base < 59; base++) expectOk(again.documents.step('m1', base, { type: 'undo' }));
    expect(again.documents.state('m1')?.document.title).toBe('T0');
  });

  it('removes a document with its log', () => {
    const project = track(createProject(path, 'P', [model(), model('m2')]));
    expectOk(project.documents.step('m1', 0, rename('A')));
    expectOk(project.documents.remove('m1'));
    expect(project.documents.remove('m1')).toMatchObject({ error: { code: 'document.missing' } });
    project.close();
    expect(track(openProject(path)).documents.list()).toHaveLength(1);
    expect(track(createProject(join(folder.path, 'x.weft'), 'X')).documents.list()).toHaveLength(0);
  });
});

describe('the file', () => {
  it('P-07 opening and closing changes nothing in the document tables', () => {
    const project = track(createProject(path, 'P', [model()]));
    for (let base = 0; base < 250; base++) expectOk(project.documents.step('m1', base, rename(`T${base}`)));
    project.close();
    const before = hashOfDocuments(path);
    for (let i = 0; i < 2; i++) {
      track(openProject(path)).close();
      expect(hashOfDocuments(path)).toBe(before);
    }
    expect(readdirSync(folder.path)).toEqual(['project.weft']);
  });

  it('has one owner at a time', () => {
    track(createProject(path, 'P'));
    expect(openProject(path)).toMatchObject({ ok: false, error: { code: 'project.in-use' } });
    expect(createProject(path, 'P')).toMatchObject({ ok: false, error: { code: 'project.exists' } });
  });

  it('refuses what is no project and leaves it as it is', () => {
    writeFileSync(path, 'not a database');
    expect(openProject(path)).toMatchObject({ error: { code: 'project.not-a-project' } });
    const other = new Database(join(folder.path, 'other.weft'));
    other.exec('CREATE TABLE t (x)');
    other.close();
    expect(openProject(join(folder.path, 'other.weft'))).toMatchObject({ error: { code: 'project.not-a-project' } });
    expect(openProject(join(folder.path, 'absent.weft'))).toMatchObject({ error: { code: 'project.missing' } });
    expect(readdirSync(folder.path).sort()).toEqual(['other.weft', 'project.weft']);
  });

  it('P-06 opens a file of a newer schema for reading only, and says so', () => {
    const made = track(createProject(path, 'P', [model()]));
    expectOk(made.documents.step('m1', 0, rename('Newer')));
    made.close();
    const db = new Database(path);
    db.pragma('user_version = 99');
    db.close();
    const project = track(openProject(path));
    expect(project.view()).toMatchObject({
      readOnly: true,
      notice: { code: 'project.newer', facts: { schema: 99 } },
      documents: [{ title: 'Newer' }],
    });
    project.close();
    expect(readdirSync(folder.path)).toEqual(['project.weft']);
  });

  it('P-06 copies an older file before it brings it up to date', () => {
    track(createProject(path, 'P', [model()])).close();
    const db = openWritable(path);
    const next = { version: MIGRATIONS.length + 1, name: 'next', sql: 'ALTER TABLE runs ADD COLUMN host TEXT' };
    const backup = expectOk(migrate(db, path, [...MIGRATIONS, next]))!;
    expect(db.prepare('SELECT host FROM runs').all()).toEqual([]);
    expect(migrate(db, path, [...MIGRATIONS, next])).toEqual({ ok: true, value: null });
    db.close();
    const old: Db = openReadOnly(backup);
    expect(old.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
    expect(old.prepare('SELECT id FROM documents').all()).toEqual([{ id: 'm1' }]);
    old.close();
  });

  it('a failing migration leaves the schema as it was', () => {
    track(createProject(path, 'P')).close();
    const db = openWritable(path);
    const broken = {
      version: MIGRATIONS.length + 1,
      name: 'broken',
      sql: 'ALTER TABLE runs ADD COLUMN host TEXT; SELECT * FROM nowhere',
    };
    expect(() => migrate(db, path, [...MIGRATIONS, broken])).toThrow(/nowhere/);
    expect(() => db.prepare('SELECT host FROM runs')).toThrow();
    expect(db.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
    db.close();
  });

  it('commits with synchronous=FULL in WAL, and is renamed', () => {
    const project = track(createProject(path, 'P'));
    project.rename('Q');
    project.close();
    const again = track(openProject(path));
    expect(again.view().title).toBe('Q');
    again.close();
    const db = openWritable(path);
    expect([db.pragma('synchronous', { simple: true }), db.pragma('journal_mode', { simple: true })]).toEqual([
      2,
      'wal',
    ]);
    db.close();
  });
});

describe('runs', () => {
  const inputs = (): RunInputs => ({
    model: model(),
    architecture: toFile(emptyDocument('a1', 'architecture', 'Edge')),
    settings: DEFAULT_SETTINGS,
  });
  const newRun = (): NewRun => ({
    key: 'k',
    family: 'f',
    title: 'LeNet on Edge',
    model: { document: 'm1', revision: 0 },
    architecture: { document: 'a1', revision: 0 },
    inputs: inputs(),
  });
  const finished: FinishedRun = {
    result: packJson({ format: 'weft-run/1' }),
    key: 'k2',
    totals: [
      { id: 'latency', title: 'Latency', value: 1.5e-3, unit: 's', badge: 'simulated' },
      { id: 'gap', title: 'Gap', value: Infinity, unit: '1', badge: 'proven' },
    ],
    stageMilliseconds: { compile: 3 },
    convergence: [{ seconds: 1, incumbent: 9, bound: null }],
  };

  it('go from queued to done, in order, with their figures in rows', () => {
    const { runs } = track(createProject(path, 'P', [model()]));
    const first = runs.insert(newRun());
    const second = runs.insert(newRun());
    expect([first.number, second.number, first.state]).toEqual([1, 2, 'queued']);
    const next = runs.nextQueued()!;
    expect(next.id).toBe(first.id);
    expect(unpackJson(next.inputs)).toEqual(inputs());
    expect(runs.setRunning(first.id)?.state).toBe('running');
    expect(runs.nextQueued()?.id).toBe(second.id);
    const done = runs.saveResult(first.id, 'done', finished)!;
    expect(done).toMatchObject({
      state: 'done',
      key: 'k2',
      headline: { latency: 1.5e-3 },
      stageMilliseconds: { compile: 3 },
      imported: false,
    });
    expect(unpackJson(runs.result(first.id)!)).toEqual({ format: 'weft-run/1' });
    expect(runs.result(second.id)).toBeNull();
    expect(runs.list()).toHaveLength(2);
  });

  it('keep the course of the search and the curve; a damaged curve is none', () => {
    const project = track(createProject(path, 'P'));
    const { runs } = project;
    const { id } = runs.insert(newRun());
    expect([runs.convergence(id), runs.curve(id), runs.byKey('k')?.id, runs.byKey('k2')]).toEqual([[], null, id, null]);
    runs.saveResult(id, 'done', finished);
    expect(runs.convergence(id)).toEqual(finished.convergence);
    expect(runs.byKey('k2')).toMatchObject({ id, state: 'done' });
    const limits = { MR: 0, MH: 2, MP: 4, isMPExact: true };
    const curve: ScheduleCurve = {
      format: 'weft-curve/1',
      name: 'P',
      mode: 'stream',
      technique: { id: 'scheduler/x', version: '1' },
      limits,
      points: [{ S: 4, objective: 0, bound: 0, optimal: true, stop: 'proven', baselines: {} }],
    };
    runs.saveCurve(id, curve);
    expect(runs.curve(id)).toEqual(curve);
    const sibling = runs.insert(newRun());
    const other = runs.insert({ ...newRun(), family: 'g' });
    expect([runs.siblings(sibling.id), runs.curve(sibling.id)]).toEqual([[id, sibling.id], curve]);
    expect([runs.siblings(other.id), runs.curve(other.id)]).toEqual([[other.id], null]);
    runs.saveCurve(sibling.id, { ...curve, points: [] });
    expect([runs.curve(id)?.points.length, runs.curve(sibling.id)?.points.length]).toEqual([1, 0]);
    runs.saveCurve('gone', curve);
    expect(runs.curve('gone')).toBeNull();
    expectOk(runs.remove(id));
    expect([runs.curve(id), runs.convergence(id), runs.byKey('k2')]).toEqual([null, [], null]);
  });

  it('keep the best so far when cancelled, also when it comes late', () => {
    const { runs } = track(createProject(path, 'P'));
    const { id } = runs.insert(newRun());
    const at = runs.end(id, 'cancelled', null)!.finishedAt;
    expect(runs.saveResult(id, 'cancelled', finished)).toMatchObject({ state: 'cancelled', finishedAt: at });
    expect(runs.result(id)).not.toBeNull();
  });

  it('removed are back whole until the project is closed', () => {
    const { runs, close } = track(createProject(path, 'P'));
    const [kept, gone] = [runs.insert(newRun()), runs.insert(newRun())];
    runs.saveResult(kept.id, 'done', finished);
    const before = runs.get(kept.id);
    for (const { id } of [kept, gone]) expectOk(runs.remove(id));
    expect(runs.list()).toEqual([]);
    expect(runs.result(kept.id)).toBeNull();
    expect(runs.restore(kept.id)).toEqual({ ok: true, value: before });
    expect(runs.result(kept.id)).toEqual(finished.result);
    close();
    const again = track(openProject(path)).runs;
    expect(again.list().map(({ id }) => id)).toEqual([kept.id]);
    expect(again.restore(gone.id)).toMatchObject({ error: { code: 'run.missing' } });
  });

  it('numbers are not given twice; removed runs are gone', () => {
    const { runs } = track(createProject(path, 'P'));
    const { id } = runs.insert(newRun());
    expectOk(runs.remove(id));
    expect(runs.remove(id)).toMatchObject({ error: { code: 'run.missing' } });
    expect([runs.get(id), runs.inputs(id), runs.nextQueued(), runs.queued()]).toEqual([null, null, null, []]);
    expect(runs.saveResult(id, 'done', finished)).toBeNull();
    expect(runs.end(id, 'failed', null)).toBeNull();
    expect(runs.insert(newRun()).number).toBe(2);
    expect(runs.import(newRun(), { kind: 'program', settings: DEFAULT_SETTINGS }, finished)).toMatchObject({
      number: 3,
      imported: true,
      state: 'done',
    });
  });

  it('of a process that died wait again, and fail when it died twice with them', () => {
    const project = track(createProject(path, 'P'));
    const { id } = project.runs.insert(newRun());
    project.runs.setRunning(id);
    project.runs.insert(newRun());
    project.close();
    const states = ({ runs }: Project) => runs.list().map((run) => [run.state, run.failure?.code]);
    const once = track(openProject(path));
    expect(states(once)).toEqual([
      ['queued', undefined],
      ['queued', undefined],
    ]);
    expect(once.runs.queued()[0]).toBe(id);
    once.runs.setRunning(id);
    once.close();
    expect(states(track(openProject(path)))).toEqual([
      ['failed', 'run.interrupted'],
      ['queued', undefined],
    ]);
  });

  it('wait in an order that can be changed and outlives closing, as the pause does', () => {
    const project = track(createProject(path, 'P'));
    const [a = '', b = '', c = ''] = [1, 2, 3].map(() => project.runs.insert(newRun()).id);
    project.runs.reorder(c, a);
    expect(project.runs.queued()).toEqual([c, a, b]);
    project.runs.reorder(c, null);
    project.runs.reorder(a, c);
    expect(project.runs.queued()).toEqual([b, a, c]);
    // What is not queued any more changes nothing.
    project.runs.reorder('gone', a);
    project.runs.reorder(b, 'gone');
    expect(project.runs.queued()).toEqual([b, a, c]);
    project.runs.setPaused(true);
    project.close();
    const { runs } = track(openProject(path));
    expect(runs.isPaused()).toBe(true);
    const d = runs.insert(newRun()).id;
    expect(runs.queued()).toEqual([b, a, c, d]);
    expect(runs.nextQueued()?.id).toBe(b);
    runs.setPaused(false);
    expect(runs.isPaused()).toBe(false);
  });
});
