/** Copies of model files: whole or not there, read by offset, gone with their document; migrated to, and salvaged. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Result } from '#core/base/result.ts';
import { createRng } from '#core/base/rng.ts';
import { emptyDocument, toFile } from '#core/document/document.ts';
import { initialState } from '#core/document/history.ts';
import { bytesSource } from '#core/technique/importer.ts';
import { temporaryFolder } from '../tests/crash/edits.ts';
import { migrate, openWritable } from './database.ts';
import { packSnapshot } from './document-store.ts';
import { CHUNK_BYTES } from './file-store.ts';
import { createProject, openProject, type Project } from './project.ts';
import { initial } from './schema/0001-initial.ts';
import { SCHEMA_VERSION } from './schema/migrations.ts';

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
const document = (id: string) => toFile(emptyDocument(id, 'model', id));
function randomBytes(length: number, seed = 1): Uint8Array {
  const rng = createRng(seed);
  return Uint8Array.from({ length }, () => rng.below(256));
}
const LARGE = randomBytes(10 * CHUNK_BYTES + 12_345);

/** Every read of the source equals the bytes', across pieces and beyond the end. */
function expectSame(source: ReturnType<Project['files']['source']>, bytes: Uint8Array): void {
  expect(source?.size).toBe(bytes.length);
  const rng = createRng(7);
  const reads = [
    [0, bytes.length],
    [bytes.length - 1, 10],
    [bytes.length, 10],
    [CHUNK_BYTES - 1, 2],
    ...Array.from({ length: 200 }, () => [rng.below(bytes.length), rng.below(5000)]),
  ];
  for (const [offset = 0, length = 0] of reads)
    expect(Buffer.compare(source!.read(offset, length), bytes.subarray(offset, offset + length))).toBe(0);
}

