/**
 * A RunResult made ready to draw: columns decoded, intervals indexed by lane, schedule steps tied to operators.
 * Pure function of the result; both the workbench and the report draw from it, so that they cannot disagree.
 */
import { decodeColumn } from '#core/base/columns.ts';
import type { OperatorResult, RunResult, Timeline, TimelineLane } from '#core/run/result.ts';
import type { ScheduleTensor } from '#core/schedule/problem.ts';
import { categoryOf } from './category.ts';
import type { Hue } from './palette.ts';

export interface TimelineData {
  readonly lanes: readonly TimelineLane[];
  readonly makespanCycles: number;
  readonly clockHertz: number;
  /** Interval `i` belongs to lane `l` when laneFirst[l] ≤ i < laneFirst[l + 1]. */
  readonly laneFirst: Int32Array;
  /** Cycles. */
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly operator: Int32Array;
  readonly kind: Uint8Array;
  /** Latest end of the lane's intervals up to and including this one: non-decreasing, so it can be searched. */
  readonly latestEnd: Float64Array;
  /** Cycles the lane was covered up to and including this interval, overlaps counted once. */
  readonly covered: Float64Array;
}

/** Tensor `tensor` lies at [address, address + bytes) during steps from … to − 1. */
export interface Residence {
  readonly tensor: ScheduleTensor;
  readonly from: number;
  readonly to: number;
  readonly address: number;
  /** Operator that makes the tensor, or −1 for a graph input. */
  readonly producer: number;
}

export interface MemoryData {
  /** Sorted by first step, then address. */
  readonly residences: readonly Residence[];
  readonly steps: number;
  /** Operator run at each step. */
  readonly order: readonly number[];
  readonly capacityBytes: number;
  /** Highest address in use + 1 over the whole schedule. */
  readonly peakAddress: number;
  /** Sum of resident bytes at each step. */
  readonly liveBytes: Float64Array;
}

export interface RunData {
  readonly result: RunResult;
  readonly timeline: TimelineData;
  readonly memory: MemoryData;
  /** Model node → index into operators. */
  readonly operatorOfNode: ReadonlyMap<string, number>;
  /** Colour of each operator: the category of its main node. */
  readonly hues: readonly Hue[];
}

export function toRunData(result: RunResult): RunData {
  const operatorOfNode = new Map<string, number>();
  for (const operator of result.operators)
    for (const node of operator.nodes) if (!operatorOfNode.has(node)) operatorOfNode.set(node, operator.index);
  return {
    result,
    timeline: decodeTimeline(result.timeline),
    memory: toMemoryData(result),
    operatorOfNode,
    hues: huesOf(result),
  };
}

function huesOf(result: RunResult): readonly Hue[] {
  const types = new Map(result.inputs.model.nodes.map((node) => [node.id, node.type]));
  return result.operators.map((operator) => {
    const [main] = operator.nodes;
    return categoryOf((main === undefined ? undefined : types.get(main)) ?? mainType(operator));
  });
}

/** `conv` of `conv + batch-norm + relu`. */
export function mainType(operator: OperatorResult): string {
  return operator.type.split(' + ')[0] ?? operator.type;
}

/** Throws RangeError when the columns are not what they say; parseRun has checked a file from outside. */
export function decodeTimeline(timeline: Timeline): TimelineData {
  const lane = decodeColumn(timeline.lane);
  const count = lane.length;
  const start = Float64Array.from(decodeColumn(timeline.start));
  const end = Float64Array.from(decodeColumn(timeline.end));
  const laneFirst = new Int32Array(timeline.lanes.length + 1);
  let at = 0;
  for (let index = 0; index < timeline.lanes.length; index++) {
    laneFirst[index] = at;
    while (at < count && lane[at] === index) at++;
  }
  laneFirst[timeline.lanes.length] = at;
  return {
    lanes: timeline.lanes,
    makespanCycles: timeline.makespanCycles,
    clockHertz: timeline.clockHertz,
    laneFirst,
    start,
    end,
    operator: Int32Array.from(decodeColumn(timeline.operator)),
    kind: Uint8Array.from(decodeColumn(timeline.kind)),
    ...runningColumns(laneFirst, start, end),
  };
}

