/** Studies over the real router, store, queue and worker threads. */
import { resolve } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostEvent } from '#core/contract/views.ts';
import { fromFile } from '#core/document/document.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { ProgramPoints } from '#core/study/program-points.ts';
import type { StudyAxis, StudyPoint, StudySpec, StudyView } from '#core/study/study.ts';
import { places } from '#projects/places.ts';
import { temporaryFolder } from '../tests/crash/edits.ts';
import { type Backend, createBackend } from './backend.ts';
import { createRouter } from './services/router.ts';

const folder = temporaryFolder();
const made: Backend[] = [];

function host() {
  const backend = createBackend({
    kind: 'local',
    places: places(folder.path),
    examples: resolve(import.meta.dirname, '../projects/examples'),
    worker: new URL('./jobs/worker.ts', import.meta.url),
  });
  made.push(backend);
  return { backend, api: createRouterClient(createRouter(backend)) };
}

const { backend, api } = host();
type Api = typeof api;
const events: HostEvent[] = [];
backend.events.subscribe('event', (event) => events.push(event));
afterAll(async () => {
  for (const each of made) await each.close();
  folder.remove();
});

async function ended(id: string, of: Api = api): Promise<StudyView> {
  for (;;) {
    const study = (await of.studies.list()).find((one) => one.id === id);
    if (!study) throw new Error('the study is gone');
    if (study.state !== 'running') return study;
    await new Promise((next) => setTimeout(next, 20));
  }
}

async function allPoints(study: StudyView, of: Api = api): Promise<readonly StudyPoint[]> {
  const points: StudyPoint[] = [];
  while (points.length < study.done) points.push(...(await of.studies.points({ study: study.id, from: points.length })));
  return points;
}

const problemOf = (call: Promise<unknown>) =>
  call.then(
    () => 'no problem',
    (error: { code?: string; data?: { code?: string } }) => error.data?.code ?? error.code,
  );

let path = '';
let spec: StudySpec;

beforeAll(async () => {
  const project = await api.projects.openExample({ slug: 'mlp-two-cores' });
  path = project.path;
  const idOf = (kind: string) => project.documents.find((one) => one.kind === kind)!.id;
  const [model, architecture] = [idOf('model'), idOf('architecture')];
  const nodes = fromFile((await api.documents.get({ document: architecture })).file).nodes;
  const arrays = [...nodes.values()].filter(({ type }) => type === 'systolic-array').map(({ id }) => id);
  const axis = (parameter: string, values: readonly number[]): StudyAxis => ({
    of: 'architecture',
    nodes: arrays,
    parameter,
    title: parameter,
    unit: '',
    values,
  });
  spec = {
    title: 'Arrays',
    kind: 'program',
    model,
    architecture,
    settings: { ...DEFAULT_SETTINGS, values: 'never' },
    axes: [axis('rows', [4, 8, 16, 32]), axis('columns', [4, 8, 16])],
    explorer: { id: 'explorer/grid', parameters: {} },
    fidelity: 'estimate',
    objectives: ['time.cycles', 'energy.total'],
  };
});

describe('a study of estimates', () => {
  it('has every point in order, as the estimate has them, and tells of them', async () => {
    const started = await api.studies.start({ spec });
    expect(started).toMatchObject({ number: 1, state: 'running', planned: 12, failure: null });
    const study = await ended(started.id);
    expect(study).toMatchObject({ state: 'done', done: 12, reused: 0 });
    const points = await allPoints(study);
    expect(points.map(({ index, choice }) => [index, ...choice])).toEqual(
      Array.from({ length: 12 }, (_, index) => [index, Math.floor(index / 3), index % 3]),
    );
    const [model, architecture] = await Promise.all(
      [spec.model, spec.architecture].map(async (document) => (await api.documents.get({ document })).file),
    );
    const here = new ProgramPoints(spec, { model: model!, architecture: architecture! });
    for (const { choice, metrics } of points) expect(metrics).toEqual(here.evaluate(choice).metrics);
    const told = events.filter((event) => event.type === 'study.changed' && event.study.id === study.id);
    expect(told.at(-1)).toMatchObject({ study: { state: 'done', done: 12 } });
  });
});
