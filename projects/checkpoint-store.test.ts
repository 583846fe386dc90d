/** Checkpoints and removed documents: on disk at once, back when asked, gone when the project is closed, saved from damage. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Result } from '#core/base/result.ts';
import { emptyDocument, toFile } from '#core/document/document.ts';
import { temporaryFolder } from '../tests/crash/edits.ts';
import { createProject, openProject, type Project } from './project.ts';

let folder: ReturnType<typeof temporaryFolder>;
let path: string;
let project: Project;

function expectOk<T>(result: Result<T, { readonly code: string }>): T {
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}
const insert = (id: string) =>
  ({
    type: 'do',
    command: {
      type: 'nodes.insert',
      nodes: [{ id, type: 'input', name: id, x: 0, y: 0, parent: null, parameters: {} }],
      links: [],
    },
  }) as const;
function checkpoint(title: string) {
  const state = project.documents.state('m')!;
  return expectOk(project.checkpoints.insert(state.document, state.revision, title));
}
function reopen(): void {
  project.close();
  project = expectOk(openProject(path));
}

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder.path, 'project.weft');
  project = expectOk(
    createProject(
      path,
      'P',
      ['m', 'a', 'z'].map((id) => toFile(emptyDocument(id, 'model', `Model ${id}`))),
    ),
  );
});
afterEach(() => {
  project.close();
  folder.remove();
});

describe('checkpoints', () => {
  it('keep the document as it was, through edits and a restart', () => {
    expectOk(project.documents.step('m', 0, insert('first')));
    const made = checkpoint('Before the rewrite');
    expect(made).toMatchObject({ document: 'm', revision: 1, title: 'Before the rewrite' });
    expectOk(project.documents.step('m', 1, insert('second')));
    reopen();
    expect(project.checkpoints.list('m')).toEqual([made]);
    expect(project.checkpoints.list('a')).toEqual([]);
    expect(expectOk(project.checkpoints.file(made.id)).nodes.map(({ id }) => id)).toEqual(['first']);
  });

  it('are renamed, removed and brought back; what was removed goes when the project is closed', () => {
    const kept = checkpoint('One');
    const other = checkpoint('Two');
    expect(expectOk(project.checkpoints.rename(kept.id, 'First')).title).toBe('First');
    expectOk(project.checkpoints.remove(kept.id));
    expect(project.checkpoints.remove(kept.id)).toMatchObject({ error: { code: 'checkpoint.missing' } });
    expect(project.checkpoints.list('m').map(({ id }) => id)).toEqual([other.id]);
    expectOk(project.checkpoints.restore(kept.id));
    expect(project.checkpoints.list('m').map(({ title }) => title)).toEqual(['First', 'Two']);
    expectOk(project.checkpoints.remove(kept.id));
    reopen();
    expect(project.checkpoints.restore(kept.id)).toMatchObject({ error: { code: 'checkpoint.missing' } });
    expect(project.checkpoints.file(kept.id)).toMatchObject({ error: { code: 'checkpoint.missing' } });
  });

  it('come through damage elsewhere in the file', () => {
    const made = checkpoint('Kept');
    project.close();
    // The free page list's count: SQLite's own check fails, every row can be read.
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.from([0, 0, 0, 9]), 0, 4, 36);
    closeSync(file);
    expect(readFileSync(path).readUInt32BE(36)).toBe(9);
    project = expectOk(openProject(path));
    expect(project.notice?.code).toBe('project.recovered');
    expect(project.checkpoints.list('m')).toEqual([made]);
  });
});

describe('a removed document', () => {
  it('comes back in its place with its history and checkpoints', () => {
    expectOk(project.documents.step('m', 0, insert('first')));
    checkpoint('Kept');
    expectOk(project.documents.remove('m'));
    expect(project.documents.list().map(({ id }) => id)).toEqual(['a', 'z']);
    expect(project.documents.step('m', 1, insert('second'))).toMatchObject({ error: { code: 'document.missing' } });
    expect(project.documents.create(toFile(emptyDocument('m', 'model', 'Other')))).toMatchObject({
      error: { code: 'document.duplicate' },
    });
    expect(expectOk(project.documents.restore('m'))).toMatchObject({ id: 'm', revision: 1, nodes: 1 });
    expect(project.documents.list().map(({ id }) => id)).toEqual(['m', 'a', 'z']);
    expectOk(project.documents.step('m', 1, { type: 'undo' }));
    expect(project.documents.state('m')?.document.nodes.size).toBe(0);
    expect(project.checkpoints.list('m')).toHaveLength(1);
    expect(project.documents.restore('m')).toMatchObject({ error: { code: 'document.missing' } });
  });

  it('is gone when the project is closed, and all that was its own', () => {
    const made = checkpoint('Gone');
    expectOk(project.documents.remove('m'));
    reopen();
    expect(project.documents.list().map(({ id }) => id)).toEqual(['a', 'z']);
    expect(project.documents.restore('m')).toMatchObject({ error: { code: 'document.missing' } });
    expect(project.checkpoints.file(made.id)).toMatchObject({ error: { code: 'checkpoint.missing' } });
  });
});
