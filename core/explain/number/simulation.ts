/** Figures of a simulated task graph taken apart: totals, tasks, streams, channels, the critical path. */
import type { Metric, TechniqueRef } from '#core/base/metric.ts';
import type { Unit } from '#core/base/quantity.ts';
import type { ChannelFigures, SimulationResult, StreamFigures, TaskFigures } from '#core/run/fabric/result.ts';
import {
  amount,
  drawn,
  type ExplainedFigure,
  explained,
  explainedSum,
  explainShare,
  largest,
  type Term,
  word,
} from './explained.ts';
import { explainPlain } from './run.ts';

export const COUNTED = 'counted by the simulation';
const DEFINITION = 'definition';
const BADGE = 'simulated';

function techniqueOf(result: SimulationResult, total: string): TechniqueRef | null {
  return result.totals.find(({ id }) => id === total)?.provenance.technique ?? null;
}
export const simulator = (result: SimulationResult) => techniqueOf(result, 'time.cycles');
export const timeModel = (result: SimulationResult) => techniqueOf(result, 'time.predicted');

/** Cycles from the first to the last tick. */
export function explainMakespan(result: SimulationResult): ExplainedFigure {
  const metric = result.totals.find(({ id }) => id === 'time.cycles');
  return metric ? explainSimulationTotal(metric, result) : plainTicks('Cycles', result.timeline.makespanCycles, result);
}
const makespan = (result: SimulationResult) =>
  amount('makespan', result.timeline.makespanCycles, 'cycles', () => explainMakespan(result));

function plainTicks(title: string, value: number, result: SimulationResult): ExplainedFigure {
  const how = { formula: 'last tick at which a task ends', source: COUNTED, technique: simulator(result) };
  return explained({ title, value, unit: 'cycles', badge: BADGE }, how, []);
}

/** A total, its parts followed. */
export function explainSimulationTotal(metric: Metric, result: SimulationResult): ExplainedFigure {
  const { provenance } = metric;
  const plain = explainPlain(metric);
  switch (metric.id) {
    case 'time.cycles': {
      const last = result.tasks.reduce<TaskFigures | null>(
        (found, task) => (found && found.end >= task.end ? found : task),
        null,
      );
      return last
        ? explained(metric, provenance, [
            amount(`end of ${last.name}`, last.end, 'cycles', () => explainTask(result, last, 'end')),
            ...plain.terms,
          ])
        : plain;
    }
    case 'offchip.bytes':
      return explainedSum(metric, provenance, channelTerms(result));
    case 'stalls.cycles':
      return explainedSum(
        metric,
        provenance,
        largest(result.tasks, 'cycles', {
          value: ({ stallIn, stallOut }) => stallIn + stallOut,
          name: ({ name }) => name,
          explain: (task) => explainTask(result, task, 'stalled'),
        }),
      );
    case 'energy.total':
      return explainedSum(
        metric,
        provenance,
        plain.terms.map((one) => withTasks(one, result)),
      );
    default:
      return explained(
        metric,
        provenance,
        plain.terms.map((one) => followed(one, metric, result)),
      );
  }
}

function channelTerms(result: SimulationResult): readonly Term[] {
  return largest(result.channels, 'B', {
    value: ({ loadedBytes, storedBytes }) => loadedBytes + storedBytes,
    name: ({ name }) => name,
    explain: (channel) => explainChannel(result, channel, 'bytes'),
  });
}

/** Energy of operations is that of the tasks. */
function withTasks(one: Term, result: SimulationResult): Term {
  if (one.symbol !== 'operations' || typeof one.value !== 'number') return one;
  const figure = { title: 'Energy of operations', value: one.value, unit: 'J', badge: 'estimate' } as const;
  const how = { formula: 'Σ over tasks', source: DEFINITION, technique: timeModel(result) };
  const terms = () =>
    largest(result.tasks, 'J', {
      value: ({ energy }) => energy,
      name: ({ name }) => name,
      explain: (task) => explainTask(result, task, 'energy'),
    });
  return amount(one.symbol, one.value, one.unit, () => explainedSum(figure, how, terms()));
}

