/** HTML to PDF by an installed Chromium without a window; text and drawings stay vectors. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { findPrinter, folderFor, sandboxArguments } from './browser.ts';

const TIMEOUT_MS = 120_000;

/** The PDF's bytes; `export.no-browser` when none is installed, `export.print-failed` with the browser's words. */
export async function printPdf(html: string): Promise<Result<Uint8Array, Problem>> {
  const browser = await findPrinter();
  if (!browser)
    return err(
      problem(
        'export.no-browser',
        'Printing to PDF needs Chromium, Chrome or Edge; install one (on Debian and Ubuntu: the package chromium) or print the HTML report from any browser',
      ),
    );
  const base = folderFor(browser, tmpdir());
  mkdirSync(base, { recursive: true });
  const folder = mkdtempSync(join(base, 'weft-print-'));
  try {
    const page = join(folder, 'report.html');
    const pdf = join(folder, 'report.pdf');
    writeFileSync(page, html, { mode: 0o600 });
    const said = await runBrowser(browser.path, [
      '--headless',
      '--disable-gpu',
      '--no-first-run',
      '--no-pdf-header-footer',
      `--user-data-dir=${join(folder, 'profile')}`,
      `--print-to-pdf=${pdf}`,
      ...(browser.canShowWindow ? sandboxArguments() : ['--no-sandbox', '--no-zygote']),
      pathToFileURL(page).href,
    ]);
    try {
      return ok(new Uint8Array(readFileSync(pdf)));
    } catch {
      return err(
        problem('export.print-failed', `${browser.name} made no PDF`, {
          facts: { browser: browser.path, said: said.slice(-1000) },
        }),
      );
    }
  } finally {
    // The browser's last helpers may still hold files of its profile.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function runBrowser(path: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: TIMEOUT_MS });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
    });
    child.on('error', (error) => resolve(error.message));
    child.on('close', () => resolve(said));
  });
}
