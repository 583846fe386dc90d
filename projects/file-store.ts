/**
 * The model files documents came from, and the copies kept for their weights: pieces of 1 MiB, each with its checksum,
 * written a few at a time and read one at a time. A copy counts from the moment its digest stands; what a crash left
 * of another is removed at the next opening.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { SourceFileView } from '#core/contract/views.ts';
import type { WeightsIdentity } from '#core/run/result.ts';
import type { ByteSource } from '#core/technique/importer.ts';
import { fileProblem } from './atomic-file.ts';
import type { Db } from './database.ts';

export const CHUNK_BYTES = 2 ** 20;
/** Pieces in one transaction; the process does other things in between. */
const BATCH = 4;

export interface FileRow {
  readonly document: string;
  readonly name: string;
  readonly bytes: number;
  readonly choices: string;
  readonly sha256: string | null;
}

export interface ChunkRow {
  readonly document: string;
  readonly position: number;
  readonly bytes: Uint8Array;
  readonly checksum: number;
}

/** What decides how the file is read, beside its bytes. */
export type ImportChoices = Pick<WeightsIdentity, 'shapes' | 'values'>;

export interface FileStore {
  /** Null where no file is known. */
  view(document: string): SourceFileView | null;
  /** Remembers a file without a copy of it, in place of the one there is. */
  note(document: string, name: string, bytes: number, choices: ImportChoices): Result<SourceFileView, Problem>;
  /**
   * Copies the file, in place of the one there is. Problems: `file.being-kept`, `document.missing`, `file.not-kept` (the
   * disk refuses, or the document went meanwhile); no copy is left then.
   */
  keep(
    document: string,
    name: string,
    file: ByteSource,
    choices: ImportChoices,
  ): Promise<Result<SourceFileView, Problem>>;
  /** Removes the copy; null where no file is known. */
  forget(document: string): SourceFileView | null;
  /** The choices the file was imported with. */
  choices(document: string): ImportChoices;
  /** The copy's identity, or null where there is none. */
  identity(document: string): WeightsIdentity | null;
  /** A copy with this digest, read by offset; a damaged piece ends the file. Null where there is none. */
  source(sha256: string): ByteSource | null;
}

export function chunkChecksum(bytes: Uint8Array): number {
  return crc32(bytes);
}

/** Of a project of a schema without files, which is open for reading only: it has none. */
const NONE: FileStore = {
  view: () => null,
  note: (document) => err(gone(document)),
  keep: async (document) => err(gone(document)),
  forget: () => null,
  choices: () => ({}),
  identity: () => null,
  source: () => null,
};

