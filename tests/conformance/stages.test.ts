/** Stages against closed forms: what a design takes where pencil and paper can tell. */
import { describe, expect, it } from 'vitest';
import type { Fabric } from '#core/fabric/fabric.ts';
import type { Design, Variant } from '#core/stages/design.ts';
import { dataflowDesign, drawnDesign, sequentialDesign } from '#core/stages/modes.ts';
import { simulateDesign } from '#core/stages/simulate.ts';
import { predictDesign } from '#core/stages/time.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
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
  FLAT,
} from '../support/random-task-graph.ts';

const MODES = { sequential: sequentialDesign, dataflow: dataflowDesign, drawn: drawnDesign };

function simulated(graph: TaskGraph, fabric: Fabric, mode: keyof typeof MODES, variant: Variant = 'as-built') {
  const design = MODES[mode](graph, fabric, variant);
  if (!design.ok) throw new Error(design.error.message);
  return { ...played(graph, fabric, design.value), design: design.value };
}

function played(graph: TaskGraph, fabric: Fabric, design: Design) {
  const done = simulateDesign(graph, fabric, design);
  if (!done.ok) throw new Error(done.error.message);
  return { ...done.value, cycles: done.value.run.makespan, predicted: predictDesign(graph, fabric, design) };
}

const NESTED = { isFlattened: false, interval: 2, depth: 7, exit: 3, starts: 4, overhead: 5 };

describe('one task', () => {
  it('ideally: work ÷ lanes + depth', () => {
    const graph = aGraph([aTask('a', { blocks: 3, firings: 100, work: 64, nest: { ...NESTED } })]);
    const { cycles, predicted } = simulated(graph, aFabric([aCore('c', 16)]), 'sequential', 'ideal');
    expect(cycles).toBe((3 * 100 * 64) / 16 + 7);
    expect(predicted.cycles).toBe(cycles);
  });

  it('nested: blocks · firings · (starts · (II · ⌈work ÷ (starts · lanes)⌉ + depth + exit) + overhead)', () => {
    const graph = aGraph([aTask('a', { blocks: 3, firings: 100, work: 100, nest: NESTED })]);
    const { cycles, predicted } = simulated(graph, aFabric([aCore('c', 16)]), 'sequential');
    expect(cycles).toBe(3 * 100 * (4 * (2 * Math.ceil(100 / 64) + 7 + 3) + 5));
    expect(predicted.cycles).toBe(cycles);
  });

  it('uses no more lanes than it is unrolled to as built, all of them ideally', () => {
    const graph = aGraph([aTask('a', { firings: 10, work: 64, unroll: 4 })]);
    const fabric = aFabric([aCore('c', 16)]);
    expect(simulated(graph, fabric, 'sequential').cycles).toBe(10 * 16);
    expect(simulated(graph, fabric, 'sequential', 'ideal').cycles).toBe(10 * 4);
  });

  it('iterations wait for ports of the banks', () => {
    const graph = aGraph([aTask('a', { firings: 10, work: 64, bankAccesses: 9 })]);
    const fabric = aFabric([aCore('c', 16)], { banks: [aBank('b', 1000), aBank('b2', 1000)] });
    // Four iterations a firing, ⌈9 ÷ 4⌉ ticks apart.
    expect(simulated(graph, fabric, 'sequential').cycles).toBe(10 * 4 * 3);
  });

  it('on a core with a slower clock, and in the format the core has more lanes for', () => {
    const graph = aGraph([aTask('a', { firings: 10, work: 64, format: 'int8' })]);
    const fabric = aFabric([aCore('c', 16, { ticksPerCycle: 3, lanes: { int16: 16, int8: 32 } })]);
    expect(simulated(graph, fabric, 'sequential').cycles).toBe(10 * 2 * 3);
  });

  it('blocking stores: beats × (occupancy + response), the last beat shorter', () => {
    const graph = aGraph([aTask('a', { firings: 10, work: 32 })], {
      tensors: [aTensor('out', 10 * 150, { task: 0, direction: 'store', access: 'blocking', beatBytes: 64 })],
    });
    const fabric = aFabric([aCore('c', 16)], { channels: [aChannel('d', { bytesPerTick: 16, responseTicks: 61 })] });
    const { cycles, predicted } = simulated(graph, fabric, 'sequential');
    expect(cycles).toBe(10 * (2 + 2 * (4 + 61) + (2 + 61)));
    expect(predicted.cycles).toBe(cycles);
  });

  it('bytes that do not divide go a byte more at first', () => {
    const graph = aGraph([aTask('a', { blocks: 2, firings: 5, work: 16 })], {
      tensors: [aTensor('in', 103, { task: 0, direction: 'load' })],
    });
    const fabric = aFabric([aCore('c', 16)], { channels: [aChannel('d', { bytesPerTick: 1 })] });
    const { cycles, run } = simulated(graph, fabric, 'sequential');
    expect(cycles).toBe(103 + 10);
    expect(run.channels[0]!.loadedBytes).toBe(103);
  });

  it('requested one firing ahead: the longer of computing and loading, after the first load', () => {
    const load = (access: 'burst' | 'async') =>
      aGraph([aTask('a', { firings: 50, work: 160 })], {
        tensors: [aTensor('in', 50 * 64, { task: 0, direction: 'load', access })],
      });
    const fabric = aFabric([aCore('c', 16)], { channels: [aChannel('d', { bytesPerTick: 16, latencyTicks: 3 })] });
    expect(simulated(load('burst'), fabric, 'sequential').cycles).toBe(50 * (4 + 3 + 10));
    expect(simulated(load('async'), fabric, 'sequential').cycles).toBe(4 + 3 + 50 * 10);
    const slow = aFabric([aCore('c', 16)], { channels: [aChannel('d', { bytesPerTick: 4, latencyTicks: 3 })] });
    expect(simulated(load('async'), slow, 'sequential').cycles).toBe(50 * (16 + 3) + 10);
    // Ideally the latency is hidden as well: data without a gap, but for the first load.
    expect(simulated(load('burst'), slow, 'sequential', 'ideal').cycles).toBe(50 * 16 + 3 + 10);
  });
});