/** A term that is another total of the same name and value. */
function followed(one: Term, of: Metric, result: SimulationResult): Term {
  const total = result.totals.find(
    ({ id, title, value }) => id !== of.id && value === one.value && title.toLowerCase() === one.symbol.toLowerCase(),
  );
  return total ? { ...one, where: { kind: 'figure', explain: () => explainSimulationTotal(total, result) } } : one;
}

export type TaskFigure = 'busy' | 'stallIn' | 'stallOut' | 'reconfigure' | 'stalled' | 'end' | 'utilisation' | 'energy';

const TASK: Readonly<Record<TaskFigure, { readonly title: string; readonly unit: Unit }>> = {
  busy: { title: 'Busy', unit: 'cycles' },
  stallIn: { title: 'Waiting for input', unit: 'cycles' },
  stallOut: { title: 'Waiting for output', unit: 'cycles' },
  reconfigure: { title: 'Reconfigured', unit: 'cycles' },
  stalled: { title: 'Stalled', unit: 'cycles' },
  end: { title: 'End', unit: 'cycles' },
  utilisation: { title: 'Utilisation', unit: '1' },
  energy: { title: 'Energy', unit: 'J' },
};

const WAITED_FOR = {
  get: 'tokens of',
  put: 'room in',
  load: 'loads on',
  store: 'stores on',
  lock: 'the lock',
  barrier: 'the barrier',
} as const;
const isOut = ({ state }: TaskFigures['waits'][number]) => state === 'put' || state === 'store';

export function explainTask(result: SimulationResult, task: TaskFigures, figure: TaskFigure): ExplainedFigure {
  const { title, unit } = TASK[figure];
  const { busy, stallIn, stallOut } = task;
  const value = figure === 'stalled' ? stallIn + stallOut : task[figure];
  const head = {
    title: `${title}: ${task.name}`,
    value,
    unit,
    badge: figure === 'energy' ? 'estimate' : BADGE,
  } as const;
  const technique = figure === 'energy' ? timeModel(result) : simulator(result);
  const other = (symbol: string, which: TaskFigure) =>
    amount(symbol, which === 'stalled' ? stallIn + stallOut : task[which], TASK[which].unit, () =>
      explainTask(result, task, which),
    );
  const places = taskPlaces(result, task);
  const waits = (some: TaskFigures['waits']) =>
    some.map(({ state, name, ticks }) => amount(`${WAITED_FOR[state]} ${name}`, ticks, 'cycles'));
  switch (figure) {
    case 'busy':
      return explained(
        head,
        { formula: 'makespan − waiting for input − waiting for output − reconfigured', source: COUNTED, technique },
        [
          makespan(result),
          other('waiting for input', 'stallIn'),
          other('waiting for output', 'stallOut'),
          other('reconfigured', 'reconfigure'),
          ...places,
        ],
      );
    case 'stallIn':
      return explainedSum(
        head,
        { formula: 'Σ waits for tokens, loads, locks and barriers', source: COUNTED, technique },
        waits(task.waits.filter((wait) => !isOut(wait))),
        places,
      );
    case 'stallOut':
      return explainedSum(
        head,
        { formula: 'Σ waits for room and stores + time after its end', source: COUNTED, technique },
        [
          ...waits(task.waits.filter(isOut)),
          amount('after its end', result.timeline.makespanCycles - task.end, 'cycles'),
        ],
        places,
      );
    case 'stalled':
      return explained(head, { formula: 'waiting for input + waiting for output', source: DEFINITION, technique }, [
        other('waiting for input', 'stallIn'),
        other('waiting for output', 'stallOut'),
        ...places,
      ]);
    case 'reconfigure':
      return explained(head, { formula: 'Σ ticks its cores were given this task', source: COUNTED, technique }, places);
    case 'end':
      return explained(head, { formula: 'last tick of its operations', source: COUNTED, technique }, places);
    case 'utilisation': {
      const lanes = busy > 0 && task.utilisation > 0 ? task.work / (busy * task.utilisation) : 0;
      return explained(head, { formula: 'operations ÷ (lanes × busy)', source: DEFINITION, technique }, [
        amount('operations', task.work, 'op'),
        amount('lanes', lanes, 'op/cycle'),
        other('busy', 'busy'),
        ...places,
      ]);
    }
    case 'energy':
      return explained(
        head,
        { formula: 'operations × E(operation)', source: 'figures of the drawn cores', technique },
        [
          amount('operations', task.work, 'op'),
          amount('E(operation)', task.work > 0 ? task.energy / task.work : 0, 'J'),
          ...places,
        ],
      );
  }
}

