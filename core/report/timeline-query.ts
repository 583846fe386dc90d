/**
 * Questions to a timeline of any length: which operators and lanes a text names, what a span of it holds. A span costs two
 * binary searches a lane: intervals know how many cycles their lane was covered up to them.
 */
import { bytesBefore, channelUses } from './channels.ts';
import { firstStartingFrom, type RunData, type TimelineData } from './run-data.ts';

export interface TimelineMatches {
  /** Operators, in the order they begin. */
  readonly operators: readonly number[];
  readonly lanes: readonly number[];
}

/** Every word of the text occurs in the name or type of the operator, or in the title of the lane. */
export function findInTimeline({ result, timeline }: RunData, text: string): TimelineMatches {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return { operators: [], lanes: [] };
  const holds = (said: string) => {
    const low = said.toLowerCase();
    return words.every((word) => low.includes(word));
  };
  return {
    operators: result.operators
      .filter(({ name, type, unit }) => unit !== null && holds(`${name} ${type}`))
      .sort((a, b) => a.startCycle - b.startCycle || a.index - b.index)
      .map(({ index }) => index),
    lanes: timeline.lanes.flatMap(({ title, kind }, lane) => (holds(`${title} ${kind}`) ? [lane] : [])),
  };
}

export interface SpanMeasure {
  readonly cycles: number;
  readonly seconds: number;
  /** Off-chip, of all channels. */
  readonly bytes: number;
  /** Of what the channels could move in it, 0…1; null where there is no channel. */
  readonly bandwidth: number | null;
  /** Busy share of every lane, 0…1, in the order of the lanes. */
  readonly busy: readonly number[];
}

export function measureSpan(data: RunData, from: number, to: number): SpanMeasure {
  const { timeline } = data;
  const cycles = Math.max(0, to - from);
  const covered = (lane: number) => coveredBefore(timeline, lane, to) - coveredBefore(timeline, lane, from);
  const uses = channelUses(data);
  const bytes = uses.reduce((sum, { lane }) => sum + bytesBefore(data, lane, to) - bytesBefore(data, lane, from), 0);
  const most = uses.reduce((sum, { peak }) => sum + peak * cycles, 0);
  return {
    cycles,
    seconds: cycles / timeline.clockHertz,
    bytes,
    bandwidth: most > 0 ? bytes / most : null,
    busy: timeline.lanes.map((_, lane) => (cycles > 0 ? covered(lane) / cycles : 0)),
  };
}

/** Cycles the lane was covered before `cycle`, overlaps once. O(log n). */
export function coveredBefore(timeline: TimelineData, lane: number, cycle: number): number {
  const first = timeline.laneFirst[lane]!;
  const last = firstStartingFrom(timeline, lane, first, cycle) - 1;
  // All up to it begin before the cycle, so what they cover beyond it is one piece, up to the latest end.
  return last < first ? 0 : timeline.covered[last]! - Math.max(0, timeline.latestEnd[last]! - cycle);
}

const touched = new WeakMap<RunData, Uint8Array>();

/** By operator and lane: 1 where the lane works for the operator. */
function touchesOf(data: RunData): Uint8Array {
  const before = touched.get(data);
  if (before) return before;
  const { timeline, result } = data;
  const lanes = timeline.lanes.length;
  const touches = new Uint8Array(result.operators.length * lanes);
  for (let lane = 0; lane < lanes; lane++)
    for (let at = timeline.laneFirst[lane]!; at < timeline.laneFirst[lane + 1]!; at++) {
      const operator = timeline.operator[at]!;
      if (operator >= 0) touches[operator * lanes + lane] = 1;
    }
  touched.set(data, touches);
  return touches;
}

/** Nodes of the architecture that work for an operator: its units, the DMA engines and channels, the scratchpad between. */
export function componentsOf(data: RunData, operator: number): ReadonlySet<string> {
  const { lanes } = data.timeline;
  const touches = touchesOf(data);
  const found = lanes.filter((_, lane) => touches[operator * lanes.length + lane] === 1);
  const memory = data.result.inputs.architecture.nodes.find(({ type }) => type === 'scratchpad');
  const usesMemory = memory && found.some(({ kind }) => kind !== 'link');
  return new Set([...found.map(({ component }) => component), ...(usesMemory ? [memory.id] : [])]);
}

/** Operators that any of the nodes works for; null where none of them has a lane. */
export function operatorsOn(data: RunData, components: ReadonlySet<string>): readonly number[] | null {
  const { lanes } = data.timeline;
  const mine = lanes.flatMap(({ component }, lane) => (components.has(component) ? [lane] : []));
  if (mine.length === 0) return null;
  const touches = touchesOf(data);
  return data.result.operators.flatMap(({ index }) =>
    mine.some((lane) => touches[index * lanes.length + lane] === 1) ? [index] : [],
  );
}
