import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

/** Of values alone, without hosts, windows or fakes: one process runs them all, and loads the core once. */
const PURE = ['core/**/*.test.ts', 'tests/{architecture,conformance,property,golden,fuzz}/**/*.test.ts'];
/** A process each. */
const APART = [
  'projects/**/*.test.ts',
  'main/**/*.test.ts',
  'preload/**/*.test.ts',
  'renderer/**/*.test.ts',
  'tests/{promises,crash,security}/**/*.test.ts',
];

export default defineConfig({
  plugins: [vue()],
  test: {
    pool: 'forks',
    testTimeout: 120_000,
    // One core is not kept free: nobody works at the machine meanwhile.
    maxWorkers: '100%',
    reporters: ['default'],
    projects: [
      { extends: true, test: { name: 'pure', include: PURE, isolate: false } },
      { extends: true, test: { name: 'apart', include: APART } },
    ],
  },
});
