/**
 * `npm run test:long`: durability, undo, fuzz and scheduling tests at full length (1,000 kills, 2,500 cuts, 100,000 mutations,
 * 10,000 sequences of edits, 10,000 random graphs a scheduler, 200 random cases a group of operators against ONNX Runtime):
 * an hour and more.
 */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

// Undefined before Node 24.2.
if (import.meta.main !== false) {
  const root = resolve(import.meta.dirname, '..');
  const { status } = spawnSync(
    process.execPath,
    [
      resolve(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      'tests/crash',
      'tests/promises',
      'core/document/history',
      'tests/fuzz',
      'tests/property',
      'tests/golden/onnx-values',
      'tests/golden/onnx-networks',
      '--testTimeout=3600000',
      '--no-file-parallelism',
    ],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, WEFT_LONG: '1' },
    },
  );
  process.exit(status ?? 1);
}
