/**
 * Documents of a project: a snapshot (document and undo history) and a log of the operations since. A step runs
 * core's reducer on the state held in memory and writes log row and revision in one transaction; only then is it
 * acknowledged. Reading verifies the checksums, so that damage is noticed and never shown as data.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { DocumentSummary, DocumentView } from '#core/contract/views.ts';
import { type DocumentFile, type DocumentKind, fromFile, toFile } from '#core/document/document.ts';
import {
  type DocumentState,
  type HistoryEntry,
  initialState,
  type LoggedOperation,
  type Operation,
  replay,
  step,
} from '#core/document/history.ts';
import { applyPatches, type Patch } from '#core/document/patch.ts';
import { checksum, packJson, unpackJson } from './codec.ts';
import type { Db } from './database.ts';
import { now } from './id.ts';

/** Operations since the last snapshot after which closing writes a new one. */
export const COMPACT_AFTER = 200;

export interface DocumentRow {
  readonly id: string;
  readonly position: number;
  readonly kind: DocumentKind;
  readonly title: string;
  readonly revision: number;
  readonly snapshot_revision: number;
  readonly snapshot: Uint8Array;
  readonly created_at: string;
  /** Absent in schemas before it. */
  readonly removed_at?: string | null;
}

export interface OperationRow {
  readonly document: string;
  readonly revision: number;
  readonly type: Operation['type'];
  readonly label: string;
  readonly gesture: string | null;
  readonly patch: string;
  readonly at: string;
  readonly checksum: number;
}

interface Snapshot {
  readonly file: DocumentFile;
  readonly entries: readonly HistoryEntry[];
  readonly cursor: number;
}

export interface DocumentStore {
  list(): readonly DocumentSummary[];
  /** The state as last acknowledged, or null when there is no such document. */
  state(id: string): DocumentState | null;
  get(id: string): Result<DocumentView, Problem>;
  /**
   * Adds the document under its own id, at revision 0 and without history unless it comes from elsewhere;
   * `document.duplicate` when that is taken.
   */
  create(
    file: DocumentFile,
    revision?: number,
    history?: Pick<DocumentState, 'entries' | 'cursor'>,
  ): Result<DocumentSummary, Problem>;
  /** Runs one operation on revision `base`; when it returns ok, the operation is on disk. */
  step(
    id: string,
    base: number,
    operation: Operation,
  ): Result<{ readonly revision: number; readonly savedAt: string }, Problem>;
  /** Out of sight: `restore` brings it back until `purge`. */
  remove(id: string): Result<null, Problem>;
  /** A removed document as it was, in its place; the problem `document.missing` when there is none. */
  restore(id: string): Result<DocumentSummary, Problem>;
  /** Deletes the removed documents and all that is theirs. */
  purge(): void;
  /** Folds logs longer than `limit` into their snapshots; only documents stepped since opening. */
  compact(limit?: number): void;
}

export function rowChecksum(row: Omit<OperationRow, 'checksum' | 'at'>): number {
  return checksum(row.document, row.revision, row.type, row.label, row.gesture, row.patch);
}

/** The state after the snapshot and as many rows as follow it without gap or damage; throws when the snapshot is damaged. */
export function restore(
  row: Pick<DocumentRow, 'snapshot' | 'snapshot_revision'>,
  operations: Iterable<OperationRow>,
): DocumentState {
  const { file, entries, cursor } = unpackJson<Snapshot>(row.snapshot);
  let state: DocumentState = { ...initialState(fromFile(file), row.snapshot_revision), entries, cursor };
  const patches: Patch[] = [];
  for (const operation of operations) {
    if (operation.revision !== state.revision + 1 || operation.checksum !== rowChecksum(operation)) break;
    const patch = JSON.parse(operation.patch) as Patch;
    const { type, label, gesture, at } = operation;
    const logged: LoggedOperation = { type, label, patch, at, ...(gesture !== null && { gesture }) };
    state = replay(state, logged, false);
    patches.push(patch);
  }
  // All at once: the document is copied once, not once an operation.
  return { ...state, document: applyPatches(state.document, patches) };
}

export function packSnapshot(state: DocumentState): Uint8Array {
  const snapshot: Snapshot = { file: toFile(state.document), entries: state.entries, cursor: state.cursor };
  return packJson(snapshot);
}

/** The shortest log that rebuilds the history: every entry done, then those undone that are undone. */
function historyLog(state: DocumentState): readonly LoggedOperation[] {
  const log: LoggedOperation[] = state.entries.map((entry) => ({ type: 'do', ...entry }));
  for (let at = state.entries.length - 1; at >= state.cursor; at--) {
    const { label, patch } = state.entries[at]!;
    log.push({ type: 'undo', label, patch });
  }
  return log;
}

/** Thrown while opening when a document cannot be rebuilt to its acknowledged revision. */
export class DamagedDocumentError extends Error {}