export function createFileStore(db: Db, readOnly: boolean): FileStore {
  if (!db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'file_chunks'`).get()) return NONE;
  if (!readOnly) db.exec('DELETE FROM file_chunks WHERE document IN (SELECT document FROM files WHERE sha256 IS NULL)');
  const byDocument = db.prepare<[string], FileRow>('SELECT * FROM files WHERE document = ?');
  const byDigest = db.prepare<[string], FileRow>('SELECT * FROM files WHERE sha256 = ? LIMIT 1');
  const chunkAt = db.prepare<[string, number], ChunkRow>(
    'SELECT * FROM file_chunks WHERE document = ? AND position = ?',
  );
  const hasDocument = db.prepare<[string], unknown>('SELECT 1 FROM documents WHERE id = ?');
  const putFile = db.prepare<[FileRow]>(
    `INSERT OR REPLACE INTO files (document, name, bytes, choices, sha256)
     VALUES (@document, @name, @bytes, @choices, @sha256)`,
  );
  const putChunk = db.prepare<[ChunkRow]>(
    'INSERT INTO file_chunks (document, position, bytes, checksum) VALUES (@document, @position, @bytes, @checksum)',
  );
  const dropChunks = db.prepare<[string]>('DELETE FROM file_chunks WHERE document = ?');
  const setDigest = db.prepare<[string | null, string]>('UPDATE files SET sha256 = ? WHERE document = ?');
  const keeping = new Set<string>();

  function view(document: string): SourceFileView | null {
    const row = byDocument.get(document);
    return row ? { name: row.name, bytes: row.bytes, kept: row.sha256 !== null } : null;
  }

  function note(document: string, name: string, bytes: number, choices: ImportChoices): SourceFileView {
    db.transaction(() => {
      dropChunks.run(document);
      putFile.run({ document, name, bytes, choices: JSON.stringify(choices), sha256: null });
    }).immediate();
    return { name, bytes, kept: false };
  }

  /** Copies piece by piece; throws what the database throws, and where the file ends early. */
  async function copy(document: string, file: ByteSource): Promise<string> {
    const hash = createHash('sha256');
    const batch = db.transaction((from: number, until: number) => {
      for (let position = from; position < until; position++) {
        const at = position * CHUNK_BYTES;
        const bytes = file.read(at, Math.min(CHUNK_BYTES, file.size - at));
        if (bytes.length !== Math.min(CHUNK_BYTES, file.size - at)) throw new Error('the file ended early');
        hash.update(bytes);
        putChunk.run({ document, position, bytes: Buffer.from(bytes), checksum: chunkChecksum(bytes) });
      }
    });
    const chunks = Math.ceil(file.size / CHUNK_BYTES);
    for (let from = 0; from < chunks; from += BATCH) {
      batch.immediate(from, Math.min(chunks, from + BATCH));
      await new Promise((next) => setImmediate(next));
    }
    return hash.digest('hex');
  }

  return {
    view,
    note: (document, name, bytes, choices) =>
      hasDocument.get(document) ? ok(note(document, name, bytes, choices)) : err(gone(document)),
    keep: async (document, name, file, choices) => {
      if (!hasDocument.get(document)) return err(gone(document));
      if (keeping.has(document)) return err(problem('file.being-kept', 'A file of this document is being copied'));
      keeping.add(document);
      try {
        note(document, name, file.size, choices);
        const digest = await copy(document, file);
        if (setDigest.run(digest, document).changes === 0) return err(gone(document));
        return ok({ name, bytes: file.size, kept: true });
      } catch (error) {
        if (db.open) dropChunks.run(document);
        return err(fileProblem('file.not-kept', `${name} could not be copied into the project`, name, error));
      } finally {
        keeping.delete(document);
      }
    },
    forget: (document) => {
      db.transaction(() => {
        setDigest.run(null, document);
        // One that is being copied clears up after itself.
        if (!keeping.has(document)) dropChunks.run(document);
      }).immediate();
      return view(document);
    },
    choices: (document) => choicesOf(byDocument.get(document)),
    identity: (document) => {
      const row = byDocument.get(document);
      if (!row || row.sha256 === null) return null;
      return { name: row.name, bytes: row.bytes, sha256: row.sha256, ...choicesOf(row) };
    },
    source: (sha256) => {
      const row = byDigest.get(sha256);
      return row ? pieced(row.bytes, (position) => (db.open ? chunkAt.get(row.document, position) : undefined)) : null;
    },
  };
}

/** Reads across pieces; the last one read stays at hand. */
function pieced(size: number, chunk: (position: number) => ChunkRow | undefined): ByteSource {
  let held: { readonly position: number; readonly bytes: Uint8Array } | null = null;
  const pieceAt = (position: number): Uint8Array => {
    if (held?.position === position) return held.bytes;
    const row = chunk(position);
    const bytes = row && chunkChecksum(row.bytes) === row.checksum ? row.bytes : new Uint8Array(0);
    held = { position, bytes };
    return bytes;
  };
  return {
    size,
    read(offset, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
      let filled = 0;
      while (filled < bytes.length) {
        const at = offset + filled;
        const position = Math.floor(at / CHUNK_BYTES);
        const inside = at - position * CHUNK_BYTES;
        const part = pieceAt(position).subarray(inside, inside + bytes.length - filled);
        if (part.length === 0) break;
        bytes.set(part, filled);
        filled += part.length;
      }
      return bytes.subarray(0, filled);
    },
  };
}

function choicesOf(row: FileRow | undefined): ImportChoices {
  return row ? (JSON.parse(row.choices) as ImportChoices) : {};
}

function gone(document: string): Problem {
  return problem('document.missing', 'There is no such document in this project', { where: { document } });
}
