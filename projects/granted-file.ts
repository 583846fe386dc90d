/**
 * Files of a folder the user picked: read only where they truly lie in it. A link, and a file that has another name
 * elsewhere (a hard link), is refused before it is opened; what is opened is checked to be what was looked at.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { fileProblem } from './atomic-file.ts';

/**
 * The text of `name` in `folder`, at most `limit` bytes of UTF-8. `folder` itself may be a link: it is what was picked.
 * @returns the problems `file.unreadable`, `file.too-large`, or `file.outside` for what is not a plain file of the folder.
 */
export function readGranted(folder: string, name: string, limit: number): Result<string, Problem> {
  const path = join(folder, name);
  const outside = (why: string) =>
    err(problem('file.outside', `${path} ${why}; only files of the folder itself are read`, { where: { file: path } }));
  // Names, never paths: nothing between the folder and the file can be a link then.
  if (name === '..' || name === '.' || /[/\\\0]/.test(name)) return outside('is a path that may lead elsewhere');
  try {
    const real = join(realpathSync(folder), name);
    const seen = lstatSync(real);
    if (seen.isSymbolicLink()) return outside('is a link');
    if (!seen.isFile()) return outside('is not a file');
    if (seen.nlink > 1) return outside('is a hard link: the same file has another name');
    if (seen.size > limit)
      return err(problem('file.too-large', `${path} is too large to be read`, { facts: { size: seen.size, limit } }));
    const handle = openSync(real, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      const opened = fstatSync(handle);
      if (opened.ino !== seen.ino || opened.dev !== seen.dev) return outside('was exchanged while it was opened');
      return ok(readFileSync(handle, 'utf8'));
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    return err(fileProblem('file.unreadable', `${path} could not be read`, path, error));
  }
}
