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
}, 60_000);

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
  while (points.length < study.done)
    points.push(...(await of.studies.points({ study: study.id, from: points.length })));
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

  it('sweeps both drawings and the settings together', async () => {
    const files = {
      model: (await api.documents.get({ document: spec.model })).file,
      architecture: (await api.documents.get({ document: spec.architecture })).file,
    };
    const { id: layer } = files.model.nodes.find(({ type }) => type === 'dense')!;
    const [rows] = spec.axes;
    const both: StudySpec = {
      ...spec,
      title: 'Both',
      axes: [
        { ...rows!, values: [8, 32] },
        { ...rows!, of: 'model', nodes: [layer], parameter: 'units', values: [64, 1024] },
        { ...rows!, of: 'settings', nodes: [], parameter: 'format', values: ['int8', 'fp16'] },
      ],
    };
    const study = await ended((await api.studies.start({ spec: both })).id);
    expect(study).toMatchObject({ state: 'done', done: 8, reused: 0, failure: null });
    const points = await allPoints(study);
    const here = new ProgramPoints(both, files);
    for (const { choice, metrics, failure } of points) {
      expect(failure).toBeNull();
      expect(metrics).toEqual(here.evaluate(choice).metrics);
    }
    expect(new Set(points.map(({ metrics }) => metrics['time.cycles'])).size).toBeGreaterThan(4);
    expect(await api.studies.changes({ study: study.id, index: 6 })).toEqual({
      model: { [layer]: { units: 1024 } },
      architecture: Object.fromEntries(rows!.nodes.map((node) => [node, { rows: 32 }])),
      settings: { ...spec.settings, format: 'int8' },
    });
  });
});

const thousands = (): StudySpec => ({
  ...spec,
  title: 'Thousands',
  axes: [
    { ...spec.axes[0]!, values: Array.from({ length: 60 }, (_, index) => 4 + index) },
    { ...spec.axes[1]!, values: Array.from({ length: 50 }, (_, index) => 4 + index) },
  ],
});

describe('stopping', () => {
  it('keeps what there is, also in a new process, and goes on to the same points', async () => {
    // Long enough for a stop to come while it is under way: points are told of four times a second.
    const [population, generations] = [100, 24];
    const nsga2 = { id: 'explorer/nsga-ii', parameters: { population, generations, seed: 5 } };
    const points = population * generations;
    const led = { ...thousands(), explorer: nsga2 };
    const undisturbed = await ended((await api.studies.start({ spec: led })).id);
    expect(undisturbed).toMatchObject({ state: 'done', planned: points, done: points });
    const expected = await allPoints(undisturbed);

    const { id } = await api.studies.start({ spec: led });
    while ((await api.studies.list()).find((one) => one.id === id)!.done === 0)
      await new Promise((next) => setTimeout(next, 5));
    const stopped = await api.studies.stop({ study: id });
    expect(stopped.state).toBe('stopped');
    expect(stopped.done).toBeGreaterThan(0);
    expect(await api.studies.stop({ study: id })).toMatchObject({ state: 'stopped' });
    expect((await allPoints(stopped)).length).toBe(stopped.done);

    // The project closed while it is under way, and opened by another host.
    await api.studies.resume({ study: id });
    await api.projects.close();
    expect(await api.studies.list()).toEqual([]);
    expect(await problemOf(api.studies.start({ spec: led }))).toBe('project.none');
    const other = host();
    await other.api.projects.open({ path });
    const found = (await other.api.studies.list()).find((one) => one.id === id)!;
    expect(found.state).toBe('stopped');
    expect(await other.api.studies.resume({ study: id })).toMatchObject({ state: 'running' });
    const done = await ended(id, other.api);
    expect(done).toMatchObject({ state: 'done', done: points });
    expect(await allPoints(done, other.api)).toEqual(expected);
    await other.api.projects.close();
    await api.projects.open({ path });
  });

  it('a removed study is gone, also while it is under way', async () => {
    const { id } = await api.studies.start({ spec: thousands() });
    expect(await api.studies.remove({ study: id })).toBeNull();
    expect((await api.studies.list()).some((one) => one.id === id)).toBe(false);
    expect(events.at(-1)).toEqual({ type: 'study.removed', study: id });
    for (const call of [
      api.studies.points({ study: id, from: 0 }),
      api.studies.stop({ study: id }),
      api.studies.resume({ study: id }),
      api.studies.remove({ study: id }),
      api.studies.changes({ study: id, index: 0 }),
      api.studies.copy({ study: id, index: 0 }),
    ])
      expect(await problemOf(call)).toBe('study.missing');
    // Back as it was stopped, with the points there are; its points can become documents.
    const back = await api.studies.restore({ study: id });
    expect(back).toMatchObject({ id, state: 'stopped', failure: null });
    expect((await api.studies.list()).find((one) => one.id === id)).toEqual(back);
    expect(await problemOf(api.studies.restore({ study: 'absent' }))).toBe('study.missing');
    expect(await api.studies.remove({ study: id })).toBeNull();
  });

  it('a point becomes a document of its own, with its values', async () => {
    const study = (await api.studies.list()).find(
      ({ spec: { axes }, done }) => done > 1 && axes[0]?.of === 'architecture',
    )!;
    const [axis] = study.spec.axes;
    const [, point] = await api.studies.points({ study: study.id, from: 0 });
    const made = await api.studies.copy({ study: study.id, index: 1 });
    expect(made).toHaveLength(1);
    const { file } = await api.documents.get({ document: made[0]!.id });
    expect(file.title).toMatch(new RegExp(`· study ${study.number}, point 2$`));
    expect(file.nodes.find(({ id }) => id === axis!.nodes[0])!.parameters[axis!.parameter]).toBe(
      axis!.values[point!.choice[0]!],
    );
    await api.documents.remove({ document: made[0]!.id });
  });
});