/** `count` tasks in a row, one token a firing. */
function chain(count: number, firings: number, work: number, depth = 2, nest = FLAT): TaskGraph {
  return aGraph(
    Array.from({ length: count }, (_, index) => aTask(`t${index}`, { firings, work, nest, stage: index + 1 })),
    { streams: Array.from({ length: count - 1 }, (_, index) => aStream(anEnd(index), anEnd(index + 1), { depth })) },
  );
}

describe('several tasks', () => {
  it('one after the other: the sum, each with all lanes', () => {
    const { cycles, predicted, design } = simulated(
      chain(4, 100, 64),
      aFabric([aCore('c', 16), aCore('d', 16)]),
      'sequential',
    );
    expect(design.stages.length).toBe(4);
    expect(cycles).toBe(4 * 100 * 2);
    expect(predicted.cycles).toBe(cycles);
  });

  it('dataflow of equal tasks: one, and the others’ first firings', () => {
    const { cycles, predicted, design } = simulated(chain(4, 100, 64), aFabric([aCore('c', 32)]), 'dataflow');
    expect(design.stages[0]!.tasks.map(({ shares }) => shares[0]!.lanes)).toEqual([8, 8, 8, 8]);
    expect(cycles).toBe(100 * 8 + 3 * 8);
    expect(predicted.cycles).toBe(cycles);
  });

  it('stages on a core that switches: the sum, and a switch between two', () => {
    const fabric = aFabric([aCore('c', 16, { reconfiguration: { kind: 'mux', ticks: 5 } })]);
    const { cycles, predicted, run } = simulated(chain(2, 100, 64), fabric, 'drawn');
    expect(cycles).toBe(2 * 100 * 4 + 5);
    expect(predicted.cycles).toBe(cycles);
    expect(run.processes.map(({ reconfigure }) => reconfigure)).toEqual([0, 5]);
    expect(run.processes[1]!.stallIn).toBe(400);
  });

  it('bitstreams go one at a time, contexts at once', () => {
    const graph = aGraph([
      ...['a', 'b'].map((name, index) => aTask(name, { firings: 10, work: 16, cores: [`c${index}`], stage: 1 })),
      ...['c', 'd'].map((name, index) => aTask(name, { firings: 10, work: 16, cores: [`c${index}`], stage: 2 })),
    ]);
    const fabric = (reconfiguration: Fabric['cores'][number]['reconfiguration']) =>
      aFabric([aCore('c0', 16, { reconfiguration }), aCore('c1', 16, { reconfiguration })]);
    expect(simulated(graph, fabric({ kind: 'context', bytes: 1001, bytesPerTick: 4 }), 'drawn').cycles).toBe(20 + 251);
    const bitstream = { kind: 'partial', bytes: 1_000_000, bytesPerSecond: 400e6 } as const;
    // 2.5 ms at 300 MHz, twice through one port.
    expect(simulated(graph, fabric(bitstream), 'drawn').cycles).toBe(20 + 2 * 750_000);
  });

  it('a task on a core of its own does not wait for the stage before', () => {
    const graph = aGraph([
      aTask('a', { firings: 10, work: 160, cores: ['c'], stage: 1 }),
      aTask('b', { firings: 10, work: 160, cores: ['d'], stage: 2 }),
    ]);
    const fabric = aFabric([aCore('c', 16), aCore('d', 16)]);
    expect(simulated(graph, fabric, 'drawn').cycles).toBe(100);
  });

  it('a tensor without room in the banks costs its bytes ÷ bandwidth, twice', () => {
    const graph = chain(2, 100, 64);
    const channels = [aChannel('d', { bytesPerTick: 1 })];
    const kept = simulated(graph, aFabric([aCore('c', 16)], { channels, banks: [aBank('b', 200)] }), 'sequential');
    const spilled = simulated(graph, aFabric([aCore('c', 16)], { channels, banks: [aBank('b', 199)] }), 'sequential');
    expect(kept.design.spilled).toEqual([]);
    expect(spilled.design.spilled).toEqual([0]);
    expect(kept.cycles).toBe(800);
    expect(spilled.cycles).toBe(800 + 2 * 200);
    expect(spilled.predicted.cycles).toBe(spilled.cycles);
    expect(spilled.predicted.offChipBytes).toBe(400);
    expect(spilled.run.channels[0]).toMatchObject({ loadedBytes: 200, storedBytes: 200 });
  });

  it('a whole vector read before the first firing: the FIFO is short, a token goes over it each tick', () => {
    const graph = aGraph([aTask('a', { firings: 64, work: 16 }), aTask('b', { firings: 10, work: 16 })], {
      streams: [aStream(anEnd(0), anEnd(1, 'task', [64]))],
    });
    const { cycles, predicted } = simulated(graph, aFabric([aCore('c', 4)]), 'dataflow');
    // Three lanes and one; the last token is taken a tick after it was made.
    expect(cycles).toBe(64 * 6 + 1 + 10 * 16);
    expect(Math.abs(predicted.cycles - cycles)).toBeLessThanOrEqual(64);
  });

  it('blocks handed over by a FIFO of a few tokens: writer and reader take turns', () => {
    const block = 32;
    const graph = (depth: number) =>
      aGraph(
        [
          aTask('a', { blocks: 20, firings: block, work: 16 }),
          aTask('b', { blocks: 20, firings: 1, work: 16 * block }),
        ],
        { streams: [aStream(anEnd(0), anEnd(1, 'block', [block]), { depth })] },
      );
    const fabric = aFabric([aCore('c', 4)]);
    const whole = simulated(graph(block), fabric, 'dataflow');
    expect(whole.cycles).toBe(21 * block * 8);
    expect(whole.predicted.cycles).toBe(whole.cycles);
    const short = simulated(graph(2), fabric, 'dataflow');
    // While b works on a block, a makes two tokens and has a third in hand.
    expect(short.cycles).toBeGreaterThan(1.8 * whole.cycles);
    expect(short.predicted.cycles / short.cycles).toBeCloseTo(1, 1);
  });

  it('a cycle of streams stays in one stage, and its tokens bound its rate', () => {
    const graph = aGraph([aTask('a', { firings: 100, work: 16 }), aTask('b', { firings: 100, work: 16 })], {
      streams: [aStream(anEnd(0), anEnd(1)), aStream(anEnd(1), anEnd(0), { initial: 1 })],
    });
    const { cycles, design } = simulated(graph, aFabric([aCore('c', 32)]), 'sequential');
    expect(design.stages.length).toBe(1);
    expect(cycles).toBe(200);
  });
});

