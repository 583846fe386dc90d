/**
 * Electron entry: one instance, one window, pages over app://weft by the handler both hosts share, the API over a
 * message port made anew at every load. The backend lives here; what is heavy lives in its worker threads.
 */
import { join, resolve } from 'node:path';
import { RPCHandler } from '@orpc/server/message-port';
import { app, BrowserWindow, dialog, MessageChannelMain, protocol, session } from 'electron';
import { BUNDLE_EXTENSION } from '#projects/bundle.ts';
import { places } from '#projects/places.ts';
import { PROJECT_EXTENSION } from '#projects/project.ts';
import { type Backend, createBackend } from './backend.ts';
import { isOpenable, openPath } from './files/open-path.ts';
import { createHttpHandler } from './http/handler.ts';
import { resourcesOf } from './resources.ts';
import { limited } from './services/message-limit.ts';
import { createRouter } from './services/router.ts';
import { printInWindow } from './window/electron-print.ts';
import { installMenu } from './window/menu.ts';
import { APP_ORIGIN, confine, denyPermissions } from './window/navigation.ts';

protocol.registerSchemesAsPrivileged([
  { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true } },
]);

let window: BrowserWindow | null = null;

function createWindow(backend: Backend): BrowserWindow {
  const made = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 960,
    minHeight: 600,
    title: 'Weft',
    show: false,
    webPreferences: {
      preload: join(import.meta.dirname, '../preload/index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      // The bridge, and with it the port, is the main frame's alone.
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  made.once('ready-to-show', () => made.show());
  made.on('closed', () => {
    window = null;
  });
  const rpc = new RPCHandler(createRouter(backend));
  made.webContents.on('did-finish-load', () => {
    // Only our own page is given the port; a page that failed to load is not.
    if (new URL(made.webContents.getURL()).host !== new URL(APP_ORIGIN).host) return;
    const { port1, port2 } = new MessageChannelMain();
    rpc.upgrade(limited(port1));
    port1.start();
    made.webContents.postMessage('weft-port', null, [port2]);
  });
  void made.loadURL(`${APP_ORIGIN}/`);
  return made;
}

/** A project or bundle named on the command line or handed over by the system. */
function projectIn(argv: readonly string[], folder: string): string | null {
  const found = argv.slice(1).find(isOpenable);
  return found === undefined ? null : resolve(folder, found);
}

async function pickProject(): Promise<string | null> {
  const options = {
    properties: ['openFile' as const],
    filters: [{ name: 'Weft projects', extensions: [PROJECT_EXTENSION.slice(1), BUNDLE_EXTENSION.slice(1)] }],
  };
  const { filePaths } = await (window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options));
  return filePaths[0] ?? null;
}

async function start(): Promise<void> {
  await app.whenReady();
  const resources = resourcesOf(import.meta.url);
  const backend = createBackend({
    kind: 'electron',
    places: places(),
    examples: resources.examples,
    worker: resources.worker,
    printPdf: printInWindow,
    pickProject,
  });
  const open = async (path: string | null) => {
    if (path === null) return;
    const opened = await openPath(backend, path);
    if (!opened.ok) dialog.showErrorBox('The project could not be opened', opened.error.message);
  };

  app.on('web-contents-created', (_event, contents) => confine(contents));
  denyPermissions(session.defaultSession);
  const handler = createHttpHandler({ backend, renderer: resources.renderer });
  protocol.handle('app', (request) =>
    request.url.startsWith(`${APP_ORIGIN}/`) ? handler(request) : new Response(null, { status: 404 }),
  );
  installMenu(() => void pickProject().then(open), app.isPackaged);

  app.on('second-instance', (_event, argv, folder) => {
    window ??= createWindow(backend);
    if (window.isMinimized()) window.restore();
    window.focus();
    void open(projectIn(argv, folder));
  });
  app.on('open-file', (event, path) => {
    event.preventDefault();
    void open(path);
  });
  app.on('activate', () => {
    window ??= createWindow(backend);
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  let isClosed = false;
  app.on('will-quit', (event) => {
    if (isClosed) return;
    // Quits once the project is folded and closed.
    event.preventDefault();
    void backend.close().finally(() => {
      isClosed = true;
      app.quit();
    });
  });
  await open(projectIn(process.argv, process.cwd()));
  window = createWindow(backend);
}

if (app.requestSingleInstanceLock()) void start();
else app.quit();