describe('a study of runs', () => {
  it('goes through the queue, takes runs there are, and leaves room for the user', async () => {
    const { model, architecture } = spec;
    // Whole operands on chip.
    const settings = {
      ...DEFAULT_SETTINGS,
      values: 'never',
      split: false,
      scheduler: { id: 'scheduler/portfolio', parameters: { mode: 'strict' } },
    } as const;
    const few: StudySpec = {
      ...spec,
      settings,
      title: 'Runs',
      fidelity: 'run',
      axes: [
        { of: 'settings', nodes: [], parameter: 'format', title: 'Format', unit: '', values: ['int8', 'int16'] },
        {
          of: 'settings',
          nodes: [],
          parameter: 'scratchpadBytes',
          title: 'Scratchpad',
          unit: 'B',
          // In 16 bytes there is no schedule.
          values: [16, 2097152, 4194304],
        },
      ],
    };
    // The same as the point at 8 bits and 2 MiB.
    const mine = await api.runs.start({ model, architecture, settings: { ...settings, scratchpadBytes: 2097152 } });
    const { id } = await api.studies.start({ spec: few });
    // As a user would meanwhile.
    const urgent = await api.runs.start({ model, architecture, settings: { ...settings, format: 'fp16' } });
    const study = await ended(id);
    expect(study).toMatchObject({ state: 'done', done: 6, planned: 6, reused: 1 });
    const points = await allPoints(study);
    expect(points[1]!.run).toBe(mine.id);
    const runs = await api.runs.list();
    const numberOf = (run: string | null) => runs.find((one) => one.id === run)?.number ?? 0;
    // Only the point under way, and perhaps the next, was before it.
    expect(points.filter(({ run }) => numberOf(run) > urgent.number).length).toBeGreaterThanOrEqual(4);
    for (const { choice, metrics, failure, run } of points) {
      if (choice[1] === 0) {
        // Why there is no schedule, as its run says it.
        expect(failure).toBe(runs.find((one) => one.id === run)!.failure!.message);
        expect(metrics).toEqual({});
        continue;
      }
      const { headline } = runs.find((one) => one.id === run)!;
      expect(failure).toBeNull();
      for (const metric of ['time.cycles', 'energy.total', 'offchip.bytes', 'area.total'])
        expect(metrics[metric]).toBe(headline[metric]);
      expect(metrics['hardware.memory']).toBeGreaterThan(0);
    }

    // Once more: every point that has a result is a run there is.
    const again = await ended((await api.studies.start({ spec: few })).id);
    expect(again).toMatchObject({ state: 'done', reused: 4 });
    const before = points.map(({ metrics, run }) => ({ metrics, run: metrics['time.cycles'] ? run : null }));
    expect(
      (await allPoints(again)).map(({ metrics, run }) => ({ metrics, run: metrics['time.cycles'] ? run : null })),
    ).toEqual(before);
  });

  it('ends with the run under way when it is stopped', async () => {
    const { id } = await api.studies.start({
      spec: { ...spec, fidelity: 'run', axes: [{ ...spec.axes[0]!, values: [5, 6, 7, 9] }] },
    });
    const started = await api.runs.list();
    const stopped = await api.studies.stop({ study: id });
    expect(stopped.state).toBe('stopped');
    for (;;) {
      const busy = (await api.runs.list()).filter(({ state }) => state === 'queued' || state === 'running');
      if (busy.length === 0) break;
      await new Promise((next) => setTimeout(next, 20));
    }
    expect((await api.runs.list()).length - started.length).toBeLessThanOrEqual(1);
  });
});