describe('energy', () => {
  it('operations, bytes by level, static watts', () => {
    const graph = aGraph(chain(2, 100, 64).tasks, {
      streams: chain(2, 100, 64).streams,
      tensors: [aTensor('in', 1000, { task: 0, direction: 'load' })],
    });
    const fabric = aFabric([aCore('c', 16, { joulesPerOperation: { int16: 1e-12 }, staticWatts: 3 })], {
      banks: [aBank('b', 500, { joulesPerByte: 2e-12 })],
      channels: [aChannel('d', { joulesPerByte: 1e-10 })],
    });
    const { cycles, energy, predicted } = simulated(graph, fabric, 'sequential');
    expect(energy.operations).toBeCloseTo(12_800e-12, 18);
    expect(energy.banks).toBeCloseTo(2 * 200 * 2e-12, 18);
    expect(energy.offChip).toBeCloseTo(1000e-10, 16);
    expect(energy.static).toBeCloseTo((3 * cycles) / 300e6, 12);
    expect(predicted.energy).toBeCloseTo(energy.total, 12);
  });
});

/** MLP 256-1024-2048-256, batch 1, on 2 × 16 MACs (InTAR, arXiv 2502.08807, repository OswaldHe/InTAR). */
function mlp(mode: 'sequential' | 'reconfigured'): TaskGraph {
  const nest = { ...FLAT, depth: 8 };
  // Weights are fetched for 32 outputs at a time.
  const layer = (name: string, outputs: number, work: number, stage: number, cores: readonly string[]) =>
    aTask(name, { blocks: outputs / 32, firings: 32, work, nest, ...(mode === 'sequential' ? {} : { stage, cores }) });
  const weights = (task: number, values: number) =>
    aTensor(`w${task + 1}`, 2 * values, { task, direction: 'load', per: 'block', access: 'async' });
  // The first two layers make an output a firing; the third adds what an input gives to all outputs.
  return aGraph(
    [layer('F1', 1024, 256, 1, []), layer('F2', 2048, 1024, 2, ['CC0']), layer('F3', 2048, 256, 2, ['CC1'])],
    {
      streams: [aStream(anEnd(0), anEnd(1, 'task', [1024])), aStream(anEnd(1), anEnd(2))],
      tensors: [
        aTensor('x', 512, { task: 0, direction: 'load', per: 'task' }),
        weights(0, 256 * 1024),
        weights(1, 1024 * 2048),
        weights(2, 2048 * 256),
        aTensor('y', 512, { task: 2, direction: 'store', per: 'task' }),
      ],
    },
  );
}

