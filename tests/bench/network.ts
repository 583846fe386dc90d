/**
 * Networks of processes: events a second played whole, what folding costs where nothing repeats, long runs folded, and
 * timing a recorded run again; the stalls of a simulated design explained, depths that would help among them. Processor time
 * of this process, so that others on the machine count less.
 */
import { createRng } from '#core/base/rng.ts';
import { type EventGraph, recordEvents } from '#core/simulate/network/event-graph.ts';
import { Intervals } from '#core/simulate/network/intervals.ts';
import type { Network, Statement } from '#core/simulate/network/network.ts';
import { play } from '#core/simulate/network/player.ts';
import { retime } from '#core/simulate/network/retime.ts';
import { dataflowDesign } from '#core/stages/modes.ts';
import { simulateDesign } from '#core/stages/simulate.ts';
import { stallReport } from '#core/stalls/report.ts';
import { attention } from '#projects/examples/intar/attention.ts';
import { type Distribution, distribution, HEADER, machineLine, row } from '../support/measure.ts';

const RUNS = 5;

/** A pipeline; `irregular`: no two firings of a stage alike for as long as the run is. */
function pipeline(stages: number, firings: number, irregular = false): Network {
  const rng = createRng(stages);
  const work = (stage: number): Statement => ({ kind: 'compute', ticks: 3 + ((stage * 7) % 5) });
  const body = (stage: number, inner: Statement): readonly Statement[] => [
    ...(stage > 0 ? [{ kind: 'get' as const, fifo: stage - 1, tokens: 1, interval: 1 }] : []),
    inner,
    ...(stage < stages - 1 ? [{ kind: 'put' as const, fifo: stage, tokens: 1, interval: 1 }] : []),
  ];
  return {
    processes: Array.from({ length: stages }, (_, stage) => ({
      name: `p${stage}`,
      // Loops of sixteen, each with its own times: seen and compared, never to be folded.
      body: irregular
        ? Array.from({ length: firings / 16 }, () => ({
            kind: 'loop' as const,
            repeat: 16,
            body: body(stage, { kind: 'compute', ticks: 1 + rng.below(1000) }),
          }))
        : [{ kind: 'loop', repeat: firings, body: body(stage, work(stage)) }],
    })),
    fifos: Array.from({ length: stages - 1 }, (_, fifo) => ({ name: `f${fifo}`, capacity: 2, initial: 0 })),
    channels: [],
    locks: [],
    barriers: [],
  };
}

/** Readers and writers of shared channels, a word at a time, as blocking ports are built. */
function memory(processes: number, beats: number): Network {
  return {
    processes: Array.from({ length: processes }, (_, index) => ({
      name: `p${index}`,
      body: [
        {
          kind: 'loop',
          repeat: beats / 16,
          body: [
            {
              kind: index % 2 === 0 ? 'load' : 'store',
              channel: index >> 2,
              bytes: 128,
              access: 'blocking',
              beatBytes: 8,
            },
            { kind: 'compute', ticks: 16 + index },
          ],
        },
      ],
    })),
    fifos: [],
    channels: Array.from({ length: Math.ceil(processes / 4) }, (_, index) => ({
      name: `c${index}`,
      bytesPerTick: 8,
      latencyTicks: 15,
      responseTicks: 61,
      outstanding: 16,
      arbitration: index % 2 === 0 ? 'first-come' : 'round-robin',
    })),
    locks: [],
    barriers: [],
  };
}

function processorSeconds(work: () => void): number {
  const before = process.cpuUsage().user;
  work();
  return (process.cpuUsage().user - before) / 1e6;
}

function measured(work: () => number): Distribution {
  work();
  return distribution(Array.from({ length: RUNS }, work));
}

console.log(machineLine());
console.log(HEADER);
const cases: readonly (readonly [string, Network])[] = [
  ['pipeline of 8', pipeline(8, 50_000)],
  ['pipeline of 64', pipeline(64, 6000)],
  ['pipeline of 1,000', pipeline(1000, 400)],
  ['16 blocking ports on 4 channels', memory(16, 16_000)],
];
for (const [title, network] of cases) {
  const speed = measured(() => {
    let events = 0;
    const seconds = processorSeconds(() => {
      events = play(network, { fold: false })!.events;
    });
    return events / seconds / 1e6;
  });
  console.log(row(`${title}, unfolded`, speed, 'million events/s', 2));
}
for (const stages of [8, 64, 1000]) {
  const network = pipeline(stages, stages === 1000 ? 96 : 128_000 / stages, true);
  const share = measured(() => {
    const whole = processorSeconds(() => play(network, { fold: false }));
    return 100 * (processorSeconds(() => play(network)) / whole - 1);
  });
  console.log(row(`folding where nothing repeats, ${stages}`, share, '% more time'));
}
for (const [stages, firings] of [
  [8, 1e9],
  [64, 1e9],
  [1000, 1e6],
] as const) {
  const network = pipeline(stages, firings);
  const time = measured(() => 1000 * processorSeconds(() => play(network)));
  console.log(row(`pipeline of ${stages}, ${firings.toExponential()} firings`, time, 'ms'));
}
const traced = play(pipeline(8, 1e9), { trace: true })!;
const intervals = new Intervals(traced.trace!, 8);
console.log(
  row(
    'states at a tick, 1e9 firings',
    measured(() => {
      const seconds = processorSeconds(() => {
        for (let at = 0; at < 1000; at++)
          for (let process = 0; process < 8; process++) intervals.at(process, (at * traced.makespan) / 1000);
      });
      return 1000 * seconds;
    }),
    'µs',
  ),
);
const graphs: readonly (readonly [string, Network])[] = [
  ['pipeline of 8', pipeline(8, 14_000)],
  ['pipeline of 64', pipeline(64, 1600)],
  ['16 ports', memory(16, 16_000)],
];
for (const [title, network] of graphs) {
  let graph: EventGraph | null = null;
  const time =
    1000 *
    processorSeconds(() => {
      graph = recordEvents(network);
    });
  const recorded: EventGraph | null = graph;
  if (recorded === null) continue;
  const nodes = (recorded as EventGraph).operation.length;
  console.log(`${title}: ${nodes} nodes recorded in ${time.toFixed(0)} ms`);
  const change = network.fifos.length > 0 ? ({ kind: 'capacity', fifo: 3, capacity: 9 } as const) : null;
  const retiming = measured(() => {
    let outcome = '';
    const seconds = processorSeconds(() => {
      const result = retime(recorded, change ? [change] : []);
      outcome = typeof result === 'string' ? result : '';
    });
    if (outcome) throw new Error(`${title}: ${outcome}`);
    return 1000 * seconds;
  });
  console.log(row(`${title}, timed again`, retiming, 'ms'));
}

const graph = attention.designs.find(({ note }) => note?.mode === 'dataflow')!;
const fabric = attention.fabrics.find(({ title }) => title === graph.note!.fabric)!;
for (const variant of ['as-built', 'ideal'] as const) {
  const design = dataflowDesign(graph, fabric, variant);
  if (!design.ok) throw new Error(design.error.message);
  const simulated = simulateDesign(graph, fabric, design.value, { trace: true });
  if (!simulated.ok) throw new Error(simulated.error.message);
  const bench = { graph, fabric, design: design.value, documents: { tasks: '', fabric: '' }, ...simulated.value };
  const time = measured(() => 1000 * processorSeconds(() => stallReport(bench, { verify: 3 })));
  console.log(row(`stalls of ${graph.title}, ${variant}`, time, 'ms'));
}
