/** The browser end-to-end tests drive: an installed Chromium, Chrome or Edge, else the one a development dependency ships. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const FIXED = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

export interface TestBrowser {
  readonly executablePath: string;
  readonly args: readonly string[];
}

export async function testBrowser(): Promise<TestBrowser> {
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const installed = [process.env.WEFT_BROWSER ?? '', ...onPath, ...FIXED].find(
    (path) => path !== '' && existsSync(path),
  );
  // Chromium refuses its sandbox to root.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  if (installed) return { executablePath: installed, args: sandbox };
  const { default: chromium } = await import('@sparticuz/chromium');
  // Its own list of arguments is for functions in a cloud: it turns web security off, and with it our origin check.
  return {
    executablePath: await chromium.executablePath(),
    args: ['--no-sandbox', '--no-zygote', '--use-angle=swiftshader'],
  };
}
