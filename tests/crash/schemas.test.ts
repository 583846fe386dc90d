/**
 * P-06: a project of every schema there was opens with all that was in it, after a copy was made of it as it was. The
 * projects are made by the migrations up to that schema and by statements as its version of Weft wrote them.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { toFile } from '#core/document/document.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { packJson, unpackJson } from '#projects/codec.ts';
import { migrate, openReadOnly, openWritable, schemaVersion } from '#projects/database.ts';
import { rowChecksum } from '#projects/document-store.ts';
import { openProject } from '#projects/project.ts';
import { MIGRATIONS, SCHEMA_VERSION } from '#projects/schema/migrations.ts';
import { emptyModel, temporaryFolder } from './edits.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

/** SHA-256 of the released steps: a file of a schema is what its version wrote, so its steps never change. */
const RELEASED = ['0856526279a479fd', '9166fe8556d522de', '3a942ca85454bf0b', 'a7d0493312b99964', '8fb24f4b3dce2f1b'];

const AT = '2026-01-02T03:04:05.678Z';
const CONV = { id: 'n1', type: 'relu', name: 'first', x: 10, y: 20, parent: null, parameters: {} };

function projectOf(version: number): string {
  const path = join(folder.path, `schema-${version}.weft`);
  const db = openWritable(path, true);
  const made = migrate(db, path, MIGRATIONS.slice(0, version));
  if (!made.ok) throw new Error(made.error.message);
  const put = (table: string, row: Readonly<Record<string, unknown>>) => {
    const names = Object.keys(row);
    db.prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})`).run(
      row,
    );
  };
  for (const [key, value] of Object.entries({ title: `Of schema ${version}`, created_at: AT, next_run: '3' }))
    put('meta', { key, value });
  put('documents', {
    id: 'model',
    position: 1,
    kind: 'model',
    title: 'Model model',
    revision: 2,
    snapshot_revision: 0,
    snapshot: packJson({ file: emptyModel(), entries: [], cursor: 0 }),
    created_at: AT,
  });
  const steps = [
    { label: 'Add a node', patch: [{ table: 'nodes', id: 'n1', before: null, after: CONV }] },
    { label: 'Move', patch: [{ table: 'nodes', id: 'n1', before: CONV, after: { ...CONV, x: 30 } }] },
  ];
  for (const [at, { label, patch }] of steps.entries()) {
    const fields = {
      document: 'model',
      revision: at + 1,
      type: 'do',
      label,
      gesture: null,
      patch: JSON.stringify(patch),
    } as const;
    put('operations', { ...fields, at: AT, checksum: rowChecksum(fields) });
  }
  const run = {
    key: 'key',
    title: 'A run',
    model_document: 'model',
    model_revision: 2,
    architecture_document: 'a',
    architecture_revision: 1,
    settings: JSON.stringify(DEFAULT_SETTINGS),
    created_at: AT,
  };
  put('runs', { ...run, id: 'run-1', number: 1, state: 'done', finished_at: AT });
  put('run_metrics', {
    run: 'run-1',
    id: 'time.cycles',
    title: 'Cycles',
    value: 7,
    unit: 'cycles',
    badge: 'simulated',
  });
  put('artifacts', { run: 'run-1', name: 'result', media_type: 'application/json', bytes: packJson({ kept: true }) });
  put('runs', { ...run, id: 'run-2', number: 2, state: 'running' });
  put('artifacts', { run: 'run-2', name: 'inputs', media_type: 'application/json', bytes: packJson({ kept: true }) });
  db.close();
  return path;
}

describe('P-06 projects of earlier schemas', () => {
  it.each(MIGRATIONS.map(({ version }) => version))('schema %i opens with all that was in it', (version) => {
    const path = projectOf(version);
    const opened = openProject(path);
    if (!opened.ok) throw new Error(opened.error.message);
    const { documents, runs, notice, title, close } = opened.value;
    expect(title()).toBe(`Of schema ${version}`);
    const state = documents.state('model')!;
    expect(state.revision).toBe(2);
    expect(toFile(state.document).nodes).toMatchObject([{ ...CONV, x: 30 }]);
    expect(state.entries.map(({ label }) => label)).toEqual(['Add a node', 'Move']);
    expect(documents.step('model', 2, { type: 'undo' }).ok).toBe(true);
    expect(runs.list()).toMatchObject([
      { number: 1, state: 'done', kind: 'program', headline: { 'time.cycles': 7 } },
      { number: 2, state: 'queued' },
    ]);
    expect(unpackJson(runs.result('run-1')!)).toEqual({ kept: true });
    close();
    if (version === SCHEMA_VERSION) {
      expect(notice).toBeNull();
      return;
    }
    expect(notice).toMatchObject({ code: 'project.migrated' });
    const backup = openReadOnly(String(notice?.facts?.backup));
    expect(schemaVersion(backup)).toBe(version);
    expect(backup.prepare('SELECT count(*) AS n FROM operations').get()).toEqual({ n: 2 });
    expect(backup.prepare(`SELECT state FROM runs WHERE id = 'run-2'`).get()).toEqual({ state: 'running' });
    backup.close();
  });

  it('the steps to released schemas are as they were released', () => {
    const hashes = MIGRATIONS.map(({ sql }) => createHash('sha256').update(sql).digest('hex').slice(0, 16));
    expect(hashes.slice(0, RELEASED.length)).toEqual(RELEASED);
  });
});
