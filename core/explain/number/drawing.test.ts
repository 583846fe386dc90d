import { describe, expect, it } from 'vitest';
import { buildModel } from '#core/model/build.ts';
import { modelFacts } from '#core/model/facts.ts';
import { LiveSimulation } from '#core/run/fabric/live.ts';
import type { PlayedCertificate } from '#core/run/result.ts';
import { analysisView } from '#core/sdf/view.ts';
import { dataflowDesign } from '#core/stages/modes.ts';
import { drawnSdf } from '#core/stages/sdf.ts';
import type { Proposal } from '#core/technique/rewrite.ts';
import { Sketch } from '#projects/examples/sketch.ts';
import { evaluated, expectSound, isClose } from '../../../tests/support/explained.ts';
import { aCore, aFabric, aGraph, anEnd, aStream, aTask } from '../../../tests/support/random-task-graph.ts';
import { explainCertificate } from './certificate.ts';
import { explainFirings, explainFirstIteration, explainThroughput } from './dataflow.ts';
import type { ExplainedFigure } from './explained.ts';
import { explainLiveChange, explainLiveCycles, explainLiveStream, explainLiveTask } from './live.ts';
import { explainMacs, explainParameters, explainWeights } from './model.ts';
import { explainLayer, explainLayers } from './rewrite.ts';

function expectValue(figure: ExplainedFigure | null, value: number): void {
  expect(figure).not.toBeNull();
  expect(isClose(figure!.value, value), `${figure!.title} is ${figure!.value}, not ${value}`).toBe(true);
  expect(isClose(evaluated(figure!) ?? Number.NaN, value), `${figure!.formula} of ${figure!.title}`).toBe(true);
  expectSound(figure!);
}

describe('a drawn model', () => {
  const sketch = new Sketch();
  const image = sketch.add('input', 'image', { shape: [1, 16, 28, 28] });
  const first = sketch.add(
    'conv',
    'first',
    { outChannels: 32, kernel: [3, 3], pads: [1, 1, 1, 1], bias: false },
    image,
  );
  sketch.add(
    'output',
    'result',
    {},
    sketch.add('conv', 'second', { outChannels: 24, kernel: [1, 1], bias: false }, first),
  );
  const drawing = sketch.document('m', 'Two');
  const graph = buildModel(drawing).graph!;
  // Output positions × channels in × channels out × window.
  const macs = [28 * 28 * 16 * 32 * 9, 28 * 28 * 32 * 24];
  const weights = [16 * 32 * 9, 32 * 24];

  it('has MACs and weights by the closed forms, operator by operator', () => {
    const convolutions = graph.operators.filter((operator) => operator.macs > 0);
    convolutions.forEach((operator, at) => {
      expectValue(explainMacs([operator], drawing), macs[at]!);
      const made = explainWeights([operator], drawing);
      expect(made.value).toBe(weights[at]);
      expect(expectSound(made).formulas).toBeGreaterThan(1);
    });
    const all = explainMacs(graph.operators, drawing);
    expect(all.value).toBe(macs[0]! + macs[1]!);
    expect(expectSound(all).formulas).toBeGreaterThan(2);
    const parameters = explainParameters(graph, drawing);
    expect(parameters.value).toBe(weights[0]! + weights[1]!);
    expect(parameters.value).toBe(modelFacts(graph).parameters);
    expectSound(parameters);
  });
});

