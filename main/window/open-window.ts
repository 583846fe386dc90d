/**
 * A window of the local host: the browser in app mode with a profile of its own. The URL holds a ticket and must not
 * show in the process list, so the browser is given a private file that redirects to it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, folderFor, sandboxArguments } from './browser.ts';

export interface OpenedWindow {
  readonly process: ChildProcess;
  /** Removes the redirect file; the page has it by the time the first socket opens. */
  forget(): void;
}

export function openWindow(browser: Browser, url: string, config: string): OpenedWindow {
  const base = folderFor(browser, config);
  const profile = join(base, 'browser-profile');
  mkdirSync(profile, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(base, 'open-'));
  const file = join(folder, 'weft.html');
  writeFileSync(
    file,
    `<!doctype html><meta charset="utf-8"><title>Weft</title><meta http-equiv="refresh" content="0;url=${url}">`,
    { mode: 0o600 },
  );
  const child = spawn(
    browser.path,
    [
      `--app=${pathToFileURL(file).href}`,
      `--user-data-dir=${profile}`,
      '--no-first-run',
      '--no-default-browser-check',
      '--disable-sync',
      '--window-size=1440,900',
      ...sandboxArguments(),
    ],
    { stdio: 'ignore' },
  );
  const forget = () => rmSync(folder, { recursive: true, force: true });
  child.on('error', forget);
  return { process: child, forget };
}
