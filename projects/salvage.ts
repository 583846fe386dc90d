/**
 * Saving what can be read of a damaged project: rows one by one into a fresh file, documents up to the last
 * operation whose checksum holds. A damaged first page (header and schema) is lent from a fresh project, whose
 * tables begin on the same pages. The caller keeps the original.
 */
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { problem } from '#core/base/problem.ts';
import type { CandidateRow } from './candidate-store.ts';
import type { CheckpointRow } from './checkpoint-store.ts';
import type { CrossoverRow } from './crossover-store.ts';
import { type Db, migrate, openReadOnly, openWritable } from './database.ts';
import { type DocumentRow, type OperationRow, packSnapshot, restore } from './document-store.ts';
import { CHUNK_BYTES, type ChunkRow, chunkChecksum, type FileRow } from './file-store.ts';
import type { RunRow } from './run-store.ts';
import { copyStudies } from './study-salvage.ts';

export interface Salvage {
  readonly documents: number;
  readonly runs: number;
  /** What could not be saved, a sentence each; empty when only unused parts were damaged. */
  readonly lost: readonly string[];
}

type Row = Readonly<Record<string, unknown>>;

/**
 * Reads `damaged` (with its -wal) and writes what is whole to the new project `into`.
 * @returns null when nothing at all could be read; `into` then does not exist.
 */