describe('a drawn task graph', () => {
  // The reader takes four ticks a token, the writer one: it waits for room.
  const graph = aGraph([aTask('produce', { firings: 10, times: [1] }), aTask('consume', { firings: 10, times: [4] })], {
    streams: [aStream(anEnd(0), anEnd(1), { name: 'tokens', depth: 2 })],
  });
  const fabric = aFabric([aCore('core', 8)]);
  const design = dataflowDesign(graph, fabric, 'as-built');
  if (!design.ok) throw new Error(design.error.message);
  const simulated = new LiveSimulation().simulate(graph, fabric, design.value);
  if (!simulated.ok) throw new Error(simulated.error.message);
  const answer = simulated.value;
  const nameOf = (node: string) => node;
  const site = {
    answer,
    design: 'Dataflow',
    nameOf,
    tasks: { id: 't', title: 'Tasks' },
    fabric: { id: 'f', title: 'Fabric' },
  };

  it('is simulated live: a task’s four parts are the cycles, changes are of what was there before', () => {
    expect(explainLiveCycles(site).value).toBe(answer.cycles);
    for (const task of answer.tasks) {
      const parts = (['busy', 'stallIn', 'stallOut', 'reconfigure'] as const).map((figure) =>
        explainLiveTask(site, task, figure),
      );
      for (const part of parts) expect(expectSound(part).formulas).toBeGreaterThan(0);
      expect(parts.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(1, 9);
    }
    expect(explainLiveTask(site, answer.tasks[1]!, 'busy').value * answer.cycles).toBeCloseTo(40, 9);
    expectValue(explainLiveChange(site, { title: 'run 1', cycles: answer.cycles * 2 }), -0.5);
    const [stream] = graph.streams;
    expectSound(explainLiveStream(site, stream!, 2));
  });

  it('has throughput, firings and a first iteration', () => {
    const drawn = drawnSdf(graph, true);
    if (!drawn.ok) throw new Error(drawn.error.message);
    const { view } = analysisView(drawn.value);
    const of = { view, tasks: graph, document: 't' };
    const throughput = explainThroughput(of)!;
    expectSound(throughput);
    expect(isClose(evaluated(throughput)!, throughput.value)).toBe(true);
    for (const task of graph.tasks) expectSound(explainFirings(of, task.name)!);
    expect(explainFirstIteration(of)?.value).toBe(view.latency?.firstIteration);
    expect(explainThroughput({ ...of, view: { ...view, throughput: 'infinity' } })).toBeNull();
  });
});

describe('a rewrite', () => {
  const figures = (cycles: number, macs: number, utilisation: number) =>
    ({ cycles, macs, unit: 'u', utilisation, because: null }) as const;
  const layers = [
    { node: 'a', name: 'a', change: '4 groups', before: figures(100, 1000, 0.1), after: figures(40, 2000, 0.5) },
    { node: 'b', name: 'b', change: null, before: figures(50, 3000, 0.3), after: figures(50, 3000, 0.3) },
  ];
  const all = (cycles: number, macs: number, meanUtilisation: number) => ({
    cycles,
    macs,
    meanUtilisation,
    utilisation: 0,
  });
  const proposal: Proposal = {
    command: null,
    finding: '',
    layers,
    before: all(160, 4000, 0.2),
    after: all(100, 5000, 0.4),
  };
  const site = { proposal, model: 'm', architecture: 'a', unitName: () => 'Array' };

  it('adds up over layers, and over those without MACs', () => {
    for (const side of ['before', 'after'] as const) {
      expectValue(explainLayers(site, side, 'meanUtilisation'), proposal[side].meanUtilisation);
      for (const figure of ['cycles', 'macs'] as const) {
        const made = explainLayers(site, side, figure);
        expect(made.value).toBe(proposal[side][figure]);
        expect(expectSound(made).formulas).toBeGreaterThan(0);
      }
      for (const layer of layers)
        for (const figure of ['cycles', 'macs', 'utilisation'] as const)
          expect(explainLayer(site, layer, side, figure).value).toBe(layer[side][figure]);
    }
    const rest = explainLayers(site, 'before', 'cycles').terms.at(-1);
    expect(rest).toMatchObject({ symbol: 'layers without MACs', value: 10 });
  });
});

describe('a certificate', () => {
  const output = (name: string, maximumError: number | null, relativeError: number | null) => ({
    name,
    elements: 10,
    maximumError,
    relativeError,
    isExact: false,
  });
  const played: PlayedCertificate = {
    isVerified: true,
    isExact: false,
    outputs: [output('y', 2e-6, 1e-6), output('z', 1e-6, 4e-6)],
    elements: 20,
    maximumError: 2e-6,
    relativeError: 4e-6,
    tolerance: 1e-4,
    commands: 7,
    bytesMoved: 4096,
    orders: ['simulated time', 'row order'],
    reference: 'plain reference',
    statement: '',
    fault: null,
    firstWrong: null,
    numbers: { file: null, owners: 0, random: 0, seed: 1 },
  };

  it('has the largest error over outputs, and each of them of its range', () => {
    for (const figure of ['elements', 'maximumError', 'relativeError', 'bytesMoved'] as const) {
      const made = explainCertificate(played, null, figure, null)!;
      expectSound(made);
      expect(made.value).toBe(played[figure]);
    }
    const leads = (['maximumError', 'relativeError'] as const).map(
      (figure) => explainCertificate(played, null, figure, null)?.terms[0]?.symbol,
    );
    expect(leads).toEqual(['y', 'z']);
    expectValue(explainCertificate(played, played.outputs[0]!, 'relativeError', null), 1e-6);
    expect(explainCertificate(played, output('w', null, null), 'maximumError', null)).toBeNull();
  });
});
