/** Type-checks every folder with its own tsconfig: the native compiler for plain TypeScript, vue-tsc for the renderer. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const bin = (name: string) => resolve(root, 'node_modules', name);
const plain = ['core', 'projects', 'main', 'preload', 'tests'].map(
  (folder) => [folder, bin('@typescript/native/bin/tsc'), '-p', `${folder}/tsconfig.json`] as const,
);
const renderer = ['renderer', bin('vue-tsc/bin/vue-tsc.js'), '--noEmit', '-p', 'renderer/tsconfig.json'] as const;

let failed = 0;
async function check(these: readonly (readonly [string, string, ...string[]])[]): Promise<void> {
  for (const [folder, script, ...args] of these) {
    const code = await new Promise<number>((done) => {
      spawn(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' }).on('close', (status) =>
        done(status ?? 1),
      );
    });
    console.log(`${code === 0 ? 'types ok' : 'types FAIL'}: ${folder}`);
    if (code !== 0) failed++;
  }
}
// The renderer’s alone takes as long as all the others.
await Promise.all([check(plain), check([renderer])]);
process.exit(failed === 0 ? 0 : 1);
