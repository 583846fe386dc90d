/** P-20: nonsense never reaches a handler. Mutated calls through the real router, whose handlers are counted. */
import { createRouterClient, implement } from '@orpc/server';
import { RPCHandler } from '@orpc/server/ws';
import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '#core/base/rng.ts';
import { contract } from '#core/contract/contract.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';

const CASES = Number(process.env.WEFT_FUZZ_CASES ?? 1000);

let entered = 0;
const enter = (): never => {
  entered++;
  throw new Error('entered');
};

const os = implement(contract);
const counted = os.router({
  host: { info: os.host.info.handler(enter), events: os.host.events.handler(enter) },
  projects: {
    recent: os.projects.recent.handler(enter),
    forget: os.projects.forget.handler(enter),
    examples: os.projects.examples.handler(enter),
    current: os.projects.current.handler(enter),
    create: os.projects.create.handler(enter),
    open: os.projects.open.handler(enter),
    openExample: os.projects.openExample.handler(enter),
    pick: os.projects.pick.handler(enter),
    rename: os.projects.rename.handler(enter),
    close: os.projects.close.handler(enter),
    exportBundle: os.projects.exportBundle.handler(enter),
    importBundle: os.projects.importBundle.handler(enter),
  },
  documents: {
    get: os.documents.get.handler(enter),
    create: os.documents.create.handler(enter),
    copy: os.documents.copy.handler(enter),
    remove: os.documents.remove.handler(enter),
    restore: os.documents.restore.handler(enter),
    step: os.documents.step.handler(enter),
    import: os.documents.import.handler(enter),
    file: os.documents.file.handler(enter),
    keepFile: os.documents.keepFile.handler(enter),
    forgetFile: os.documents.forgetFile.handler(enter),
  },
  runs: {
    list: os.runs.list.handler(enter),
    start: os.runs.start.handler(enter),
    simulate: os.runs.simulate.handler(enter),
    startAt: os.runs.startAt.handler(enter),
    verify: os.runs.verify.handler(enter),
    convergence: os.runs.convergence.handler(enter),
    curve: os.runs.curve.handler(enter),
    startCurve: os.runs.startCurve.handler(enter),
    cancelCurve: os.runs.cancelCurve.handler(enter),
    program: os.runs.program.handler(enter),
    cancel: os.runs.cancel.handler(enter),
    remove: os.runs.remove.handler(enter),
    restore: os.runs.restore.handler(enter),
    queue: os.runs.queue.handler(enter),
    reorder: os.runs.reorder.handler(enter),
    pause: os.runs.pause.handler(enter),
    resume: os.runs.resume.handler(enter),
    import: os.runs.import.handler(enter),
    export: os.runs.export.handler(enter),
  },
  crossovers: {
    get: os.crossovers.get.handler(enter),
    start: os.crossovers.start.handler(enter),
    cancel: os.crossovers.cancel.handler(enter),
  },
  checkpoints: {
    list: os.checkpoints.list.handler(enter),
    make: os.checkpoints.make.handler(enter),
    get: os.checkpoints.get.handler(enter),
    rename: os.checkpoints.rename.handler(enter),
    remove: os.checkpoints.remove.handler(enter),
    restore: os.checkpoints.restore.handler(enter),
    frozen: os.checkpoints.frozen.handler(enter),
  },
  candidates: {
    list: os.candidates.list.handler(enter),
    get: os.candidates.get.handler(enter),
    template: os.candidates.template.handler(enter),
    check: os.candidates.check.handler(enter),
    cancel: os.candidates.cancel.handler(enter),
    remove: os.candidates.remove.handler(enter),
  },
  studies: {
    list: os.studies.list.handler(enter),
    start: os.studies.start.handler(enter),
    points: os.studies.points.handler(enter),
    stop: os.studies.stop.handler(enter),
    resume: os.studies.resume.handler(enter),
    remove: os.studies.remove.handler(enter),
    restore: os.studies.restore.handler(enter),
    changes: os.studies.changes.handler(enter),
    copy: os.studies.copy.handler(enter),
    run: os.studies.run.handler(enter),
  },
  reports: {
    comparison: os.reports.comparison.handler(enter),
    study: os.reports.study.handler(enter),
  },
});

