import ElkWorker from 'elkjs/lib/elk-worker.min.js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { apply } from '#core/document/apply.ts';
import { type Document, emptyDocument } from '#core/document/document.ts';
import { initialState, step } from '#core/document/history.ts';
import { attentionBlock } from '#core/model/templates.ts';
import { largeModel } from '../../tests/support/large-model.ts';
import { modelAdapter } from '../canvas/adapter-model.ts';
import { overlaps } from '../canvas/geometry.ts';
import { linkEnds, projectScene, type Scene } from '../canvas/scene.ts';
import { BUDGET_MS, type LayoutRequest, type LinearTask, placedByHand, startLayout } from './layout.ts';
import { linearPlaces } from './layout-linear.ts';

/** Workers on this thread: one that lays out, one that never answers; each tells when it is ended. */
function workers(isSilent: { readonly elk?: boolean; readonly linear?: boolean } = {}) {
  const ended: string[] = [];
  const made: string[] = [];
  const worker = (name: string, answer: ((data: unknown) => unknown) | null): Worker => {
    made.push(name);
    const inner: { onmessage?: (event: { data: unknown }) => void; postMessage: (data: unknown) => void } =
      name === 'elk' && answer
        ? new ElkWorker.Worker()
        : { postMessage: (data) => answer && queueMicrotask(() => inner.onmessage?.({ data: answer(data) })) };
    return Object.assign(inner, { terminate: () => ended.push(name) }) as unknown as Worker;
  };
  return {
    ended,
    made,
    elk: () => worker('elk', isSilent.elk ? null : () => null),
    linear: () => worker('linear', isSilent.linear ? null : (task) => linearPlaces(task as LinearTask)),
  };
}
const closed = () => false;
const sceneOf = (document: Document, isExpanded: (id: string) => boolean = closed) =>
  projectScene(document, modelAdapter, (group) => isExpanded(group.id));
const request = (document: Document, more: Partial<LayoutRequest> = {}): LayoutRequest => ({
  document,
  scene: sceneOf(document),
  chosen: null,
  pinned: new Set(),
  ...more,
});
const places = ({ nodes }: Document, ids: Iterable<string> = nodes.keys()) =>
  [...ids].map((id) => [id, nodes.get(id)?.x, nodes.get(id)?.y]);

async function applied(given: LayoutRequest, by = workers()): Promise<Document> {
  const command = await startLayout(given, by).done;
  if (!command) throw new Error('nothing moved');
  const made = apply(given.document, command);
  if (!made.ok) throw new Error(made.error.message);
  return made.value.document;
}

/** Two attention blocks in a row, everything piled on one spot. */
function piled(): Document {
  const [first, second] = ['a', 'b'].map((idPrefix) => attentionBlock({ x: 0, y: 0, idPrefix, model: 64, heads: 4 }));
  if (!first || !second) throw new Error('no blocks');
  const nodes = [...first.nodes, ...second.nodes].map((node) => ({ ...node, x: 0, y: 0 }));
  const links = [...first.links, ...second.links, { id: 'ab', from: first.exit, to: second.entry }];
  return {
    ...emptyDocument('d', 'model', 'D'),
    nodes: new Map(nodes.map((node) => [node.id, node])),
    links: new Map(links.map((link) => [link.id, link])),
  };
}

async function laidOut(document: Document, isExpanded: (id: string) => boolean): Promise<Scene> {
  return sceneOf(await applied(request(document, { scene: sceneOf(document, isExpanded) })), isExpanded);
}

describe('layout', () => {
  for (const [name, isExpanded] of [
    ['closed groups', () => false],
    ['open groups', () => true],
    ['one of each', (id: string) => id.startsWith('a')],
  ] as const)
    it(`of ${name}: nothing overlaps, frames hold their children, links run to the right`, async () => {
      const scene = await laidOut(piled(), isExpanded);
      const solid = scene.nodes.filter((node) => node.shape !== 'frame');
      for (const [at, one] of solid.entries())
        for (const other of solid.slice(at + 1))
          expect(overlaps(one, other), `${one.title} ${other.title}`).toBe(false);
      const frames = scene.nodes.filter((node) => node.shape === 'frame');
      for (const [at, one] of frames.entries())
        for (const other of frames.slice(at + 1)) expect(overlaps(one, other)).toBe(false);
      for (const link of scene.links) {
        const ends = linkEnds(scene, link);
        expect(ends && ends.from.x < ends.to.x, link.id).toBe(true);
      }
    });
});

