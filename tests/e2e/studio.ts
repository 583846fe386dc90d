/** Starts the local host as it is built, on a folder of its own, and opens the studio in the test's browser. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test as base, expect } from '@playwright/test';

const root = resolve(import.meta.dirname, '../..');

export class Host {
  readonly home: string;
  #process: ChildProcess | null = null;

  constructor(home = mkdtempSync(join(tmpdir(), 'weft-e2e-'))) {
    this.home = home;
  }

  /** The one-time address to open. */
  async start(): Promise<string> {
    const entry = join(root, 'out/main/local.js');
    const child = spawn(process.execPath, [entry, '--no-open', '--stay', '--home', this.home], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // As `npm start` does.
      env: { NODE_COMPILE_CACHE: join(root, 'out/compile-cache'), ...process.env },
    });
    this.#process = child;
    return new Promise((done, fail) => {
      let said = '';
      const hear = (chunk: Buffer) => {
        said += chunk.toString();
        const url = /listening (\S+)/.exec(said)?.[1];
        if (url) done(url);
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.on('exit', () => fail(new Error(`the host ended: ${said}`)));
    });
  }

  /** As a crash would: no chance to save anything. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise((gone) => {
      child.once('exit', gone);
      child.kill('SIGKILL');
    });
  }
}

/** P-21 holds of every end-to-end test: a page and its workers ask the host, or themselves. */
const LOOPBACK = /^(?:(?:https?|wss?):\/\/127\.0\.0\.1:|blob:|data:|about:)/;

export const test = base.extend<{ host: Host; complaints: string[]; onLoopback: undefined }>({
  host: async ({ baseURL: _ }, use) => {
    const host = new Host();
    await use(host);
    await host.kill();
    rmSync(host.home, { recursive: true, force: true });
  },
  /** Every address any page asked for is on loopback. */
  onLoopback: [
    async ({ context }, use) => {
      const seen: string[] = [];
      context.on('request', (request) => seen.push(request.url()));
      context.on('page', (page) => page.on('websocket', (socket) => seen.push(socket.url())));
      await use(undefined);
      expect(seen.filter((url) => !LOOPBACK.test(url))).toEqual([]);
    },
    { auto: true },
  ],
  /** Uncaught exceptions and console errors. */
  complaints: async ({ page }, use) => {
    const heard: string[] = [];
    page.on('pageerror', (error) => heard.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') heard.push(message.text());
    });
    await use(heard);
  },
});

export { dropFile as drop } from '../support/drop.ts';
export { expect };
