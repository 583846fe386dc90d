import { existsSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { fileProblem, writeFileAtomic } from '#projects/atomic-file.ts';
import { BUNDLE_EXTENSION, bundleOf, bundleProblem } from '#projects/bundle.ts';
import { openProject, PROJECT_EXTENSION } from '#projects/project.ts';
import { writeZip } from '#projects/zip/write.ts';
import { unpacked } from '../bundles.ts';
import { packedRun } from '../jobs/packed-run.ts';
import { checkedBundle } from '../jobs/read-bundle.ts';
import { APP_VERSION } from '../version.ts';
import { type Command, DONE, FAILED, printProblems, required, textOption, UsageError } from './command.ts';

export const bundleCommand: Command = {
  name: 'bundle',
  positionals: ['FILE'],
  summary: `Packs a project (${PROJECT_EXTENSION}) into one file to hand on (${BUNDLE_EXTENSION}), or unpacks one.`,
  details: `A bundle has the documents as text with their undo histories and checkpoints, runs, studies, candidates, crossover
maps and kept model files; unfinished runs stay behind. One from a stranger is checked whole before anything is written:
paths, links, sizes, ratios, overlaps, and every file in it. With --check it is only checked. A project that is there
already is never overwritten.`,
  options: {
    out: { type: 'string', value: 'FILE', help: `The bundle to write, or the project to make (${PROJECT_EXTENSION}).` },
    check: { type: 'boolean', help: 'Only checks a bundle, and says what is in it as JSON.' },
  },
  async run([file = ''], options, io) {
    const isProject = extname(file).toLowerCase() === PROJECT_EXTENSION;
    if (isProject && options.check) throw new UsageError('--check is for bundles');
    const out = options.check ? '' : required(textOption(options, 'out'), 'out');
    const done = isProject ? pack(file, out) : await unpack(file, options.check ? null : out);
    if (!done.ok) {
      printProblems([done.error], io);
      return FAILED;
    }
    if (done.value !== null) io.out(JSON.stringify(done.value));
    return DONE;
  },
};

function pack(file: string, out: string): Result<null, Problem> {
  const project = openProject(file);
  if (!project.ok) return project;
  try {
    return writeFileAtomic(out, writeZip(bundleOf(project.value, APP_VERSION)));
  } catch (error) {
    return err(bundleProblem(out, error));
  } finally {
    project.value.close();
  }
}

/** @returns counts of what is in it where nothing is written. */
async function unpack(
  file: string,
  out: string | null,
): Promise<Result<Readonly<Record<string, unknown>> | null, Problem>> {
  if (!existsSync(file) || !statSync(file).isFile())
    return err(problem('file.missing', `There is no file ${file}`, { where: { file } }));
  if (out !== null && extname(out).toLowerCase() !== PROJECT_EXTENSION)
    throw new UsageError(`--out takes a name that ends in ${PROJECT_EXTENSION}`);
  try {
    const checked = await checkedBundle(file, APP_VERSION, loadHighs, packedRun);
    if (!checked.ok) return checked;
    if (out === null) {
      const { title, ...lists } = checked.value;
      return ok({ title, ...Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, list.length])) });
    }
    const made = await unpacked(checked.value, file, out);
    if (made.ok) made.value.close();
    return made.ok ? ok(null) : made;
  } catch (error) {
    return err(fileProblem('file.unreadable', `${file} cannot be read`, file, error));
  }
}