describe('layout of a part', () => {
  it('moves the chosen nodes around where they stood, nothing else', async () => {
    const document = largeModel(30);
    const chosen = new Set([...document.nodes.keys()].slice(5, 12));
    const pile: Document = {
      ...document,
      nodes: new Map(
        [...document.nodes].map(([id, node]) => [id, chosen.has(id) ? { ...node, x: 900, y: 900 } : node]),
      ),
    };
    const after = await applied(request(pile, { chosen }));
    const others = [...pile.nodes.keys()].filter((id) => !chosen.has(id));
    expect(places(after, others)).toEqual(places(pile, others));
    const scene = sceneOf(after);
    const boxes = [...chosen].flatMap((id) => scene.byId.get(id) ?? []);
    const middle = (from: readonly (readonly [number, number])[]) =>
      (Math.min(...from.map(([low]) => low)) + Math.max(...from.map(([, high]) => high))) / 2;
    expect(middle(boxes.map(({ x, width }) => [x, x + width]))).toBeCloseTo(990, -1);
    for (const [at, one] of boxes.entries())
      for (const other of boxes.slice(at + 1)) expect(overlaps(one, other)).toBe(false);
  });

  it('one node, or one of each level, is nothing to lay out', async () => {
    const document = largeModel(30);
    expect(await startLayout(request(document, { chosen: new Set(['n3']) }), workers()).done).toBeNull();
  });

  it('what was placed by hand stays, and nothing is laid on it', async () => {
    const document = largeModel(60);
    const ids = [...document.nodes.keys()];
    const pinned = new Set([ids[10]!, ids[20]!, ids[30]!]);
    const first = await applied(request({ ...document, nodes: new Map(document.nodes) }));
    // One of them far off, one on top of another node.
    const spot = first.nodes.get(ids[40]!)!;
    const moved = new Map(first.nodes);
    moved.set(ids[20]!, { ...moved.get(ids[20]!)!, y: 4000 });
    moved.set(ids[30]!, { ...moved.get(ids[30]!)!, x: spot.x + 10, y: spot.y + 10 });
    const placed = { ...first, nodes: moved };
    const after = await applied(request(placed, { pinned }));
    expect(places(after, pinned)).toEqual(places(placed, pinned));
    const { nodes } = sceneOf(after);
    for (const [at, one] of nodes.entries())
      for (const other of nodes.slice(at + 1)) expect(overlaps(one, other), `${one.title} ${other.title}`).toBe(false);
    const anew = await applied(request(placed));
    expect(anew.nodes.get(ids[20]!)!.y).not.toBe(4000);
  });

  it('the history says what was placed by hand since it was laid out last', () => {
    let state = initialState(largeModel(10));
    const run = (command: Parameters<typeof apply>[1]) => {
      const made = step(state, { type: 'do', command });
      if (made.ok) state = made.value.state;
    };
    const move = (node: string, x: number) => ({ type: 'nodes.move', positions: [{ node, x, y: 7 }] }) as const;
    run(move('n1', 1));
    run({ type: 'node.rename', node: 'n2', name: 'x' });
    run(move('n3', 3));
    expect(placedByHand(state)).toEqual(new Set(['n1', 'n3']));
    run({ type: 'batch', label: 'Lay out 1 nodes', commands: [move('n1', 50)] });
    expect(placedByHand(state)).toEqual(new Set(['n3']));
    const undone = step(state, { type: 'undo' });
    expect(undone.ok && placedByHand(undone.value.state)).toEqual(new Set(['n1', 'n3']));
  });
});

describe('layout never blocks (P-28)', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('cancelling ends the worker at once, and the next layout runs', async () => {
    const silent = workers({ elk: true });
    const layout = startLayout(request(largeModel(50)), silent);
    layout.cancel();
    expect(silent.ended).toEqual(['elk']);
    expect(await layout.done).toBeNull();
    expect(silent.made).toEqual(['elk']);
    expect(await startLayout(request(piled()), workers()).done).not.toBeNull();
  });

  it('beyond its budget the layered layout ends and the linear one answers', async () => {
    vi.useFakeTimers();
    const slow = workers({ elk: true });
    const stages: string[] = [];
    const layout = startLayout(request(piled()), slow, (stage) => stages.push(stage));
    await vi.advanceTimersByTimeAsync(BUDGET_MS - 1);
    expect(slow.made).toEqual(['elk']);
    await vi.advanceTimersByTimeAsync(1);
    expect(await layout.done).not.toBeNull();
    expect(slow).toMatchObject({ made: ['elk', 'linear'], ended: ['elk', 'linear'] });
    expect(stages).toEqual(['layered', 'linear']);
  });

  it('10,000 nodes are laid out by the linear worker, which can be ended too', async () => {
    const document = largeModel(10_000);
    const silent = workers({ linear: true });
    const layout = startLayout(request(document), silent);
    await Promise.resolve();
    layout.cancel();
    expect(silent).toMatchObject({ made: ['linear'], ended: ['linear'] });
    expect(await layout.done).toBeNull();
  });

  it('P-28 a linear layout that never answers ends with the failure told, and nothing moves', async () => {
    vi.useFakeTimers();
    const silent = workers({ elk: true, linear: true });
    const stages: string[] = [];
    const layout = startLayout(request(piled()), silent, (stage) => stages.push(stage));
    await vi.advanceTimersByTimeAsync(2 * BUDGET_MS);
    expect(await layout.done).toBeNull();
    expect(silent.ended).toEqual(['elk', 'linear']);
    expect(stages).toEqual(['layered', 'linear', 'failed']);
  });

  it('a closed group is one node, and what it holds goes along', async () => {
    const document = piled();
    const [inner] = [...document.nodes.values()].filter(({ parent }) => parent !== null);
    const group = inner!.parent!;
    const after = await applied(request(document));
    const by = (id: string) => [
      after.nodes.get(id)!.x - document.nodes.get(id)!.x,
      after.nodes.get(id)!.y - document.nodes.get(id)!.y,
    ];
    expect(by(inner!.id)).toEqual(by(group));
  });
});
