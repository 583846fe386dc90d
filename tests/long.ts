/**
 * `npm run test:long`: durability, fuzz and scheduling tests at full length (1,000 kills, 2,500 cuts, 100,000 mutations,
 * 10,000 random graphs a scheduler, 200 random cases a group of operators against ONNX Runtime), some 35 minutes.
 */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const { status } = spawnSync(
  process.execPath,
  [
    resolve(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    'tests/crash',
    'tests/fuzz',
    'tests/property/schedule',
    'tests/property/mapping',
    'tests/golden/onnx-values',
    '--testTimeout=3600000',
    '--no-file-parallelism',
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      WEFT_CRASH_SCALE: '25',
      WEFT_FUZZ: '100000',
      WEFT_FUZZ_CASES: '10000',
      WEFT_SCHEDULE_GRAPHS: '10000',
      WEFT_MAPPING_NESTS: '2000',
      WEFT_REFERENCE_CASES: '200',
    },
  },
);
process.exit(status ?? 1);
