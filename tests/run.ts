/**
 * `npm test`: formatter and linter, types, unit and integration tests, build, end-to-end tests; ends with one line
 * that adds up all runners. Exits 1 when anything failed.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const results = join(root, 'test-results');
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}
const total: Counts = { passed: 0, failed: 0, skipped: 0 };

// Hosts and their threads, which tests start by the hundred, are compiled once.
process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules/.cache/node');

function run(script: string, args: readonly string[]): Promise<number> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [resolve(root, 'node_modules', script), ...args], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, FORCE_COLOR: '0' },
    });
    child.on('close', (code) => done(code ?? 1));
  });
}

/** A step that passes or fails as a whole. */
async function whole(title: string, script: string, args: readonly string[]): Promise<void> {
  console.log(`\n== ${title}`);
  const code = await run(script, args);
  if (code === 0) total.passed++;
  else total.failed++;
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
}

interface PlaywrightReport {
  readonly stats: {
    readonly expected: number;
    readonly unexpected: number;
    readonly flaky: number;
    readonly skipped: number;
  };
}

/** A runner that counts; one that ends badly without naming a failed test counts as one failure. */
async function counted(
  title: string,
  script: string,
  args: readonly string[],
  report: string,
  read: (json: string) => Counts,
): Promise<void> {
  console.log(`\n== ${title}`);
  const code = await run(script, args);
  let counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    counts = read(readFileSync(report, 'utf8'));
  } catch (cause) {
    console.error(`no report of ${title}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
}

await whole('format and lint', '@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.']);
await whole('types', '../tests/support/check-types.ts', []);
const unitReport = join(results, 'vitest.json');
await counted(
  'unit and integration',
  'vitest/vitest.mjs',
  ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${unitReport}`],
  unitReport,
  (json) => {
    const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = JSON.parse(json) as VitestReport;
    return {
      passed: numPassedTests,
      failed: Math.max(numFailedTests, numFailedTestSuites > 0 ? 1 : 0),
      skipped: numPendingTests,
    };
  },
);
await whole('build', 'electron-vite/bin/electron-vite.js', ['build']);
const e2eReport = join(results, 'playwright.json');
process.env.PLAYWRIGHT_JSON_OUTPUT_NAME = e2eReport;
await counted('end to end', '@playwright/test/cli.js', ['test', '--reporter=list,json'], e2eReport, (json) => {
  const { stats } = JSON.parse(json) as PlaywrightReport;
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped };
});

console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 ? 0 : 1);
