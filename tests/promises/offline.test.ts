/** P-21 of the host's process: while it opens an example, runs it and makes a report, every socket it has is on loopback. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { connect, type LocalClient, type LocalHost, startLocalHost } from '../support/local-host.ts';

const hasProc = existsSync('/proc/self/net/tcp');
let host: LocalHost;
let client: LocalClient;
beforeAll(async () => {
  host = await startLocalHost();
  client = await connect(host);
});
afterAll(async () => {
  client.close();
  await host.stop();
});

/** Both ends of a line of /proc/net, as hexadecimal addresses without their ports. */
const ENDS = /^\s*\d+: ([0-9A-F]+):[0-9A-F]+ ([0-9A-F]+):[0-9A-F]+ /;
/** 127.0.0.0/8, ::1, IPv4 loopback in IPv6, and the other end of what only listens. */
const LOOPBACK = /^(?:[0-9A-F]{6}7F|0{24}01000000|0{16}FFFF0000[0-9A-F]{6}7F)$/;
const NOBODY = /^0+$/;

/** Internet sockets of a process, each as `kind: own end → other end`. */
function socketsOf(pid: number): readonly string[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        // Closed in the meantime.
        return [];
      }
    }),
  );
  return ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((kind) =>
    readFileSync(`/proc/${pid}/net/${kind}`, 'utf8')
      .split('\n')
      .filter((line) => inodes.has(line.trim().split(/\s+/)[9] ?? ''))
      .map((line) => {
        const [, own = '', other = ''] = ENDS.exec(line) ?? [];
        return `${kind}: ${own} → ${other}`;
      }),
  );
}

it.skipIf(!hasProc)('P-21 the host has no socket off loopback while it works', async () => {
  const { api } = client;
  const pid = host.process.pid!;
  const seen = new Set<string>();
  const look = () => {
    for (const socket of socketsOf(pid)) seen.add(socket);
  };
  const project = await api.projects.openExample({ slug: 'mlp-two-cores' });
  look();
  const of = (kind: string) => project.documents.find((document) => document.kind === kind)!.id;
  const { id } = await api.runs.start({
    model: of('model'),
    architecture: of('architecture'),
    settings: DEFAULT_SETTINGS,
  });
  for (let asked = 0; asked < 600; asked++) {
    look();
    const run = (await api.runs.list()).find((one) => one.id === id);
    if (run?.finishedAt) break;
    await new Promise((done) => setTimeout(done, 50));
  }
  expect((await api.runs.list()).find((one) => one.id === id)?.state).toBe('done');
  await client.fetch(`/runs/${id}/result`);
  look();

  const off = [...seen].filter((socket) => {
    const [own = '', other = ''] = socket.replace(/^\w+: /, '').split(' → ');
    return !LOOPBACK.test(own) || !(LOOPBACK.test(other) || NOBODY.test(other));
  });
  // The window's socket at least was seen.
  expect(seen.size).toBeGreaterThan(0);
  expect(off).toEqual([]);
});
