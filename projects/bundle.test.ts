/** Bundles: a project comes back whole; what a stranger made of one is refused before anything is written. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { type DocumentFile, type DocumentNode, emptyDocument, toFile } from '#core/document/document.ts';
import { initialState, step } from '#core/document/history.ts';
import type { CrossoverStudy } from '#core/run/fabric/crossover.ts';
import { bytesSource } from '#core/technique/importer.ts';
import { temporaryFolder } from '../tests/crash/edits.ts';
import { cases } from '../tests/support/cases.ts';
import { randomEdit } from '../tests/support/random-document.ts';
import { fixtureRun } from '../tests/support/run-fixture.ts';
import { BUNDLE_LIMITS, bundleOf, fillProject, readBundle } from './bundle.ts';
import { packJson } from './codec.ts';
import { createProject, openProject, type Project } from './project.ts';
import { sortOf } from './run-store.ts';
import { readZip, unzip } from './zip/read.ts';
import { writeZip, type ZipSource } from './zip/write.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

function value<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown },
): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
const zip = (sources: Iterable<ZipSource>) => Buffer.concat([...writeZip(sources)]);
const weights = Buffer.alloc(3 * 2 ** 20 + 7, 'weights of a model ');

const crossover: CrossoverStudy = {
  format: 'weft-crossover/1',
  tasks: 'The tasks',
  fabric: 'The fabric',
  variant: 'as-built',
  grid: 'coarse',
  memoryBytes: [64, 128],
  efficiencies: [0.5, 1],
  drawn: { memoryBytes: 128, bytesPerTick: 8 },
  points: [64, 64, 128].map((memoryBytes, at) => ({
    memoryBytes,
    efficiency: at === 1 ? 1 : 0.5,
    modes: [{ mode: 'dataflow', title: 'Dataflow', predicted: 10, simulated: null, offChipBytes: 4 }],
    margin: null,
    isSimulated: false,
  })),
  corrected: 0,
  stoppedEarly: true,
};
const MADE = '2026-01-02T03:04:05.678Z';
const map = { tasks: 't', fabric: 'f', variant: 'as-built' } as const;

async function filled(): Promise<Project> {
  const project = value(createProject(join(folder.path, 'a.weft'), 'A project'));
  const { documents, runs, files, checkpoints } = project;
  value(documents.create(toFile(emptyDocument('m', 'model', 'The model'))));
  value(documents.create(toFile(emptyDocument('h', 'architecture', 'The hardware'))));
  value(documents.step('m', 0, { type: 'do', command: { type: 'document.rename', title: 'The model, renamed' } }));
  value(documents.create(toFile(emptyDocument('t', 'tasks', 'The tasks'))));
  value(documents.create(toFile(emptyDocument('f', 'fabric', 'The fabric'))));
  project.crossovers.save(map, { study: crossover, revisions: { tasks: 0, fabric: 0 }, createdAt: MADE });
  value(checkpoints.insert(documents.state('m')!.document, 1, 'First'));
  const run = fixtureRun();
  const key = run.key;
  const made = runs.import(
    {
      key,
      family: key,
      title: run.title,
      model: { document: 'm', revision: 1 },
      architecture: { document: 'h', revision: 0 },
    },
    sortOf(run.inputs),
    { key, result: packJson(run), totals: run.totals, stageMilliseconds: {}, convergence: [] },
  );
  runs.saveCurve(made.id, {
    format: 'weft-curve/1',
    name: 'c',
    mode: 'strict',
    technique: { id: 'scheduler/test', version: '1' },
    limits: { MR: 1, MH: 2, MP: 3, isMPExact: true },
    points: [{ S: 1, objective: null, bound: null, optimal: false, stop: 'infeasible', baselines: {} }],
  });
  value(await files.keep('m', 'model.onnx', bytesSource(weights), { shapes: { x: [1, 3] } }));
  return project;
}

describe('a bundle', () => {
  it('brings back documents with their histories, checkpoints, runs, curves, crossover maps and kept files', async () => {
    const project = await filled();
    const bytes = zip(bundleOf(project, 'test'));
    expect(zip(bundleOf(project, 'test')).equals(bytes)).toBe(true);
    const bundle = value(readBundle(bytesSource(bytes)));
    expect(bundle.title).toBe('A project');
    const [run] = bundle.runs;
    expect(JSON.parse(run!.json)).toEqual(JSON.parse(JSON.stringify(fixtureRun())));

    const copy = value(createProject(join(folder.path, 'b.weft'), bundle.title));
    const stored = project.runs.list()[0]!;
    const checked = bundle.runs.map(({ json: _json, curve, ...rest }) => ({
      run: { ...rest, key: stored.key, family: stored.key },
      sort: sortOf(fixtureRun().inputs),
      finished: {
        key: stored.key,
        result: project.runs.result(stored.id)!,
        totals: fixtureRun().totals,
        stageMilliseconds: {},
        convergence: [],
      },
      curve,
    }));
    value(await fillProject(copy, { ...bundle, runs: checked }, bytesSource(bytes)));
    expect(copy.documents.list()).toEqual(project.documents.list());
    expect(copy.documents.list()[0]!.revision).toBe(1);
    expect(value(copy.documents.get('m')).file).toEqual(value(project.documents.get('m')).file);
    expect(copy.runs.list()[0]).toMatchObject({ model: stored.model, headline: stored.headline, title: stored.title });
    expect(copy.runs.curve(copy.runs.list()[0]!.id)).toEqual(project.runs.curve(stored.id));
    expect(copy.checkpoints.list('m').map(({ title }) => title)).toEqual(['First']);
    expect(copy.files.identity('m')).toEqual(project.files.identity('m'));
    expect(copy.documents.state('m')).toEqual(project.documents.state('m'));
    expect(copy.crossovers.list()).toEqual([
      { ...map, study: crossover, revisions: { tasks: 0, fabric: 0 }, createdAt: MADE },
    ]);
    // What came at a revision goes on from it, and is whole after the next opening.
    value(copy.documents.step('m', 1, { type: 'do', command: { type: 'document.rename', title: 'On' } }));
    copy.close();
    const again = value(openProject(join(folder.path, 'b.weft')));
    expect(again.notice).toBeNull();
    expect(again.documents.list()[0]).toMatchObject({ revision: 2, title: 'On' });
    for (const revision of [2, 3]) value(again.documents.step('m', revision, { type: 'undo' }));
    expect(again.documents.list()[0]).toMatchObject({ revision: 4, title: 'The model' });
    again.close();
    project.close();
  });

  it('is refused with a part missing, beside the manifest, twice, or of the wrong shape', () => {
    const manifest = (rest: object) => ({
      name: 'manifest.json',
      bytes: JSON.stringify({
        format: 'weft-bundle/1',
        title: 'T',
        madeWith: '1',
        documents: [],
        checkpoints: [],
        runs: [],
        files: [],
        candidates: [],
        studies: [],
        ...rest,
      }),
    });
    const codeOf = (sources: readonly ZipSource[]) => {
      const read = readBundle(bytesSource(zip(sources)));
      return read.ok ? 'accepted' : read.error.code;
    };
    expect(codeOf([manifest({})])).toBe('accepted');
    const document = { name: 'documents/1.json', bytes: JSON.stringify(toFile(emptyDocument('m', 'model', 'M'))) };
    const listed = { file: 'documents/1.json', revision: 0 };
    expect(codeOf([manifest({ documents: [listed] }), document])).toBe('accepted');
    expect(codeOf([manifest({}), document])).toBe('bundle.shape');
    expect(codeOf([manifest({ documents: [listed] })])).toBe('bundle.shape');
    expect(codeOf([manifest({ documents: [listed, listed] }), document])).toBe('bundle.shape');
    expect(codeOf([document])).toBe('bundle.shape');
    expect(codeOf([{ name: 'manifest.json', bytes: '{' }])).toBe('bundle.damaged');
    expect(codeOf([{ name: 'manifest.json', bytes: Buffer.from([0xff, 0xfe, 0x00]) }])).toBe('bundle.damaged');
    const file = { file: 'files/1', document: 'other', name: 'x.onnx' };
    expect(codeOf([manifest({ files: [file] }), { name: 'files/1', bytes: 'x' }])).toBe('bundle.shape');
  });
});

describe('a history or a map from a stranger', () => {
  const node = (id: string, rest: Partial<DocumentNode> = {}): DocumentNode => ({
    id,
    type: 'relu',
    name: id,
    x: 0,
    y: 0,
    parent: null,
    parameters: {},
    ...rest,
  });
  const group = (id: string, parent: string | null = null) => node(id, { type: 'group', parent });
  const added = (one: DocumentNode) => ({ table: 'nodes', id: one.id, before: null, after: one });
  const removed = (one: DocumentNode) => ({ table: 'nodes', id: one.id, before: one, after: null, at: 0 });
  const link = { id: 'l', from: { node: 'a', port: 'y' }, to: { node: 'b', port: 'x' } };
  const withLink = { table: 'links', id: 'l', before: null, after: link };

  interface Told {
    readonly title?: string;
    readonly nodes?: readonly DocumentNode[];
    readonly links?: DocumentFile['links'];
    readonly patches?: readonly (readonly object[])[];
    readonly cursor?: number;
    readonly crossover?: object;
    readonly histories?: number;
  }
  function codeOf({
    title = 'M',
    nodes = [],
    links = [],
    patches = [],
    cursor = patches.length,
    ...rest
  }: Told): string {
    const file = { ...toFile(emptyDocument('m', 'model', title)), nodes, links };
    const drawn = (id: string, kind: 'tasks' | 'fabric') => toFile(emptyDocument(id, kind, id));
    const documents = [file, drawn('t', 'tasks'), drawn('f', 'fabric')];
    const entries = patches.map((patch) => ({ label: 'Step', patch }));
    const named = documents.map((document, at) => ({
      name: `documents/${at + 1}.json`,
      bytes: JSON.stringify(document),
    }));
    const manifest = {
      ...{ format: 'weft-bundle/1', title: 'T', madeWith: '1' },
      ...{ checkpoints: [], runs: [], files: [], candidates: [], studies: [] },
      documents: named.map(({ name }) => ({ file: name, revision: 9 })),
      histories: Array.from({ length: rest.histories ?? 1 }, () => ({ file: 'h.json', document: 'm' })),
      crossovers: rest.crossover ? [{ file: 'c.json' }] : [],
    };
    const sources = [
      { name: 'manifest.json', bytes: JSON.stringify(manifest) },
      ...named,
      { name: 'h.json', bytes: JSON.stringify({ entries, cursor }) },
      ...(rest.crossover ? [{ name: 'c.json', bytes: JSON.stringify(rest.crossover) }] : []),
    ];
    const read = readBundle(bytesSource(zip(sources)));
    return read.ok ? 'accepted' : read.error.code;
  }

  it('is taken where every step of it can be undone and redone', () => {
    const [a, b, g] = [node('a'), node('b'), group('g')];
    const inside = { ...a, parent: 'g' };
    const patches = [
      [added(a)],
      [added(b), withLink],
      [added(g), { table: 'nodes', id: 'a', before: a, after: inside }],
      [{ table: 'title', id: 'title', before: 'L', after: 'M' }],
      // Undone: the link and its end removed together.
      [{ table: 'links', id: 'l', before: link, after: null, at: 0 }, removed(b)],
    ];
    expect(codeOf({ nodes: [inside, b, g], links: [link], patches, cursor: 4 })).toBe('accepted');
    expect(codeOf({ patches: [] })).toBe('accepted');
  });

  it('is taken of whatever was drawn, undone and redone', () => {
    let taken = 0;
    for (let seed = 1; seed <= cases(12, 2000); seed++) {
      const rng = createRng(seed);
      let state = initialState(emptyDocument('m', 'model', 'M'));
      let fresh = 0;
      for (let count = 0; count < 60; count++) {
        const kind = rng.below(10);
        const command = randomEdit(state.document, rng, () => `id${fresh++}`);
        const gesture = kind === 3 ? { gesture: 'drag' } : {};
        const operation = kind === 0 ? 'undo' : kind === 1 ? 'redo' : null;
        const next = step(state, operation ? { type: operation } : { type: 'do', command, ...gesture });
        if (next.ok) state = next.value.state;
      }
      const { nodes, links, title } = toFile(state.document);
      const told = { nodes, links, title, patches: state.entries.map(({ patch }) => patch), cursor: state.cursor };
      expect([seed, codeOf(told)]).toEqual([seed, 'accepted']);
      taken += state.entries.length;
    }
    expect(taken).toBeGreaterThan(100);
  });

  it.each<readonly [string, Told]>([
    ['more done than there is', { patches: [], cursor: 1 }],
    ['a step on what is not there', { patches: [[added(node('a'))]] }],
    ['another title before', { patches: [[{ table: 'title', id: 'title', before: 'A', after: 'B' }]] }],
    [
      'a link without its end, on the way back',
      { nodes: [node('a'), node('b')], links: [link], patches: [[added(node('b'))]] },
    ],
    ['a link without its end, on the way forth', { nodes: [node('a')], patches: [[withLink]], cursor: 0 }],
    ['a member of what is no group', { nodes: [node('a')], patches: [[added(node('b', { parent: 'a' }))]], cursor: 0 }],
    [
      'a group that is in itself',
      {
        nodes: [group('g')],
        patches: [[{ table: 'nodes', id: 'g', before: group('g'), after: group('g', 'g') }]],
        cursor: 0,
      },
    ],
    ['another id in a record', { patches: [[{ ...added(node('a')), id: 'b' }]], cursor: 0 }],
    ['a type that no record has', { patches: [[{ table: 'users', id: 'a', before: null, after: null }]], cursor: 0 }],
    ['two histories of one document', { histories: 2 }],
    ['a document that is not whole', { nodes: [node('a')], links: [link] }],
    [
      'a map of a model',
      { crossover: { ...map, tasks: 'm', study: crossover, revisions: { tasks: 0, fabric: 0 }, createdAt: MADE } },
    ],
    [
      'a map with points off its grid',
      {
        crossover: {
          ...{ ...map, revisions: { tasks: 0, fabric: 0 }, createdAt: MADE },
          study: { ...crossover, points: crossover.points.toReversed() },
        },
      },
    ],
  ])('is refused with %s', (_title, told) => {
    expect(codeOf(told)).toBe('bundle.shape');
  });

  it('costs what its size costs: ten thousand groups in each other', () => {
    const groups = Array.from({ length: 10_000 }, (_, at) => group(`g${at}`, at === 0 ? null : `g${at - 1}`));
    const before = process.cpuUsage();
    expect(codeOf({ nodes: groups })).toBe('bundle.shape');
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(1);
  });
});

/** An archive by hand, wrong in one way. */
interface Raw {
  readonly name?: string | Buffer;
  readonly data?: Buffer;
  readonly size?: number;
  readonly method?: number;
  readonly flags?: number;
  readonly attributes?: number;
  readonly localName?: string;
  /** Where the list says it is, in place of where it is. */
  readonly at?: number;
}

