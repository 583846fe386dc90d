/**
 * One local host a configuration folder: a file with the running host's port and a secret, readable by its user
 * alone. A second start asks the running one for a window; a file left by a crash is replaced.
 */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const schema = z.object({ pid: z.number().int(), port: z.number().int().min(1).max(65535), secret: z.string() });
type Instance = z.infer<typeof schema>;

const fileOf = (config: string) => join(config, 'host.json');

function read(config: string): Instance | null {
  try {
    return schema.parse(JSON.parse(readFileSync(fileOf(config), 'utf8')));
  } catch {
    return null;
  }
}

/** Asks a running host for a window; its URL when there is no browser to open it with. Null when none is running. */
export async function askRunningHost(config: string, open: boolean): Promise<string | null> {
  const running = read(config);
  if (!running) return null;
  try {
    const response = await fetch(`http://127.0.0.1:${running.port}/control/window`, {
      method: 'POST',
      headers: { authorization: `Bearer ${running.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ open }),
      signal: AbortSignal.timeout(3000),
    });
    if (!response.ok) return null;
    return z.object({ url: z.string() }).parse(await response.json()).url;
  } catch {
    return null;
  }
}

/** Says that this process is the host. False when another got there first. */
export function claim(config: string, port: number, secret: string): boolean {
  mkdirSync(config, { recursive: true, mode: 0o700 });
  const target = fileOf(config);
  const draft = `${target}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid, port, secret }), { mode: 0o600 });
  try {
    // A link, unlike a rename, fails when the name is taken.
    linkSync(draft, target);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Removes the file; only when it is still this process's own, or `stale` says that nobody answers to it. */
export function release(config: string, stale = false): void {
  if (stale || read(config)?.pid === process.pid) rmSync(fileOf(config), { force: true });
}
