/**
 * Timelines → Trace Event Format (JSON), for ui.perfetto.dev and chrome://tracing. The format counts microseconds; a cycle is
 * 1 ÷ clock, rounded to whole nanoseconds, and each slice has its exact cycles among its arguments. Slices of a track
 * never overlap: what does in the run gets a track of its own. Made in pieces, since a trace may be larger than a string.
 * Source: Google, Trace Event Format, 2016 (public description of the format).
 */
import { decodeColumn } from '#core/base/columns.ts';
import type { SimulationResult } from '#core/run/fabric/result.ts';
import { TASK_STATES } from '#core/run/fabric/timeline.ts';
import { INTERVAL_KINDS, type OperatorResult, type RunResult } from '#core/run/result.ts';
import { bandwidthOf } from './channels.ts';
import { type RunData, type TimelineData, toRunData } from './run-data.ts';
import { toSimulationData } from './simulation/data.ts';

/** About as many characters in a piece. */
const PIECE = 1 << 18;
/** Points of a counter that the run does not hold as a series. */
const BUCKETS = 2000;

/** JSON text in pieces; joined they are one object. */
export function* runTrace(result: RunResult): Generator<string> {
  const data = toRunData(result);
  yield* pieces(
    result,
    data.timeline,
    (function* () {
      const names = result.operators.map(({ name }) => JSON.stringify(name));
      const args = result.operators.map((operator) => operatorArguments(operator));
      yield* tracks(result.title, data.timeline, (index, at) => {
        const operator = data.timeline.operator[index]!;
        const kind = INTERVAL_KINDS[data.timeline.kind[index]!] ?? 'execute';
        return `"name":${names[operator] ?? '"–"'},"cat":"${kind}",${at},"kind":"${kind}"${args[operator] ?? ''}}}`;
      });
      yield* counters('Memory', [scratchpadCounter(data), ...bandwidthCounters(data)], data.timeline.clockHertz);
    })(),
  );
}

export function* simulationTrace(result: SimulationResult): Generator<string> {
  const data = toSimulationData(result);
  const { intervals } = data;
  const lanes = data.rows.map(({ lane }) => intervals.lanes[lane]!);
  const timeline = { ...intervals, lanes };
  yield* pieces(
    result,
    timeline,
    (function* () {
      const waitNames = [...result.streams, ...result.channels];
      yield* tracks(result.title, timeline, (index, at) => {
        const task = result.tasks[intervals.operator[index]!];
        const state = TASK_STATES[intervals.kind[index]!] ?? 'mixed';
        const on = data.waitsOn[index]!;
        const isChannel = state === 'load' || state === 'store';
        const place = on < 0 ? undefined : waitNames[isChannel ? result.streams.length + on : on];
        const name = state === 'busy' ? (task?.name ?? '–') : `${task?.name ?? '–'}: ${state}`;
        const more = `${task ? `,"task":${JSON.stringify(task.name)},"stage":${task.stage}` : ''}${place ? `,"on":${JSON.stringify(place.name)}` : ''}`;
        return `"name":${JSON.stringify(name)},"cat":"${state}",${at},"state":"${state}"${more}}}`;
      });
      const nameOf = new Map(waitNames.map(({ node, name }) => [node, name]));
      const perSecond = intervals.clockHertz / 1e9;
      yield* counters(
        'Streams and channels',
        [
          ...result.occupancy.map(({ node, bucket, values }) => ({
            name: `${nameOf.get(node) ?? node}: tokens`,
            bucket,
            values: decodeColumn(values),
            scale: 1,
          })),
          ...result.bandwidth.map(({ node, bucket, values }) => ({
            name: `${nameOf.get(node) ?? node}: GB/s`,
            bucket,
            values: decodeColumn(values),
            scale: perSecond / bucket,
          })),
        ].map((counter) => ({ ...counter, ends: data.makespan })),
        intervals.clockHertz,
      );
    })(),
  );
}

interface Traced {
  readonly title: string;
  readonly key: string;
  readonly appVersion: string;
}

