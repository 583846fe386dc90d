// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nextTick } from 'vue';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import { aGraph, anEnd, aStream, aTask } from '../../tests/support/random-task-graph.ts';
import DataflowFacts from './DataflowFacts.vue';
import { dataflowFacts, LIVE_FIRINGS } from './dataflow-facts.ts';

/** Two firings of 3 ticks for one of 2. */
function pair(depth: number, more: TaskGraph['streams'] = []) {
  const tasks = [aTask('make', { firings: 2, times: [3] }), aTask('use', { firings: 1, times: [2] })];
  const stream = aStream(anEnd(0), { ...anEnd(1), rates: [2] }, { name: 'tokens', depth });
  return aGraph(tasks, { streams: [stream, ...more] });
}
const stuck = pair(0, [aStream({ ...anEnd(1), rates: [2] }, anEnd(0), { name: 'back', depth: 0, initial: 0 })]);

describe('dataflow facts of a drawing', () => {
  it('has the closed form’s rate, without bound and with the depth drawn', () => {
    expect(dataflowFacts(pair(0))).toMatchObject({ kind: 'known', view: { throughput: '1/6' }, perTick: 1 / 6 });
    // Both places are held until the reader has ended: 3 + 3 + 2.
    expect(dataflowFacts(pair(2))).toMatchObject({ kind: 'known', view: { throughput: '1/8' } });
  });

  it('names the cycle of a deadlock, and where rates do not balance', () => {
    const found = dataflowFacts(stuck);
    expect(found).toMatchObject({ view: { deadlock: true, throughput: '0' }, perTick: null });
    const uneven = pair(0, [aStream(anEnd(1), anEnd(0), { name: 'back', depth: 0, initial: 4 })]);
    expect(dataflowFacts(uneven)).toMatchObject({ view: { consistent: false, inconsistency: { channel: 'back' } } });
  });

  it('leaves out what is too long', () => {
    const long = aGraph([aTask('make', { firings: 30_000, times: [3] }), aTask('use', { firings: 1, times: [2] })], {
      streams: [aStream(anEnd(0), { ...anEnd(1), rates: [LIVE_FIRINGS + 1] }, { name: 'tokens', depth: 0 })],
    });
    expect(dataflowFacts(long)).toEqual({
      kind: 'none',
      note: '20,002 firings an iteration; above 20,000 weft sdf tells more',
    });
  });
});

describe('the inspector', () => {
  const asked: TaskGraph[] = [];
  /** Which question ends in an error. */
  let failing = 0;
  class InlineWorker extends EventTarget {
    postMessage(graph: TaskGraph): void {
      asked.push(graph);
      if (asked.length === failing) {
        setTimeout(() => this.dispatchEvent(new Event('error')));
        return;
      }
      const data = dataflowFacts(structuredClone(graph));
      setTimeout(() => this.dispatchEvent(new MessageEvent('message', { data })));
    }
    terminate(): void {}
  }
  beforeEach(() => {
    asked.length = 0;
    failing = 0;
    vi.stubGlobal('Worker', InlineWorker);
  });
  afterEach(() => vi.unstubAllGlobals());

  it('shows the rate, then of edits made meanwhile the last alone', async () => {
    const panel = mount(DataflowFacts, { props: { tasks: pair(0), documentId: 't' } });
    await vi.waitFor(() => expect(panel.text()).toContain('1/6 a tick'));
    expect(panel.text()).toContain('make2');
    for (const tasks of [pair(3), pair(4), stuck]) {
      await panel.setProps({ tasks });
      await nextTick();
    }
    await vi.waitFor(() => expect(panel.text()).toContain('deadlock'));
    expect(panel.text()).toContain('make (firing 0) needs 1 on back from use, 0 there');
    expect(asked).toHaveLength(3);
    panel.unmount();
  });

  it('says that an analysis failed, and analyses the next drawing all the same', async () => {
    failing = 1;
    const panel = mount(DataflowFacts, { props: { tasks: pair(0), documentId: 't' } });
    await vi.waitFor(() => expect(panel.text()).toContain('The analysis failed'));
    await panel.setProps({ tasks: pair(2) });
    await vi.waitFor(() => expect(panel.text()).toContain('1/8 a tick'));
    panel.unmount();
  });
});