function raw(entries: readonly Raw[], end: { readonly count?: number; readonly gap?: number } = {}): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const entry of entries) {
    const { name = 'a.json', data = Buffer.from('{}'), method = 0, flags = 0x0800, attributes = 0 } = entry;
    const size = entry.size ?? data.length;
    const bytes = Buffer.from(name);
    const local = Buffer.alloc(30);
    const localName = Buffer.from(entry.localName ?? name);
    local.writeUInt32LE(0x04034b50, 0);
    const list = Buffer.alloc(46);
    list.writeUInt32LE(0x02014b50, 0);
    list.writeUInt16LE(3 << 8, 4);
    for (const [head, from] of [
      [local, 4],
      [list, 6],
    ] as const) {
      head.writeUInt16LE(flags, from + 2);
      head.writeUInt16LE(method, from + 4);
      head.writeUInt32LE(crc32(data), from + 10);
      head.writeUInt32LE(data.length, from + 14);
      head.writeUInt32LE(size, from + 18);
      head.writeUInt16LE(head === local ? localName.length : bytes.length, from + 22);
    }
    list.writeUInt32LE(attributes, 38);
    list.writeUInt32LE(entry.at ?? at, 42);
    locals.push(local, localName, data);
    at += 30 + localName.length + data.length;
    central.push(list, bytes);
  }
  const gap = Buffer.alloc(end.gap ?? 0);
  const length = central.reduce((sum, part) => sum + part.length, 0);
  const tail = Buffer.alloc(22);
  tail.writeUInt32LE(0x06054b50, 0);
  tail.writeUInt16LE(end.count ?? entries.length, 8);
  tail.writeUInt16LE(end.count ?? entries.length, 10);
  tail.writeUInt32LE(length, 12);
  tail.writeUInt32LE(at + gap.length, 16);
  return Buffer.concat([...locals, gap, ...central, tail]);
}

