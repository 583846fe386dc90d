/**
 * Where the time of a run went: accounts of tasks with for whom they waited, how full streams were, the critical path by
 * cause, and what stands out in sentences. Figures are those of the run, nothing is estimated.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { formatExact, formatQuantity } from '#core/base/quantity.ts';
import type { NetworkRun, State } from '#core/simulate/network/run.ts';
import { type CriticalPath, criticalPathOf, eachSpan, type PathItem, type Span } from './critical-path.ts';
import { endsOf, type Label, type Subject } from './subject.ts';

export interface StallWait extends Label {
  readonly state: State;
  /** FIFO, channel, lock or barrier. */
  readonly on: number;
  readonly ticks: number;
  /** Of the makespan, 0…1. */
  readonly share: number;
  /** The process at the other end of the FIFO; null for other waits. */
  readonly other: Label | null;
}

/** busy + stallIn + stallOut + reconfigure = makespan. */
export interface TaskStalls extends Label {
  readonly process: number;
  readonly busy: number;
  readonly stallIn: number;
  readonly stallOut: number;
  readonly reconfigure: number;
  /** Longest first. */
  readonly waits: readonly StallWait[];
}

export interface StreamPressure extends Label {
  readonly fifo: number;
  /** Infinity: without bound. */
  readonly depth: number;
  readonly maximum: number;
  readonly mean: number;
  readonly firstFull: number | null;
  /** Ticks its writer waited for room, and its reader for tokens. */
  readonly writerWaits: number;
  readonly readerWaits: number;
}

/** Time of the critical path by process and what it does there. */
export interface PathShare extends Label {
  readonly process: number;
  readonly state: State;
  /** Channel of loads and stores; null otherwise. */
  readonly on: Label | null;
  readonly ticks: number;
  readonly share: number;
}

export interface StallExplanation {
  readonly tasks: readonly TaskStalls[];
  readonly streams: readonly StreamPressure[];
  /** Null where the run deadlocked or has no trace. */
  readonly path: CriticalPath | null;
  /** Longest first; ticks add up to the makespan. */
  readonly pathShares: readonly PathShare[];
  readonly findings: readonly Problem[];
}

/** `run` of `subject.network`; with a trace the critical path is found too. */
export function explainStalls(subject: Subject, run: NetworkRun): StallExplanation {
  const { network, processes, fifos } = subject;
  const { makespan } = run;
  const ends = endsOf(network);
  const share = (ticks: number) => (makespan === 0 ? 0 : ticks / makespan);
  const tasks = run.processes.map(({ busy, stallIn, stallOut, reconfigure, waits }, process): TaskStalls => {
    const told = waits.map(({ state, on, ticks }): StallWait => {
      const other = state === 'get' ? ends.writer[on] : state === 'put' ? ends.reader[on] : undefined;
      return {
        ...placeOf(subject, state, on),
        state,
        on,
        ticks,
        share: share(ticks),
        other: processes[other ?? -1] ?? null,
      };
    });
    return { ...processes[process]!, process, busy, stallIn, stallOut, reconfigure, waits: told };
  });
  const waited = (state: State, on: number) =>
    tasks.reduce(
      (sum, { waits }) => sum + (waits.find((wait) => wait.state === state && wait.on === on)?.ticks ?? 0),
      0,
    );
  const streams = run.fifos.map(({ maximum, mean, firstFull }, fifo): StreamPressure => {
    const { node, name } = fifos[fifo]!;
    const depth = network.fifos[fifo]!.capacity;
    const [writerWaits, readerWaits] = [waited('put', fifo), waited('get', fifo)];
    return { node, name, fifo, depth, maximum, mean, firstFull, writerWaits, readerWaits };
  });
  const path = run.trace ? criticalPathOf(network, run) : null;
  const pathShares = path ? sharesOf(subject, path) : [];
  const findings = run.deadlock
    ? []
    : [
        ...pathFindings(pathShares, makespan),
        ...roomFindings(subject, path, streams, makespan),
        ...idleFindings(tasks, makespan),
      ];
  return { tasks, streams, path, pathShares, findings };
}