/** The columns that are searched: of each lane, up to each of its intervals. */
export function runningColumns(
  laneFirst: Int32Array,
  start: Float64Array,
  end: Float64Array,
): Pick<TimelineData, 'latestEnd' | 'covered'> {
  const latestEnd = new Float64Array(start.length);
  const covered = new Float64Array(start.length);
  for (let lane = 0; lane + 1 < laneFirst.length; lane++) {
    let [latest, total] = [Number.NEGATIVE_INFINITY, 0];
    for (let at = laneFirst[lane]!; at < laneFirst[lane + 1]!; at++) {
      total += Math.max(0, end[at]! - Math.max(start[at]!, latest));
      latest = Math.max(latest, end[at]!);
      latestEnd[at] = latest;
      covered[at] = total;
    }
  }
  return { latestEnd, covered };
}

/** Cycles lane `lane` was busy over the whole run. */
export function laneBusyCycles(timeline: TimelineData, lane: number): number {
  const first = timeline.laneFirst[lane]!;
  const last = timeline.laneFirst[lane + 1]! - 1;
  return last < first ? 0 : timeline.covered[last]!;
}

/** First interval of the lane that ends after `cycle`; laneFirst[lane + 1] when there is none. O(log n). */
export function firstEndingAfter(timeline: TimelineData, lane: number, cycle: number): number {
  return search(timeline.latestEnd, timeline.laneFirst[lane]!, timeline.laneFirst[lane + 1]!, cycle);
}

/** First interval of the lane from `from` on that starts at or after `cycle`. O(log n). */
export function firstStartingFrom(timeline: TimelineData, lane: number, from: number, cycle: number): number {
  let low = from;
  let high = timeline.laneFirst[lane + 1]!;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeline.start[middle]! < cycle) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The interval of the lane under `cycle`, or −1. */
export function intervalAt(timeline: TimelineData, lane: number, cycle: number): number {
  const index = firstEndingAfter(timeline, lane, cycle);
  return index < timeline.laneFirst[lane + 1]! && timeline.start[index]! <= cycle ? index : -1;
}

function search(values: Float64Array, first: number, end: number, cycle: number): number {
  let low = first;
  let high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! <= cycle) low = middle + 1;
    else high = middle;
  }
  return low;
}

function toMemoryData(result: RunResult): MemoryData {
  const { problem, answer } = result.schedule;
  const operatorOf = scheduleOperators(result);
  const producer = new Map<number, number>();
  for (const op of problem.ops) for (const tensor of op.outputs) producer.set(tensor, operatorOf[op.id] ?? -1);
  const steps = answer.order.length;
  const liveBytes = new Float64Array(steps);
  let peakAddress = 0;
  const residences: Residence[] = [];
  for (const interval of answer.intervals) {
    const tensor = problem.tensors[interval.t];
    if (!tensor) continue;
    const { from, to, addr: address } = interval;
    residences.push({ tensor, from, to, address, producer: producer.get(tensor.id) ?? -1 });
    peakAddress = Math.max(peakAddress, address + tensor.bytes);
    for (let step = from; step < to; step++) liveBytes[step]! += tensor.bytes;
  }
  residences.sort((a, b) => a.from - b.from || a.address - b.address);
  return {
    residences,
    steps,
    order: answer.order.map((op) => operatorOf[op] ?? -1),
    capacityBytes: answer.S,
    peakAddress,
    liveBytes,
  };
}

/** Operator of each schedule op: by position when both lists are as long (they are in file order), else by name. */
export function scheduleOperators(result: RunResult): readonly number[] {
  const { ops } = result.schedule.problem;
  if (ops.length === result.operators.length) return ops.map((_, position) => position);
  const byName = new Map<string, OperatorResult>();
  for (const operator of result.operators) if (!byName.has(operator.name)) byName.set(operator.name, operator);
  return ops.map((op) => byName.get(op.name)?.index ?? -1);
}

/** Ids of the schedule's tensors that operator `index` reads or makes. */
export function tensorsOfOperator(result: RunResult, index: number): ReadonlySet<number> {
  const operators = scheduleOperators(result);
  const tensors = new Set<number>();
  for (const op of result.schedule.problem.ops) {
    if (operators[op.id] !== index) continue;
    for (const tensor of [...op.inputs, ...op.outputs]) tensors.add(tensor);
  }
  return tensors;
}
