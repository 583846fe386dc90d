// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nextTick } from 'vue';
import type { Document } from '#core/document/document.ts';
import { drawFabric } from '#core/fabric/draw.ts';
import { LiveSimulation } from '#core/run/fabric/live.ts';
import { drawTaskGraph } from '#core/taskgraph/draw.ts';
import { aCore, aFabric, aGraph, anEnd, aStream, aTask } from '../../tests/support/random-task-graph.ts';
import { useDocuments } from '../client/documents-store.ts';
import { fakeHost } from '../client/fake/fake-host.ts';
import { useSelection } from '../client/selection-store.ts';
import { useSession } from '../client/session-store.ts';
import { answerOf, type LiveJob } from './live-jobs.ts';
import { useLiveSimulation } from './live-simulation-store.ts';
import { differenceText } from './live-words.ts';
import SimulationFacts from './SimulationFacts.vue';

/** The worker, in this thread; every job is written down. */
const jobs: LiveJob[] = [];
const questions = () => jobs.filter(({ asks }) => asks === 'cycles').length;
class InlineWorker extends EventTarget {
  /** A job with this depth never ends. */
  static stuckAt: number | null = null;
  readonly #live = new LiveSimulation();
  #isOver = false;
  postMessage(job: LiveJob): void {
    jobs.push(job);
    if (job.graph.streams[0]?.depth === InlineWorker.stuckAt) {
      stuck = this;
      return;
    }
    const data = answerOf(this.#live, structuredClone(job));
    setTimeout(() => this.#isOver || this.dispatchEvent(new MessageEvent('message', { data })));
  }
  terminate(): void {
    this.#isOver = true;
  }
}

let stuck: InlineWorker | null = null;

/** Nine tokens in nine ticks, then 31 ticks for the tenth; the reader takes one every four. */
const burst = [1, 1, 1, 1, 1, 1, 1, 1, 1, 31];
const graph = aGraph([aTask('produce', { firings: 40, times: burst }), aTask('consume', { firings: 40, times: [4] })], {
  streams: [aStream(anEnd(0), anEnd(1), { name: 'tokens', depth: 2 })],
});
const fabric = aFabric([aCore('core', 8)]);

async function opened() {
  const [tasks, drawn]: [Document, Document] = [drawTaskGraph(graph, 't'), drawFabric(fabric, 'f')];
  const host = fakeHost([tasks, drawn]);
  useSession().attach(host);
  host.connect();
  const documents = useDocuments();
  for (const id of ['t', 'f']) await documents.open(id);
  const live = useLiveSimulation();
  live.settings = { mode: 'dataflow', variant: 'as-built' };
  live.pair = { tasks: 't', fabric: 'f' };
  await vi.waitFor(() => expect(live.reply).not.toBeNull());
  const stream = [...tasks.nodes.values()].find(({ name }) => name === 'tokens')!.id;
  const setDepth = async (value: number, gesture?: string) => {
    const asked = jobs.length;
    documents.run('t', { type: 'node.set-parameter', node: stream, parameter: 'depth', value }, gesture);
    await vi.waitFor(() => expect(jobs.length).toBeGreaterThan(asked));
    await vi.waitFor(() => expect(live.isBusy).toBe(false));
  };
  return { live, documents, stream, setDepth };
}

describe('the live simulation', () => {
  beforeEach(() => {
    setActivePinia(createPinia());
    vi.stubGlobal('Worker', InlineWorker);
    jobs.length = 0;
    InlineWorker.stuckAt = null;
  });
  afterEach(() => vi.unstubAllGlobals());

  it('follows a depth as it is dragged, and says what it was before the drag', async () => {
    const { live, setDepth } = await opened();
    const first = live.reply!.answer.cycles;
    await setDepth(4, 'drag');
    const deeper = live.reply!.answer.cycles;
    expect(deeper).toBeLessThan(first);
    await setDepth(40, 'drag');
    const deepest = live.reply!.answer.cycles;
    expect(deepest).toBeLessThan(deeper);
    expect(live.before).toBe(first);
    // A drag of its own is compared with what the first one left.
    await setDepth(2, 'again');
    expect(live.reply!.answer.cycles).toBe(first);
    expect(live.before).toBe(deepest);
  });

  it('goes on with what was drawn while a simulation failed', async () => {
    const { live, documents, stream } = await opened();
    // Nothing is asked any more.
    await vi.waitFor(() => expect(live.maximumOf.size).toBeGreaterThan(0));
    const first = live.reply!.answer.cycles;
    const draw = async (value: number) => {
      documents.run('t', { type: 'node.set-parameter', node: stream, parameter: 'depth', value });
      await vi.waitFor(() => expect(documents.isSaved('t')).toBe(true));
      await nextTick();
    };
    InlineWorker.stuckAt = 4;
    await draw(4);
    await draw(40);
    expect(jobs.some(({ graph: { streams } }) => streams[0]?.depth === 40)).toBe(false);
    stuck!.dispatchEvent(new Event('error'));
    await vi.waitFor(() => expect(live.reply?.answer.cycles).toBeLessThan(first));
    expect(jobs.findLast(({ asks }) => asks === 'cycles')?.graph.streams[0]?.depth).toBe(40);
  });

  it('compares an undone step with what it was, and forgets neither', async () => {
    const { live, documents, setDepth } = await opened();
    const first = live.reply!.answer.cycles;
    await setDepth(40);
    const deep = live.reply!.answer.cycles;
    documents.undo('t');
    await vi.waitFor(() => expect(live.reply!.answer.cycles).toBe(first));
    expect(live.before).toBe(deep);
  });

  it('asks nothing when a node is moved, and shows nothing while a drawing is wrong', async () => {
    const { live, documents, stream } = await opened();
    const asked = questions();
    documents.run('t', { type: 'nodes.move', positions: [{ node: stream, x: 12, y: 34 }] });
    await new Promise((done) => setTimeout(done, 60));
    expect(questions()).toBe(asked);
    const before = live.reply!.answer.cycles;
    documents.run('t', { type: 'nodes.remove', nodes: [stream] });
    documents.run('t', { type: 'node.set-parameter', node: 'produce', parameter: 'firings', value: 0 });
    await vi.waitFor(() => expect(live.reply?.answer.cycles).not.toBe(before));
    documents.undo('t');
    documents.undo('t');
    await vi.waitFor(() => expect(live.reply?.answer.cycles).toBe(before));
  });

  it('is told under the inspector, with the selected task’s and stream’s part', async () => {
    const { live, stream, setDepth } = await opened();
    const first = live.reply!.answer.cycles;
    await setDepth(40);
    const wrapper = mount(SimulationFacts, { props: { documentId: 't' } });
    expect(wrapper.text()).toContain(`${live.reply!.answer.cycles.toLocaleString('en-GB')} cycles`);
    expect(wrapper.text()).toContain(differenceText(live.reply!.answer.cycles, first));
    expect(wrapper.text()).toContain('Dataflow, as built, 1 stage');
    useSelection().set('t', [stream], []);
    await nextTick();
    await vi.waitFor(() => expect(wrapper.text()).toMatch(/Fullest\s*\d+ of 40/));
    const task = live.graph!.tasks[0]!.node;
    useSelection().set('t', [task], []);
    await nextTick();
    expect(wrapper.text()).toContain('Busy');
    wrapper.unmount();
  });
});

describe('a difference', () => {
  it('is a share, or cycles where the share says nothing', () => {
    expect(differenceText(969, 1000)).toBe('−3.1 %');
    expect(differenceText(1000, 1000)).toBe('no change');
    expect(differenceText(1_000_003, 1_000_000)).toBe('+3 cycles');
    expect(differenceText(5, 0)).toBe('+5 cycles');
    expect(differenceText(20_000, 1000)).toBe('+1,900 %');
  });
});