const map = { tasks: 't1', fabric: 'f1', variant: 'as-built' };
const site = { model: 'm1', architecture: 'a1', settings: DEFAULT_SETTINGS, node: 'n1' };

const study = {
  title: 'T',
  kind: 'program',
  model: 'm1',
  architecture: 'a1',
  settings: DEFAULT_SETTINGS,
  axes: [{ of: 'architecture', nodes: ['n1'], parameter: 'rows', title: 'Rows', unit: '', values: [8, 16] }],
  explorer: { id: 'explorer/grid', parameters: {} },
  fidelity: 'estimate',
  objectives: ['time.cycles', 'energy.total'],
};

const node = { id: 'n1', type: 'conv', name: 'Conv', x: 1, y: 2, parent: null, parameters: { stride: [1, 1], k: 3 } };
const link = { id: 'l1', from: { node: 'n1', port: 'out' }, to: { node: 'n2', port: 'in' } };
const step = (command: unknown) => ({ document: 'd1', base: 3, operation: { type: 'do', command, gesture: 'g1' } });

/** One valid input or more for every procedure that takes one. */
const SEEDS: Readonly<Record<string, readonly unknown[]>> = {
  'crossovers.get': [map],
  'crossovers.start': [{ ...map, grid: 'coarse' }],
  'crossovers.cancel': [map],
  'projects.forget': [{ path: '/a/b.weft' }],
  'projects.create': [{ title: 'T' }],
  'projects.open': [{ path: '/a/b.weft' }],
  'projects.openExample': [{ slug: 'lenet' }],
  'projects.rename': [{ title: 'T' }],
  'projects.importBundle': [{ upload: 'u1' }],
  'documents.get': [{ document: 'd1' }],
  'documents.create': [{ kind: 'model', title: 'T', preset: 'p1' }],
  'documents.copy': [{ document: 'd1' }],
  'documents.remove': [{ document: 'd1' }],
  'documents.restore': [{ document: 'd1' }],
  'checkpoints.list': [{ document: 'd1' }],
  'checkpoints.make': [{ document: 'd1', title: 'T' }],
  'checkpoints.get': [{ checkpoint: 'c1' }],
  'checkpoints.rename': [{ checkpoint: 'c1', title: 'T' }],
  'checkpoints.remove': [{ checkpoint: 'c1' }],
  'checkpoints.restore': [{ checkpoint: 'c1' }],
  'checkpoints.frozen': [{ run: 'r1' }],
  'documents.step': [
    step({ type: 'nodes.insert', nodes: [node], links: [link] }),
    step({ type: 'nodes.remove', nodes: ['n1'] }),
    step({ type: 'nodes.move', positions: [{ node: 'n1', x: 1, y: 2 }] }),
    step({ type: 'node.rename', node: 'n1', name: 'x' }),
    step({ type: 'node.set-parameter', node: 'n1', parameter: 'k', value: 3 }),
    step({ type: 'node.set-own', node: 'n1', parameter: 'k', own: true }),
    step({ type: 'document.restore', label: 'back', title: 'x', nodes: [node], links: [link] }),
    step({
      type: 'batch',
      label: 'Make the block B',
      commands: [
        { type: 'node.set-parameter', node: 'g1', parameter: 'block', value: 'B' },
        { type: 'node.set-parameter', node: 'g1', parameter: 'slots', value: [0, 1, 2] },
      ],
    }),
    step({ type: 'batch', label: 'both', commands: [{ type: 'document.rename', title: 'x' }] }),
    { document: 'd1', base: 3, operation: { type: 'undo' } },
  ],
  'documents.import': [{ upload: 'u1', shapes: { input: [1, 3, 224, 224] }, keepFile: true }],
  'documents.file': [{ document: 'd1' }],
  'documents.keepFile': [{ document: 'd1', upload: 'u1' }],
  'documents.forgetFile': [{ document: 'd1' }],
  'runs.start': [
    { model: 'm1', architecture: 'a1', settings: DEFAULT_SETTINGS },
    { model: 'm1', architecture: 'a1', settings: { ...DEFAULT_SETTINGS, split: false, values: 'always', seed: 7 } },
  ],
  'runs.simulate': [
    { tasks: 'd1', fabric: 'd2', settings: { mode: 'best', variant: 'ideal', objective: 'cycles', resimulate: 4 } },
  ],
  'runs.startAt': [{ run: 'r1', scratchpadBytes: 65536 }],
  'runs.verify': [{ run: 'r1' }],
  'runs.convergence': [{ run: 'r1' }],
  'runs.curve': [{ run: 'r1' }],
  'runs.startCurve': [{ run: 'r1', range: { from: 1024, to: 65536, steps: 9, spacing: 'geometric' } }],
  'runs.cancelCurve': [{ run: 'r1' }],
  'runs.program': [{ run: 'r1', from: 0, count: 100, find: 'spill' }],
  'runs.cancel': [{ run: 'r1' }],
  'runs.remove': [{ run: 'r1' }],
  'runs.restore': [{ run: 'r1' }],
  'runs.reorder': [{ run: 'r2', before: 'r1' }],
  'runs.import': [{ upload: 'u1' }],
  'runs.export': [
    { run: 'r1', format: 'html' },
    { run: 'r1', format: 'markdown', sections: ['where', 'operators'] },
  ],
  'candidates.list': [{ model: 'm1' }],
  'candidates.get': [{ candidate: 'c1' }],
  'candidates.template': [site],
  'candidates.check': [
    { ...site, title: 'T', text: 'weft-candidate/1' },
    { ...site, settings: { ...DEFAULT_SETTINGS, candidates: { n1: 'weft-candidate/1' } }, title: 'T', text: '' },
  ],
  'candidates.remove': [{ candidate: 'c1' }],
  'studies.start': [{ spec: study }],
  'studies.points': [{ study: 's1', from: 0 }],
  'studies.stop': [{ study: 's1' }],
  'studies.resume': [{ study: 's1' }],
  'studies.remove': [{ study: 's1' }],
  'studies.restore': [{ study: 's1' }],
  'studies.changes': [{ study: 's1', index: 3 }],
  'studies.copy': [{ study: 's1', index: 3 }],
  'studies.run': [{ study: 's1', index: 3 }],
  'reports.comparison': [{ run: 'r1', base: 'r2', format: 'pdf', sections: ['totals'] }],
  'reports.study': [{ study: 's1', format: 'csv' }],
};

