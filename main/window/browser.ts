/** An installed Chromium, Chrome or Edge: the window of the local host and the printer of reports. */
import { accessSync, constants, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';

export interface Browser {
  readonly path: string;
  readonly name: string;
  /** Snap's Chromium sees neither the temporary folder nor hidden folders of the user. */
  readonly isSnap: boolean;
  /** False for a build that can only run headless. */
  readonly canShowWindow: boolean;
}

const COMMANDS = [
  'google-chrome-stable',
  'google-chrome',
  'chromium',
  'chromium-browser',
  'microsoft-edge-stable',
  'microsoft-edge',
  'brave-browser',
];
const MAC = ['Google Chrome', 'Chromium', 'Microsoft Edge', 'Brave Browser'].map(
  (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
);
const WINDOWS = [
  ['Google', 'Chrome', 'Application', 'chrome.exe'],
  ['Microsoft', 'Edge', 'Application', 'msedge.exe'],
  ['Chromium', 'Application', 'chrome.exe'],
  ['BraveSoftware', 'Brave-Browser', 'Application', 'brave.exe'],
];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Where to look, best first. WEFT_BROWSER (a path or a command) comes before everything. */
export function browserCandidates(platform = process.platform, env = process.env): readonly string[] {
  const folders = (env.PATH ?? '').split(platform === 'win32' ? ';' : delimiter).filter((folder) => folder !== '');
  const onPath = (command: string) => folders.map((folder) => join(folder, command));
  const chosen = env.WEFT_BROWSER;
  const first = chosen ? (isAbsolute(chosen) ? [chosen] : onPath(chosen)) : [];
  switch (platform) {
    case 'darwin':
      return [...first, ...MAC, ...MAC.map((path) => join(homedir(), path))];
    case 'win32': {
      const roots = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].filter((root) => root !== undefined);
      return [...first, ...WINDOWS.flatMap((parts) => roots.map((root) => join(root, ...parts)))];
    }
    default:
      return [...first, ...COMMANDS.flatMap(onPath), '/snap/bin/chromium'];
  }
}

export function findBrowser(candidates = browserCandidates()): Browser | null {
  const path = candidates.find(isExecutable);
  if (path === undefined) return null;
  const real = realpathSync(path);
  return {
    path,
    name: path.replace(/^.*[/\\]/, '').replace(/\.exe$/i, ''),
    isSnap: path.startsWith('/snap/') || real === '/usr/bin/snap',
    canShowWindow: true,
  };
}

/** An installed browser, else the headless one a development dependency brings, else null. */
export async function findPrinter(): Promise<Browser | null> {
  const installed = findBrowser();
  if (installed) return installed;
  try {
    // Named at run time: the packaged app does not carry it.
    const name = '@sparticuz/chromium';
    const { default: bundled } = (await import(name)) as { default: { executablePath(): Promise<string> } };
    return { path: await bundled.executablePath(), name: 'chromium', isSnap: false, canShowWindow: false };
  } catch {
    return null;
  }
}

/** True when a window could appear somewhere. */
export function hasDisplay(env = process.env, platform = process.platform): boolean {
  return platform !== 'linux' || Boolean(env.DISPLAY) || Boolean(env.WAYLAND_DISPLAY);
}

/** A private folder the browser can read: for Snap inside its own, else `otherwise`. */
export function folderFor(browser: Browser, otherwise: string): string {
  return browser.isSnap ? join(homedir(), 'snap', 'chromium', 'common', 'weft') : otherwise;
}

/** Chromium refuses its sandbox to root, who has no rights left to lose. */
export function sandboxArguments(): readonly string[] {
  return process.getuid?.() === 0 ? ['--no-sandbox'] : [];
}
