/** A file the system or the command line names: a project is opened where it is, a bundle becomes a project of its own. */
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import type { Problem } from '#core/base/problem.ts';
import type { Result } from '#core/base/result.ts';
import type { ProjectView } from '#core/contract/views.ts';
import { BUNDLE_EXTENSION } from '#projects/bundle.ts';
import { PROJECT_EXTENSION } from '#projects/project.ts';
import type { Backend } from '../backend.ts';

export const isOpenable = (path: string): boolean =>
  path.endsWith(PROJECT_EXTENSION) || path.endsWith(BUNDLE_EXTENSION);

export async function openPath(
  backend: Pick<Backend, 'openProject' | 'temp' | 'bundles'>,
  path: string,
): Promise<Result<ProjectView, Problem>> {
  if (!path.endsWith(BUNDLE_EXTENSION)) return backend.openProject(path);
  const stream = Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
  const received = await backend.temp.receive(basename(path), stream);
  return received.ok ? backend.bundles.import(received.value) : received;
}