describe('P-19 bundles cannot explode', () => {
  const bomb = deflateRawSync(Buffer.alloc(64 * 2 ** 20));
  const many = Array.from({ length: BUNDLE_LIMITS.entries + 1 }, (_, at) => ({ name: `${at}` }));
  const attacks: readonly (readonly [string, Buffer, string])[] = [
    ['a parent folder', raw([{ name: '../x.json' }]), 'path'],
    ['a parent folder inside', raw([{ name: 'documents/../../x.json' }]), 'path'],
    ['an absolute path', raw([{ name: '/etc/passwd' }]), 'path'],
    ['a drive', raw([{ name: 'c:/x.json' }]), 'path'],
    ['a back slash', raw([{ name: '..\\x.json' }]), 'path'],
    ['a name that ends early', raw([{ name: 'x.json\0.png' }]), 'path'],
    ['a name that is not ours', raw([{ name: Buffer.from([0xc0, 0xae, 0xc0, 0xae, 0x2f]) }]), 'path'],
    ['a name in capitals, one with another', raw([{ name: 'A.json' }, { name: 'a.json' }]), 'path'],
    ['a hidden file', raw([{ name: '.bashrc' }]), 'path'],
    ['a very long name', raw([{ name: 'a'.repeat(201) }]), 'path'],
    ['a folder', raw([{ name: 'a', attributes: 0x10 }]), 'link'],
    [
      'a symbolic link',
      raw([{ name: 'a', data: Buffer.from('/etc/passwd'), attributes: (0o120777 << 16) >>> 0 }]),
      'link',
    ],
    ['a device', raw([{ name: 'a', attributes: (0o020666 << 16) >>> 0 }]), 'link'],
    ['one name twice', raw([{}, {}]), 'duplicate'],
    ['two names of one entry', raw([{ localName: 'b.json' }]), 'shape'],
    ['entries over each other', raw([{}, { name: 'b.json', at: 0 }]), 'overlap'],
    ['room between entries and list', raw([{}], { gap: 9 }), 'shape'],
    ['another number of entries', raw([{}], { count: 2 }), 'shape'],
    ['too many entries', raw(many), 'entries'],
    ['a ratio of a thousand', raw([{ data: bomb, method: 8, size: 64 * 2 ** 20 }]), 'ratio'],
    ['a size beyond any', raw([{ data: bomb, method: 8, size: 2 ** 31 }]), 'size'],
    [
      'sizes beyond any together',
      raw(
        Array.from({ length: 9 }, (_, at) => ({
          name: `${at}`,
          data: Buffer.alloc(2 * 2 ** 20, at),
          method: 8,
          size: 256 * 2 ** 20,
        })),
      ),
      'size',
    ],
    ['encryption', raw([{ flags: 0x0801 }]), 'shape'],
    ['a streamed entry', raw([{ flags: 0x0808 }]), 'shape'],
    ['another method', raw([{ method: 12 }]), 'shape'],
    ['stored with two sizes', raw([{ size: 99 }]), 'shape'],
    ['ZIP64', raw([{ method: 8, size: 0xffffffff }]), 'size'],
    ['nothing at all', Buffer.alloc(0), 'not-a-bundle'],
    ['something before it', Buffer.concat([Buffer.from('#!/bin/sh\n'), raw([{}])]), 'shape'],
    ['something behind it', Buffer.concat([raw([{}]), Buffer.from('\n')]), 'not-a-bundle'],
  ];

  it.each(attacks)('refuses %s within a second, before anything is unpacked', (_title, bytes, code) => {
    let read = 0;
    const before = process.cpuUsage();
    const source = bytesSource(bytes);
    const found = readBundle({
      size: source.size,
      read: (offset, length) => {
        read += length;
        return source.read(offset, length);
      },
    });
    const { user, system } = process.cpuUsage(before);
    expect(found.ok ? 'accepted' : found.error.code).toBe(`bundle.${code}`);
    expect((user + system) / 1e6).toBeLessThan(1);
    // Headers and the list alone: no content is read.
    expect(read).toBeLessThanOrEqual(3 * 2 ** 20);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('stops unpacking at the size that was said', () => {
    const lie = raw([{ name: 'manifest.json', data: deflateRawSync(Buffer.alloc(2 ** 20)), method: 8, size: 1000 }]);
    expect(readBundle(bytesSource(lie))).toMatchObject({ ok: false, error: { code: 'bundle.damaged' } });
  });

  it('notices every flipped byte of a bundle, or reads what was written', async () => {
    const project = await filled();
    project.files.forget('m');
    const bytes = zip(bundleOf(project, 'test'));
    project.close();
    const good = JSON.stringify(value(readBundle(bytesSource(bytes))));
    for (let at = 0; at < bytes.length; at += 1 + Math.floor(bytes.length / 400)) {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1 << (at % 8);
      const read = readBundle(bytesSource(flipped));
      if (read.ok) expect(JSON.stringify(read.value)).toBe(good);
      else expect(read.error.code).toMatch(/^bundle\./);
    }
    for (const length of [0, 1, 21, 22, 100, bytes.length - 1])
      expect(readBundle(bytesSource(bytes.subarray(0, length))).ok).toBe(false);
    expect(existsSync(join(folder.path, 'b.weft'))).toBe(false);
  });
});

describe('archives', () => {
  it('hold text, bytes and what is read in pieces, and other tools would read them', () => {
    const big = Buffer.alloc(100_000, 'ab');
    const bytes = zip([
      { name: 'text.json', bytes: 'é'.repeat(500) },
      { name: 'small', bytes: new Uint8Array([1, 2, 3]) },
      { name: 'files/1', size: big.length, read: () => [big.subarray(0, 7), big.subarray(7)] },
    ]);
    const source = bytesSource(bytes);
    const entries = value(readZip(source, BUNDLE_LIMITS));
    const text = (name: string) => Buffer.from(value(unzip(source, entries.get(name)!))).toString();
    expect(text('text.json')).toBe('é'.repeat(500));
    expect(text('files/1')).toBe(big.toString());
    expect([...entries.values()].map(({ isStored }) => isStored)).toEqual([false, true, true]);
  });

  it('refuse a source that changes while it is written', () => {
    expect(() => zip([{ name: 'a', size: 3, read: () => [new Uint8Array(2)] }])).toThrow('changed its size');
  });
});