function placeOf({ network, fifos, channels }: Subject, state: State, on: number): Label {
  const nothing = { node: null, name: 'off-chip memory' };
  if (state === 'get' || state === 'put') return labelOf(fifos[on]!);
  if (state === 'load' || state === 'store') return channels[on] ?? nothing;
  return { node: null, name: (state === 'lock' ? network.locks : network.barriers)[on]?.name ?? '' };
}

const labelOf = ({ node, name }: Label): Label => ({ node, name });

function sharesOf(subject: Subject, path: CriticalPath): readonly PathShare[] {
  const sums = new Map<string, { span: Span; ticks: number }>();
  eachSpan(path.items, (span, times) => {
    const key = `${span.process} ${span.state} ${span.on}`;
    const sum = sums.get(key) ?? { span, ticks: 0 };
    sum.ticks += times * (span.end - span.start);
    sums.set(key, sum);
  });
  return [...sums.values()]
    .map(
      ({ span: { process, state, on }, ticks }): PathShare => ({
        ...subject.processes[process]!,
        process,
        state,
        on: state === 'busy' || state === 'reconfigure' ? null : placeOf(subject, state, on),
        ticks,
        share: ticks / path.makespan,
      }),
    )
    .sort((one, other) => other.ticks - one.ticks || one.process - other.process);
}

const info = (code: string, message: string, node: string | null, facts: Readonly<Record<string, number | string>>) =>
  problem(`stalls.${code}`, message, { severity: 'info', where: node === null ? {} : { node }, facts });

/** Parts of the path that are told, and the least that is worth a sentence. */
const TOLD = 3;
const WORTH = 0.05;

function pathFindings(shares: readonly PathShare[], makespan: number): readonly Problem[] {
  const [first] = shares;
  if (!first) return [];
  // The first is told however little it is: of many tasks each decides little.
  const parts = shares.slice(0, TOLD).filter(({ share }, index) => index === 0 || share >= WORTH);
  const told = parts.map((part) => `${part.name} ${doing(part)} (${formatQuantity(part.share, '1')})`);
  return [
    info(
      'critical-path',
      `What decides the ${formatExact(makespan, 'cycles')}: ${told.join(', then ')}${parts.length < shares.length ? ', and less' : ''}`,
      first.node,
      Object.fromEntries(parts.map((part) => [`${part.name} ${doing(part)}`, formatExact(part.ticks, 'cycles')])),
    ),
  ];
}

function doing({ state, on }: Pick<PathShare, 'state' | 'on'>): string {
  switch (state) {
    case 'busy':
      return 'computing';
    case 'reconfigure':
      return 'being reconfigured';
    case 'load':
      return `waiting for loads on ${on?.name}`;
    case 'store':
      return `waiting for stores on ${on?.name}`;
    default:
      return `waiting at ${on?.name}`;
  }
}

/** Streams whose room the critical path waits for: these, and only these, cost time by being short. */
function roomFindings(
  { network, processes }: Subject,
  path: CriticalPath | null,
  streams: readonly StreamPressure[],
  makespan: number,
): readonly Problem[] {
  if (!path) return [];
  const ends = endsOf(network);
  const times = network.fifos.map(() => 0);
  eachSpan(path.items, ({ next }, often) => {
    for (const { kind, on } of next) if (kind === 'room') times[on]! += often;
  });
  return streams
    .filter(({ fifo }) => times[fifo]! > 0)
    .sort((one, other) => other.writerWaits - one.writerWaits)
    .slice(0, TOLD)
    .map(({ fifo, node, name, depth, writerWaits, firstFull }) => {
      const [writer, reader] = [processes[ends.writer[fifo]!]!, processes[ends.reader[fifo]!]!];
      return info(
        'short-fifo',
        `${name} is too short with ${formatExact(depth, '')}: full from tick ${formatExact(firstFull ?? 0, '')} on, ${writer.name} waits ${formatExact(writerWaits, 'cycles')} (${formatQuantity(writerWaits / makespan, '1')}) for ${reader.name} to make room, and the end of the run waits for it`,
        node,
        {
          depth,
          'its writer waits': formatExact(writerWaits, 'cycles'),
          'first full at tick': firstFull ?? 0,
          'times on the critical path': times[fifo]!,
        },
      );
    });
}

