/**
 * `npm run dev`: Vite's own server with hot reload for the renderer, the local host behind it for everything else.
 * Works without Electron's binary. Changes of core, projects or main need a restart, but for what the renderer uses.
 */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { resolveConfig } from 'electron-vite';
import { createServer } from 'vite';

const root = resolve(import.meta.dirname, '..');
const HOST_PORT = Number(process.env.WEFT_DEV_HOST_PORT ?? 5180);
const VITE_PORT = Number(process.env.WEFT_DEV_PORT ?? 5173);

const { config } = await resolveConfig({ configFile: join(root, 'electron.vite.config.ts') }, 'serve');
const behind = { target: `http://127.0.0.1:${HOST_PORT}`, changeOrigin: true };
const vite = await createServer({
  ...config?.renderer,
  configFile: false,
  server: {
    host: '127.0.0.1',
    port: VITE_PORT,
    strictPort: true,
    fs: { allow: [root] },
    proxy: {
      '/session': behind,
      '/upload': behind,
      '/blob': behind,
      '^/runs/[^/]+/result$': behind,
      '/api': { ...behind, ws: true },
    },
  },
});
await vite.listen();

const host = spawn(
  process.execPath,
  [
    join(root, 'main/local.ts'),
    '--stay',
    '--port',
    String(HOST_PORT),
    '--renderer-url',
    `http://127.0.0.1:${VITE_PORT}`,
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit' },
);
host.on('exit', (code) => void vite.close().finally(() => process.exit(code ?? 0)));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => host.kill(signal));
