/**
 * A small simulation by hand: a producer of 2 ticks a token, a consumer of 9, a FIFO of given depth between them, each on a
 * core of its own; every figure follows from the recurrence of such a pair. Deterministic.
 */
import { encodeColumn } from '#core/base/columns.ts';
import type { Metric } from '#core/base/metric.ts';
import type { DocumentFile } from '#core/document/document.ts';
import type { SimulationResult, TaskFigures } from '#core/run/fabric/result.ts';
import { DEFAULT_SIMULATION } from '#core/run/fabric/settings.ts';
import { STATES } from '#core/simulate/network/run.ts';

const TOKENS = 10;
const PRODUCE = 2;
const CONSUME = 9;

interface Interval {
  readonly task: number;
  readonly state: (typeof STATES)[number];
  readonly start: number;
  readonly end: number;
}

/** put(i) = max(end of firing i, get(i − depth)); get(i) = max(end of firing i − 1, put(i)). */
function play(depth: number) {
  const [puts, gets]: [number[], number[]] = [[], []];
  const intervals: Interval[] = [];
  const add = (task: number, state: Interval['state'], start: number, end: number) => {
    if (end > start) intervals.push({ task, state, start, end });
  };
  let [writer, reader] = [0, 0];
  for (let token = 0; token < TOKENS; token++) {
    const made = writer + PRODUCE;
    const put = Math.max(made, gets[token - depth] ?? 0);
    add(0, 'busy', writer, made);
    add(0, 'put', made, put);
    writer = put;
    puts.push(put);
    const get = Math.max(reader, put);
    add(1, 'get', reader, get);
    reader = get + CONSUME;
    add(1, 'busy', get, reader);
    gets.push(get);
  }
  const levels = Array.from({ length: reader }, (_, tick) => {
    const before = (times: readonly number[]) => times.filter((time) => time <= tick).length;
    return before(puts) - before(gets);
  });
  return { intervals, levels, makespan: reader, written: writer };
}

function documents(depth: number): { readonly tasks: DocumentFile; readonly fabric: DocumentFile } {
  const node = (
    id: string,
    type: string,
    name: string,
    x: number,
    parameters: DocumentFile['nodes'][number]['parameters'] = {},
  ) => ({
    id,
    type,
    name,
    x,
    y: 0,
    parent: null,
    parameters,
  });
  return {
    tasks: {
      format: 'weft-document/1',
      id: 'graph',
      kind: 'tasks',
      title: 'Two tasks',
      nodes: [
        node('p', 'task', 'produce', 0),
        node('s', 'stream', 'tokens', 240, { depth }),
        node('c', 'task', 'consume', 480),
      ],
      links: [
        { id: 'l1', from: { node: 'p', port: 'writes' }, to: { node: 's', port: 'writer' } },
        { id: 'l2', from: { node: 's', port: 'reader' }, to: { node: 'c', port: 'reads' } },
      ],
    },
    fabric: {
      format: 'weft-document/1',
      id: 'fabric',
      kind: 'fabric',
      title: 'Two cores',
      nodes: [
        node('core-a', 'compute-core', 'core A', 0),
        node('core-b', 'compute-core', 'core B', 240),
        node('hbm', 'off-chip-channel', 'HBM 0', 480),
      ],
      links: [],
    },
  };
}

const technique = { id: 'simulator/test', version: '1' } as const;

