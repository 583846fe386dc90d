import { defineConfig } from '@playwright/test';
import { testBrowser } from './tests/support/browser.ts';

const browser = await testBrowser();

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results/e2e',
  timeout: 120_000,
  expect: { timeout: 15_000 },
  // Each test has a host and a home of its own.
  workers: 2,
  fullyParallel: true,
  retries: 0,
  use: {
    actionTimeout: 15_000,
    viewport: { width: 1280, height: 720 },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: { executablePath: browser.executablePath, args: [...browser.args] },
  },
  projects: [
    { name: 'local', testMatch: ['e2e/**/*.e2e.ts', 'a11y/**/*.e2e.ts'] },
    { name: 'electron', testMatch: ['electron/**/*.e2e.ts'] },
  ],
});