function* pieces(
  { title, key, appVersion }: Traced,
  { clockHertz, makespanCycles }: TimelineData,
  events: Iterable<string>,
): Generator<string> {
  const otherData = { title, key, application: `Weft ${appVersion}`, clockHertz, makespanCycles };
  let piece = `{"displayTimeUnit":"ns","otherData":${JSON.stringify(otherData)},"traceEvents":[`;
  let isFirst = true;
  for (const event of events) {
    piece += isFirst ? `\n${event}` : `,\n${event}`;
    isFirst = false;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}\n]}\n`;
}

/** Cycles as whole nanoseconds; the format's microseconds have three decimals. */
function nanoseconds(cycles: number, clockHertz: number): number {
  return Math.round((cycles * 1e9) / clockHertz);
}

/** Exact decimal text of nanoseconds ÷ 1000. */
function microseconds(ns: number): string {
  const whole = Math.floor(ns / 1000);
  const rest = ns - whole * 1000;
  return rest === 0 ? String(whole) : `${whole}.${String(rest).padStart(3, '0')}`;
}

function metadata(kind: string, pid: number, tid: number, args: string): string {
  return `{"ph":"M","pid":${pid},"tid":${tid},"name":"${kind}","args":{${args}}}`;
}

const TRACKS = 1;
const COUNTERS = 2;

/** `sliceOf` gives the rest of an event, from its name on, around `at`, which opens the arguments. */
function* tracks(
  title: string,
  timeline: TimelineData,
  sliceOf: (index: number, at: string) => string,
): Generator<string> {
  const { lanes, laneFirst, start, end, clockHertz } = timeline;
  yield metadata('process_name', TRACKS, 0, `"name":${JSON.stringify(title)}`);
  yield metadata('process_sort_index', TRACKS, 0, '"sort_index":1');
  let tid = 0;
  for (const [lane, { title: name, kind }] of lanes.entries()) {
    const { trackOf, count } = tracksOf(timeline, lane);
    const first = tid + 1;
    for (let track = 0; track < count; track++) {
      tid++;
      const label = count > 1 ? `${name} (${track + 1})` : name;
      yield metadata('thread_name', TRACKS, tid, `"name":${JSON.stringify(label)}`);
      yield metadata('thread_sort_index', TRACKS, tid, `"sort_index":${tid}`);
    }
    const from = laneFirst[lane]!;
    for (let index = from; index < laneFirst[lane + 1]!; index++) {
      const begins = nanoseconds(start[index]!, clockHertz);
      const lasts = nanoseconds(end[index]!, clockHertz) - begins;
      const thread = first + trackOf[index - from]!;
      const at = `"ts":${microseconds(begins)},"dur":${microseconds(lasts)},"args":{"lane":"${kind}","startCycle":${start[index]},"endCycle":${end[index]}`;
      yield `{"ph":"X","pid":${TRACKS},"tid":${thread},${sliceOf(index, at)}`;
    }
  }
}

/** Each interval of a lane on the first track that is free when it begins. */
function tracksOf({ laneFirst, start, end, clockHertz }: TimelineData, lane: number) {
  const from = laneFirst[lane]!;
  const trackOf = new Uint32Array(laneFirst[lane + 1]! - from);
  const free: number[] = [];
  for (let index = 0; index < trackOf.length; index++) {
    const begins = nanoseconds(start[from + index]!, clockHertz);
    let track = free.findIndex((until) => until <= begins);
    if (track < 0) track = free.push(0) - 1;
    free[track] = nanoseconds(end[from + index]!, clockHertz);
    trackOf[index] = track;
  }
  return { trackOf, count: Math.max(1, free.length) };
}

function operatorArguments({ index, type, nodes, mapping, limit, macs, ...rest }: OperatorResult): string {
  const bytes = rest.compulsoryBytes + rest.spillBytes + rest.refetchBytes;
  const shown = {
    operator: index + 1,
    type,
    nodes: nodes.slice(0, 8).join(' '),
    mapping,
    limit,
    macs,
    offChipBytes: bytes,
  };
  return `,${JSON.stringify(shown).slice(1, -1)}`;
}

/** value[i] × scale holds from `at`[i] (cycles), or from i × bucket, on. */
interface Counter {
  readonly name: string;
  readonly values: ArrayLike<number>;
  readonly scale: number;
  readonly bucket?: number;
  readonly at?: ArrayLike<number>;
  /** Cycle from which on it is 0. */
  readonly ends: number;
}

/** Points at which a value changes. */
function* counters(title: string, all: readonly Counter[], clockHertz: number): Generator<string> {
  if (all.length === 0) return;
  yield metadata('process_name', COUNTERS, 0, `"name":${JSON.stringify(title)}`);
  yield metadata('process_sort_index', COUNTERS, 0, '"sort_index":2');
  for (const { name, values, scale, bucket = 1, at, ends } of all) {
    const head = `{"ph":"C","pid":${COUNTERS},"tid":0,"name":${JSON.stringify(name)}`;
    const point = (cycle: number, value: number) =>
      `${head},"ts":${microseconds(nanoseconds(cycle, clockHertz))},"args":{"value":${value}}}`;
    let last = Number.NaN;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]! * scale;
      if (value === last) continue;
      last = value;
      yield point(at ? at[i]! : i * bucket, value);
    }
    if (last !== 0 && values.length > 0) yield point(ends, 0);
  }
}

/** Bytes resident from the moment the operator of a step begins. */
function scratchpadCounter({ memory, timeline, result }: RunData): Counter {
  const at = new Float64Array(memory.steps);
  let latest = 0;
  for (let step = 0; step < memory.steps; step++) {
    latest = Math.max(latest, result.operators[memory.order[step]!]?.startCycle ?? 0);
    at[step] = latest;
  }
  return { name: 'Scratchpad: bytes', values: memory.liveBytes, scale: 1, at, ends: timeline.makespanCycles };
}

/** GB/s of every channel; the area under all of them is the bytes of the run. */
function bandwidthCounters(data: RunData): readonly Counter[] {
  const { lanes, clockHertz, makespanCycles } = data.timeline;
  const channels = lanes.flatMap(({ kind }, lane) => (kind === 'channel' ? [lane] : []));
  return channels.map((lane) => {
    const { bucket, values } = bandwidthOf(data, { lane }, BUCKETS);
    const scale = clockHertz / 1e9 / bucket;
    return { name: `${lanes[lane]!.title}: GB/s`, values, scale, bucket, ends: makespanCycles };
  });
}
