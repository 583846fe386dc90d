/** HTML to PDF in the Electron host: a hidden, sandboxed window without scripts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BrowserWindow } from 'electron';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';

export async function printInWindow(html: string): Promise<Result<Uint8Array, Problem>> {
  const folder = mkdtempSync(join(tmpdir(), 'weft-print-'));
  const window = new BrowserWindow({
    show: false,
    webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false, javascript: false },
  });
  try {
    const file = join(folder, 'report.html');
    writeFileSync(file, html, { mode: 0o600 });
    await window.loadFile(file);
    return ok(new Uint8Array(await window.webContents.printToPDF({ printBackground: true, preferCSSPageSize: true })));
  } catch (error) {
    return err(
      problem('export.print-failed', `The PDF could not be made: ${error instanceof Error ? error.message : error}`),
    );
  } finally {
    window.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}
