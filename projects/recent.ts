/** The list of recently opened projects: one small JSON file in the configuration folder, newest first. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { RecentProject } from '#core/contract/views.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { now } from './id.ts';

const LIMIT = 30;
const schema = z.array(z.object({ path: z.string(), title: z.string(), openedAt: z.string() }));
type Entry = z.infer<typeof schema>[number];

const fileOf = (config: string) => join(config, 'recent.json');

function read(config: string): readonly Entry[] {
  try {
    return schema.parse(JSON.parse(readFileSync(fileOf(config), 'utf8')));
  } catch {
    // Absent, or edited into nonsense: the list is a convenience, not data.
    return [];
  }
}

function write(config: string, entries: readonly Entry[]): void {
  // A list that cannot be written must not stand in the way of the project itself.
  writeFileAtomic(fileOf(config), `${JSON.stringify(entries.slice(0, LIMIT), null, 2)}\n`);
}

export function recentProjects(config: string): readonly RecentProject[] {
  return read(config).map((entry) => ({ ...entry, exists: existsSync(entry.path) }));
}

export function rememberProject(config: string, path: string, title: string): void {
  const whole = resolve(path);
  const others = read(config).filter((entry) => entry.path !== whole);
  write(config, [{ path: whole, title, openedAt: now() }, ...others]);
}

export function forgetProject(config: string, path: string): void {
  const whole = resolve(path);
  write(
    config,
    read(config).filter((entry) => entry.path !== whole),
  );
}
