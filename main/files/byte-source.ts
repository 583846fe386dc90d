/** A file read by offset: weights of gigabytes are passed over, never loaded. Reads are cached a chunk at a time. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const CHUNK = 1 << 18;

export interface FileSource {
  readonly size: number;
  /** Exactly `length` bytes, or fewer at the end of the file. */
  read(offset: number, length: number): Uint8Array;
  close(): void;
}

/** @throws when the file cannot be opened (the caller reports the path). */
export function openFileSource(path: string): FileSource {
  const handle = openSync(path, 'r');
  const { size } = fstatSync(handle);
  let cached = new Uint8Array(0);
  let cachedAt = 0;
  const direct = (offset: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
    let filled = 0;
    while (filled < bytes.length) {
      const got = readSync(handle, bytes, filled, bytes.length - filled, offset + filled);
      if (got === 0) break;
      filled += got;
    }
    return filled === bytes.length ? bytes : bytes.subarray(0, filled);
  };
  return {
    size,
    read(offset, length) {
      if (length > CHUNK) return direct(offset, length);
      if (offset < cachedAt || offset + length > cachedAt + cached.length) {
        cached = new Uint8Array(direct(offset, CHUNK));
        cachedAt = offset;
      }
      return cached.subarray(offset - cachedAt, offset - cachedAt + length);
    },
    close: () => closeSync(handle),
  };
}
