/** Builds the three parts: main (both hosts and the worker entry), preload (cjs, or a sandbox cannot load it), renderer. */
import { resolve } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';

const at = (path: string) => resolve(import.meta.dirname, path);

export default defineConfig({
  main: {
    build: {
      rolldownOptions: {
        input: { index: at('main/index.ts'), local: at('main/local.ts'), worker: at('main/jobs/worker.ts') },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
        // Native code and WebAssembly are found beside their own loaders.
        external: ['better-sqlite3', 'highs', '@sparticuz/chromium'],
      },
    },
  },
  preload: {
    build: {
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: at('preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: at('renderer'),
    plugins: [vue()],
    worker: { format: 'es' },
    build: {
      minify: true,
      rolldownOptions: { input: { index: at('renderer/index.html') } },
    },
  },
});
