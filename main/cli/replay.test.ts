/** P-14: every run can be replayed, as a file and inside its project; programs and simulations alike. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_SIMULATION } from '#core/run/fabric/settings.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { places } from '#projects/places.ts';
import { openProject } from '#projects/project.ts';
import { temporaryFolder } from '../../tests/crash/edits.ts';
import { createBackend } from '../backend.ts';
import { runCommand } from './command.ts';
import { replayCommand } from './replay.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

/** A project of each kind of run, made as the studio does. */
const projects: Record<'program' | 'simulation', string> = { program: '', simulation: '' };

beforeAll(async () => {
  mkdirSync(folder.path, { recursive: true });
  const ended = new Map<string, () => void>();
  const backend = createBackend({
    kind: 'local',
    places: places(folder.path),
    examples: resolve(import.meta.dirname, '../../projects/examples'),
    worker: new URL('../jobs/worker.ts', import.meta.url),
  });
  backend.events.subscribe('event', (event) => {
    if (event.type === 'run.changed' && event.run.finishedAt !== null) ended.get('any')?.();
  });
  for (const [kind, slug] of [
    ['program', 'mlp-two-cores'],
    ['simulation', 'intar-mlp'],
  ] as const) {
    const opened = await backend.openExample(slug);
    if (!opened.ok) throw new Error(opened.error.message);
    projects[kind] = opened.value.path;
    const of = (wanted: string) => opened.value.documents.find((each) => each.kind === wanted)?.id ?? '';
    const done = new Promise<void>((resolved) => ended.set('any', resolved));
    const started =
      kind === 'program'
        ? backend.startRun(of('model'), of('architecture'), DEFAULT_SETTINGS)
        : backend.simulate(of('tasks'), of('fabric'), DEFAULT_SIMULATION);
    if (!started.ok) throw new Error(started.error.message);
    await done;
  }
  await backend.close();
}, 120_000);

async function replay(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const io = { out: (text: string) => out.push(text), err: (text: string) => err.push(text) };
  const code = await runCommand(replayCommand, args, io);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

it.each(['program', 'simulation'] as const)(
  'P-14 a %s of a project gives the same key and result',
  async (kind) => {
    const opened = openProject(projects[kind]);
    if (!opened.ok) throw new Error(opened.error.message);
    const [run] = opened.value.runs.list();
    opened.value.close();
    expect(run).toMatchObject({ kind, state: 'done' });
    const again = await replay(projects[kind], '--run', '1', '--json');
    expect(JSON.parse(again.out)).toEqual({ key: run?.key, sameKey: true, sameResult: true });
    expect(again.code).toBe(0);
  },
  60_000,
);

it('P-14 says what is missing', async () => {
  expect((await replay(projects.program)).code).toBe(2);
  expect((await replay(projects.program, '--run', '9')).err).toMatch(/run\.missing/);
  expect((await replay(join(folder.path, 'absent.weft'), '--run', '1')).err).toMatch(/project\.missing/);
});
