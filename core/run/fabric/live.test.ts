import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '#core/base/rng.ts';
import type { Fabric } from '#core/fabric/fabric.ts';
import type { Design } from '#core/stages/design.ts';
import { dataflowDesign, drawnDesign, sequentialDesign } from '#core/stages/modes.ts';
import { simulateDesign } from '#core/stages/simulate.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import { attention } from '#projects/examples/intar/attention.ts';
import { mlp } from '#projects/examples/intar/mlp.ts';
import {
  aChannel,
  aCore,
  aFabric,
  aGraph,
  anEnd,
  aStream,
  aTask,
  randomFabric,
  randomTaskGraph,
} from '../../../tests/support/random-task-graph.ts';
import { type LiveAnswer, LiveSimulation } from './live.ts';
import { changesBetween } from './live-changes.ts';
import { liveDesign } from './live-design.ts';

/** What a full run of the same says, every part of it; null where it cannot be built. */
function fullRun(graph: TaskGraph, fabric: Fabric, design: Design) {
  const simulated = simulateDesign(graph, fabric, design, { fold: false });
  if (!simulated.ok) return null;
  const { run, built } = simulated.value;
  return {
    cycles: run.makespan,
    deadlock: run.deadlock?.kind ?? null,
    tasks: graph.tasks.map(({ node }, task) => {
      const { busy, stallIn, stallOut, reconfigure } = run.processes[built.processOf[task]!]!;
      return { node, busy, stallIn, stallOut, reconfigure };
    }),
    streams: graph.streams.map(({ node }, stream) => ({
      node,
      maximum: run.fifos[built.fifoOf[stream]!]?.maximum ?? null,
    })),
  };
}

/** The answer and its streams equal a full run's. Returns how it was got. */
function expectFull(
  live: LiveSimulation,
  graph: TaskGraph,
  fabric: Fabric,
  design: Design,
): LiveAnswer['by'] | 'not built' {
  const answer = live.simulate(graph, fabric, design);
  const expected = fullRun(graph, fabric, design);
  expect(answer.ok).toBe(expected !== null);
  if (!answer.ok) return 'not built';
  const { by, streams, ...figures } = answer.value;
  const all = streams ?? live.streams(graph, fabric, design);
  expect({ ...figures, streams: 'ok' in all ? all.ok && all.value : all }).toEqual(expected);
  return by;
}

/** One edit as the inspector makes it. */
function edited(rng: Rng, graph: TaskGraph, fabric: Fabric): { readonly graph: TaskGraph; readonly fabric: Fabric } {
  const between = (least: number, most: number) => least + rng.below(most - least + 1);
  const replaced = <T>(list: readonly T[], change: (old: T) => T): readonly T[] => {
    const at = rng.below(Math.max(1, list.length));
    return list.map((old, index) => (index === at ? change(old) : old));
  };
  switch (rng.below(8)) {
    case 0:
    case 1:
    case 2:
      return {
        fabric,
        graph: { ...graph, streams: replaced(graph.streams, (old) => ({ ...old, depth: rng.below(12) })) },
      };
    case 3:
      return {
        graph,
        fabric: { ...fabric, channels: replaced(fabric.channels, (old) => ({ ...old, latencyTicks: between(0, 80) })) },
      };
    case 4:
      return {
        graph,
        fabric: {
          ...fabric,
          channels: replaced(fabric.channels, (old) => ({
            ...old,
            bytesPerTick: between(1, 40),
            responseTicks: between(0, 60),
            outstanding: between(1, 8),
          })),
        },
      };
    case 5:
      return {
        fabric,
        graph: {
          ...graph,
          tasks: replaced(graph.tasks, (old) => ({
            ...old,
            nest: { ...old.nest, depth: between(0, 20), overhead: between(0, 5) },
          })),
        },
      };
    case 6:
      return {
        fabric,
        graph: { ...graph, tasks: replaced(graph.tasks, (old) => ({ ...old, work: between(1, 400) })) },
      };
    default:
      return {
        fabric,
        graph: { ...graph, tasks: replaced(graph.tasks, (old) => ({ ...old, firings: between(1, 24) })) },
      };
  }
}

