/** The dependency rule (.dependency-cruiser.cjs), read from the code's own imports. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

it('holds: core → projects → main, core → renderer, no cycles, techniques apart', () => {
  const cli = resolve(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const folders = ['core', 'projects', 'main', 'preload', 'renderer'];
  // The exit code counts violations; the report lists them.
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [cli, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...folders],
    { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 },
  );
  if (stdout === '') throw new Error(stderr);
  const { summary, modules } = JSON.parse(stdout) as {
    summary: { violations: { rule: { name: string }; from: string; to: string }[]; totalCruised: number };
    modules: { source: string }[];
  };
  // A cruise that saw nothing would prove nothing.
  for (const folder of folders)
    expect(modules.filter((module) => module.source.startsWith(`${folder}/`)).length, folder).toBeGreaterThan(0);
  expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
}, 120_000);
