/**
 * P-10, P-11, P-12: a technique of any kind that throws, loops, fills the heap, hoards buffers or traps ends its own
 * run; the host answers meanwhile, and the next run starts.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { presetById } from '#core/architecture/presets.ts';
import type { RunView } from '#core/contract/views.ts';
import { toFile } from '#core/document/document.ts';
import { runFamily, runKey } from '#core/run/pipeline.ts';
import type { RunInputs } from '#core/run/result.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import type { StudyView } from '#core/study/study.ts';
import { TECHNIQUE_KINDS, type TechniqueKind } from '#core/technique/technique.ts';
import { createExplorerLanes } from '#main/jobs/explorer-lanes.ts';
import { createLane, DEFAULT_LIMITS, type Lane } from '#main/jobs/lane.ts';
import { createLanePool } from '#main/jobs/pool.ts';
import { createRunQueue, type RunQueue } from '#main/jobs/queue.ts';
import { createStudies } from '#main/studies.ts';
import { Sketch } from '#projects/examples/sketch.ts';
import { createProject, type Project } from '#projects/project.ts';
import type { NewRun } from '#projects/run-store.ts';
import { isLong } from '../support/cases.ts';
import { MISDEEDS, ROGUE_SEED } from '../support/misdeeds.ts';
import { temporaryFolder } from './edits.ts';

/** Where techniques of a kind work: in which of the host's jobs, in a worker of the page, elsewhere. */
const PLACES: Readonly<Record<TechniqueKind, 'run' | 'import' | 'study' | 'page' | 'command line'>> = {
  importer: 'import',
  pass: 'run',
  unit: 'run',
  'array-model': 'run',
  scheduler: 'run',
  simulator: 'run',
  // renderer/client/answering-worker.test.ts
  exporter: 'page',
  rewrite: 'page',
  // A process of its own: it ends with what it was started for.
  mapper: 'command line',
  // main/jobs/explorer-lanes.test.ts, too
  explorer: 'study',
};
const WORKER = new URL('../support/rogue-techniques-worker.ts', import.meta.url);
const LIMITS = { heapMegabytes: 128, residentBytes: 640 * 2 ** 20, cancelGraceMs: 100, watchMs: 50 };
const CODES = { throw: 'crashed', trap: 'crashed', heap: 'out-of-memory', buffers: 'out-of-memory' } as const;

const folder = temporaryFolder();
let project: Project;
let lane: Lane;
let queue: RunQueue;
let ended = new Map<string, () => void>();

beforeAll(() => {
  const made = createProject(join(folder.path, 'p.weft'), 'P');
  if (!made.ok) throw new Error(made.error.message);
  project = made.value;
  lane = createLane(WORKER, LIMITS);
  queue = createRunQueue(project, lane, 'test', (run) => {
    if (run.state !== 'queued' && run.state !== 'running') ended.get(run.id)?.();
  });
});
afterAll(async () => {
  ended = new Map();
  await queue.close();
  await lane.close();
  project.close();
  folder.remove();
});

let made = 0;

/** Of a shape of its own: what was worked out for another is not looked up. */
function newRun(title: string): NewRun {
  made++;
  const sketch = new Sketch();
  const image = sketch.add('input', 'in', { shape: [1, 8, 8, 8] });
  const conv = sketch.add('conv', 'conv', { outChannels: 8 * made, kernel: [1, 1], bias: false }, image);
  sketch.add('output', 'out', {}, conv);
  const inputs = {
    model: toFile(sketch.document('m', title)),
    architecture: toFile(presetById('systolic-32x32')!.build('a')),
    settings: DEFAULT_SETTINGS,
  };
  return {
    key: runKey(inputs, 'test'),
    family: runFamily(inputs, 'test'),
    title,
    model: { document: 'm', revision: 1 },
    architecture: { document: 'a', revision: 1 },
    inputs,
  };
}

const end = (id: string) => new Promise<void>((done) => ended.set(id, done));

async function ran(title: string): Promise<RunView> {
  const { id } = queue.start(newRun(title));
  await end(id);
  return queue.get(id)!;
}

const kindsOf = (place: string) => TECHNIQUE_KINDS.filter((kind) => PLACES[kind] === place);
/** All of them in the long run; else each kind and each misdeed, in turn. */
const pairs = (place: string) =>
  kindsOf(place).flatMap((kind, at) =>
    MISDEEDS.filter((_, i) => isLong || i === at % MISDEEDS.length).map((deed) => [kind, deed] as const),
  );

