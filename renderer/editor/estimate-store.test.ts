// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { presetById } from '#core/architecture/presets.ts';
import { estimateModel } from '#core/compile/estimate.ts';
import type { Document } from '#core/document/document.ts';
import { techniques } from '#core/technique/registry.ts';
import { largeModel } from '../../tests/support/large-model.ts';
import { useDocuments } from '../client/documents-store.ts';
import { fakeHost } from '../client/fake/fake-host.ts';
import { useSession } from '../client/session-store.ts';
import { useAnalysis } from './analysis-store.ts';
import { useEstimate } from './estimate-store.ts';

const OPERATORS = 1000;
const COMPILER = { passes: techniques.pass, units: techniques.unit };

async function opened(model: Document) {
  const host = fakeHost([model, presetById('systolic-32x32')!.build('a')]);
  useSession().attach(host);
  host.connect();
  const documents = useDocuments();
  for (const id of [model.id, 'a']) await documents.open(id);
  const live = useEstimate();
  live.pair = { model: model.id, architecture: 'a' };
  await vi.waitFor(() => expect(live.estimate).not.toBeNull(), { timeout: 5000 });
  return { documents, live };
}

/** Waits until the analysis has seen the document as it is now. */
async function analysed(id: string): Promise<void> {
  const now = useDocuments().get(id)?.state.document;
  await vi.waitFor(() => expect(useAnalysis().get(id)?.document).toBe(now), { timeout: 5000 });
}

describe('the live estimate', () => {
  beforeEach(() => setActivePinia(createPinia()));

  it('P-26: maps again only what an edit of 1,000 operators reaches', async () => {
    const model = largeModel(OPERATORS);
    const { documents, live } = await opened(model);
    const before = live.estimate!;
    expect(before.kernels.length).toBeGreaterThan(100);
    const conv = [...model.nodes.values()].filter(({ name }) => name.endsWith('conv 1')).at(-1)!;
    documents.run(model.id, {
      type: 'node.set-parameter',
      node: conv.id,
      parameter: 'outChannels',
      value: Number(conv.parameters.outChannels) + 1,
    });
    await analysed(model.id);
    expect(live.estimate).not.toBe(before);
    // The layer with what is fused into it, and the one that reads it.
    expect(live.estimate!.recomputed).toBe(2);
  });

  it('maps nothing again when a node is moved', async () => {
    const model = largeModel(200);
    const { documents, live } = await opened(model);
    const before = live.estimate!;
    const [node] = model.nodes.keys();
    documents.run(model.id, { type: 'nodes.move', positions: [{ node: node!, x: 12, y: 34 }] });
    await analysed(model.id);
    expect(live.estimate).toBe(before);
  });

  it('follows the architecture: a larger array needs fewer cycles', async () => {
    const { documents, live } = await opened(largeModel(60));
    const before = live.estimate!;
    const modelsBefore = live.arrayModels;
    const array = [...documents.get('a')!.state.document.nodes.values()].find(({ type }) => type === 'systolic-array')!;
    for (const parameter of ['rows', 'columns'])
      documents.run('a', { type: 'node.set-parameter', node: array.id, parameter, value: 64 });
    await analysed('a');
    const compute = (kernels: typeof before.kernels) =>
      kernels.reduce((sum, { computeCycles }) => sum + computeCycles, 0);
    expect(compute(live.estimate!.kernels)).toBeLessThan(compute(before.kernels));
    expect(live.arrayModels.map(({ id }) => id)).toEqual([
      'array-model/scalesim-v3',
      'array-model/drain-aware',
      'array-model/bandwidth-bound',
    ]);
    for (const [at, { operators, totals }] of live.arrayModels.entries()) {
      expect(operators.length).toBeGreaterThan(0);
      expect(totals.cycles).not.toBe(modelsBefore[at]!.totals.cycles);
    }
  });

  it('is nothing while the architecture cannot run, and back when it can', async () => {
    const { documents, live } = await opened(largeModel(20));
    const pad = [...documents.get('a')!.state.document.nodes.values()].find(({ type }) => type === 'scratchpad')!;
    documents.run('a', { type: 'nodes.remove', nodes: [pad.id] });
    await analysed('a');
    expect(live.estimate).toBeNull();
    documents.undo('a');
    await analysed('a');
    expect(live.estimate).not.toBeNull();
  });

  it('estimates a large model between frames, to the same figures', async () => {
    const model = largeModel(2100);
    const { documents, live } = await opened(model);
    const expectSame = () => {
      const made = estimateModel(live.graph!, live.machine!, COMPILER, live.settings);
      if (!made.ok) throw new Error(made.error.message);
      const { kernels, cycles } = made.value;
      expect(live.estimate!.cycles).toBe(cycles);
      expect(live.estimate!.kernels).toEqual(kernels);
      expect(live.arrayModels[0]!.operators.length).toBeGreaterThan(100);
    };
    expectSame();
    const conv = [...model.nodes.values()].find(({ name }) => name === 'block 200 conv 1')!;
    const edit = (value: number) =>
      documents.run(model.id, { type: 'node.set-parameter', node: conv.id, parameter: 'outChannels', value });
    // One on the heels of the other: the last one counts.
    edit(128);
    await analysed(model.id);
    edit(256);
    await vi.waitFor(() => {
      expect(live.estimate!.kernels.find(({ nodes }) => nodes.includes(conv.id))!.macs).toBe(56 * 56 * 64 * 9 * 256);
    });
    expectSame();
    expect(live.estimate!.recomputed).toBeLessThanOrEqual(2);
    // With an error there is none, at once.
    documents.run(model.id, { type: 'nodes.remove', nodes: [conv.id] });
    await analysed(model.id);
    expect(live.estimate).toBeNull();
  });

  it('colours the nodes of the model, all of a fused kernel alike', async () => {
    const { live } = await opened(largeModel(60));
    expect(live.overlay).toBeNull();
    live.overlayFigure = 'cycles';
    const fused = live.estimate!.kernels.find(({ nodes }) => nodes.length > 1)!;
    expect(new Set(fused.nodes.map((node) => live.overlay?.values.get(node)))).toEqual(new Set([fused.cycles]));
    expect(live.kernelsOf(new Set(fused.nodes))).toEqual([fused]);
  });
});
