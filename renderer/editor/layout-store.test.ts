// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { largeModel } from '../../tests/support/large-model.ts';
import { modelAdapter } from '../canvas/adapter-model.ts';
import { type CanvasController, useCanvases } from '../canvas/canvases-store.ts';
import { projectScene } from '../canvas/scene.ts';
import { useDocuments } from '../client/documents-store.ts';
import { fakeHost } from '../client/fake/fake-host.ts';
import { useNotices } from '../client/notices-store.ts';
import { useSession } from '../client/session-store.ts';
import { moveNodes } from './edits.ts';
import type { LinearTask } from './layout.ts';
import { linearPlaces } from './layout-linear.ts';
import { useLayout } from './layout-store.ts';

let isSilent = false;
let ended = 0;
interface ElkQuestion {
  readonly id: number;
  readonly cmd: string;
}
const refusal = ({ id, cmd }: ElkQuestion) => (cmd === 'layout' ? { id, error: { message: 'refused' } } : { id });
/** ELK gives up at once, the linear layout answers. */
class InlineWorker {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  readonly #isLinear: boolean;
  constructor(url: URL) {
    this.#isLinear = url.href.includes('linear');
  }
  postMessage(data: unknown): void {
    if (isSilent) return;
    const answer = this.#isLinear ? linearPlaces(data as LinearTask) : refusal(data as ElkQuestion);
    queueMicrotask(() => this.onmessage?.({ data: answer }));
  }
  terminate(): void {
    ended++;
  }
}

const now = () => useDocuments().get('d')!.state.document;
const told = () => useNotices().notices.map(({ problem }) => problem.code);

beforeEach(async () => {
  setActivePinia(createPinia());
  vi.stubGlobal('Worker', InlineWorker);
  isSilent = false;
  ended = 0;
  const model = largeModel(12);
  const piled = [...model.nodes].map(([id, node]) => [id, { ...node, x: 0, y: 0 }] as const);
  const host = fakeHost([{ ...model, id: 'd', nodes: new Map(piled) }]);
  useSession().attach(host);
  host.connect();
  await useDocuments().open('d');
  const controller = { scene: () => projectScene(now(), modelAdapter, () => false), begin: () => {} };
  useCanvases().mounted.set('d', controller as unknown as CanvasController);
});
afterEach(() => vi.unstubAllGlobals());

it('says so where nothing moves: all is laid out, or all was placed by hand', async () => {
  await useLayout().layOut('d', 'anew');
  expect(told()).toEqual([]);
  await useLayout().layOut('d');
  expect(told()).toEqual(['layout.same']);
  useDocuments().run('d', moveNodes(now(), now().nodes.keys(), 400, 0)!);
  const before = now();
  await useLayout().layOut('d');
  expect(now()).toBe(before);
  expect(told()).toEqual(['layout.same', 'layout.kept']);
});

it('ends with its document, without a word', async () => {
  isSilent = true;
  const done = useLayout().layOut('d');
  expect(useLayout().running).not.toBeNull();
  useDocuments().close('d');
  await done;
  expect(useLayout().running).toBeNull();
  expect(ended).toBe(1);
  expect(told()).toEqual([]);
});