describe('a point', () => {
  it('is opened as changes, and run', async () => {
    const study = await ended((await api.studies.start({ spec: { ...spec, title: 'Opened' } })).id);
    const [array] = spec.axes[0]!.nodes;
    const changes = await api.studies.changes({ study: study.id, index: 4 });
    expect(changes).toEqual({
      model: {},
      architecture: Object.fromEntries(spec.axes[0]!.nodes.map((node) => [node, { rows: 8, columns: 8 }])),
      settings: spec.settings,
    });
    expect(changes.architecture[array!]).toEqual({ rows: 8, columns: 8 });
    expect(await problemOf(api.studies.changes({ study: study.id, index: 12 }))).toBe('study.no-point');
    const run = await api.studies.run({ study: study.id, index: 4 });
    // Of a changed architecture, so not of any revision that is drawn.
    expect(run).toMatchObject({ kind: 'program', architecture: { document: spec.architecture, revision: 0 } });
    expect(run.title).toContain('rows 8, columns 8');
    expect(run.model.revision).toBeGreaterThanOrEqual(0);
    for (;;) {
      const now = (await api.runs.list()).find((one) => one.id === run.id)!;
      if (now.state === 'done') break;
      expect(['queued', 'running']).toContain(now.state);
      await new Promise((next) => setTimeout(next, 20));
    }
    expect((await api.studies.run({ study: study.id, index: 4 })).id).toBe(run.id);
  });
});

describe('what cannot be studied', () => {
  it('is refused with the axis', async () => {
    const refused = (change: Partial<StudySpec>) =>
      api.studies.start({ spec: { ...spec, ...change } }).then(
        () => 'nothing',
        (error: { data?: { code?: string; message?: string } }) => `${error.data?.code}: ${error.data?.message}`,
      );
    const [rows] = spec.axes;
    expect(await refused({ axes: [{ ...rows!, values: [8, 0] }] })).toMatch(
      /^study\.axis: Axis 1, rows: Rows must be at least/,
    );
    expect(await refused({ axes: [{ ...rows!, nodes: ['absent'] }] })).toContain('there is no node absent');
    expect(await refused({ axes: [rows!, rows!] })).toContain('Axis 2, rows: another axis');
    expect(await refused({ axes: [{ ...rows!, parameter: 'depth' }] })).toContain('has no parameter depth');
    expect(await refused({ objectives: ['time.cycles', 'beauty'] })).toMatch(
      /^study\.objectives: There is no objective beauty/,
    );
    expect(await refused({ explorer: { id: 'explorer/oracle', parameters: {} } })).toMatch(/^study\.explorer: /);
    expect(await refused({ explorer: { id: 'explorer/random', parameters: { points: 0 } } })).toMatch(
      /^study\.explorer: /,
    );
    expect(await refused({ model: spec.architecture })).toMatch(/^study\.documents: /);
    expect(await refused({ model: 'absent' })).toMatch(/^document\.missing: /);
    const wide = { ...rows!, values: Array.from({ length: 250 }, (_, index) => index + 1) };
    expect(await refused({ fidelity: 'run', axes: [wide, { ...wide, parameter: 'columns' }] })).toMatch(
      /^study\.too-large: /,
    );
  });
});
