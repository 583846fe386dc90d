/** The local host lets in its own page and nobody else: host, origin, ticket, cookie, paths, headers. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect as connectSocket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { readStaticFile } from '#main/http/static-files.ts';
import { openWindow } from '#main/window/open-window.ts';
import { temporaryFolder } from '../crash/edits.ts';
import { connect, type LocalClient, type LocalHost, startLocalHost } from '../support/local-host.ts';

let host: LocalHost;
let client: LocalClient;
beforeAll(async () => {
  host = await startLocalHost();
  client = await connect(host);
}, 60_000);
afterAll(async () => {
  client?.close();
  await host?.stop();
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** A request as written, without what fetch would tidy up. */
function raw(path: string, headers: Record<string, string> = {}, method = 'GET', body = ''): Promise<Answer> {
  return new Promise((done, fail) => {
    const sent = request({ host: '127.0.0.1', port: host.port, path, method, headers }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      answer.on('end', () => done({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }));
    });
    sent.on('error', fail);
    sent.end(body);
  });
}

/** As a second start of Weft asks for it. */
async function anotherTicket(): Promise<string> {
  const { secret } = JSON.parse(readFileSync(join(host.home, 'host.json'), 'utf8')) as { secret: string };
  const asked = await raw('/control/window', { authorization: `Bearer ${secret}` }, 'POST', '{}');
  const { url } = JSON.parse(asked.body) as { url: string };
  return new URLSearchParams(new URL(url).hash.slice(1)).get('ticket') ?? '';
}

/** The status a WebSocket upgrade is answered with. */
function upgrade(path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((done) => {
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}${path}`, { headers });
    socket.on('unexpected-response', (_request, answer) => {
      done(answer.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('open', () => {
      done(101);
      socket.terminate();
    });
    socket.on('error', () => {});
  });
}

describe('who may ask', () => {
  const evil = 'http://evil.example';

  it('answers only to its own name (DNS rebinding)', async () => {
    for (const name of ['evil.example', `localhost:${host.port}`, '127.0.0.1', `127.0.0.1:${host.port + 1}`]) {
      expect((await raw('/', { host: name })).status, name).toBe(421);
    }
    expect(await upgrade('/api', { host: 'evil.example', origin: host.origin, cookie: client.cookie })).toBe(421);
  });

  it('P-20 takes a ticket once', async () => {
    const body = JSON.stringify({ ticket: host.ticket });
    const again = await raw('/session', { origin: host.origin }, 'POST', body);
    expect(again.status).toBe(403);
    expect(again.headers['set-cookie']).toBeUndefined();
    for (const nonsense of [
      '',
      '{}',
      '{"ticket":1}',
      '[]',
      'null',
      '{"ticket":"x"}',
      '"x"',
      `{"ticket":"${'x'.repeat(1e5)}"}`,
    ])
      expect((await raw('/session', { origin: host.origin }, 'POST', nonsense)).status).toBe(403);
  });

  it('gives a cookie that scripts cannot read and other sites do not send, named after the port', async () => {
    expect(client.setCookie).toMatch(
      new RegExp(`^weft-session-${host.port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`),
    );
  });

  it('has one session: a window of the same browser joins it, another browser takes it over', async () => {
    const joining = await raw(
      '/session',
      { origin: host.origin, cookie: client.cookie },
      'POST',
      JSON.stringify({ ticket: await anotherTicket() }),
    );
    expect(joining.status).toBe(204);
    expect(joining.headers['set-cookie']).toBeUndefined();
    expect((await client.fetch('/runs/run-1/result')).status).toBe(404);

    const before = client;
    const lost = new Promise<void>((done) => before.onClose(done));
    client = await connect({ ...host, ticket: await anotherTicket() });
    await lost;
    expect((await before.fetch('/runs/run-1/result')).status).toBe(401);
    expect(await upgrade('/api', { origin: host.origin, cookie: before.cookie })).toBe(401);
    expect((await client.fetch('/runs/run-1/result')).status).toBe(404);
  });

  it('P-20 serves nothing of the user without a session', async () => {
    for (const path of ['/blob/blob-1', '/runs/run-1/result', '/upload?name=x', '/api'])
      for (const cookie of ['', 'weft-session=x', `weft-session-${host.port}=`, `weft-session-${host.port}=guess`]) {
        const method = path.startsWith('/upload') ? 'POST' : 'GET';
        expect((await raw(path, { cookie, origin: host.origin }, method)).status, `${path} ${cookie}`).toBe(401);
      }
    expect(await upgrade('/api', { origin: host.origin })).toBe(401);
    expect(await upgrade('/api', { origin: host.origin, cookie: `weft-session-${host.port}=guess` })).toBe(401);
  });

  it('P-20 refuses foreign origins, with or without the cookie', async () => {
    for (const origin of [evil, 'null', `http://localhost:${host.port}`, `https://127.0.0.1:${host.port}`]) {
      expect((await raw('/upload?name=x', { origin, cookie: client.cookie }, 'POST', 'x')).status, origin).toBe(403);
      expect((await raw('/session', { origin }, 'POST', '{}')).status, origin).toBe(403);
      expect(await upgrade('/api', { origin, cookie: client.cookie }), origin).toBe(403);
    }
    expect((await raw('/upload?name=x', { cookie: client.cookie }, 'POST', 'x')).status).toBe(403);
    expect(await upgrade('/api', { cookie: client.cookie })).toBe(403);
    const site = { cookie: client.cookie, 'sec-fetch-site': 'cross-site' };
    expect((await raw('/runs/run-1/result', site)).status).toBe(403);
  });

  it('upgrades its own page, and only at /api', async () => {
    const own = { origin: host.origin, cookie: client.cookie };
    expect(await upgrade('/api', own)).toBe(101);
    expect(await upgrade('/other', own)).toBe(404);
  });

  it('does not let a page ask for a window, or anyone without the secret', async () => {
    expect((await raw('/control/window', { authorization: 'Bearer guess' }, 'POST', '{}')).status).toBe(403);
    const file = join(host.home, 'host.json');
    const { secret } = JSON.parse(readFileSync(file, 'utf8')) as { secret: string };
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o077).toBe(0);
    const authorization = `Bearer ${secret}`;
    expect((await raw('/control/window', { authorization, origin: host.origin }, 'POST', '{}')).status).toBe(403);
    const answer = await raw('/control/window', { authorization }, 'POST', '{"open":false}');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/#ticket=/),
    });
  });

  it('P-21 listens on loopback alone', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter((one) => !one.internal && one.family === 'IPv4');
    for (const { address } of others) {
      const refused = await new Promise<boolean>((done) => {
        const socket = connectSocket({ host: address, port: host.port });
        socket.on('connect', () => {
          socket.destroy();
          done(false);
        });
        socket.on('error', () => done(true));
      });
      expect(refused, address).toBe(true);
    }
  });
});

