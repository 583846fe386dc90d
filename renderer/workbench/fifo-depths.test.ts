// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nextTick } from 'vue';
import { uncontrolled } from '#core/base/control.ts';
import { toFile } from '#core/document/document.ts';
import { drawFabric } from '#core/fabric/draw.ts';
import { applyCommand, type DepthsJob, findDepths } from '#core/run/fabric/fifo-depths.ts';
import { simulationRun } from '#core/run/fabric/pipeline.ts';
import type { SimulationResult } from '#core/run/fabric/result.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { dataflowDesign } from '#core/stages/modes.ts';
import { simulateDesign } from '#core/stages/simulate.ts';
import { drawTaskGraph } from '#core/taskgraph/draw.ts';
import { aCore, aFabric, aGraph, anEnd, aStream, aTask } from '../../tests/support/random-task-graph.ts';
import { useDocuments } from '../client/documents-store.ts';
import { fakeHost as documentsHost } from '../client/fake/fake-host.ts';
import { useSession } from '../client/session-store.ts';
import FifoDepthsPanel from './FifoDepthsPanel.vue';
import { useRuns } from './runs-store.ts';
import { fakeHost, project, runView } from './test-support.ts';

/** Nine tokens in nine ticks, then 31 for the tenth; the reader takes one every four. */
const burst = [1, 1, 1, 1, 1, 1, 1, 1, 1, 31];
const drawnAt = (depth: number) =>
  aGraph([aTask('produce', { firings: 40, times: burst }), aTask('consume', { firings: 40, times: [4] })], {
    streams: [aStream(anEnd(0), anEnd(1), { name: 'tokens', depth })],
  });
const fabric = aFabric([aCore('core', 8)]);
const files = { tasks: toFile(drawTaskGraph(drawnAt(2), 't')), fabric: toFile(drawFabric(fabric, 'f')) };

function cyclesAt(depth: number): number {
  const design = dataflowDesign(drawnAt(depth), fabric, 'as-built');
  if (!design.ok) throw new Error(design.error.message);
  const simulated = simulateDesign(drawnAt(depth), fabric, design.value);
  if (!simulated.ok) throw new Error(simulated.error.message);
  return simulated.value.run.makespan;
}

function simulated(): SimulationResult {
  const settings = { mode: 'dataflow', variant: 'as-built', objective: 'cycles', resimulate: 1 } as const;
  const mip: MipSolver = {
    id: 'none',
    version: '1',
    solve: () => {
      throw new Error('a drawn design is not searched for');
    },
  };
  const made = simulationRun({ ...files, settings }, { mip, control: uncontrolled, appVersion: '1' });
  if (!made.ok) throw new Error(made.error.message);
  return made.value;
}

describe('FIFO depths of a run', () => {
  it('are what trying every depth gives', () => {
    const found = findDepths({ ...files, design: simulated().design }, uncontrolled);
    if (!found.ok) throw new Error(found.error.message);
    const all = Array.from({ length: 40 }, (_, index) => cyclesAt(index + 1));
    const best = Math.min(...all);
    // Every depth that is faster than all before it is a point of the front.
    const front = all.flatMap((cycles, index) =>
      index === 0 || cycles < Math.min(...all.slice(0, index)) ? [[index + 1, cycles]] : [],
    );
    expect(found.value.fronts.tokens.map(({ tokens, cycles }) => [tokens, cycles])).toEqual(front);
    expect(found.value.rows).toMatchObject([
      { name: 'tokens', drawn: 2, withoutDeadlock: 1, fullSpeed: all.indexOf(best) + 1 },
    ]);
    expect(found.value).toMatchObject({ isExact: true, caveat: null, fullSpeed: best });
  });

  it('are one step of history, and none where they are drawn', () => {
    const rows = ['a', 'b', 'c'].map((node) => ({
      node,
      name: node,
      bits: 1,
      drawn: 2,
      withoutDeadlock: 1,
      fullSpeed: 4,
    }));
    const point = { depths: [4, 2, 3], tokens: 9, bits: 9, cycles: 100 };
    const drawn = new Map([
      ['a', 2],
      ['b', 2],
    ]);
    // What is as drawn is left alone, and what was removed from the drawing, too.
    expect(applyCommand(rows, point, drawn)).toEqual({
      type: 'batch',
      label: 'Set depths of 1 FIFO: 9 tokens',
      commands: [{ type: 'node.set-parameter', node: 'a', parameter: 'depth', value: 4 }],
    });
    expect(applyCommand(rows, point, new Map([['a', 4]]))).toBeNull();
  });
});

class InlineWorker extends EventTarget {
  #isOver = false;
  postMessage(job: DepthsJob): void {
    setTimeout(() => {
      if (this.#isOver) return;
      const found = findDepths(structuredClone(job), uncontrolled);
      this.dispatchEvent(new MessageEvent('message', { data: { kind: 'done', found } }));
    });
  }
  terminate(): void {
    this.#isOver = true;
  }
}

describe('the panel of FIFO depths', () => {
  beforeEach(() => {
    setActivePinia(createPinia());
    vi.stubGlobal('Worker', InlineWorker);
    vi.stubGlobal(
      'ResizeObserver',
      class {
        observe() {}
        disconnect() {}
      },
    );
  });
  afterEach(() => vi.unstubAllGlobals());

  it('finds, lists, applies as one step that can be undone; a search can be cancelled', async () => {
    const host = documentsHost([drawTaskGraph(drawnAt(2), 't'), drawFabric(fabric, 'f')]);
    useSession().attach(host);
    host.connect();
    const documents = useDocuments();
    await documents.open('t');
    const runs = useRuns();
    const result = simulated();
    runs.connect(fakeHost({ fetchResult: () => Promise.resolve(JSON.stringify(result)) }));
    const view = runView('a', {
      kind: 'simulation',
      model: { document: 't', revision: 1 },
      architecture: { document: 'f', revision: 1 },
    });
    runs.adopt(project([view]));
    runs.open('a');
    const wrapper = mount(FifoDepthsPanel);
    const button = (name: string) => wrapper.findAll('button').find((each) => each.text() === name)!;
    await vi.waitFor(() => expect(wrapper.text()).toContain('Find depths'));

    await button('Find depths').trigger('click');
    await button('Cancel').trigger('click');
    await new Promise((done) => setTimeout(done, 20));
    expect(button('Find depths')).toBeDefined();

    // What is under way when the project is closed ends with it.
    await button('Find depths').trigger('click');
    runs.adopt({ ...project([view]), path: '/projects/second' });
    await nextTick();
    expect(button('Find depths')).toBeDefined();

    await button('Find depths').trigger('click');
    await vi.waitFor(() => expect(wrapper.text()).toContain('Exact: proven by'));
    const deepest = Number(wrapper.find('td.changed').text());
    const depth = () =>
      [...documents.get('t')!.state.document.nodes.values()].find(({ name }) => name === 'tokens')!.parameters.depth;
    await button('Apply').trigger('click');
    await vi.waitFor(() => expect(depth()).toBe(deepest));
    await nextTick();
    expect(button('As drawn').attributes('disabled')).toBeDefined();
    expect(documents.get('t')!.state.entries.at(-1)?.label).toContain('Set depths of 1 FIFO');
    documents.undo('t');
    expect(depth()).toBe(2);
    wrapper.unmount();
  });
});
