/** The scaffold in a copy of the repository: what it writes for every kind stands up to that kind's conformance tests. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { TECHNIQUE_KINDS } from '#core/technique/technique.ts';
import { newTechnique, SCAFFOLDED } from '../scaffold/new-technique.ts';

const root = resolve(import.meta.dirname, '../..');
const SLUG = 'first-steps';
const copy = mkdtempSync(join(tmpdir(), 'weft-technique-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

function contents(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !name.startsWith('node_modules') && statSync(join(folder, name)).isFile(),
  );
  return new Map(
    files.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  );
}

const KIT: Readonly<Record<string, string>> = { pass: 'passes' };

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

it('P-32 a new technique of every kind conforms, and touches its folder and the generated index alone', () => {
  for (const part of ['core', 'projects', 'tests/conformance', 'tests/property', 'tests/support', 'tests/architecture'])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  for (const file of ['package.json', 'vitest.config.ts', 'tsconfig.base.json'])
    cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  expect(SCAFFOLDED).toEqual(TECHNIQUE_KINDS);

  const before = contents(copy);
  const written = SCAFFOLDED.flatMap((kind) => newTechnique(copy, `${kind}/${SLUG}`));
  const after = contents(copy);
  const changed = [...after].filter(([name, hash]) => before.get(name) !== hash).map(([name]) => name);
  expect(changed.toSorted()).toEqual([...written, 'core/techniques/index.ts'].toSorted());
  expect([...before.keys()].filter((name) => !after.has(name))).toEqual([]);

  const kits = SCAFFOLDED.map((kind) => `tests/conformance/${KIT[kind] ?? `${kind}s`}.test.ts`);
  const own = SCAFFOLDED.map((kind) => `core/techniques/${kind}/${SLUG}/technique.test.ts`);
  const report = join(copy, 'report.json');
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      resolve(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      ...kits,
      ...own,
      'tests/architecture/technique-index.test.ts',
      '-t',
      `${SLUG}|generated index|manifests`,
      '--no-isolate',
      '--no-file-parallelism',
      '--reporter=json',
      `--outputFile=${report}`,
    ],
    { cwd: copy, encoding: 'utf8', env: { ...process.env, WEFT_LONG: '' } },
  );
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report;
  const ran = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status !== 'skipped' && status !== 'pending')
      .map(({ fullName, status }) => ({ file: name.slice(name.indexOf('weft-technique-')), fullName, status })),
  );
  expect(
    ran.filter(({ status }) => status !== 'passed'),
    `${stdout}${stderr}`,
  ).toEqual([]);
  for (const file of [...kits, ...own])
    expect(ran.filter((one) => one.file.endsWith(file)).length, file).toBeGreaterThan(0);
  expect(ran.some(({ fullName }) => fullName.includes('generated index'))).toBe(true);
});

it('a name that is none, or taken, is refused', () => {
  expect(() => newTechnique(copy, 'nothing/new')).toThrow(/KIND is one of/);
  expect(() => newTechnique(copy, 'pass/../../x')).toThrow(/KIND\/SLUG/);
  expect(() => newTechnique(copy, `pass/${SLUG}`)).toThrow(/there already/);
});
