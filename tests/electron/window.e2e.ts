/** The real Electron host. Runs wherever Electron's binary is; elsewhere skipped, saying so. */
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { _electron, expect, test } from '@playwright/test';

const root = resolve(import.meta.dirname, '../..');
const folder = resolve(root, 'node_modules/electron');
const pathFile = join(folder, 'path.txt');
const binary = existsSync(pathFile) ? join(folder, 'dist', readFileSync(pathFile, 'utf8').trim()) : '';
const reason = 'Electron’s binary is not on this machine (node node_modules/electron/install.js fetches it)';

test.beforeAll(() => {
  if (!existsSync(binary)) console.log(`skipped: ${reason}`);
});

test('opens the start page, sandboxed, with nothing of Node in the page', async () => {
  test.skip(!existsSync(binary), reason);
  const app = await _electron.launch({
    executablePath: binary,
    args: [join(root, 'out/main/index.js'), ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
    env: { ...process.env, WEFT_HOME: mkdtempSync(join(tmpdir(), 'weft-electron-')) },
  });
  const page = await app.firstWindow();
  await expect(page.getByRole('heading', { name: /start|recent|weft/i }).first()).toBeVisible();
  expect(await page.evaluate(() => typeof (globalThis as { process?: unknown }).process)).toBe('undefined');
  await app.close();
});
