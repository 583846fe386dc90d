/** The services over the real router, store and worker threads; only the transport is left out. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createRouterClient } from '@orpc/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostEvent, RunView } from '#core/contract/views.ts';
import type { RunResult } from '#core/run/result.ts';
import { DEFAULT_SETTINGS, type RunSettings } from '#core/run/settings.ts';
import { writeModel } from '#core/techniques/importer/onnx/writer.ts';
import { places } from '#projects/places.ts';
import { temporaryFolder } from '../tests/crash/edits.ts';
import { type Backend, createBackend } from './backend.ts';
import { createHttpHandler } from './http/handler.ts';
import { createRouter } from './services/router.ts';

const folder = temporaryFolder();
let backend: Backend;
let picked: string | null = null;
const clientOf = (of: Backend) => createRouterClient(createRouter(of));
let api: ReturnType<typeof clientOf>;
const events: HostEvent[] = [];

beforeAll(() => {
  backend = createBackend({
    kind: 'local',
    places: places(folder.path),
    examples: resolve(import.meta.dirname, '../projects/examples'),
    worker: new URL('./jobs/worker.ts', import.meta.url),
    printPdf: async (html) => ({ ok: true, value: new TextEncoder().encode(`%PDF ${html.length}`) }),
    pickProject: async () => picked,
  });
  backend.events.subscribe('event', (event) => events.push(event));
  api = clientOf(backend);
});
afterAll(async () => {
  await backend.close();
  folder.remove();
});

const problemOf = (call: Promise<unknown>) =>
  call.then(
    () => 'no problem',
    (error: { code?: string; data?: { code?: string } }) => error.data?.code ?? error.code,
  );

async function finished(id: string): Promise<RunView> {
  for (;;) {
    const run = (await api.runs.list()).find((one) => one.id === id);
    if (!run) throw new Error('the run is gone');
    if (run.state !== 'queued' && run.state !== 'running') return run;
    await new Promise((next) => setTimeout(next, 20));
  }
}

async function upload(name: string, content: string | Uint8Array): Promise<string> {
  const stored = await backend.temp.receive(name, new Blob([new Uint8Array(Buffer.from(content))]).stream());
  if (!stored.ok) throw new Error(stored.error.code);
  return stored.value;
}

const request = (path: string, headers: Record<string, string> = {}) =>
  createHttpHandler({ backend, renderer: folder.path })(new Request(`http://host${path}`, { headers }));

describe('without a project', () => {
  it('says so instead of failing', async () => {
    expect(await api.projects.current()).toBeNull();
    expect(await api.runs.list()).toEqual([]);
    expect(await problemOf(api.documents.get({ document: 'x' }))).toBe('project.none');
    expect(await problemOf(api.runs.cancel({ run: 'x' }))).toBe('project.none');
    expect(await problemOf(api.projects.rename({ title: 'x' }))).toBe('project.none');
    expect(await problemOf(api.projects.open({ path: join(folder.path, 'absent.weft') }))).toBe('project.missing');
    expect(await problemOf(api.projects.openExample({ slug: 'absent' }))).toBe('example.missing');
    expect(await problemOf(api.projects.openExample({ slug: '..' }))).toBe('example.missing');
    expect(await api.projects.close()).toBeNull();
  });
});

describe('an example', () => {
  it('opens as a copy, runs, exports, and its run imports again with the same key and result', async () => {
    const project = await api.projects.openExample({ slug: 'mlp-two-cores' });
    expect(project.path.startsWith(join(folder.path, 'projects'))).toBe(true);
    const model = project.documents.find((one) => one.kind === 'model')!;
    const architecture = project.documents.find((one) => one.kind === 'architecture')!;
    const start = () => api.runs.start({ model: model.id, architecture: architecture.id, settings: DEFAULT_SETTINGS });

    const done = await finished((await start()).id);
    expect(done).toMatchObject({ state: 'done', number: 1, failure: null, model: { revision: 0 } });
    expect(done.headline['time.cycles']).toBeGreaterThan(0);
    expect(Object.keys(done.stageMilliseconds).sort()).toEqual(['compile', 'schedule', 'simulate', 'verify']);
    expect(events.some((event) => event.type === 'run.changed' && event.run.state === 'running')).toBe(true);

    // P-13: same inputs, same bytes.
    const again = await finished((await start()).id);
    expect(again.key).toBe(done.key);
    const bytes = backend.runResult(done.id)!;
    expect(gunzipSync(backend.runResult(again.id)!).equals(gunzipSync(bytes))).toBe(true);

    const exported: Record<string, string> = {};
    for (const format of ['html', 'csv', 'json', 'schedule', 'pdf', 'markdown', 'tables', 'perfetto'] as const) {
      const file = await api.runs.export({ run: done.id, format });
      const answer = await request(`/blob/${file.blob}`);
      expect(answer.headers.get('content-type')).toBe(file.mediaType);
      exported[format] = await answer.text();
    }
    expect(exported.html).toMatch(/^<!doctype html>/i);
    expect(exported.pdf).toBe(`%PDF ${exported.html!.length}`);
    expect(JSON.parse(exported.json!)).toEqual(JSON.parse(gunzipSync(bytes).toString()));
    for (const archive of [exported.markdown!, exported.tables!]) expect(archive.slice(0, 2)).toBe('PK');
    expect(JSON.parse(exported.perfetto!)).toMatchObject({ displayTimeUnit: 'ns', otherData: { key: done.key } });

    const chosen = await api.runs.export({ run: done.id, format: 'html', sections: ['operators', 'absent', 'model'] });
    const html = await (await request(`/blob/${chosen.blob}`)).text();
    expect([...html.matchAll(/<h2 id="([\w-]+)"/g)].map(([, id]) => id)).toEqual(['operators', 'model', 'appendix']);

    const imported = await api.runs.import({ upload: await upload('run.json', exported.json!) });
    expect(imported).toMatchObject({
      state: 'done',
      imported: true,
      key: done.key,
      headline: done.headline,
      number: 3,
    });

    const packed = await request(`/runs/${done.id}/result`, { 'accept-encoding': 'gzip, br' });
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    const plain = await request(`/runs/${done.id}/result`);
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await plain.text()).toBe(exported.json);

    await api.runs.remove({ run: imported.id });
    expect(events.at(-1)).toEqual({ type: 'run.removed', run: imported.id });
    expect(await problemOf(api.runs.export({ run: imported.id, format: 'html' }))).toBe('run.no-result');
    expect((await request(`/runs/${imported.id}/result`)).status).toBe(404);
  }, 60_000);

  it('has a curve over scratchpads, of which each point opens as a run, once', async () => {
    const project = await api.projects.openExample({ slug: 'mlp-two-cores' });
    const idOf = (kind: string) => project.documents.find((one) => one.kind === kind)!.id;
    const settings = { ...DEFAULT_SETTINGS, scratchpadBytes: 4096 };
    const asked = await api.runs.start({ model: idOf('model'), architecture: idOf('architecture'), settings });
    const run = await finished(asked.id);
    expect(run.state).toBe('done');
    const samples = await api.runs.convergence({ run: run.id });
    expect(samples.at(-1)).toMatchObject({ incumbent: expect.any(Number), bound: expect.any(Number) });

    const range = { from: 1024, to: 8192, steps: 4, spacing: 'geometric' } as const;
    expect(await api.runs.curve({ run: run.id })).toMatchObject({ isRunning: false, curve: null });
    expect(await problemOf(api.runs.startCurve({ run: 'absent', range }))).toBe('run.no-result');
    expect(await api.runs.startCurve({ run: run.id, range })).toMatchObject({ isRunning: true });
    let study = await api.runs.curve({ run: run.id });
    for (; study.isRunning; study = await api.runs.curve({ run: run.id }))
      await new Promise((next) => setTimeout(next, 20));
    expect(study.failure).toBeNull();
    expect(study.curve!.points.map(({ S }) => S)).toEqual(expect.arrayContaining([1024, 2048, 4096, 8192]));
    const here = study.curve!.points.find(({ S }) => S === 4096)!;
    const blob = await api.runs.export({ run: run.id, format: 'html' });
    const html = await (await request(`/blob/${blob.blob}`)).text();
    for (const { objective } of study.curve!.points) expect(html.includes(`<data value="${objective}">`)).toBe(true);

    expect(await api.runs.startAt({ run: run.id, scratchpadBytes: 4096 })).toMatchObject({ id: run.id });
    const other = await api.runs.startAt({ run: run.id, scratchpadBytes: 2048 });
    expect(other).toMatchObject({ number: run.number + 1, model: run.model });
    expect(await api.runs.startAt({ run: run.id, scratchpadBytes: 2048 })).toMatchObject({ id: other.id });
    expect((await finished(other.id)).headline['offchip.spill']).toBeGreaterThanOrEqual(here.objective!);
    expect(await problemOf(api.runs.startAt({ run: 'absent', scratchpadBytes: 1 }))).toBe('run.no-result');
  }, 60_000);

  it('freezes what it was started with: later edits make it stale, not different', async () => {
    const project = await api.projects.openExample({ slug: 'mlp-two-cores' });
    const model = project.documents.find((one) => one.kind === 'model')!;
    const architecture = project.documents.find((one) => one.kind === 'architecture')!;
    const operation = { type: 'do', command: { type: 'document.rename', title: 'Renamed' } } as const;
    const settings = { ...DEFAULT_SETTINGS, values: 'never' } as const;
    const run = await api.runs.start({ model: model.id, architecture: architecture.id, settings });
    expect(await api.documents.step({ document: model.id, base: 0, operation })).toMatchObject({ revision: 1 });
    expect(await problemOf(api.documents.step({ document: model.id, base: 0, operation }))).toBe('document.conflict');
    const done = await finished(run.id);
    expect(done.model.revision).toBe(0);
    const resultOf = (id: string): RunResult => JSON.parse(gunzipSync(backend.runResult(id)!).toString());
    expect(resultOf(run.id)).toMatchObject({
      inputs: { model: { title: model.title } },
      certificate: { skipped: expect.stringContaining('not asked') },
    });

    // Its values are verified on what it froze, once; what is drawn by now has nothing to do with it.
    const verified = await api.runs.verify({ run: run.id });
    expect((await finished(verified.id)).model.revision).toBe(0);
    const { inputs, certificate } = resultOf(verified.id);
    expect(inputs).toEqual({ ...resultOf(run.id).inputs, settings: { ...settings, values: 'always' } });
    expect(certificate).toMatchObject({ isVerified: true });
    for (const id of [run.id, verified.id]) expect((await api.runs.verify({ run: id })).id).toBe(verified.id);
    expect(await problemOf(api.runs.verify({ run: 'absent' }))).toBe('run.no-result');
    expect((await api.projects.current())?.documents.find((one) => one.id === model.id)).toMatchObject({
      title: 'Renamed',
      revision: 1,
    });
  }, 60_000);

  it('a run that cannot be is refused or fails with its reason', async () => {
    const project = (await api.projects.current())!;
    const model = project.documents.find((one) => one.kind === 'model')!;
    const architecture = project.documents.find((one) => one.kind === 'architecture')!;
    const settings = DEFAULT_SETTINGS;
    expect(await problemOf(api.runs.start({ model: architecture.id, architecture: architecture.id, settings }))).toBe(
      'run.no-model',
    );
    expect(await problemOf(api.runs.start({ model: model.id, architecture: model.id, settings }))).toBe(
      'run.no-architecture',
    );
    const empty = await api.documents.create({ kind: 'architecture', title: 'Empty' });
    const run = await api.runs.start({ model: model.id, architecture: empty.id, settings });
    const failed = await finished(run.id);
    expect(failed, JSON.stringify(failed.failure)).toMatchObject({
      state: 'failed',
      failure: { code: 'run.architecture-incomplete' },
    });
    // The next one is none the worse.
    const next = await api.runs.start({ model: model.id, architecture: architecture.id, settings });
    expect((await finished(next.id)).state).toBe('done');
  }, 60_000);

  it('waits in a queue that can be paused and put in order, and every window is told', async () => {
    const project = (await api.projects.current())!;
    const of = (kind: string) => project.documents.find((one) => one.kind === kind)!.id;
    const start = () =>
      api.runs.start({ model: of('model'), architecture: of('architecture'), settings: DEFAULT_SETTINGS });
    expect(await api.runs.pause()).toEqual({ isPaused: true, waiting: [] });
    const [first, second] = [await start(), await start()];
    expect([first.state, second.state]).toEqual(['queued', 'queued']);
    const queue = { isPaused: true, waiting: [second.id, first.id] };
    expect(await api.runs.reorder({ run: second.id, before: first.id })).toEqual(queue);
    expect(events.at(-1)).toEqual({ type: 'queue.changed', queue });
    expect(await api.runs.resume()).toEqual({ isPaused: false, waiting: [first.id] });
    const ended = [await finished(second.id), await finished(first.id)];
    expect(ended.map(({ state }) => state)).toEqual(['done', 'done']);
    expect(ended[0]!.finishedAt! <= ended[1]!.finishedAt!).toBe(true);
    expect(await api.runs.queue()).toEqual({ isPaused: false, waiting: [] });
  }, 60_000);
});

describe('documents', () => {
  it('are made from presets, imported, and removed', async () => {
    await api.projects.create({ title: 'Mine' });
    const made = await api.documents.create({ kind: 'architecture', title: 'Edge', preset: 'systolic-32x32' });
    expect(made).toMatchObject({ kind: 'architecture', title: 'Edge', revision: 0 });
    expect(made.nodes).toBeGreaterThan(3);
    expect(await problemOf(api.documents.create({ kind: 'model', title: 'x', preset: 'systolic-32x32' }))).toBe(
      'preset.wrong-kind',
    );
    expect(await problemOf(api.documents.create({ kind: 'model', title: 'x', preset: 'absent' }))).toBe(
      'preset.unknown',
    );

    const { file } = await api.documents.get({ document: made.id });
    const copy = await api.documents.import({ upload: await upload('edge.json', JSON.stringify(file)) });
    expect(copy.document).toMatchObject({ title: 'Edge', nodes: made.nodes });
    expect(copy.document.id).not.toBe(made.id);

    // A copy of its own, under a name of its own.
    const own = await api.documents.copy({ document: made.id });
    expect(own).toMatchObject({ kind: 'architecture', title: 'Edge copy', revision: 0 });
    expect((await api.documents.get({ document: own.id })).file).toEqual({ ...file, id: own.id, title: 'Edge copy' });
    expect(await api.documents.copy({ document: own.id })).toMatchObject({ title: 'Edge copy 2' });
    expect(await problemOf(api.documents.copy({ document: 'absent' }))).toBe('document.missing');

    expect(await problemOf(api.documents.import({ upload: 'upload-gone' }))).toBe('upload.missing');
    expect(await problemOf(api.documents.import({ upload: await upload('x.json', '{"format"') }))).toBe(
      'file.not-json',
    );
    expect(await problemOf(api.documents.import({ upload: await upload('x.txt', 'hello') }))).toMatch(/unknown|onnx/);
    expect(await problemOf(api.runs.import({ upload: await upload('run.json', '{}') }))).toBe('run-file.shape');

    await api.documents.remove({ document: copy.document.id });
    expect(await problemOf(api.documents.get({ document: copy.document.id }))).toBe('document.missing');
    expect((await api.projects.current())?.documents).toHaveLength(3);
  }, 60_000);
});

/** y = relu(x · w) with weights of its own, as an ONNX file. */
function smallModel(more: string): Uint8Array {
  return writeModel({
    graph: {
      nodes: [
        { operator: 'MatMul', name: 'product', inputs: ['x', 'w'], outputs: ['p'] },
        { operator: 'Relu', name: 'positive', inputs: ['p'], outputs: [more] },
      ],
      initializers: [
        { name: 'w', dims: [64, 32], dataType: 1, floats: Array.from({ length: 2048 }, (_, i) => (i % 17) / 17 - 0.5) },
      ],
      inputs: [{ name: 'x', shape: [8, 64] }],
      outputs: [{ name: more }],
    },
  });
}

