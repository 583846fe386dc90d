/** `npm run package`: builds and packs with electron-builder; says plainly when Electron's binary is missing. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const electron = resolve(root, 'node_modules/electron');

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
    'Electron’s binary is not here. Packaging needs it: run `node node_modules/electron/install.js` where it can be fetched, then again.',
  );
  process.exit(1);
}
run('electron-vite/bin/electron-vite.js', ['build']);
run('electron-builder/cli.js', process.argv.slice(2));