/** A figure of a task as a share of the makespan. */
export function explainTaskShare(result: SimulationResult, task: TaskFigures, figure: TaskFigure): ExplainedFigure {
  const { title } = TASK[figure];
  return explainShare(
    `${title}: share of ${task.name}`,
    { symbol: title.toLowerCase(), figure: () => explainTask(result, task, figure) },
    { symbol: 'makespan', figure: () => explainMakespan(result) },
  );
}

function taskPlaces({ inputs }: SimulationResult, { node, name, cores, stage }: TaskFigures): readonly Term[] {
  return [
    drawn('task', inputs.tasks.id, { id: node, name }),
    amount('stage', stage, ''),
    ...cores.flatMap(({ node: core }) => {
      const found = inputs.fabric.nodes.find(({ id }) => id === core);
      return found ? [drawn('core', inputs.fabric.id, found)] : [];
    }),
  ];
}

export type StreamFigure = 'depth' | 'maximum' | 'mean' | 'firstFull' | 'readerWaits' | 'writerWaits';

const STREAM: Readonly<
  Record<StreamFigure, { readonly title: string; readonly unit: Unit; readonly formula: string }>
> = {
  depth: { title: 'Depth', unit: '', formula: 'tokens it holds, as drawn' },
  maximum: { title: 'Maximum', unit: '', formula: 'most tokens in it at once' },
  mean: { title: 'Mean', unit: '', formula: '∫ tokens dt ÷ makespan' },
  firstFull: { title: 'First full', unit: 'cycles', formula: 'tick at which it was first full' },
  readerWaits: { title: 'Reader waits', unit: 'cycles', formula: 'Σ waits for its tokens' },
  writerWaits: { title: 'Writer waits', unit: 'cycles', formula: 'Σ waits for room in it' },
};

export function explainStream(result: SimulationResult, stream: StreamFigures, figure: StreamFigure): ExplainedFigure {
  const { title, unit, formula } = STREAM[figure];
  const badge = figure === 'depth' ? 'counted' : BADGE;
  const head = { title: `${title}: ${stream.name}`, value: stream[figure] ?? 0, unit, badge } as const;
  const how = { formula, source: figure === 'depth' ? DEFINITION : COUNTED, technique: simulator(result) };
  const places = [
    drawn('stream', result.inputs.tasks.id, { id: stream.node, name: stream.name }),
    word('kind', stream.kind),
  ];
  if (figure === 'readerWaits' || figure === 'writerWaits') {
    const state = figure === 'readerWaits' ? 'get' : 'put';
    const document = result.inputs.tasks.id;
    const waits = result.tasks.flatMap((task) =>
      task.waits
        .filter((wait) => wait.state === state && wait.node === stream.node)
        .map(
          ({ ticks }): Term => ({
            ...amount(task.name, ticks, 'cycles'),
            where: { kind: 'node', document, node: task.node },
          }),
        ),
    );
    return explainedSum(head, how, waits, places);
  }
  return explained(head, how, [
    ...(figure === 'mean' ? [makespan(result)] : []),
    ...(figure === 'maximum' && stream.depth !== null ? [amount('depth', stream.depth, '')] : []),
    ...places,
  ]);
}