export function salvage(damaged: string, into: string): Salvage | null {
  const folder = mkdtempSync(join(tmpdir(), 'weft-salvage-'));
  try {
    const target = openWritable(into, true);
    let saved: Salvage | null = null;
    try {
      migrate(target, into);
      target.pragma('wal_checkpoint(TRUNCATE)');
      for (const lend of [false, true]) {
        const copy = join(folder, lend ? 'lent.weft' : 'copy.weft');
        copyFileSync(damaged, copy);
        if (lend) lendFirstPage(copy, freshFile(folder));
        else if (existsSync(`${damaged}-wal`)) copyFileSync(`${damaged}-wal`, `${copy}-wal`);
        saved = attempt(copy, target);
        if (saved) break;
      }
      if (saved) target.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      target.close();
    }
    if (!saved) for (const suffix of ['', '-wal']) rmSync(into + suffix, { force: true });
    return saved;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function attempt(copy: string, target: Db): Salvage | null {
  let source: Db;
  try {
    source = openReadOnly(copy);
  } catch {
    return null;
  }
  try {
    const transfer = target.transaction(() => copyAll(source, target));
    const saved = transfer();
    return saved.documents + saved.runs > 0 ? saved : null;
  } catch {
    return null;
  } finally {
    source.close();
  }
}

function copyAll(source: Db, target: Db): Salvage {
  const lost: string[] = [];
  const count = (n: number, what: string, many = `${what}s`) => {
    if (n > 0) lost.push(`${n} ${n === 1 ? `${what} was` : `${many} were`} lost`);
  };

  target.exec('DELETE FROM files; DELETE FROM documents; DELETE FROM runs;');
  for (const { key, value } of readRows<{ key: string; value: string }>(source, 'meta').rows) {
    put(target, 'meta', { key, value });
  }

  const operations = Map.groupBy(readRows<OperationRow>(source, 'operations').rows, (row) => row.document);
  const documents = readRows<DocumentRow>(source, 'documents');
  let unreadable = documents.unreadable;
  let keptDocuments = 0;
  for (const row of documents.rows) {
    try {
      const log = (operations.get(row.id) ?? [])
        .filter((operation) => operation.revision > row.snapshot_revision)
        .sort((a, b) => a.revision - b.revision);
      const state = restore(row, log);
      const { id, kind, title } = state.document;
      const snapshot = packSnapshot(state);
      const { position, created_at } = row;
      const { revision } = state;
      put(target, 'documents', {
        id,
        position,
        kind,
        title,
        revision,
        snapshot_revision: revision,
        snapshot,
        created_at,
      });
      keptDocuments++;
      if (revision < row.revision) lost.push(`'${title}' is back at revision ${revision} of ${row.revision}`);
    } catch {
      unreadable++;
    }
  }
  count(unreadable, 'document');
  count(copyFiles(source, target), 'kept copy of a model file', 'kept copies of model files');

  const candidates = readRows<CandidateRow>(source, 'candidates');
  for (const row of candidates.rows)
    if (isText(row.checked) && canUnpack(row.report)) tryPut(target, 'candidates', { ...row });
  count(candidates.unreadable, 'candidate');
  const checkpoints = readRows<CheckpointRow>(source, 'checkpoints');
  for (const row of checkpoints.rows) if (canUnpack(row.file)) tryPut(target, 'checkpoints', { ...row });
  count(checkpoints.unreadable, 'checkpoint');
  // Maps can be made again: what is lost of them is not told.
  for (const row of readRows<CrossoverRow>(source, 'crossovers').rows)
    if (isText(row.revisions) && canUnpack(row.study)) tryPut(target, 'crossovers', { ...row });

  count(copyStudies(readRows, source, target), 'study', 'studies');

  const artifacts = readRows<{ run: string; name: string; media_type: string; bytes: Uint8Array }>(source, 'artifacts');
  const whole = artifacts.rows.filter(({ bytes }) => canUnpack(bytes));
  const withResult = new Set(whole.filter(({ name }) => name === 'result').map(({ run }) => run));
  const runs = readRows<RunRow>(source, 'runs');
  let lostRuns = runs.unreadable;
  let lostResults = 0;
  let keptRuns = 0;
  for (const row of runs.rows) {
    const resultLost = row.state === 'done' && !withResult.has(row.id);
    if (resultLost) lostResults++;
    const failure = resultLost
      ? JSON.stringify(problem('run.damaged', 'The result of this run was lost when the project file was damaged'))
      : row.failure;
    try {
      for (const text of [row.settings, row.stage_ms, failure]) if (text !== null) JSON.parse(text);
      put(target, 'runs', { ...row, state: resultLost ? 'failed' : row.state, failure, removed_at: null });
      keptRuns++;
    } catch {
      lostRuns++;
    }
  }
  for (const row of whole) tryPut(target, 'artifacts', row);
  for (const row of readRows<Row>(source, 'run_metrics').rows) tryPut(target, 'run_metrics', row);
  count(lostRuns, 'run');
  count(lostResults, 'result of a run');
  target
    .prepare(
      `INSERT OR REPLACE INTO meta VALUES ('next_run', (SELECT max(coalesce((SELECT max(number) FROM runs), 0) + 1,
         coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'next_run'), 1))))`,
    )
    .run();
  target.prepare(`INSERT OR IGNORE INTO meta VALUES ('title', 'Recovered project')`).run();
  return { documents: keptDocuments, runs: keptRuns, lost };
}

/**
 * Model files of the documents that were saved, a piece at a time; a copy with a piece missing or damaged is dropped,
 * and its file stays known. In a lent schema these tables may begin elsewhere: what does not check is not theirs.
 */
function copyFiles(source: Db, target: Db): number {
  const pieces = new Map<string, Map<number, number>>();
  for (const { id, document, position } of pieceIndex(source)) {
    const known = pieces.get(document) ?? pieces.set(document, new Map()).get(document)!;
    known.set(position, id);
  }
  let lost = 0;
  for (const row of readRows<FileRow>(source, 'files').rows) {
    if (!isFile(row)) continue;
    try {
      put(target, 'files', { ...row, sha256: null });
    } catch {
      continue;
    }
    if (row.sha256 === null) continue;
    // Not put again: replacing the row would take its pieces with it.
    if (copyPieces(row, pieces.get(row.document) ?? new Map(), source, target))
      target.prepare('UPDATE files SET sha256 = ? WHERE document = ?').run(row.sha256, row.document);
    else lost++;
  }
  return lost;
}

function pieceIndex(db: Db): readonly { readonly id: number; readonly document: string; readonly position: number }[] {
  const found: { id: number; document: string; position: number }[] = [];
  try {
    const all = db.prepare<[], { id: number; document: string; position: number }>(
      'SELECT rowid AS id, document, position FROM file_chunks NOT INDEXED',
    );
    for (const row of all.iterate()) found.push(row);
  } catch {
    // The pieces up to the damage.
  }
  return found;
}

function copyPieces(
  { document, bytes }: FileRow,
  pieces: ReadonlyMap<number, number>,
  source: Db,
  target: Db,
): boolean {
  const read = source.prepare<[number], ChunkRow>('SELECT * FROM file_chunks NOT INDEXED WHERE rowid = ?');
  try {
    for (let position = 0; position * CHUNK_BYTES < bytes; position++) {
      const row = read.get(pieces.get(position) ?? -1);
      if (row?.document !== document || chunkChecksum(row.bytes) !== row.checksum)
        throw new Error('a piece is missing');
      put(target, 'file_chunks', { ...row });
    }
    return true;
  } catch {
    target.prepare('DELETE FROM file_chunks WHERE document = ?').run(document);
    return false;
  }
}

function isFile({ document, name, bytes, choices, sha256 }: FileRow): boolean {
  if (typeof document !== 'string' || typeof name !== 'string' || !Number.isSafeInteger(bytes)) return false;
  if (sha256 !== null && !/^[0-9a-f]{64}$/.test(String(sha256))) return false;
  try {
    return typeof JSON.parse(choices) === 'object';
  } catch {
    return false;
  }
}

/** Every row that can be read, and how many cannot: row ids from both ends of the tree, then row by row. */
function readRows<T>(db: Db, table: string): { readonly rows: readonly T[]; readonly unreadable: number } {
  const ids = new Set<number>();
  for (const order of ['ASC', 'DESC']) {
    try {
      const all = db.prepare<[], { id: number }>(
        `SELECT rowid AS id FROM ${table} NOT INDEXED ORDER BY rowid ${order}`,
      );
      for (const { id } of all.iterate()) ids.add(id);
      break;
    } catch {
      // The rest is tried from the other end.
    }
  }
  const rows: T[] = [];
  let unreadable = 0;
  for (const id of [...ids].sort((a, b) => a - b)) {
    try {
      const row = db.prepare<[number], T>(`SELECT * FROM ${table} NOT INDEXED WHERE rowid = ?`).get(id);
      if (row) rows.push(row);
    } catch {
      unreadable++;
    }
  }
  return { rows, unreadable };
}

function put(db: Db, table: string, row: Readonly<Record<string, unknown>>): void {
  const columns = Object.keys(row);
  db.prepare(
    `INSERT OR REPLACE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((name) => `@${name}`).join(', ')})`,
  ).run(row);
}

function tryPut(db: Db, table: string, row: Readonly<Record<string, unknown>>): void {
  try {
    put(db, table, row);
  } catch {
    // Its run was lost, or the row breaks the schema; counted with the run.
  }
}

function isText(json: unknown): boolean {
  try {
    return typeof json === 'string' && typeof JSON.parse(json) === 'object';
  } catch {
    return false;
  }
}

function canUnpack(bytes: unknown): bytes is Uint8Array {
  try {
    return bytes instanceof Uint8Array && gunzipSync(bytes).length > 0;
  } catch {
    return false;
  }
}

function freshFile(folder: string): string {
  const path = join(folder, 'fresh.weft');
  const db = openWritable(path, true);
  migrate(db, path);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  return path;
}

const PAGE = 4096;

/** Replaces header and schema of `path` by those of `fresh`; the page count is the file's own, the free list empty. */
function lendFirstPage(path: string, fresh: string): void {
  const page = Buffer.alloc(PAGE);
  const from = openSync(fresh, 'r');
  readSync(from, page, 0, PAGE, 0);
  closeSync(from);
  page.writeUInt32BE(Math.max(1, Math.floor(statSync(path).size / PAGE)), 28);
  page.writeUInt32BE(0, 32);
  page.writeUInt32BE(0, 36);
  const to = openSync(path, 'r+');
  writeSync(to, page, 0, PAGE, 0);
  closeSync(to);
}
