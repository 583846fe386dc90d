/**
 * Whole-file writes that a crash, a full disk or a missing permission cannot tear: temporary file beside the
 * target, fsync, rename, fsync of the folder. Readers see the old file whole or the new file whole.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { dirname } from 'node:path';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';

/** The file calls made, so that tests can fail each of them in turn. */
export type FileCalls = Pick<
  typeof fs,
  'openSync' | 'writeSync' | 'fsyncSync' | 'closeSync' | 'renameSync' | 'rmSync' | 'mkdirSync'
>;

/**
 * Writes `data` (whole, or piece after piece) to `path`, making its folder when missing.
 * @returns the problem `file.write-failed` when the disk refuses; the old file is then untouched.
 */
export function writeFileAtomic(
  path: string,
  data: string | Uint8Array | Iterable<string | Uint8Array>,
  options: { readonly mode?: number; readonly files?: FileCalls } = {},
): Result<null, Problem> {
  const files = options.files ?? fs;
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    files.mkdirSync(dirname(path), { recursive: true });
    const handle = files.openSync(temporary, 'wx', options.mode ?? 0o666);
    try {
      for (const piece of typeof data === 'string' || data instanceof Uint8Array ? [data] : data) {
        const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
        for (let at = 0; at < bytes.length; ) at += files.writeSync(handle, bytes, at, bytes.length - at);
      }
      files.fsyncSync(handle);
    } finally {
      files.closeSync(handle);
    }
    files.renameSync(temporary, path);
    syncFolder(dirname(path), files);
    return ok(null);
  } catch (error) {
    try {
      files.rmSync(temporary, { force: true });
    } catch {
      // The original failure is the one to report.
    }
    return err(fileProblem('file.write-failed', `${path} could not be written`, path, error));
  }
}

/** Makes a rename durable; Windows has no such call and refuses to open folders. */
function syncFolder(folder: string, files: FileCalls): void {
  if (process.platform === 'win32') return;
  const handle = files.openSync(folder, 'r');
  try {
    files.fsyncSync(handle);
  } finally {
    files.closeSync(handle);
  }
}

/** A failed file call as a problem: the system's reason in the message, its code in the facts. */
export function fileProblem(code: string, message: string, file: string, error: unknown): Problem {
  const reason = error instanceof Error ? error.message : String(error);
  const system = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return problem(code, `${message}: ${reason}`, { where: { file }, facts: { system } });
}