export function createDocumentStore(db: Db): DocumentStore {
  const states = new Map<string, DocumentState>();
  /** Out of sight. */
  const removed = new Map<string, DocumentState>();
  const snapshotRevisions = new Map<string, number>();
  const touched = new Set<string>();

  const operationsOf = db.prepare<[string, number], OperationRow>(
    'SELECT * FROM operations WHERE document = ? AND revision > ? ORDER BY revision',
  );
  for (const row of db.prepare<[], DocumentRow>('SELECT * FROM documents ORDER BY position').iterate()) {
    let state: DocumentState;
    try {
      state = restore(row, operationsOf.all(row.id, row.snapshot_revision));
    } catch (error) {
      throw new DamagedDocumentError(`document ${row.id}: ${String(error)}`);
    }
    if (state.revision !== row.revision || state.document.id !== row.id)
      throw new DamagedDocumentError(`document ${row.id} ends at revision ${state.revision}, not ${row.revision}`);
    (row.removed_at == null ? states : removed).set(row.id, state);
    snapshotRevisions.set(row.id, row.snapshot_revision);
  }

  const noSuchDocument = (id: string) =>
    err(problem('document.missing', 'There is no such document in this project', { where: { document: id } }));
  const summary = ({ document, revision }: DocumentState): DocumentSummary => ({
    id: document.id,
    kind: document.kind,
    title: document.title,
    revision,
    nodes: document.nodes.size,
  });

  const insertOperation = db.prepare<[OperationRow]>(
    `INSERT INTO operations (document, revision, type, label, gesture, patch, at, checksum)
     VALUES (@document, @revision, @type, @label, @gesture, @patch, @at, @checksum)`,
  );
  const updateHead = db.prepare<[number, string, string]>('UPDATE documents SET revision = ?, title = ? WHERE id = ?');
  const append = db.transaction((row: OperationRow, title: string) => {
    insertOperation.run(row);
    updateHead.run(row.revision, title, row.document);
  });

  return {
    list: () => [...states.values()].map(summary),
    state: (id) => states.get(id) ?? null,
    get: (id) => {
      const state = states.get(id);
      if (!state) return noSuchDocument(id);
      return ok({ file: toFile(state.document), revision: state.revision, log: historyLog(state) });
    },
    create: (file, revision = 0, history = { entries: [], cursor: 0 }) => {
      if (states.has(file.id) || removed.has(file.id))
        return err(problem('document.duplicate', `A document with the id ${file.id} is there already`));
      const state = { ...initialState(fromFile(file), revision), ...history };
      db.prepare<[Record<string, unknown>]>(
        `INSERT INTO documents (id, position, kind, title, revision, snapshot_revision, snapshot, created_at)
         VALUES (@id, (SELECT coalesce(max(position), 0) + 1 FROM documents), @kind, @title, @revision, @revision, @snapshot,
           @at)`,
      ).run({ id: file.id, kind: file.kind, title: file.title, revision, snapshot: packSnapshot(state), at: now() });
      states.set(file.id, state);
      snapshotRevisions.set(file.id, revision);
      return ok(summary(state));
    },
    step: (id, base, operation) => {
      const state = states.get(id);
      if (!state) return noSuchDocument(id);
      if (state.revision !== base)
        return err(
          problem('document.conflict', 'The document was changed elsewhere since', {
            where: { document: id },
            facts: { base, revision: state.revision },
          }),
        );
      const at = now();
      const stepped = step(state, operation, at);
      if (!stepped.ok) return stepped;
      const next = stepped.value.state;
      const fields = {
        document: id,
        revision: next.revision,
        type: operation.type,
        label: stepped.value.label,
        gesture: (operation.type === 'do' ? operation.gesture : undefined) ?? null,
        patch: JSON.stringify(stepped.value.patch),
      };
      append.immediate({ ...fields, at, checksum: rowChecksum(fields) }, next.document.title);
      states.set(id, next);
      touched.add(id);
      return ok({ revision: next.revision, savedAt: at });
    },
    remove: (id) => {
      const state = states.get(id);
      if (!state) return noSuchDocument(id);
      db.prepare('UPDATE documents SET removed_at = ? WHERE id = ?').run(now(), id);
      states.delete(id);
      removed.set(id, state);
      return ok(null);
    },
    restore: (id) => {
      const state = removed.get(id);
      if (!state) return noSuchDocument(id);
      db.prepare('UPDATE documents SET removed_at = NULL WHERE id = ?').run(id);
      removed.delete(id);
      states.set(id, state);
      // Back in its place among the others.
      for (const row of db.prepare<[], { id: string }>('SELECT id FROM documents ORDER BY position').all()) {
        const each = states.get(row.id);
        if (each && states.delete(row.id)) states.set(row.id, each);
      }
      return ok(summary(state));
    },
    purge: () => {
      db.prepare('DELETE FROM documents WHERE removed_at IS NOT NULL').run();
      removed.clear();
    },
    compact: (limit = COMPACT_AFTER) => {
      const write = db.prepare('UPDATE documents SET snapshot = ?, snapshot_revision = ? WHERE id = ?');
      const trim = db.prepare('DELETE FROM operations WHERE document = ? AND revision <= ?');
      for (const id of touched) {
        const state = states.get(id);
        if (!state || state.revision - (snapshotRevisions.get(id) ?? 0) <= limit) continue;
        db.transaction(() => {
          write.run(packSnapshot(state), state.revision, id);
          trim.run(id, state.revision);
        }).immediate();
        snapshotRevisions.set(id, state.revision);
      }
    },
  };
}
