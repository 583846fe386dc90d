/** P-05: an export that is killed at any file call leaves the old file whole or the new file whole. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { temporaryFolder } from './edits.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const OLD = 'old '.repeat(3000);
const NEW = `${'new '.repeat(5000)}end`;

function killed(path: string, ...args: string[]) {
  return spawnSync(process.execPath, [join(import.meta.dirname, 'export-writer.ts'), path, ...args], {
    encoding: 'utf8',
  });
}

it('P-05 killed before or after each file call, the file is the old one or the new one, whole', () => {
  const calls = Number(killed(join(folder.path, 'whole.html'), '0').stdout);
  expect(calls).toBeGreaterThan(8);
  let old = 0;
  for (let call = 1; call <= calls; call++)
    // After one call is before the next: only the last has an after of its own.
    for (const when of call === calls ? ['before', 'after'] : ['before']) {
      const path = join(folder.path, `${call}-${when}.html`);
      writeFileSync(path, OLD);
      expect(killed(path, String(call), when).signal).toBe('SIGKILL');
      const found = readFileSync(path, 'utf8');
      expect([OLD, NEW]).toContain(found);
      if (found === OLD) old++;
    }
  // The rename is one of the last calls: before it all is old, after it all is new.
  expect(old).toBeGreaterThan(calls / 2);
  expect(old).toBeLessThan(calls);
}, 120_000);
