/**
 * A file the host reads for a worker: the worker asks for a window, waits, and finds it in shared memory. What the host
 * holds (an open project has one owner) is so read by offset, a window at a time, from another thread.
 */
import type { ByteSource } from '#core/technique/importer.ts';

const WINDOW = 2 ** 20;
/** Two Int32 before the window: 0 while it is awaited, 1 once it is there; and its length. */
const HEAD = 8;

export interface SharedFile {
  readonly size: number;
  readonly memory: SharedArrayBuffer;
}

export function sharedFile({ size }: ByteSource): SharedFile {
  return { size, memory: new SharedArrayBuffer(HEAD + Math.min(WINDOW, size)) };
}

/** The host's part: fills the window from `offset` on and wakes the worker. A read that fails ends the file there. */
export function fillWindow({ memory }: SharedFile, source: ByteSource, offset: number): void {
  const head = new Int32Array(memory, 0, 2);
  const window = new Uint8Array(memory, HEAD);
  let bytes = new Uint8Array(0);
  try {
    bytes = new Uint8Array(source.read(offset, window.length));
  } catch {
    // The project was closed or its disk is gone; the job ends for the same reason.
  }
  window.set(bytes);
  head[1] = bytes.length;
  Atomics.store(head, 0, 1);
  Atomics.notify(head, 0);
}

/** The worker's part. @param ask makes the host fill the window from an offset on. */
export function remoteSource({ size, memory }: SharedFile, ask: (offset: number) => void): ByteSource {
  const head = new Int32Array(memory, 0, 2);
  const window = new Uint8Array(memory, HEAD);
  let start = 0;
  let held = 0;
  const fetch = (offset: number): void => {
    Atomics.store(head, 0, 0);
    ask(offset);
    Atomics.wait(head, 0, 0);
    start = offset;
    held = head[1]!;
  };
  return {
    size,
    read(offset, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
      let filled = 0;
      while (filled < bytes.length) {
        const at = offset + filled;
        if (at < start || at >= start + held) fetch(at);
        if (held === 0) break;
        const part = window.subarray(at - start, Math.min(held, at - start + bytes.length - filled));
        bytes.set(part, filled);
        filled += part.length;
      }
      return bytes.subarray(0, filled);
    },
  };
}