describe('a model file', () => {
  const resultOf = (id: string): RunResult => JSON.parse(gunzipSync(backend.runResult(id)!).toString());

  it('is kept for its weights, which runs are verified with; edited, forgotten and kept again', async () => {
    const { path } = await api.projects.create({ title: 'Weights' });
    const { id: architecture } = await api.documents.create({
      kind: 'architecture',
      title: 'Edge',
      preset: 'systolic-32x32',
    });
    const bytes = smallModel('y');
    const imported = await api.documents.import({ upload: await upload('small.onnx', bytes) });
    const model = imported.document.id;
    const file = { name: 'small.onnx', bytes: bytes.length, kept: true };
    expect(imported).toMatchObject({ document: { file }, problems: [] });
    expect(await api.documents.file({ document: model })).toEqual(file);
    expect(await api.documents.file({ document: architecture })).toBeNull();
    expect((await api.projects.current())?.documents.find(({ id }) => id === model)?.file).toEqual(file);

    const start = async (settings: RunSettings = DEFAULT_SETTINGS) => {
      const run = await finished((await api.runs.start({ model, architecture, settings })).id);
      expect(run.state, JSON.stringify(run.failure)).toBe('done');
      return run;
    };
    const first = await start();
    const { certificate, inputs } = resultOf(first.id);
    expect(inputs.weights).toMatchObject({ name: 'small.onnx', bytes: bytes.length });
    expect(certificate).toMatchObject({
      isVerified: true,
      elements: 256,
      numbers: { file: 'small.onnx', owners: 1, random: 0, seed: 1 },
      statement: expect.stringMatching(/Weights are those of small\.onnx; inputs are random from seed 1\.$/),
    });
    // Same inputs, same bytes, weights and all.
    const again = await start();
    expect([again.key, resultOf(again.id)]).toEqual([first.key, resultOf(first.id)]);
    const other = await start({ ...DEFAULT_SETTINGS, seed: 2 });
    expect(other.key).not.toBe(first.key);
    expect(resultOf((await start({ ...DEFAULT_SETTINGS, values: 'never' })).id)).toMatchObject({
      certificate: { skipped: expect.stringMatching(/not asked/) },
      inputs: expect.not.objectContaining({ weights: expect.anything() }),
    });

    // An edited operator has no weights in the file that fit.
    const { file: drawn } = await api.documents.get({ document: model });
    const product = drawn.nodes.find(({ name }) => name === 'product')!;
    const [parameter] = Object.entries(product.parameters).find(([, value]) => value === 32)!;
    await api.documents.step({
      document: model,
      base: 0,
      operation: {
        type: 'do',
        command: { type: 'node.set-parameter', node: product.id, parameter, value: 48 },
      },
    });
    expect(resultOf((await start()).id).certificate).toMatchObject({
      isVerified: true,
      elements: 384,
      numbers: { file: 'small.onnx', owners: 1, random: 1 },
      statement: expect.stringMatching(/except for 1 of 1 operator/),
    });
    await api.documents.step({ document: model, base: 1, operation: { type: 'undo' } });

    expect(await api.documents.forgetFile({ document: model })).toEqual({ ...file, kept: false });
    const random = await start();
    expect(random.key).not.toBe(first.key);
    expect(resultOf(random.id).certificate).toMatchObject({ isVerified: true, numbers: { file: null, random: 1 } });
    // Its scratchpad is changed with what is there now.
    const moved = await api.runs.startAt({ run: first.id, scratchpadBytes: 8192 });
    expect(await finished(moved.id)).toMatchObject({ state: 'done' });
    expect(resultOf(moved.id).inputs.weights).toBeUndefined();

    expect(await problemOf(api.documents.keepFile({ document: model, upload: 'gone' }))).toBe('upload.missing');
    const edge = JSON.stringify((await api.documents.get({ document: architecture })).file);
    expect(await problemOf(api.documents.keepFile({ document: model, upload: await upload('edge.json', edge) }))).toBe(
      'file.no-weights',
    );
    expect(await problemOf(api.documents.keepFile({ document: 'absent', upload: await upload('a.onnx', bytes) }))).toBe(
      'document.missing',
    );
    expect(await api.documents.keepFile({ document: model, upload: await upload('again.onnx', bytes) })).toEqual({
      ...file,
      name: 'again.onnx',
    });
    await api.projects.close();
    await api.projects.open({ path });
    expect(resultOf((await start()).id).certificate).toMatchObject({ numbers: { file: 'again.onnx', random: 0 } });
  }, 60_000);

  it('is only noted where that is asked for', async () => {
    await api.projects.create({ title: 'Noted' });
    const bytes = smallModel('z');
    const { document } = await api.documents.import({ upload: await upload('z.onnx', bytes), keepFile: false });
    expect(document.file).toEqual({ name: 'z.onnx', bytes: bytes.length, kept: false });
    await api.documents.remove({ document: document.id });
    expect(await api.documents.file({ document: document.id })).toBeNull();
  });

  it('the program of a run is read page by page, made again from its schedule', async () => {
    const project = await api.projects.openExample({ slug: 'mlp-two-cores' });
    const idOf = (kind: string) => project.documents.find((one) => one.kind === kind)!.id;
    const asked = { model: idOf('model'), architecture: idOf('architecture'), settings: DEFAULT_SETTINGS };
    const run = await finished((await api.runs.start(asked)).id);
    const { program } = resultOf(run.id);
    const { commands, preamble, preambleHead, commandsHead } = program!;
    const page = (from: number, count: number, find?: string) =>
      api.runs.program({ run: run.id, from, count, ...(find !== undefined && { find }) });
    const whole = await page(0, 2000);
    expect(whole).toMatchObject({ lines: preamble + commands, preamble, commands, from: 0 });
    expect(whole.text).toHaveLength(preamble + commands);
    expect(whole.text.slice(0, preambleHead.length)).toEqual(preambleHead);
    expect(whole.text.slice(preamble, preamble + commandsHead.length)).toEqual(commandsHead);
    expect((await page(preamble + 7, 3)).text).toEqual(whole.text.slice(preamble + 7, preamble + 10));
    expect(await page(1e9, 3)).toMatchObject({ from: preamble + commands, text: [] });
    const at = whole.text.findIndex((line) => line.includes(' store '));
    expect(await page(0, 1, 'STORE ')).toMatchObject({ from: at, text: [whole.text[at]] });
    expect(await page(at + 1, 1, 'nowhere in it')).toMatchObject({ from: null, text: [] });
    expect(await problemOf(api.runs.program({ run: 'absent', from: 0, count: 1 }))).toBe('run.no-result');
  }, 60_000);
});

