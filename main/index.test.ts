/** The wiring of the Electron host, against a typed stand-in: Electron itself is not needed. */
import type { EventEmitter } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../tests/crash/edits.ts';

const fake = vi.hoisted(() => ({
  windows: [] as {
    options: Record<string, never>;
    contents: import('node:events').EventEmitter & Record<string, unknown>;
  }[],
  privileges: [] as unknown[],
  handlers: new Map<string, (request: Request) => Response | Promise<Response>>(),
  menus: [] as unknown[],
  outside: [] as string[],
  permission: null as null | ((contents: unknown, permission: string, answer: (allowed: boolean) => void) => void),
  app: null as unknown as import('node:events').EventEmitter & {
    quit: () => void;
    requestSingleInstanceLock: () => boolean;
  },
  errors: [] as string[],
}));

vi.mock('electron', async () => {
  const { EventEmitter: Emitter } = await import('node:events');
  class WebContents extends Emitter {
    opener: ((details: { url: string }) => unknown) | null = null;
    posted: [string, unknown, unknown[]][] = [];
    setWindowOpenHandler(handler: (details: { url: string }) => unknown) {
      this.opener = handler;
    }
    getURL = () => 'app://weft/';
    postMessage(channel: string, message: unknown, ports: unknown[]) {
      this.posted.push([channel, message, ports]);
    }
  }
  class BrowserWindow extends Emitter {
    webContents = new WebContents();
    loaded: string[] = [];
    constructor(options: Record<string, never>) {
      super();
      fake.windows.push({ options, contents: this.webContents as never });
      fake.app.emit('web-contents-created', {}, this.webContents);
    }
    loadURL(url: string) {
      this.loaded.push(url);
      return Promise.resolve();
    }
    show() {}
    focus() {}
    isMinimized = () => false;
    restore() {}
  }
  class Port extends Emitter {
    postMessage() {}
    start() {}
  }
  fake.app = Object.assign(new Emitter(), {
    whenReady: () => Promise.resolve(),
    requestSingleInstanceLock: () => true,
    quit: () => {},
    isPackaged: true,
  });
  return {
    app: fake.app,
    BrowserWindow,
    dialog: {
      showOpenDialog: async () => ({ filePaths: [] }),
      showErrorBox: (_title: string, message: string) => fake.errors.push(message),
    },
    Menu: {
      buildFromTemplate: (template: unknown) => template,
      setApplicationMenu: (menu: unknown) => fake.menus.push(menu),
    },
    MessageChannelMain: class {
      port1 = new Port();
      port2 = new Port();
    },
    protocol: {
      registerSchemesAsPrivileged: (schemes: unknown) => fake.privileges.push(schemes),
      handle: (scheme: string, handler: (request: Request) => Response) => fake.handlers.set(scheme, handler),
    },
    session: {
      defaultSession: {
        setPermissionRequestHandler: (handler: typeof fake.permission) => {
          fake.permission = handler;
        },
        setPermissionCheckHandler: () => {},
        setDevicePermissionHandler: () => {},
      },
    },
    shell: { openExternal: async (url: string) => fake.outside.push(url) },
  };
});

const folder = temporaryFolder();
beforeAll(async () => {
  process.env.WEFT_HOME = folder.path;
  await import('./index.ts');
  await vi.waitFor(() => expect(fake.windows).toHaveLength(1));
});
afterAll(async () => {
  const quit = new Promise<void>((done) => {
    fake.app.quit = done;
  });
  fake.app.emit('will-quit', { preventDefault: () => {} });
  await quit;
  delete process.env.WEFT_HOME;
  folder.remove();
});

const contents = () =>
  fake.windows[0]!.contents as unknown as EventEmitter & {
    opener: (details: { url: string }) => unknown;
    posted: [string, unknown, unknown[]][];
    getURL: () => string;
  };

describe('the Electron host', () => {
  it('isolates and sandboxes its window', () => {
    expect(fake.windows[0]!.options).toMatchObject({
      webPreferences: {
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        nodeIntegrationInSubFrames: false,
        webviewTag: false,
      },
    });
    expect(fake.privileges).toEqual([[expect.objectContaining({ scheme: 'app' })]]);
    expect(fake.menus).toHaveLength(1);
  });

  it('serves its own host of the scheme alone, with the policy', async () => {
    const serve = fake.handlers.get('app')!;
    expect((await serve(new Request('app://other/index.html'))).status).toBe(404);
    expect((await serve(new Request('app://weft/..%2fpackage.json'))).status).toBe(404);
    const missing = await serve(new Request('app://weft/runs/run-1/result'));
    expect(missing.status).toBe(404);
    expect(missing.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
  });

  it('P-20 hands a fresh port to its own page at every load, and to no other frame', () => {
    contents().emit('did-finish-load');
    contents().emit('did-finish-load');
    expect(contents().posted.map(([channel, , ports]) => [channel, ports.length])).toEqual([
      ['weft-port', 1],
      ['weft-port', 1],
    ]);
    contents().getURL = () => 'https://evil.example/';
    contents().emit('did-finish-load');
    expect(contents().posted).toHaveLength(2);
    contents().getURL = () => 'app://weft/';
  });

  it('stays where it is', () => {
    for (const type of ['will-navigate', 'will-redirect', 'will-frame-navigate']) {
      for (const [url, isStopped] of [
        ['https://evil.example/', true],
        ['file:///etc/passwd', true],
        ['app://other/', true],
        ['nonsense', true],
        ['app://weft/', false],
      ] as const) {
        const preventDefault = vi.fn();
        contents().emit(type, { url, preventDefault });
        expect(preventDefault.mock.calls.length > 0, `${type} ${url}`).toBe(isStopped);
      }
    }
    const attach = vi.fn();
    contents().emit('will-attach-webview', { preventDefault: attach });
    expect(attach).toHaveBeenCalled();
  });

  it('opens no windows, and outside only what is on the list', () => {
    for (const url of [
      'https://evil.example/',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'https://arxiv.org.evil.example/abs/1',
      'https://doi.org/evil',
    ])
      expect(contents().opener({ url })).toEqual({ action: 'deny' });
    expect(fake.outside).toEqual([]);
    expect(contents().opener({ url: 'https://arxiv.org/abs/2311.18246' })).toEqual({ action: 'deny' });
    contents().opener({ url: 'https://doi.org/10.1007/s12532-017-0130-5' });
    expect(fake.outside).toEqual(['https://arxiv.org/abs/2311.18246', 'https://doi.org/10.1007/s12532-017-0130-5']);
  });

  it('grants nothing but copying', () => {
    const ask = (permission: string) => {
      let answer: boolean | null = null;
      fake.permission?.(null, permission, (allowed) => {
        answer = allowed;
      });
      return answer;
    };
    expect(['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal'].map(ask)).toEqual(
      new Array(5).fill(false),
    );
    expect(ask('clipboard-sanitized-write')).toBe(true);
  });

  it('a second start opens its project in the first, and says when it cannot', async () => {
    fake.app.emit('second-instance', {}, ['weft', 'absent.weft'], folder.path);
    await vi.waitFor(() => expect(fake.errors[0]).toMatch(/There is no file .*absent\.weft/));
    fake.app.emit('second-instance', {}, ['weft', 'absent.weftbundle'], folder.path);
    await vi.waitFor(() => expect(fake.errors[1]).toMatch(/absent\.weftbundle/));
    expect(fake.windows).toHaveLength(1);
  });
});
