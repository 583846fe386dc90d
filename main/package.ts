/** `npm run package`: builds, packs with electron-builder and writes checksums; says plainly when Electron's binary is missing. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { writeChecksums } from './packaging/checksums.ts';

const root = resolve(import.meta.dirname, '..');
const electron = process.env.WEFT_ELECTRON ?? resolve(root, 'node_modules/electron');

function run(script: string, args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, [resolve(root, 'node_modules', script), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}

const pathFile = resolve(electron, 'path.txt');
if (!existsSync(pathFile) || !existsSync(resolve(electron, 'dist', readFileSync(pathFile, 'utf8').trim()))) {
  console.error(
    [
      'Nothing was packaged: Electron’s binary is not on this machine, and packaging puts it into every package.',
      'npm does not bring it: it is fetched from github.com once, by `node node_modules/electron/install.js`.',
      'Run that where it can be reached, then `npm run package` again.',
      'Without it Weft still runs: `npm start` opens it in an installed Chromium, Chrome or Edge.',
    ].join('\n'),
  );
  process.exit(1);
}
run('electron-vite/bin/electron-vite.js', ['build']);
run('electron-builder/cli.js', process.argv.slice(2));
const sums = await writeChecksums(resolve(root, 'dist'));
if (sums) console.log(`checksums: ${sums}`);