describe('live simulation', () => {
  it('equals a full run in every figure, over random graphs and edits', () => {
    const count = { 'longest path': 0, 'full run': 0, 'not built': 0 };
    for (let seed = 1; seed <= 120; seed++) {
      const rng = createRng(seed);
      let graph = randomTaskGraph(rng);
      let fabric = randomFabric(rng, graph.tasks.length);
      const build = [sequentialDesign, dataflowDesign, drawnDesign][rng.below(3)]!;
      // Recorded wherever it can be, or as it comes.
      const live = new LiveSimulation(rng.below(4) > 0 ? { share: -1 } : {});
      for (let edit = 0; edit < 8; edit++) {
        const design = build(graph, fabric, seed % 2 === 0 ? 'ideal' : 'as-built');
        if (design.ok) count[expectFull(live, graph, fabric, design.value)]++;
        ({ graph, fabric } = edited(rng, graph, fabric));
      }
    }
    expect(count['longest path']).toBeGreaterThan(100);
    expect(count['full run']).toBeGreaterThan(100);
  });

  it.each([
    ['attention', attention, 1, 'full run'],
    ['MLP', mlp, 1, 'longest path'],
  ] as const)('follows depth, latency and bandwidth of InTAR’s %s', (_, kernel, which, by) => {
    const graph = kernel.designs[which]!;
    const fabric = kernel.fabrics.find(({ title }) => title === graph.note?.fabric)!;
    // The recorded way is taken by force: these kernels fold so well that it would not pay.
    const live = new LiveSimulation(by === 'longest path' ? { share: -1 } : {});
    const cycles = new Set<number>();
    const edits = [
      { graph, fabric },
      { graph: { ...graph, streams: graph.streams.map((stream) => ({ ...stream, depth: stream.depth + 3 })) }, fabric },
      {
        graph: { ...graph, streams: graph.streams.map((stream) => ({ ...stream, depth: stream.depth + 40 })) },
        fabric,
      },
      {
        graph,
        fabric: {
          ...fabric,
          channels: fabric.channels.map((one) => ({ ...one, latencyTicks: one.latencyTicks + 25 })),
        },
      },
      {
        graph,
        fabric: { ...fabric, channels: fabric.channels.map((one) => ({ ...one, bytesPerTick: one.bytesPerTick / 2 })) },
      },
    ];
    const ways = edits.map((edit) => {
      const design = dataflowDesign(edit.graph, edit.fabric, 'as-built');
      if (!design.ok) throw new Error(design.error.message);
      const answer = live.simulate(edit.graph, edit.fabric, design.value);
      if (!answer.ok) throw new Error(answer.error.message);
      const simulated = simulateDesign(edit.graph, edit.fabric, design.value);
      if (!simulated.ok) throw new Error(simulated.error.message);
      const { run } = simulated.value;
      expect(answer.value.cycles).toBe(run.makespan);
      expect(answer.value.tasks.map(({ busy, stallIn, stallOut }) => [busy, stallIn, stallOut])).toEqual(
        run.processes.map(({ busy, stallIn, stallOut }) => [busy, stallIn, stallOut]),
      );
      cycles.add(answer.value.cycles);
      return answer.value.by;
    });
    expect(cycles.size).toBeGreaterThan(2);
    expect(ways).toContain(by);
  });

  it('says which deadlock it is, and is free of it again', () => {
    // Eight tokens at once into a FIFO of four, by two FIFOs read in the other order.
    const tasks = [aTask('write', { times: [1] }), aTask('read', { times: [1] })];
    const fabric = aFabric([aCore('core', 8)]);
    const drawn = (depth: number) =>
      aGraph(tasks, {
        streams: [
          aStream(anEnd(0, 'task', [8]), anEnd(1, 'task', [8]), { node: 'late', depth: 8 }),
          aStream(anEnd(1, 'task', [1]), anEnd(0, 'task', [1]), { node: 'back', depth, initial: 0 }),
        ],
      });
    const live = new LiveSimulation();
    const design = dataflowDesign(drawn(1), fabric, 'as-built');
    if (!design.ok) throw new Error(design.error.message);
    const answer = live.simulate(drawn(1), fabric, design.value);
    expect(answer.ok && answer.value.deadlock).toBe('true');
    const free = aGraph(tasks, { streams: [aStream(anEnd(0, 'task', [8]), anEnd(1, 'task', [8]), { depth: 8 })] });
    const again = live.simulate(free, fabric, design.value);
    expect(again.ok && again.value.deadlock).toBeNull();
  });
});