/** Tasks that wait most of the time: for whom. */
function idleFindings(tasks: readonly TaskStalls[], makespan: number): readonly Problem[] {
  return tasks
    .filter(({ waits }) => waits[0] !== undefined && waits[0].ticks >= makespan / 2)
    .sort((one, other) => other.waits[0]!.ticks - one.waits[0]!.ticks)
    .slice(0, TOLD)
    .map(({ name, node, waits }) => {
      const { state, name: place, node: drawn, other, ticks, share } = waits[0]!;
      const what =
        state === 'get'
          ? // What is not drawn is a token between tasks: that a tensor is whole, or a core free.
            drawn === null
            ? `for ${other?.name ?? 'somebody'} to end`
            : `for ${other?.name ?? 'somebody'} to write ${place}`
          : state === 'put'
            ? `for ${other?.name ?? 'somebody'} to read ${place}`
            : state === 'load' || state === 'store'
              ? `for ${state}s on ${place}`
              : `at ${place}`;
      return info('waits', `${name} waits ${formatQuantity(share, '1')} of the run ${what}`, node, {
        ticks,
        share: formatQuantity(share, '1'),
      });
    });
}

/** A span of time for drawing; `cycles` of the longest in it where several were put together. */
export interface DrawnSpan {
  readonly process: number;
  readonly state: State;
  readonly start: number;
  readonly end: number;
}

/**
 * The path as at most about `most` spans, without gaps: repetitions are unrolled while there is room, else told as one
 * span, of the process and state that takes most of its time.
 */
export function drawnSpans({ items }: CriticalPath, most = 2_000): readonly DrawnSpan[] {
  const spans: DrawnSpan[] = [];
  const draw = (list: readonly PathItem[], by: number, room: number): void => {
    for (const item of list) {
      if ('process' in item) {
        const { process, state, start, end } = item;
        spans.push({ process, state, start: start + by, end: end + by });
        continue;
      }
      const share = Math.floor(room / list.length);
      if (item.times * item.items.length <= share) {
        for (let time = 0; time < item.times; time++) draw(item.items, by + time * item.period, share / item.times);
      } else {
        const start = item.start + by;
        spans.push({ ...longestOf(item.items), start, end: start + item.times * item.period });
      }
    }
  };
  draw(items, 0, most);
  if (spans.length <= most) return spans;
  // Still too many: neighbours are put together, the longest gives its name.
  const each = Math.ceil(spans.length / most);
  return Array.from({ length: Math.ceil(spans.length / each) }, (_, index) => {
    const group = spans.slice(index * each, (index + 1) * each);
    const longest = group.reduce((one, other) => (other.end - other.start > one.end - one.start ? other : one));
    return { ...longest, start: group[0]!.start, end: group.at(-1)!.end };
  });
}

function longestOf(items: readonly PathItem[]): Pick<DrawnSpan, 'process' | 'state'> {
  const sums = new Map<string, { process: number; state: State; ticks: number }>();
  eachSpan(items, ({ process, state, start, end }, times) => {
    const sum = sums.get(`${process} ${state}`) ?? { process, state, ticks: 0 };
    sum.ticks += times * (end - start);
    sums.set(`${process} ${state}`, sum);
  });
  const { process, state } = [...sums.values()].reduce((one, other) => (other.ticks > one.ticks ? other : one));
  return { process, state };
}