describe('what it serves', () => {
  it.each([
    '/../package.json',
    '/..%2fpackage.json',
    '/%2e%2e/package.json',
    '/%2e%2e%2fpackage.json',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/assets/%252e%252e/%252e%252e/package.json',
    '/..\\..\\package.json',
    '/%5c..%5c..%5cpackage.json',
    '/.env',
    '/%00index.html',
    '/index.html%00.js',
    '//etc/passwd',
    '/etc/passwd',
    '/file:///etc/passwd.json',
    '/%',
    '/assets/',
    '/host.json',
  ])('has no file at %s', async (path) => {
    const answer = await raw(path);
    expect([400, 404]).toContain(answer.status);
    expect(answer.body).not.toContain('"dependencies"');
    expect(answer.body).not.toContain('root:');
  });

  it('takes back what was uploaded only as an upload, never as a page', async () => {
    const form = await client.fetch(`/upload?name=${encodeURIComponent('../../<b>x</b>.onnx')}`, {
      method: 'POST',
      body: 'x',
    });
    const { upload } = (await form.json()) as { upload: string };
    const blob = await client.fetch(`/blob/${upload}`);
    expect(blob.headers.get('content-disposition')).toBe(
      "attachment; filename*=UTF-8''..%2F..%2F%3Cb%3Ex%3C%2Fb%3E.onnx",
    );
    expect(blob.headers.get('content-type')).toBe('application/octet-stream');
    expect(blob.headers.get('content-security-policy')).toMatch(/^default-src 'none';.*sandbox$/);
    await expect(client.api.documents.import({ upload })).rejects.toMatchObject({ code: 'PROBLEM' });
  });

  it('answers every request with the same strict headers', async () => {
    for (const path of ['/', '/nothing', '/runs/run-1/result']) {
      const { headers } = await raw(path);
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'/);
      expect(headers['content-security-policy']).not.toMatch(/unsafe-eval|script-src[^;]*unsafe|\*/);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['cross-origin-opener-policy']).toBe('same-origin');
      expect(headers['cross-origin-embedder-policy']).toBe('require-corp');
      expect(headers['cross-origin-resource-policy']).toBe('same-origin');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('knows its methods', async () => {
    const own = { origin: host.origin, cookie: client.cookie };
    expect((await raw('/upload?name=x', own)).status).toBe(405);
    expect((await raw('/', own, 'PUT')).status).toBe(405);
    expect((await raw('/upload', own, 'POST', 'x')).status).toBe(400);
  });
});

describe('static files', () => {
  it('do not follow links out of their folder', async () => {
    const folder = temporaryFolder();
    const site = join(folder.path, 'site');
    mkdirSync(join(site, 'assets'), { recursive: true });
    writeFileSync(join(folder.path, 'secret.json'), '{}');
    writeFileSync(join(site, 'index.html'), 'page');
    writeFileSync(join(site, 'assets', 'a-1.js'), 'code');
    symlinkSync(join(folder.path, 'secret.json'), join(site, 'link.json'));
    symlinkSync(folder.path, join(site, 'out'));
    expect(await readStaticFile(site, '/link.json')).toBeNull();
    expect(await readStaticFile(site, '/out/secret.json')).toBeNull();
    expect(await readStaticFile(site, '/')).toMatchObject({
      mediaType: 'text/html; charset=utf-8',
      isImmutable: false,
    });
    expect(await readStaticFile(site, '/assets/a-1.js')).toMatchObject({ isImmutable: true });
    expect(await readStaticFile(resolve(site, 'absent'), '/')).toBeNull();
    folder.remove();
  });
});

it('a second start hands over to the running host; a lock left by a crash is replaced', async () => {
  const entry = resolve(import.meta.dirname, '../../main/local.ts');
  const env = { ...process.env, WEFT_HOME: host.home };
  const second = spawnSync(process.execPath, [entry, '--no-open'], { env, encoding: 'utf8' });
  expect(second.stdout).toContain(`listening ${host.origin}/#ticket=`);
  expect(second.status).toBe(0);

  const crashed = await startLocalHost();
  crashed.process.kill('SIGKILL');
  await new Promise((done) => crashed.process.once('exit', done));
  const next = await startLocalHost(['--stay'], crashed.home);
  expect(next.port).not.toBe(0);
  await next.stop();
}, 60_000);

it('ends by itself after its last window has closed', async () => {
  const brief = await startLocalHost([]);
  const only = await connect(brief);
  const ended = new Promise<number | null>((done) => brief.process.once('exit', done));
  only.close();
  expect(await ended).toBe(0);
  await brief.stop();
}, 60_000);

it.skipIf(process.platform !== 'linux')('the ticket is in no command line; the file that holds it goes', async () => {
  const folder = temporaryFolder();
  const script = join(folder.path, 'browser');
  // A browser that stays, so that the system can be asked how it was started.
  writeFileSync(script, '#!/bin/sh\nexec sleep 60\n', { mode: 0o700 });
  const ticket = 'ticket-that-nobody-else-may-see';
  const browser = { path: script, name: 'browser', isSnap: false, canShowWindow: true };
  const opened = openWindow(browser, `http://127.0.0.1:1/#ticket=${ticket}`, folder.path);
  try {
    await new Promise((done) => opened.process.once('spawn', done));
    for (const pid of [process.pid, opened.process.pid]) {
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(ticket);
      expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain(ticket);
    }
    const page = opened.process.spawnargs.find((argument) => argument.startsWith('--app='))!.slice('--app='.length);
    const file = fileURLToPath(page);
    expect(readFileSync(file, 'utf8')).toContain(ticket);
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(statSync(dirname(file)).mode & 0o077).toBe(0);
    opened.forget();
    expect(existsSync(file)).toBe(false);
  } finally {
    opened.process.kill('SIGKILL');
    folder.remove();
  }
});