describe('changes between networks', () => {
  const network = {
    processes: [
      {
        name: 'a',
        body: [
          {
            kind: 'loop',
            repeat: 3,
            body: [
              { kind: 'compute', ticks: 2 },
              { kind: 'put', fifo: 0, tokens: 1, interval: 0 },
            ],
          },
        ],
      },
      { name: 'b', body: [{ kind: 'get', fifo: 0, tokens: 3, interval: 1 }] },
    ],
    fifos: [{ name: 'f', capacity: 2, initial: 0 }],
    channels: [],
    locks: [],
    barriers: [],
  } as const;

  it('are numbers only', () => {
    const deeper = { ...network, fifos: [{ name: 'f', capacity: Number.POSITIVE_INFINITY, initial: 0 }] };
    expect(changesBetween(network, deeper)).toEqual([
      { kind: 'capacity', fifo: 0, capacity: Number.POSITIVE_INFINITY },
    ]);
    const slower = {
      ...network,
      processes: [
        {
          name: 'a',
          body: [
            {
              kind: 'loop',
              repeat: 3,
              body: [
                { kind: 'compute', ticks: 5 },
                { kind: 'put', fifo: 0, tokens: 1, interval: 0 },
              ],
            },
          ],
        },
        network.processes[1],
      ],
    } as const;
    expect(changesBetween(network, slower)).toEqual([{ kind: 'ticks', process: 0, operation: 0, ticks: 5 }]);
    expect(changesBetween(network, { ...network, fifos: [{ name: 'f', capacity: 2, initial: 1 }] })).toBeNull();
    expect(changesBetween(network, { ...network, processes: network.processes.slice(0, 1) })).toBeNull();
    const atOnce = {
      ...network,
      processes: [network.processes[0], { name: 'b', body: [{ kind: 'get', fifo: 0, tokens: 3, interval: 0 }] }],
    } as const;
    expect(changesBetween(network, atOnce)).toBeNull();
  });
});

describe('the design that is simulated live', () => {
  const graph = aGraph([aTask('a', { work: 8 }), aTask('b', { work: 8 })], { streams: [aStream(anEnd(0), anEnd(1))] });
  const fabric = aFabric([aCore('core', 8)], { channels: [aChannel('c')] });
  const settings = { mode: 'reconfigurable', variant: 'as-built' } as const;

  it('is the last run’s where only a search finds one, while it can be built', () => {
    const sequential = sequentialDesign(graph, fabric, 'as-built');
    if (!sequential.ok) throw new Error(sequential.error.message);
    const last = { design: sequential.value, tasks: ['a', 'b'], cores: ['core'] };
    const from = (...args: Parameters<typeof liveDesign>) => {
      const made = liveDesign(...args);
      return made.ok ? [made.value.from, made.value.design.mode] : made.error.code;
    };
    expect(from(graph, fabric, settings, last)).toEqual(['run', 'sequential']);
    expect(from(graph, fabric, settings, null)).toEqual(['instead', 'dataflow']);
    expect(from(graph, fabric, settings, { ...last, tasks: ['b', 'a'] })).toEqual(['instead', 'dataflow']);
    expect(from(graph, fabric, { ...settings, variant: 'ideal' }, last)).toEqual(['instead', 'dataflow']);
    expect(from(graph, fabric, { ...settings, mode: 'dataflow' }, last)).toEqual(['mode', 'dataflow']);
    expect(from(graph, fabric, { ...settings, mode: 'drawn' }, last)).toEqual(['mode', 'dataflow']);
  });
});
