/** A study for tests, and a host in memory that knows of it; what is asked of the host is written down. */
import { createRouterClient, implement } from '@orpc/server';
import { presetById } from '#core/architecture/presets.ts';
import { createRng } from '#core/base/rng.ts';
import { contract } from '#core/contract/contract.ts';
import { MOST_STUDY_POINTS } from '#core/contract/studies.ts';
import { emptyDocument } from '#core/document/document.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { studyMetrics } from '#core/study/metrics.ts';
import type { StudyPoint, StudySpec, StudyView } from '#core/study/study.ts';
import { fakeHost } from '../client/fake/fake-host.ts';
import type { Host } from '../client/host.ts';
import { runView } from '../workbench/test-support.ts';

export const spec = (rest: Partial<StudySpec> = {}): StudySpec => ({
  title: 'Rows and bandwidth',
  kind: 'program',
  model: 'm',
  architecture: 'a',
  settings: DEFAULT_SETTINGS,
  axes: [
    { of: 'architecture', nodes: ['n'], parameter: 'rows', title: 'Rows', unit: '', values: [8, 16, 32, 64] },
    { of: 'architecture', nodes: ['d'], parameter: 'bytesPerCycle', title: 'DMA', unit: 'B/cycle', values: [16, 64] },
  ],
  explorer: { id: 'explorer/grid', parameters: {} },
  fidelity: 'estimate',
  objectives: ['time.cycles', 'area.total'],
  ...rest,
});

export const studyView = (rest: Partial<StudyView> = {}): StudyView => ({
  id: 's1',
  number: 1,
  spec: spec(),
  metrics: studyMetrics('program', 'estimate'),
  state: 'done',
  failure: null,
  done: 0,
  planned: null,
  reused: 0,
  createdAt: '2026-01-02T14:02:11.000Z',
  ...rest,
});

/** Points with figures drawn from a seed, on few values so that many are equal; every 17th failed. */
export function drawnPoints(count: number, seed = 1): readonly StudyPoint[] {
  const rng = createRng(seed);
  return Array.from({ length: count }, (_, index): StudyPoint => {
    const choice = [index % 4, Math.floor(index / 4) % 2];
    const metrics = {
      'time.cycles': 100 + rng.below(200),
      'area.total': 1 + rng.below(200),
      'energy.total': rng.next(),
    };
    return index % 17 === 16
      ? { index, choice, metrics: {}, failure: 'Does not fit', run: null }
      : { index, choice, metrics, failure: null, run: null };
  });
}

export interface StudyHost {
  readonly host: Host & { readonly connect: () => void };
  readonly asked: string[];
}

/** Two empty documents, one study with these points. */
export function studyHost(study: StudyView, points: readonly StudyPoint[]): StudyHost {
  const array = presetById('systolic-32x32')!.build('a');
  const host = fakeHost([emptyDocument('m', 'model', 'Net'), array]);
  const asked: string[] = [];
  const os = implement(contract.studies);
  const client = createRouterClient(
    os.router({
      list: os.list.handler(() => [study]),
      start: os.start.handler(({ input }) => {
        asked.push(`start ${input.spec.title}`);
        return { ...study, id: 's2', number: 2, spec: input.spec, done: 0, state: 'running' };
      }),
      points: os.points.handler(({ input }) => {
        asked.push(`points ${input.from}`);
        return points.slice(input.from, input.from + MOST_STUDY_POINTS);
      }),
      stop: os.stop.handler(() => ({ ...study, state: 'stopped' })),
      resume: os.resume.handler(() => ({ ...study, state: 'running' })),
      remove: os.remove.handler(() => null),
      restore: os.restore.handler(() => ({ ...study, state: 'stopped' })),
      copy: os.copy.handler(() => [{ id: 'copy', kind: 'architecture', title: 'Copy', revision: 0, nodes: 1 }]),
      changes: os.changes.handler(() => ({ model: {}, architecture: {}, settings: DEFAULT_SETTINGS })),
      run: os.run.handler(({ input }) => {
        asked.push(`run ${input.index}`);
        return runView('r1');
      }),
    }),
  );
  const all = new Proxy(host.client, {
    get: (target, key, receiver) => (key === 'studies' ? client : Reflect.get(target, key, receiver)),
  });
  return { host: { ...host, client: all }, asked };
}