describe('projects', () => {
  it('take a free name, are renamed, remembered, forgotten and picked', async () => {
    const first = await api.projects.create({ title: 'Same' });
    const second = await api.projects.create({ title: 'Same' });
    expect([first.path, second.path].map((path) => path.replace(/^.*[/\\]/, ''))).toEqual(['Same.weft', 'Same-2.weft']);
    expect(await api.projects.rename({ title: 'Other' })).toMatchObject({ title: 'Other', path: second.path });
    expect((await api.projects.recent())[0]).toMatchObject({ path: second.path, title: 'Other', exists: true });
    expect((await api.projects.forget({ path: second.path })).some((one) => one.path === second.path)).toBe(false);
    // Opening the open one again must not shake the lock.
    expect(await api.projects.open({ path: second.path })).toMatchObject({ title: 'Other' });
    expect(await api.projects.pick()).toBeNull();
    picked = first.path;
    expect(await api.projects.pick()).toMatchObject({ title: 'Same', path: first.path });
    await api.projects.close();
    expect(events.at(-1)).toEqual({ type: 'project.changed', project: null });
  });

  it('tell a listener the current project first, and then what happens', async () => {
    const stop = new AbortController();
    const live = await api.host.events(undefined, { signal: stop.signal });
    expect((await live.next()).value).toEqual({ type: 'project.changed', project: null });
    const made = api.projects.create({ title: 'Heard' });
    expect((await live.next()).value).toMatchObject({ type: 'project.changed', project: { title: 'Heard' } });
    await made;
    stop.abort();
  });

  it('a damaged project opens with what could be saved, and says so', async () => {
    const { path } = await api.projects.create({ title: 'Broken' });
    await api.documents.create({ kind: 'model', title: 'Kept' });
    await api.projects.close();
    const bytes = readFileSync(path);
    bytes.fill(0xff, 0, 200);
    writeFileSync(path, bytes);
    const opened = await api.projects.open({ path });
    expect(opened).toMatchObject({
      readOnly: false,
      notice: { code: 'project.recovered' },
      documents: [{ title: 'Kept' }],
    });
  });
});
