/**
 * `npm run bench [name …] [-- --flag …]`: every benchmark in this folder, one process each; flags are theirs. Figures are
 * printed, nothing is asserted.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

const given = process.argv.slice(2);
const firstFlag = given.findIndex((word) => word.startsWith('--'));
const wanted = firstFlag < 0 ? given : given.slice(0, firstFlag);
const flags = given.slice(wanted.length);
const files = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.ts') && name !== basename(import.meta.filename))
  .filter((name) => wanted.length === 0 || wanted.includes(basename(name, '.ts')))
  .sort();
if (files.length === 0) {
  console.error(`there is no benchmark ${wanted.join(', ')}`);
  process.exit(2);
}
let failed = 0;
for (const name of files) {
  console.log(`\n== ${basename(name, '.ts')}`);
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, name), ...flags], { stdio: 'inherit' });
  if (status !== 0) failed++;
}
process.exit(failed === 0 ? 0 : 1);
