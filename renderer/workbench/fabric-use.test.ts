import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it } from 'vitest';
import { nextTick } from 'vue';
import { uncontrolled } from '#core/base/control.ts';
import { toFile } from '#core/document/document.ts';
import { drawFabric } from '#core/fabric/draw.ts';
import { toSimulationData } from '#core/report/simulation/data.ts';
import { simulationRun } from '#core/run/fabric/pipeline.ts';
import { withoutMip } from '#core/solver/mip.ts';
import { drawTaskGraph } from '#core/taskgraph/draw.ts';
import {
  aBank,
  aChannel,
  aCore,
  aFabric,
  aGraph,
  anEnd,
  aStream,
  aTask,
  aTensor,
} from '../../tests/support/random-task-graph.ts';
import { useSelection } from '../client/selection-store.ts';
import { fabricMoments, fabricUse } from './fabric-use.ts';
import { useRuns } from './runs-store.ts';
import { useSimulation } from './simulation-store.ts';
import { fakeHost, project, runView } from './test-support.ts';

/**
 * Sequential on one core of 16 lanes: `first` computes 100 · 64 ÷ 16 = 400 ticks, `second`, unrolled to 8, 800. Between them
 * 100 tokens of 64 bits lie in a bank. `first` loads 6,400 bytes, a firing's 64 at once.
 */
const graph = aGraph(
  [aTask('first', { firings: 100, work: 64 }), aTask('second', { firings: 100, work: 64, unroll: 8, cores: ['core'] })],
  {
    streams: [aStream(anEnd(0), anEnd(1), { node: 's', bits: 64 })],
    tensors: [aTensor('weights', 6400, { task: 0, direction: 'load', access: 'async' })],
  },
);
const fabric = aFabric([aCore('core', 16), aCore('spare', 16)], {
  banks: [aBank('bank', 1600), aBank('idle', 1600)],
  channels: [aChannel('dram', { bytesPerTick: 64 })],
});
const ran = simulationRun(
  {
    tasks: toFile(drawTaskGraph(graph, 't')),
    fabric: toFile(drawFabric(fabric, 'f')),
    settings: { mode: 'sequential', variant: 'as-built', objective: 'cycles', resimulate: 1 },
  },
  { mip: withoutMip, control: uncontrolled, appVersion: '1' },
);
if (!ran.ok) throw new Error(ran.error.message);
const result = ran.value;
const makespan = result.timeline.makespanCycles;

describe('the use of a fabric', () => {
  const uses = fabricUse(result);

  it('is lanes that computed, most bytes held, bytes against the peak', () => {
    const lanesOf = (node: string) =>
      result.tasks.reduce((sum, { cores, busy }) => {
        const given = cores.find((core) => core.node === node)?.lanes ?? 0;
        return sum + (given * busy) / 16;
      }, 0);
    expect(uses.get('core')).toMatchObject({ kind: 'core', share: lanesOf('core') / makespan });
    // By hand: what both compute is 12,800 MACs, however it is divided over lanes.
    const work = (lanesOf('core') + lanesOf('spare')) * 16;
    expect(work).toBeGreaterThanOrEqual(2 * 6400);
    expect(uses.get('bank')).toEqual({ kind: 'bank', share: 0.5, capacityBytes: 1600, held: [800, 800], streams: [0] });
    expect(uses.get('idle')).toMatchObject({ share: 0, streams: [] });
    expect(uses.get('dram')).toMatchObject({
      kind: 'channel',
      share: 6400 / (64 * makespan),
      tasks: [0],
      tensors: ['weights'],
    });
  });

  it('says what each component does at a tick', () => {
    const data = toSimulationData(result);
    const at = (tick: number) => fabricMoments(data, uses, tick);
    const second = result.tasks[1]!;
    const middle = Math.floor((second.start + second.end) / 2);
    expect(at(middle).get('core')).toMatchObject({ text: 'second', group: 'busy' });
    expect(at(middle).get('bank')).toMatchObject({ text: '800 B of 1.56 KiB', level: 0.5 });
    expect(at(middle).get('dram')).toMatchObject({ level: 0 });
    expect(at(makespan).get('core')).toMatchObject({ text: 'idle', group: 'idle' });
    expect(at(result.tasks[0]!.start + 5).get('dram')?.level).toBeGreaterThan(0);
  });
});

describe('cross-probing between task graph and fabric', () => {
  beforeEach(async () => {
    setActivePinia(createPinia());
    const runs = useRuns();
    runs.connect(fakeHost({ fetchResult: () => Promise.resolve(JSON.stringify(result)) }));
    const ends = { model: { document: 't', revision: 0 }, architecture: { document: 'f', revision: 0 } };
    runs.adopt(project([runView('a', { kind: 'simulation', ...ends })]));
    runs.open('a');
    await new Promise((done) => setTimeout(done));
    await nextTick();
  });

  it('colours the fabric by use, and at the playhead by what it does', () => {
    const simulation = useSimulation();
    expect(simulation.fabricOverlay).toMatchObject({ document: 'f', unit: '1', minimum: 0, maximum: 1 });
    expect(simulation.fabricOverlay?.values.get('bank')).toBe(0.5);
    simulation.seek(makespan / 2);
    expect(simulation.fabricOverlay).toBeNull();
    expect(simulation.momentsIn('f')?.has('core')).toBe(true);
    expect(simulation.momentsIn('t')?.has('first')).toBe(true);
    expect(simulation.momentsIn('other')).toBeNull();
  });

  it('goes from a core to its tasks, from a bank to its streams, from a channel to what crosses it, and back', async () => {
    const simulation = useSimulation();
    const lit = (drawing: string) => [...simulation.litIn(drawing)].sort();
    useSelection().set('f', ['bank']);
    await nextTick();
    expect([lit('t'), lit('f')]).toEqual([['s'], ['bank']]);
    useSelection().set('f', ['dram']);
    await nextTick();
    expect(lit('t')).toEqual(['first', 'weights']);
    simulation.selectComponent('core');
    expect(lit('t')).toContain('second');
    useSelection().set('t', ['second']);
    await nextTick();
    expect(simulation).toMatchObject({ task: 1, component: null });
    expect(lit('f')).toEqual(['core']);
    simulation.selectNode('s');
    expect(lit('f')).toEqual(['bank']);
    simulation.selectComponent('nothing');
    expect([lit('t'), lit('f')]).toEqual([[], []]);
  });
});