/** Values that no field of ours takes, whatever it is. */
const NEVER: readonly unknown[] = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  { deep: { er: {} } },
  [[[[]]]],
  Symbol.iterator.toString().repeat(1e4),
  () => {},
  10n,
  new Date(Number.NaN),
  { __proto__: { polluted: true }, length: -1 },
];

type Place = readonly (string | number)[];

function placesIn(value: unknown, at: Place = []): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, member]) => placesIn(member, [...at, key]))];
}

function edit(value: unknown, [key, ...rest]: Place, change: (old: unknown) => unknown): unknown {
  if (key === undefined) return change(value);
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[key] = edit(copy[key], rest, change);
  return copy;
}

const OPTIONAL = [
  'gesture',
  'preset',
  'shapes',
  'keepFile',
  'sections',
  'find',
  'split',
  'values',
  'seed',
  'candidates',
];

/** The seed made wrong in one place, in a way that no schema of the contract allows. */
function mutate(seed: unknown, rng: Rng): unknown {
  // Free-form parameter values take almost anything; the wrongness goes elsewhere.
  const places = placesIn(seed).filter(
    (place) =>
      !place.includes('parameters') &&
      !place.includes('shapes') &&
      !place.includes('candidates') &&
      place.at(-1) !== 'value' &&
      // Of a candidate: any text is one, right or wrong.
      place.at(-1) !== 'text',
  );
  const place = places[rng.below(places.length)]!;
  const objects = places.filter((one) => {
    const found = one.reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], seed);
    return typeof found === 'object' && found !== null && !Array.isArray(found);
  });
  switch (rng.below(4)) {
    case 0: {
      const target = objects[rng.below(objects.length)]!;
      return edit(seed, target, (old) => ({ ...(old as object), [`extra${rng.below(9)}`]: 1 }));
    }
    case 1: {
      const target = objects[rng.below(objects.length)]!;
      return edit(seed, target, (old) => {
        const required = Object.keys(old as object).filter(
          (key) => !OPTIONAL.includes(key) && !target.includes('parameters'),
        );
        const dropped = required[rng.below(required.length)];
        return Object.fromEntries(Object.entries(old as object).filter(([key]) => key !== dropped));
      });
    }
    default:
      return edit(seed, place, () => NEVER[rng.below(NEVER.length)]);
  }
}