export function fixtureSimulation(
  rest: Partial<SimulationResult> & { readonly depth?: number } = {},
): SimulationResult {
  const { depth = 2, ...given } = rest;
  const { intervals, levels, makespan, written } = play(depth);
  const own = intervals.toSorted((a, b) => a.task - b.task || a.start - b.start);
  const ticks = (task: number, state: Interval['state']) =>
    own.filter((one) => one.task === task && one.state === state).reduce((sum, { start, end }) => sum + end - start, 0);
  const column = (of: (one: Interval) => number) => own.map(of);
  const task = (index: number, node: string, name: string, core: string, end: number): TaskFigures => ({
    node,
    name,
    stage: 1,
    cores: [{ node: core, lanes: 4 }],
    busy: ticks(index, 'busy'),
    stallIn: ticks(index, 'get'),
    stallOut: ticks(index, 'put') + makespan - end,
    reconfigure: 0,
    start: 0,
    end,
    utilisation: 0.5,
    work: 100,
    energy: 1e-9,
    waits: (['get', 'put'] as const).flatMap((state) => {
      const waited = ticks(index, state);
      return waited > 0 ? [{ state, on: 0, ticks: waited, times: 1, name: 'tokens', node: 's' }] : [];
    }),
  });
  const cycles: Metric = {
    id: 'time.cycles',
    title: 'Cycles',
    value: makespan,
    unit: 'cycles',
    badge: 'simulated',
    provenance: { formula: 'last event', inputs: [], source: 'definition', technique },
  };
  return {
    format: 'weft-simulation/1',
    key: `key-${depth}`,
    appVersion: '0.0.0',
    title: 'Two tasks on Two cores',
    inputs: { ...documents(depth), settings: DEFAULT_SIMULATION },
    totals: [cycles],
    design: {
      mode: 'dataflow',
      variant: 'as-built',
      stages: [
        {
          tasks: [
            { task: 0, shares: [{ core: 0, lanes: 4 }] },
            { task: 1, shares: [{ core: 1, lanes: 4 }] },
          ],
        },
      ],
      spilled: [],
    },
    tasks: [task(0, 'p', 'produce', 'core-a', written), task(1, 'c', 'consume', 'core-b', makespan)],
    streams: [
      {
        node: 's',
        name: 'tokens',
        kind: 'fifo',
        depth,
        tokens: TOKENS,
        maximum: Math.max(...levels),
        mean: levels.reduce((sum, level) => sum + level, 0) / makespan,
        firstFull: levels.indexOf(depth) < 0 ? null : levels.indexOf(depth),
        readerWaits: ticks(1, 'get'),
        writerWaits: ticks(0, 'put'),
      },
    ],
    channels: [{ node: 'hbm', name: 'HBM 0', loadedBytes: 640, storedBytes: 0, busy: 10, utilisation: 10 / makespan }],
    timeline: {
      lanes: [
        { component: 'core-a', title: 'core A', kind: 'compute' },
        { component: 'core-b', title: 'core B', kind: 'compute' },
      ],
      makespanCycles: makespan,
      clockHertz: 3e8,
      lane: encodeColumn(Uint16Array.from(column(({ task: lane }) => lane))),
      start: encodeColumn(Float64Array.from(column(({ start }) => start))),
      end: encodeColumn(Float64Array.from(column(({ end }) => end))),
      operator: encodeColumn(Int32Array.from(column(({ task: index }) => index))),
      kind: encodeColumn(Uint8Array.from(column(({ state }) => STATES.indexOf(state)))),
    },
    waitsOn: encodeColumn(Int32Array.from(column(({ state }) => (state === 'busy' ? -1 : 0)))),
    occupancy: [{ node: 's', bucket: 1, values: encodeColumn(Int32Array.from(levels)) }],
    bandwidth: [
      { node: 'hbm', bucket: 1, values: encodeColumn(Float64Array.from(levels, (_, tick) => (tick < 10 ? 64 : 0))) },
    ],
    deadlock: null,
    considered: [],
    search: null,
    modelGap: null,
    levers: [
      {
        id: 'depth-s',
        title: 'Make tokens 8 deep',
        document: 'graph',
        node: 's',
        parameter: 'depth',
        value: 8,
        predictedCycles: makespan,
        basis: 'exact',
        method: 'simulated with that depth',
        simulatedCycles: null,
      },
    ],
    criticalPath: [
      { task: 0, state: 'busy', start: 0, end: PRODUCE },
      { task: 1, state: 'busy', start: PRODUCE, end: makespan },
    ],
    findings: [],
    techniques: [],
    measured: null,
    stoppedEarly: false,
    ...given,
  };
}
