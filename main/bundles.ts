/**
 * Projects that come and go as one file: a bundle is written from the open project, and a bundle or a project file from
 * elsewhere becomes a project of its own in the user's folder. Nothing is made before the bundle is checked whole.
 */
import { copyFileSync, rmSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { ExportView, ProjectView } from '#core/contract/views.ts';
import { fileProblem } from '#projects/atomic-file.ts';
import {
  BUNDLE_EXTENSION,
  type BundleContents,
  bundleOf,
  bundleProblem,
  fillProject,
  isBundle,
} from '#projects/bundle.ts';
import { fileSlug } from '#projects/id.ts';
import { createProject, openProject, type Project } from '#projects/project.ts';
import { writeZip } from '#projects/zip/write.ts';
import { openFileSource } from './files/byte-source.ts';
import type { TempStore } from './files/temp-store.ts';
import type { Lane } from './jobs/lane.ts';
import { APP_VERSION } from './version.ts';

export interface Bundles {
  export(): Promise<Result<ExportView, Problem>>;
  /** The uploaded bundle or project file as a project of its own, opened. */
  import(upload: string): Promise<Result<ProjectView, Problem>>;
}

export interface BundlesHost {
  readonly lane: Lane;
  readonly temp: TempStore;
  readonly project: () => Result<Project, Problem>;
  /** A path for a new project of that title, where there is nothing yet. */
  readonly freePath: (title: string) => string;
  readonly adopt: (project: Result<Project, Problem>) => Promise<Result<ProjectView, Problem>>;
}

const SQLITE = 'SQLite format 3\0';

export function createBundles({ lane, temp, project, freePath, adopt }: BundlesHost): Bundles {
  return {
    export: async () => {
      const current = project();
      if (!current.ok) return current;
      const name = `${fileSlug(current.value.title())}${BUNDLE_EXTENSION}`;
      const mediaType = 'application/zip';
      try {
        const blob = await temp.write(name, mediaType, writeZip(bundleOf(current.value, APP_VERSION)));
        return ok({ blob, name, mediaType, sections: [] });
      } catch (error) {
        return err(bundleProblem(name, error));
      }
    },
    import: async (upload) => {
      const file = temp.get(upload);
      if (!file) return err(problem('upload.missing', 'The uploaded file is gone; choose it again'));
      try {
        const head = headOf(file.path);
        const title = basename(file.name, extname(file.name));
        if (Buffer.from(head).toString('latin1') === SQLITE) return await adopt(copied(file.path, freePath(title)));
        if (!isBundle(head))
          return err(problem('bundle.not-a-bundle', `${file.name} is neither a bundle nor a project of Weft`));
        const contents = await lane.run('read-bundle', { path: file.path, appVersion: APP_VERSION }).answer;
        return contents.ok
          ? await adopt(await unpacked(contents.value, file.path, freePath(contents.value.title)))
          : contents;
      } finally {
        temp.remove(upload);
      }
    },
  };
}

function headOf(path: string): Uint8Array {
  const source = openFileSource(path);
  try {
    return Uint8Array.from(source.read(0, SQLITE.length));
  } finally {
    source.close();
  }
}

function copied(from: string, to: string): Result<Project, Problem> {
  try {
    copyFileSync(from, to);
  } catch (error) {
    rmSync(to, { force: true });
    return err(fileProblem('project.not-created', `${to} could not be made`, to, error));
  }
  const opened = openProject(to);
  if (!opened.ok) rmSync(to, { force: true });
  return opened;
}

/** A new project of a checked bundle; when the disk refuses nothing is left of it. */
export async function unpacked(
  contents: BundleContents,
  bundle: string,
  path: string,
): Promise<Result<Project, Problem>> {
  const made = createProject(path, contents.title);
  if (!made.ok) return made;
  const source = openFileSource(bundle);
  let filled: Result<null, Problem>;
  try {
    filled = await fillProject(made.value, contents, source);
  } catch (error) {
    filled = err(fileProblem('project.not-created', `${path} could not be made`, path, error));
  } finally {
    source.close();
  }
  if (filled.ok) return made;
  try {
    made.value.close();
  } finally {
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  }
  return filled;
}
