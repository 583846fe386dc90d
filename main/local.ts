/**
 * The second host: the same services on loopback for an installed browser. One a configuration folder; a second
 * start opens a window on the running one. Ends some seconds after its last window closed and its runs are done.
 */
import { flushCompileCache } from 'node:module';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { places } from '#projects/places.ts';
import { createBackend } from './backend.ts';
import { openPath } from './files/open-path.ts';
import { askRunningHost, claim, release } from './local/instance.ts';
import { startLocalServer } from './local/server.ts';
import { resourcesOf } from './resources.ts';
import { type Browser, findBrowser, findPrinter, hasDisplay } from './window/browser.ts';
import { type OpenedWindow, openWindow } from './window/open-window.ts';
import { printPdf } from './window/print-pdf.ts';

const USAGE = `usage: local [PROJECT.weft] [--port N] [--no-open] [--stay] [--home DIR] [--renderer-url URL]

  --port N            port on 127.0.0.1 (a free one unless given)
  --no-open           open no window; print the address with its one-use ticket
  --stay              go on after the last window has closed
  --home DIR          settings and projects in DIR (as WEFT_HOME)
  --renderer-url URL  pages come from this development server, which proxies here`;

/** A reload closes the socket for a moment; a closed window for good. */
const LINGER_MS = 6000;
/** By then the window is there, and what it needs of the host compiled. */
const COMPILED_AFTER_MS = 4000;

function complain(text: string, code: number): never {
  console.error(text);
  process.exit(code);
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        port: { type: 'string', default: '0' },
        'no-open': { type: 'boolean', default: false },
        stay: { type: 'boolean', default: false },
        home: { type: 'string' },
        'renderer-url': { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`--port ${values.port} is no port`);
    return { ...values, port, project: positionals[0] };
  } catch (error) {
    return complain(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`, 2);
  }
}

const chosen = readArguments();
if (chosen.help) {
  console.log(USAGE);
  process.exit(0);
}
const home = places(chosen.home);
const browser: Browser | null = chosen['no-open'] || !hasDisplay() ? null : findBrowser();

const runningUrl = await askRunningHost(home.config, browser !== null);
if (runningUrl !== null) {
  console.log(browser ? 'weft is running already; a window opens' : `weft local host listening ${runningUrl}`);
  process.exit(0);
}

const resources = resourcesOf(import.meta.url);
const canPrint = (await findPrinter()) !== null;
const backend = createBackend({
  kind: 'local',
  places: home,
  examples: resources.examples,
  worker: resources.worker,
  ...(canPrint ? { printPdf } : {}),
});

const windows = new Set<OpenedWindow>();
let hadWindow = false;
let openSockets = 0;
let linger: NodeJS.Timeout | undefined;
let isStopping = false;

async function stop(code: number): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  clearTimeout(linger);
  release(home.config);
  for (const window of windows) {
    window.forget();
    window.process.kill();
  }
  await server.close();
  await backend.close();
  process.exit(code);
}

function lingerThenStop(): void {
  clearTimeout(linger);
  linger = setTimeout(() => {
    if (openSockets > 0) return;
    const isWorking = backend.runs().some((run) => run.state === 'running' || run.state === 'queued');
    if (isWorking) lingerThenStop();
    else void stop(0);
  }, LINGER_MS);
}

function show(url: string): void {
  if (!browser) {
    console.log(`weft local host listening ${url}`);
    return;
  }
  const opened = openWindow(browser, url, home.config);
  windows.add(opened);
  opened.process.on('error', (error) => console.error(`${browser.path} could not be started: ${error.message}`));
  // A browser that runs already takes the page over: this process ends before the page is read.
  opened.process.on('exit', () => {
    setTimeout(() => {
      opened.forget();
      windows.delete(opened);
    }, LINGER_MS).unref();
  });
}

const server = await startLocalServer({
  backend,
  renderer: resources.renderer,
  port: chosen.port,
  ...(chosen['renderer-url'] === undefined ? {} : { developmentOrigin: new URL(chosen['renderer-url']).origin }),
  socketsChanged: (open) => {
    openSockets = open;
    if (open > 0) {
      hadWindow = true;
      clearTimeout(linger);
      for (const window of windows) window.forget();
    } else if (hadWindow && !chosen.stay) lingerThenStop();
  },
  windowWanted: show,
}).catch((error: unknown) => complain(`port ${chosen.port} could not be opened: ${String(error)}`, 1));

if (!claim(home.config, server.port, server.controlSecret)) {
  // Nobody answered to the file: a crash left it. Should two starts meet here, the later one stands back.
  release(home.config, true);
  if (!claim(home.config, server.port, server.controlSecret)) complain('another weft is just starting', 1);
}
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop(0));
// Else it is written at a proper end only, which a host that is killed has none of.
setTimeout(flushCompileCache, COMPILED_AFTER_MS).unref();

if (chosen.project !== undefined) {
  const opened = await openPath(backend, resolve(chosen.project));
  if (!opened.ok) console.error(opened.error.message);
}
show(server.windowUrl());
if (browser) console.log(`weft local host listening ${server.origin} (window: ${browser.name})`);