describe('the MLP of the reference', () => {
  const cores = ['CC0', 'CC1'].map((name) => aCore(name, 16, { reconfiguration: { kind: 'mux', ticks: 5 } }));
  const bytesPerTick = 256;
  const latency = 60;
  const channels = [aChannel('hbm', { bytesPerTick, latencyTicks: latency, responseTicks: 61 })];
  const fabric = aFabric(cores, { channels });

  it('ideally one after the other on 32 MACs: 90,112, three fills, first loads, the last store and two switches', () => {
    const { cycles } = simulated(mlp('sequential'), fabric, 'sequential', 'ideal');
    const work = 90_112;
    const fills = 3 * 8;
    const switches = 2 * 5;
    // x, the first block of the weights of each layer, y.
    const load = (bytes: number) => bytes / bytesPerTick + latency;
    const transfers = load(512) + load(32 * 512) + load(32 * 2048) + load(32 * 512) + (512 / bytesPerTick + 61);
    expect(cycles).toBe(work + fills + switches + transfers);
  });

  it('reconfigured, F1 on both cores, then F2 into F3: 140,900 as predicted by the loop model, within 2 %', () => {
    const { cycles, predicted } = simulated(mlp('reconfigured'), fabric, 'drawn');
    expect(Math.abs(cycles / 140_900 - 1)).toBeLessThan(0.02);
    expect(Math.abs(predicted.cycles / cycles - 1)).toBeLessThan(0.02);
  });
});