describe('a kept file', () => {
  it('is read by offset, is listed, and is found by its digest after reopening', async () => {
    const project = track(createProject(path, 'P', [document('m1'), document('m2')]));
    const { files } = project;
    expect([files.view('m1'), files.identity('m1'), files.source('0')]).toEqual([null, null, null]);
    expectOk(await files.keep('m1', 'net.onnx', bytesSource(LARGE), { shapes: { x: [1, 3] } }));
    const identity = files.identity('m1')!;
    expect(identity).toMatchObject({ name: 'net.onnx', bytes: LARGE.length, shapes: { x: [1, 3] } });
    expect(identity.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(project.view().documents.map(({ file }) => file)).toEqual([
      { name: 'net.onnx', bytes: LARGE.length, kept: true },
      undefined,
    ]);
    expectSame(files.source(identity.sha256), LARGE);
    project.close();
    const again = track(openProject(path));
    expect(again.files.identity('m1')).toEqual(identity);
    expectSame(again.files.source(identity.sha256), LARGE);
  });

  it('gives way to another, is forgotten, and the disk gets its room back', async () => {
    const project = track(createProject(path, 'P', [document('m1')]));
    const { files } = project;
    expectOk(await files.keep('m1', 'a.onnx', bytesSource(LARGE), {}));
    expectOk(await files.keep('m1', 'b.onnx', bytesSource(randomBytes(20 * CHUNK_BYTES)), {}));
    const { sha256 } = files.identity('m1')!;
    expect(files.view('m1')).toEqual({ name: 'b.onnx', bytes: 20 * CHUNK_BYTES, kept: true });
    expect(files.forget('m1')).toEqual({ name: 'b.onnx', bytes: 20 * CHUNK_BYTES, kept: false });
    expect([files.identity('m1'), files.source(sha256), files.forget('none')]).toEqual([null, null, null]);
    project.close();
    expect(statSync(path).size).toBeLessThan(CHUNK_BYTES);
    expect(readdirSync(folder.path)).toEqual(['project.weft']);
  });

  it('goes with its document, and is refused without one', async () => {
    const { files, documents } = track(createProject(path, 'P', [document('m1')]));
    expect(await files.keep('none', 'a.onnx', bytesSource(LARGE), {})).toMatchObject({
      error: { code: 'document.missing' },
    });
    expect(files.note('none', 'a.onnx', 1, {})).toMatchObject({ error: { code: 'document.missing' } });
    const slow = files.keep('m1', 'a.onnx', bytesSource(LARGE), {});
    expect(await files.keep('m1', 'a.onnx', bytesSource(LARGE), {})).toMatchObject({
      error: { code: 'file.being-kept' },
    });
    expectOk(documents.remove('m1'));
    documents.purge();
    expect(await slow).toMatchObject({ error: { code: 'file.not-kept' } });
    expect(files.view('m1')).toBeNull();
  });

  it('that ends early is not kept', async () => {
    const { files } = track(createProject(path, 'P', [document('m1')]));
    const short = { size: 3 * CHUNK_BYTES, read: () => new Uint8Array(5) };
    expect(await files.keep('m1', 'a.onnx', short, {})).toMatchObject({ error: { code: 'file.not-kept' } });
    expect(files.view('m1')).toEqual({ name: 'a.onnx', bytes: 3 * CHUNK_BYTES, kept: false });
  });

  it('that a crash cut short is no copy, and its pieces go at the next opening', async () => {
    const project = track(createProject(path, 'P', [document('m1')]));
    expectOk(await project.files.keep('m1', 'a.onnx', bytesSource(LARGE), {}));
    project.close();
    const db = new Database(path);
    db.exec('UPDATE files SET sha256 = NULL; DELETE FROM file_chunks WHERE position > 3');
    db.close();
    const again = track(openProject(path));
    expect(again.files.view('m1')?.kept).toBe(false);
    again.close();
    const after = new Database(path);
    expect(after.prepare('SELECT count(*) AS n FROM file_chunks').get()).toEqual({ n: 0 });
    after.close();
  });

  it('with a damaged piece ends before it', async () => {
    const project = track(createProject(path, 'P', [document('m1')]));
    expectOk(await project.files.keep('m1', 'a.onnx', bytesSource(LARGE), {}));
    project.close();
    const db = new Database(path);
    db.exec(`UPDATE file_chunks SET bytes = x'00' WHERE position = 2`);
    db.close();
    const { files } = track(openProject(path));
    const source = files.source(files.identity('m1')!.sha256)!;
    expect(source.read(2 * CHUNK_BYTES - 4, 8)).toHaveLength(4);
  });
});

/** A project as the first version made it: schema 1, one document. */
function makeFirstVersion(): void {
  const db = openWritable(path, true);
  expectOk(migrate(db, path, [initial]));
  db.exec(`INSERT INTO meta VALUES ('title', 'Old'), ('next_run', '1')`);
  db.prepare('INSERT INTO documents VALUES (?, 1, ?, ?, 0, 0, ?, ?)').run(
    'm1',
    'model',
    'm1',
    packSnapshot(initialState(emptyDocument('m1', 'model', 'm1'))),
    '2026-01-01T00:00:00Z',
  );
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
}

describe('a project of schema 1', () => {
  it('is copied aside and brought up to date with its documents; files can then be kept', async () => {
    makeFirstVersion();
    const project = track(openProject(path));
    expect(project.notice).toMatchObject({ code: 'project.migrated' });
    expect(project.view()).toMatchObject({ title: 'Old', documents: [{ id: 'm1' }] });
    expectOk(await project.files.keep('m1', 'a.onnx', bytesSource(LARGE), {}));
    expectSame(project.files.source(project.files.identity('m1')!.sha256), LARGE);
    const [backup] = readdirSync(folder.path).filter((name) => name.includes(`.before-v${SCHEMA_VERSION}-`));
    const old = new Database(join(folder.path, backup!), { readonly: true });
    expect(old.pragma('user_version', { simple: true })).toBe(1);
    expect(old.prepare('SELECT id FROM documents').all()).toEqual([{ id: 'm1' }]);
    old.close();
  });
});