describe('P-10 P-11 a technique that misbehaves', () => {
  it.each(pairs('run'))(
    '%s: %s ends its run, the host answers, the next run starts',
    async (kind, misdeed) => {
      const { id } = queue.start(newRun(`rogue:${kind}:${misdeed}`));
      const next = queue.start(newRun('honest'));
      const both = Promise.all([end(id), end(next.id)]);
      // The host's own thread is free: it counts time, and answers.
      let answers = 0;
      const asking = setInterval(() => {
        if (queue.get(id)?.state === 'running') answers++;
        if (misdeed === 'endless' && answers === 10) expect(queue.cancel(id).ok).toBe(true);
      }, 20);
      await both;
      clearInterval(asking);
      const failed = queue.get(id)!;
      if (misdeed === 'endless') expect(failed).toMatchObject({ state: 'cancelled', failure: null });
      else expect(failed).toMatchObject({ state: 'failed', failure: { code: `run.${CODES[misdeed]}` } });
      if (misdeed !== 'throw' && misdeed !== 'trap') expect(answers).toBeGreaterThan(3);
      expect(queue.get(next.id)).toMatchObject({ state: 'done', failure: null });
    },
    60_000,
  );

  it.each(pairs('import'))(
    '%s: %s ends its import, and the next run starts',
    async (kind, misdeed) => {
      const path = join(folder.path, 'some.onnx');
      writeFileSync(path, new Uint8Array(64));
      const job = lane.run('import', { path, name: `rogue:${kind}:${misdeed}.onnx`, shapes: {} });
      if (misdeed === 'endless') job.cancel();
      const answer = await job.answer;
      const code = misdeed === 'endless' ? 'stopped' : CODES[misdeed];
      expect(answer).toMatchObject({ ok: false, error: { code: `job.${code}` } });
      expect((await ran('honest')).state).toBe('done');
    },
    60_000,
  );

  it('explorer: fails its study, the host answers, and the next study goes its way', async () => {
    const pool = createLanePool(WORKER, LIMITS, 1);
    // Filling a heap takes a while on a busy machine; what never ends need not be waited for.
    const [patient, hasty] = [60_000, 1000].map((turnMs) => createExplorerLanes(WORKER, LIMITS, turnMs));
    const over = new Map<string, (study: StudyView) => void>();
    const hosts = [patient!, hasty!].map((explorers) =>
      createStudies({
        project,
        queue,
        pool,
        explorers,
        appVersion: 'test',
        changed: (study) => {
          if (study.state !== 'running') over.get(study.spec.title)?.(study);
        },
        withWeights: (_, inputs) => inputs,
      }),
    );
    const { model, architecture } = newRun('Studied').inputs as RunInputs;
    for (const file of [model, architecture]) project.documents.create(file);
    const { id: array } = architecture.nodes.find(({ type }) => type === 'systolic-array')!;
    const studied = async (title: string, seed: number): Promise<StudyView> => {
      const ended = new Promise<StudyView>((done) => over.set(title, done));
      const started = await hosts[title === 'endless' ? 1 : 0]!.start({
        title,
        kind: 'program',
        model: model.id,
        architecture: architecture.id,
        settings: DEFAULT_SETTINGS,
        axes: [
          {
            of: 'architecture',
            nodes: [array],
            parameter: 'rows',
            title: '',
            unit: '',
            values: [4, 8, 16],
          },
        ],
        explorer: { id: 'explorer/random', parameters: { points: 3, seed } },
        fidelity: 'estimate',
        objectives: ['time.cycles', 'energy.total'],
      });
      if (!started.ok) throw new Error(started.error.message);
      return ended;
    };
    const codes = { ...CODES, endless: 'stuck' };
    for (const misdeed of isLong ? MISDEEDS : (['throw'] as const)) {
      let turns = 0;
      const counting = setInterval(() => turns++, 20);
      const failed = await studied(misdeed, ROGUE_SEED + MISDEEDS.indexOf(misdeed));
      clearInterval(counting);
      expect(failed).toMatchObject({ state: 'failed', failure: { code: `study.explorer-${codes[misdeed]}` } });
      expect(failed.failure?.message).toContain('Random points');
      if (misdeed !== 'throw') expect(turns).toBeGreaterThan(3);
    }
    expect(await studied('honest', 1)).toMatchObject({ state: 'done', done: 3, failure: null });
    for (const each of hosts) each.close();
    await Promise.all([pool, patient!, hasty!].map((each) => each.close()));
  }, 120_000);

  it('every kind is looked at somewhere', () => {
    expect(Object.keys(PLACES).sort()).toEqual([...TECHNIQUE_KINDS].sort());
  });

  it('P-11 memory beyond the budget is looked at twice within the two seconds it may last', () => {
    expect(DEFAULT_LIMITS.watchMs * 2).toBeLessThanOrEqual(2000);
  });
});