/** Cycles its reader and its writer waited for it. */
export function explainWaits(result: SimulationResult, stream: StreamFigures): ExplainedFigure {
  return explained(
    { title: `Waits for ${stream.name}`, value: stream.readerWaits + stream.writerWaits, unit: 'cycles', badge: BADGE },
    { formula: 'reader waits + writer waits', source: DEFINITION, technique: simulator(result) },
    [
      amount('reader waits', stream.readerWaits, 'cycles', () => explainStream(result, stream, 'readerWaits')),
      amount('writer waits', stream.writerWaits, 'cycles', () => explainStream(result, stream, 'writerWaits')),
    ],
  );
}

export type ChannelFigure = 'loadedBytes' | 'storedBytes' | 'bytes' | 'busy' | 'utilisation';

export function explainChannel(
  result: SimulationResult,
  channel: ChannelFigures,
  figure: ChannelFigure,
): ExplainedFigure {
  const { name, node, loadedBytes, storedBytes, busy, utilisation } = channel;
  const technique = simulator(result);
  const places = [drawn('channel', result.inputs.fabric.id, { id: node, name })];
  const other = (symbol: string, which: ChannelFigure, value: number, unit: Unit) =>
    amount(symbol, value, unit, () => explainChannel(result, channel, which));
  const head = (title: string, value: number, unit: Unit) =>
    ({ title: `${title} of ${name}`, value, unit, badge: BADGE }) as const;
  switch (figure) {
    case 'loadedBytes':
      return explained(
        head('Loaded bytes', loadedBytes, 'B'),
        { formula: 'Σ bytes of its loads', source: COUNTED, technique },
        places,
      );
    case 'storedBytes':
      return explained(
        head('Stored bytes', storedBytes, 'B'),
        { formula: 'Σ bytes of its stores', source: COUNTED, technique },
        places,
      );
    case 'bytes':
      return explained(
        head('Off-chip bytes', loadedBytes + storedBytes, 'B'),
        { formula: 'loaded + stored', source: DEFINITION, technique },
        [other('loaded', 'loadedBytes', loadedBytes, 'B'), other('stored', 'storedBytes', storedBytes, 'B'), ...places],
      );
    case 'busy':
      return explained(
        head('Busy cycles', busy, 'cycles'),
        { formula: 'Σ ticks it moves data', source: COUNTED, technique },
        [other('bytes', 'bytes', loadedBytes + storedBytes, 'B'), ...places],
      );
    case 'utilisation':
      return explained(
        head('Utilisation', utilisation, '1'),
        { formula: 'busy ÷ makespan', source: DEFINITION, technique },
        [other('busy', 'busy', busy, 'cycles'), makespan(result), ...places],
      );
  }
}

/** A span of the critical path, or what several of them take together. */
export function explainSpans(
  title: string,
  spans: SimulationResult['criticalPath'],
  result: SimulationResult,
): ExplainedFigure {
  const technique = simulator(result);
  const cycles = spans.reduce((sum, { start, end }) => sum + end - start, 0);
  const head = { title, value: cycles, unit: 'cycles', badge: BADGE } as const;
  const [only] = spans;
  if (only && spans.length === 1) {
    const task = result.tasks[only.task];
    return explained(head, { formula: 'end − start', source: COUNTED, technique }, [
      amount('end', only.end, 'cycles'),
      amount('start', only.start, 'cycles'),
      ...(task ? taskPlaces(result, task) : []),
    ]);
  }
  const name = ({ task, state, start }: (typeof spans)[number]) =>
    `${result.tasks[task]?.name ?? 'no task'} ${state} from ${start}`;
  return explainedSum(
    head,
    { formula: 'Σ over spans of end − start', source: COUNTED, technique },
    largest(spans, 'cycles', {
      value: ({ start, end }) => end - start,
      name,
      explain: (span) => explainSpans(name(span), [span], result),
    }),
  );
}
