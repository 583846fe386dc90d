/** Named states of documents. They go with their document; one that was removed can be brought back until the project is closed. */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { CheckpointView } from '#core/contract/checkpoints.ts';
import { type Document, type DocumentFile, toFile } from '#core/document/document.ts';
import { packJson, unpackJson } from './codec.ts';
import type { Db } from './database.ts';
import { newId, now } from './id.ts';

export interface CheckpointRow {
  readonly id: string;
  readonly document: string;
  readonly revision: number;
  readonly title: string;
  readonly file: Uint8Array;
  readonly created_at: string;
  readonly removed_at: string | null;
}

export interface CheckpointStore {
  /** Of one document, oldest first. */
  list(document: string): readonly CheckpointView[];
  /** Problems: `document.missing`, should the document be gone. */
  insert(document: Document, revision: number, title: string): Result<CheckpointView, Problem>;
  /** Problems: `checkpoint.missing`, `checkpoint.damaged`. */
  file(id: string): Result<DocumentFile, Problem>;
  rename(id: string, title: string): Result<CheckpointView, Problem>;
  remove(id: string): Result<null, Problem>;
  /** Brings back a removed one. */
  restore(id: string): Result<CheckpointView, Problem>;
  /** Forgets those that were removed. */
  purge(): void;
}

const missing = (): Problem => problem('checkpoint.missing', 'This checkpoint is gone');
const gone = (document: string): Problem =>
  problem('document.missing', 'There is no such document in this project', { where: { document } });

/** Of a project of a schema without checkpoints, which is open for reading only: it has none. */
const NONE: CheckpointStore = {
  list: () => [],
  insert: ({ id }) => err(gone(id)),
  file: () => err(missing()),
  rename: () => err(missing()),
  remove: () => err(missing()),
  restore: () => err(missing()),
  purge: () => {},
};

export function createCheckpointStore(db: Db): CheckpointStore {
  if (!db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'checkpoints'`).get()) return NONE;
  const columns = 'id, document, revision, title, created_at, removed_at';
  const all = db.prepare<[string], Omit<CheckpointRow, 'file'>>(
    `SELECT ${columns} FROM checkpoints WHERE document = ? AND removed_at IS NULL ORDER BY rowid`,
  );
  const byId = db.prepare<[string], Omit<CheckpointRow, 'file'>>(`SELECT ${columns} FROM checkpoints WHERE id = ?`);
  const hasDocument = db.prepare<[string], unknown>('SELECT 1 FROM documents WHERE id = ? AND removed_at IS NULL');
  const put = db.prepare<[CheckpointRow]>(
    `INSERT INTO checkpoints (id, document, revision, title, file, created_at, removed_at)
     VALUES (@id, @document, @revision, @title, @file, @created_at, @removed_at)`,
  );
  const retitle = db.prepare<[string, string]>('UPDATE checkpoints SET title = ? WHERE id = ? AND removed_at IS NULL');
  const hide = db.prepare<[string, string]>(
    'UPDATE checkpoints SET removed_at = ? WHERE id = ? AND removed_at IS NULL',
  );
  const show = db.prepare<[string]>('UPDATE checkpoints SET removed_at = NULL WHERE id = ?');

  function view(id: string): Result<CheckpointView, Problem> {
    const row = byId.get(id);
    return row ? ok(viewOf(row)) : err(missing());
  }

  return {
    list: (document) => all.all(document).map(viewOf),
    insert: (document, revision, title) => {
      if (!hasDocument.get(document.id)) return err(gone(document.id));
      const id = newId('checkpoint');
      const file = packJson(toFile(document));
      put.run({ id, document: document.id, revision, title, file, created_at: now(), removed_at: null });
      return view(id);
    },
    file: (id) => {
      const row = db.prepare<[string], { file: Uint8Array }>('SELECT file FROM checkpoints WHERE id = ?').get(id);
      if (!row) return err(missing());
      try {
        return ok(unpackJson<DocumentFile>(row.file));
      } catch {
        return err(problem('checkpoint.damaged', 'This checkpoint cannot be read: the project file is damaged there'));
      }
    },
    rename: (id, title) => (retitle.run(title, id).changes > 0 ? view(id) : err(missing())),
    remove: (id) => (hide.run(now(), id).changes > 0 ? ok(null) : err(missing())),
    restore: (id) => (show.run(id).changes > 0 ? view(id) : err(missing())),
    purge: () => void db.prepare('DELETE FROM checkpoints WHERE removed_at IS NOT NULL').run(),
  };
}

function viewOf({ id, document, revision, title, created_at }: Omit<CheckpointRow, 'file'>): CheckpointView {
  return { id, document, revision, title, createdAt: created_at };
}