const client = createRouterClient(counted, { context: {} });
type Call = (input: unknown) => Promise<unknown>;
function procedure(name: string): Call {
  return name.split('.').reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], client) as Call;
}

describe('P-20 the API', () => {
  it.each(Object.entries(SEEDS))('lets valid calls of %s in', async (name, seeds) => {
    for (const seed of seeds) {
      entered = 0;
      await expect(procedure(name)(seed)).rejects.toThrow();
      expect(entered).toBe(1);
    }
  });

  it(`refuses ${CASES} mutated calls a channel before any handler`, async () => {
    const rng = createRng(20);
    let tried = 0;
    for (const [name, seeds] of Object.entries(SEEDS)) {
      const share = Math.ceil(CASES / Object.keys(SEEDS).length);
      for (let i = 0; i < share; i++) {
        const seed = seeds[rng.below(seeds.length)];
        const input = mutate(seed, rng);
        entered = 0;
        const failure: unknown = await procedure(name)(input).catch((error: unknown) => error);
        expect(
          entered,
          `${name} let in ${String(JSON.stringify(input, (_k, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v))).slice(0, 400)}`,
        ).toBe(0);
        expect(failure).toMatchObject({ code: 'BAD_REQUEST' });
        tried++;
      }
    }
    expect(tried).toBeGreaterThanOrEqual(CASES);
  });

  it(`survives ${CASES} garbled socket messages without entering a handler`, async () => {
    const listeners = new Map<string, (event: { data: unknown }) => void>();
    const sent: unknown[] = [];
    void new RPCHandler(counted).upgrade({
      addEventListener: ((type: string, listener: (event: { data: unknown }) => void) =>
        listeners.set(type, listener)) as never,
      send: ((message: unknown) => sent.push(message)) as never,
    });
    const rng = createRng(21);
    const valid = JSON.stringify({ i: '1', p: { u: '/documents/step', b: { json: SEEDS['documents.step']![0] } } });
    entered = 0;
    const quiet = console.error;
    console.error = () => {};
    try {
      for (let i = 0; i < CASES; i++) {
        const at = rng.below(valid.length);
        const cut = rng.below(4);
        const garbled =
          cut === 0
            ? valid.slice(0, at)
            : cut === 1
              ? `${valid.slice(0, at)}${String.fromCharCode(rng.below(65536))}${valid.slice(at + 1)}`.replace(
                  '"d1"',
                  '{}',
                )
              : cut === 2
                ? new Uint8Array(Array.from({ length: rng.below(64) }, () => rng.below(256)))
                : valid.replaceAll('"', rng.below(2) === 0 ? "'" : '');
        listeners.get('message')?.({ data: garbled });
        await Promise.resolve();
      }
      await new Promise((done) => setTimeout(done, 50));
    } finally {
      console.error = quiet;
    }
    expect(entered).toBe(0);
  });
});
