/**
 * `npm run new-technique KIND/SLUG`: a folder core/techniques/<kind>/<slug>/ with a technique that works, its test and its
 * README, from the one of its kind beside this file; then the index is written anew.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TECHNIQUE_KINDS, type TechniqueKind } from '#core/technique/technique.ts';

const templates = import.meta.dirname;

/** Kinds there is something to begin with for. */
export const SCAFFOLDED: readonly TechniqueKind[] = TECHNIQUE_KINDS.filter((kind) => existsSync(join(templates, kind)));

/**
 * @param root of the repository.
 * @returns the files written, relative to the root. @throws with what is wrong with the id, or where the folder exists.
 */
export function newTechnique(root: string, id: string): readonly string[] {
  const [, kind = '', slug = ''] = /^([a-z-]+)\/([a-z][a-z0-9]*(?:-[a-z0-9]+)*)$/.exec(id) ?? [];
  if (!SCAFFOLDED.some((known) => known === kind))
    throw new Error(`Name it KIND/SLUG, in small letters; KIND is one of ${SCAFFOLDED.join(', ')}`);
  const folder = `core/techniques/${kind}/${slug}`;
  if (existsSync(join(root, folder))) throw new Error(`${folder} is there already`);
  mkdirSync(join(root, folder), { recursive: true });
  const title = slug.charAt(0).toUpperCase() + slug.slice(1).replaceAll('-', ' ');
  const files = readdirSync(join(templates, kind)).map((name) => {
    const text = readFileSync(join(templates, kind, name), 'utf8')
      .replaceAll(`${kind}/example`, id)
      .replaceAll(/(title: '|^# )Example\b/gm, `$1${title}`)
      .replaceAll("'example.", `'${slug}.`)
      .replaceAll('`example.', `\`${slug}.`);
    const file = `${folder}/${name}`;
    writeFileSync(join(root, file), text);
    return file;
  });
  const { status, stderr } = spawnSync(process.execPath, ['core/technique/generate-index.ts'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return files;
}

if (process.argv[1] === import.meta.filename) {
  try {
    const files = newTechnique(resolve(templates, '../..'), process.argv[2] ?? '');
    console.log(`${files.join('\n')}\ncore/techniques/index.ts (written anew)`);
    console.log('\nNow write the technique and its README; `npx vitest run tests/conformance` tries it.');
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
