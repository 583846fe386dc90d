import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [vue()],
  test: {
    pool: 'forks',
    include: [
      'core/**/*.test.ts',
      'projects/**/*.test.ts',
      'main/**/*.test.ts',
      'preload/**/*.test.ts',
      'renderer/**/*.test.ts',
      'tests/{architecture,conformance,property,promises,crash,fuzz,golden,security}/**/*.test.ts',
    ],
    testTimeout: 120_000,
    // One core is not kept free: nobody works at the machine meanwhile.
    maxWorkers: '100%',
    reporters: ['default'],
  },
});
