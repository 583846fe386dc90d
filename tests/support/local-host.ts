/** A real local host in a process of its own, with a typed client: what integration and security tests talk to. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { WebSocket } from 'ws';
import type { Contract } from '#core/contract/contract.ts';

export interface LocalHost {
  readonly origin: string;
  readonly port: number;
  readonly ticket: string;
  readonly home: string;
  readonly process: ChildProcess;
  /** Everything it has printed. */
  output(): string;
  /** Ends it and removes its home. */
  stop(): Promise<void>;
}

export interface LocalClient {
  readonly api: ContractRouterClient<Contract>;
  readonly cookie: string;
  readonly setCookie: string;
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>;
  readonly onClose: (listener: () => void) => void;
  readonly close: () => void;
}

const entry = resolve(import.meta.dirname, '../../main/local.ts');

export async function startLocalHost(
  args: readonly string[] = ['--stay'],
  home = mkdtempSync(join(tmpdir(), 'weft-host-')),
): Promise<LocalHost> {
  const child = spawn(process.execPath, [entry, '--no-open', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, WEFT_HOME: home },
  });
  let output = '';
  const url = await new Promise<URL>((done, fail) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const [, found] = /listening (http:\S+)/.exec(output) ?? [];
      if (found) done(new URL(found));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', (code) => fail(new Error(`the local host ended with ${code}: ${output}`)));
  });
  return {
    origin: url.origin,
    port: Number(url.port),
    ticket: new URLSearchParams(url.hash.slice(1)).get('ticket') ?? '',
    home,
    process: child,
    output: () => output,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = new Promise((done) => child.once('exit', done));
        child.kill('SIGTERM');
        await ended;
      }
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Exchanges the ticket, as the page does, and connects. */
export async function connect(host: LocalHost): Promise<LocalClient> {
  const session = await fetch(`${host.origin}/session`, {
    method: 'POST',
    headers: { origin: host.origin, 'content-type': 'application/json' },
    body: JSON.stringify({ ticket: host.ticket }),
  });
  if (session.status !== 204) throw new Error(`session refused: ${session.status}`);
  const setCookie = session.headers.get('set-cookie') ?? '';
  const [cookie = ''] = setCookie.split(';', 1);
  const socket = new WebSocket(`ws://127.0.0.1:${host.port}/api`, { headers: { origin: host.origin, cookie } });
  await new Promise((done, fail) => {
    socket.once('open', done);
    socket.once('error', fail);
  });
  return {
    api: createORPCClient(new RPCLink({ websocket: socket as unknown as globalThis.WebSocket })),
    cookie,
    setCookie,
    onClose: (listener) => void socket.once('close', listener),
    fetch: (path, init = {}) =>
      fetch(`${host.origin}${path}`, {
        ...init,
        headers: { origin: host.origin, cookie, ...(init.headers as Record<string, string> | undefined) },
      }),
    close: () => socket.close(),
  };
}
