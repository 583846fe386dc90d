/** Files on their way in (uploads) and out (blobs): a private temporary folder, bounded, gone when the host ends. */
import { closeSync, createWriteStream, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { fileProblem } from '#projects/atomic-file.ts';
import { newId } from '#projects/id.ts';

export interface StoredFile {
  readonly path: string;
  /** As the user knows it; never used as a path. */
  readonly name: string;
  readonly mediaType: string;
  readonly size: number;
}

/** Does something with an uploaded file of the open project, which may be changed; the file is gone afterwards. */
export type WithUpload = <T>(
  id: string,
  use: (file: StoredFile) => Promise<Result<T, Problem>>,
) => Promise<Result<T, Problem>>;

export interface TempStore {
  /** Streams `body` to disk; the problem `upload.too-large` beyond the limit. */
  receive(name: string, body: ReadableStream<Uint8Array>): Promise<Result<string, Problem>>;
  /** `data`: pieces of the file. */
  put(name: string, mediaType: string, data: Iterable<Uint8Array>): string;
  /** The same, giving way to others between pieces; what `pieces` throws is thrown, and nothing is kept then. */
  write(name: string, mediaType: string, pieces: Iterable<Uint8Array>): Promise<string>;
  get(id: string): StoredFile | null;
  remove(id: string): void;
  close(): void;
}

export const UPLOAD_LIMIT = 4 * 2 ** 30;
/** Files kept; the oldest goes first. */
const KEPT = 64;

export function createTempStore(limit = UPLOAD_LIMIT): TempStore {
  const folder = mkdtempSync(join(tmpdir(), 'weft-'));
  const files = new Map<string, StoredFile>();

  function keep(id: string, file: StoredFile): string {
    files.set(id, file);
    for (const oldest of files.keys()) {
      if (files.size <= KEPT) break;
      remove(oldest);
    }
    return id;
  }

  function remove(id: string): void {
    const file = files.get(id);
    files.delete(id);
    if (file) rmSync(file.path, { force: true });
  }

  return {
    receive: async (name, body) => {
      const id = newId('upload');
      const path = join(folder, id);
      let size = 0;
      let tooLarge = false;
      const measure = new Transform({
        transform(chunk: Uint8Array, _encoding, done) {
          size += chunk.length;
          tooLarge = size > limit;
          if (tooLarge) done(new Error('too large'));
          else done(null, chunk);
        },
      });
      try {
        await pipeline(Readable.fromWeb(body as NodeReadableStream), measure, createWriteStream(path, { mode: 0o600 }));
      } catch (error) {
        rmSync(path, { force: true });
        return err(
          tooLarge
            ? problem('upload.too-large', `${name} is larger than what can be taken in`, {
                facts: { limit, unit: 'B' },
              })
            : fileProblem('upload.failed', `${name} did not arrive whole`, name, error),
        );
      }
      return ok(keep(id, { path, name, mediaType: 'application/octet-stream', size }));
    },
    put: (name, mediaType, data) => {
      const id = newId('blob');
      const path = join(folder, id);
      let size = 0;
      const handle = openSync(path, 'wx', 0o600);
      try {
        for (const piece of data) {
          for (let at = 0; at < piece.length; ) at += writeSync(handle, piece, at);
          size += piece.length;
        }
      } catch (error) {
        rmSync(path, { force: true });
        throw error;
      } finally {
        closeSync(handle);
      }
      return keep(id, { path, name, mediaType, size });
    },
    write: async (name, mediaType, pieces) => {
      const id = newId('blob');
      const path = join(folder, id);
      let size = 0;
      const counted = Readable.from(
        (async function* () {
          for (const piece of pieces) {
            size += piece.length;
            yield piece;
          }
        })(),
      );
      try {
        await pipeline(counted, createWriteStream(path, { mode: 0o600, flags: 'wx' }));
      } catch (error) {
        rmSync(path, { force: true });
        throw error;
      }
      return keep(id, { path, name, mediaType, size });
    },
    get: (id) => files.get(id) ?? null,
    remove,
    close: () => {
      files.clear();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
