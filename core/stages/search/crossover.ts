/**
 * Where one mode gives way to another: on-chip memory × efficiency of the off-chip channels. Every point of the grid is
 * decided by the time model, and those at a border, where the model's error could change the answer, by simulation.
 */
import { type Control, uncontrolled } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { Fabric } from '#core/fabric/fabric.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import { type Design, MODES, type Mode, type Variant } from '../design.ts';
import { dataflowDesign, sequentialDesign } from '../modes.ts';
import { simulateDesign } from '../simulate.ts';
import { predictDesign } from '../time.ts';
import { graphProblem } from './graph-problem.ts';
import { searchPartitions } from './partitions.ts';
import { titleOf } from './search.ts';

export interface CrossoverOptions {
  readonly variant: Variant;
  /** Bytes of all banks together; they keep their proportions. Ascending, ≥ 1. */
  readonly memoryBytes: readonly number[];
  /** Of the drawn bandwidth of every channel, 0 < e ≤ 1; ascending. */
  readonly efficiencies: readonly number[];
  /** Points whose best two modes are closer than this are simulated, as those beside another best mode are. Default 0.02. */
  readonly closeness?: number;
  readonly mip?: MipSolver;
  readonly control?: Control;
}

export interface CrossoverMode {
  readonly mode: Mode;
  readonly title: string;
  readonly predicted: number;
  /** Null where the point was decided by the model, or the design does not end. */
  readonly simulated: number | null;
  readonly offChipBytes: number;
}

export interface CrossoverPoint {
  readonly memoryBytes: number;
  readonly efficiency: number;
  /** Those that can be built, best first; empty where none can. */
  readonly modes: readonly CrossoverMode[];
  /** How much longer the second best takes, of the best; null where there is but one. */
  readonly margin: number | null;
  readonly isSimulated: boolean;
}

export interface CrossoverMap {
  /** By memory, then by efficiency, as asked for. */
  readonly points: readonly CrossoverPoint[];
  /** Points that were simulated and had another best mode by the model. */
  readonly corrected: number;
  readonly isCancelled: boolean;
}

interface Contender {
  readonly design: Design;
  readonly predicted: number;
  readonly simulated: number | null;
  readonly isStuck: boolean;
  readonly offChipBytes: number;
}

interface Point {
  readonly memoryBytes: number;
  readonly efficiency: number;
  readonly fabric: Fabric;
  contenders: readonly Contender[];
  isSimulated: boolean;
}

/** Ways kept, so that one of them is neither sequential nor dataflow. */
const PARTITIONS = 4;

/**
 * Deterministic: the same map for the same graph, fabric and grid. Cancelled, it holds what was decided so far. Fails where
 * there is nothing to vary (`crossover.no-banks`, `crossover.no-channels`) and on an empty or impossible grid
 * (`crossover.grid`).
 */
export function crossover(graph: TaskGraph, fabric: Fabric, options: CrossoverOptions): Result<CrossoverMap, Problem> {
  const { variant, memoryBytes, efficiencies, closeness = 0.02, control = uncontrolled } = options;
  const refusal = refuse(fabric, memoryBytes, efficiencies);
  if (refusal !== null) return err(refusal);

  const points: Point[] = [];
  const all = memoryBytes.length * efficiencies.length;
  for (const memory of memoryBytes)
    for (const efficiency of efficiencies) {
      if (control.cancelled()) break;
      const varied = variedFabric(fabric, memory, efficiency);
      const contenders = contend(graph, varied, options);
      points.push({ memoryBytes: memory, efficiency, fabric: varied, contenders, isSimulated: false });
      control.report({
        phase: 'crossover.model',
        fraction: (0.5 * points.length) / all,
        message: `${points.length} of ${all} points`,
      });
    }

  // A point decided otherwise by simulation makes borders of its neighbours, until none is new; in order of the grid.
  let corrected = 0;
  for (let left = borders(points, efficiencies.length, closeness); left.length > 0 && !control.cancelled(); ) {
    for (const point of left) {
      if (control.cancelled()) break;
      const before = point.contenders[0]?.design.mode;
      const played = point.contenders.map((contender) => simulated(graph, point.fabric, contender, control));
      if (control.cancelled()) break;
      point.contenders = ranked(played);
      point.isSimulated = true;
      if (point.contenders[0]?.design.mode !== before) corrected++;
      const done = points.filter(({ isSimulated }) => isSimulated).length;
      control.report({
        phase: 'crossover.simulate',
        fraction: 0.5 + (0.5 * done) / all,
        message: `${done} points at borders simulated`,
      });
    }
    left = borders(points, efficiencies.length, closeness);
  }
  return ok({
    points: points.map((point) => ({
      memoryBytes: point.memoryBytes,
      efficiency: point.efficiency,
      modes: point.contenders.map(({ design, predicted, simulated: cycles, offChipBytes, isStuck }) => ({
        mode: design.mode,
        title: titleOf(graph, { ...design, variant }, isStuck),
        predicted,
        simulated: cycles,
        offChipBytes,
      })),
      margin: marginOf(point.contenders),
      isSimulated: point.isSimulated,
    })),
    corrected,
    isCancelled: control.cancelled(),
  });
}

function refuse(fabric: Fabric, memory: readonly number[], efficiencies: readonly number[]): Problem | null {
  if (fabric.banks.every(({ capacityBytes }) => capacityBytes <= 0))
    return problem('crossover.no-banks', 'The fabric has no bank whose size could be varied');
  if (fabric.channels.length === 0)
    return problem('crossover.no-channels', 'The fabric has no off-chip channel whose efficiency could be varied');
  if (memory.length === 0 || efficiencies.length === 0) return problem('crossover.grid', 'The grid has no points');
  if (memory.some((bytes) => !(bytes >= 1)) || efficiencies.some((part) => !(part > 0 && part <= 1)))
    return problem('crossover.grid', 'Memory sizes must be at least 1 byte, efficiencies above 0 and at most 1');
  return null;
}

/** Banks in proportion, the last takes what rounding leaves; channels slower, their latencies as they are. */
export function variedFabric(fabric: Fabric, memoryBytes: number, efficiency: number): Fabric {
  const total = fabric.banks.reduce((sum, { capacityBytes }) => sum + capacityBytes, 0);
  let left = Math.floor(memoryBytes);
  const last = fabric.banks.length - 1;
  const banks = fabric.banks.map((bank, index) => {
    const share = index === last ? left : Math.floor((Math.floor(memoryBytes) * bank.capacityBytes) / total);
    left -= share;
    return { ...bank, capacityBytes: share };
  });
  const channels = fabric.channels.map((channel) => ({ ...channel, bytesPerTick: channel.bytesPerTick * efficiency }));
  return { ...fabric, banks, channels };
}

/** The best design of each mode by the model, best first. */
function contend(
  graph: TaskGraph,
  fabric: Fabric,
  { variant, mip, control = uncontrolled }: CrossoverOptions,
): readonly Contender[] {
  const designs: Design[] = [];
  for (const design of [sequentialDesign(graph, fabric, variant), dataflowDesign(graph, fabric, variant)])
    if (design.ok && (design.value.spilled.length === 0 || fabric.channels.length > 0)) designs.push(design.value);
  const { problem: stages, units, designOf } = graphProblem(graph, fabric, variant, 'cycles');
  const { partitions } = searchPartitions(stages, {
    count: PARTITIONS,
    control: { report: () => {}, cancelled: control.cancelled },
    ...(mip === undefined ? {} : { mip }),
  });
  const other = partitions.find(({ stages: sets }) => sets.length > 1 && sets.length < units.length);
  const reconfigurable = other === undefined ? null : designOf(other.stages, 'reconfigurable');
  if (reconfigurable !== null) designs.push(reconfigurable);
  return ranked(
    designs.map((design) => {
      const { cycles, offChipBytes } = predictDesign(graph, fabric, design);
      return { design, predicted: cycles, simulated: null, isStuck: false, offChipBytes };
    }),
  );
}

function simulated(graph: TaskGraph, fabric: Fabric, contender: Contender, { cancelled }: Control): Contender {
  const played = simulateDesign(graph, fabric, contender.design, { cancelled });
  // What cannot be built is as little use as what does not end.
  if (!played.ok || played.value.run.deadlock !== null) return { ...contender, isStuck: true };
  return { ...contender, simulated: played.value.run.makespan };
}

const cyclesOf = ({ simulated: played, predicted }: Contender): number => played ?? predicted;

/** Best first; of equals the simpler mode. */
function ranked(contenders: readonly Contender[]): readonly Contender[] {
  return [...contenders].sort(
    (a, b) =>
      Number(a.isStuck) - Number(b.isStuck) ||
      cyclesOf(a) - cyclesOf(b) ||
      MODES.indexOf(a.design.mode) - MODES.indexOf(b.design.mode),
  );
}

function marginOf([first, second]: readonly Contender[]): number | null {
  if (first === undefined || second === undefined || second.isStuck) return null;
  return (cyclesOf(second) - cyclesOf(first)) / Math.max(1, cyclesOf(first));
}

/** Points not yet simulated that are close to a border: to another best mode, or to being decided otherwise. */
function borders(points: readonly Point[], width: number, closeness: number): readonly Point[] {
  const bestOf = (index: number) => points[index]?.contenders[0]?.design.mode;
  return points.filter((point, index) => {
    if (point.isSimulated || point.contenders.length < 2) return false;
    if ((marginOf(point.contenders) ?? Infinity) < closeness) return true;
    const column = index % width;
    const neighbours = [index - width, index + width];
    if (column > 0) neighbours.push(index - 1);
    if (column < width - 1) neighbours.push(index + 1);
    return neighbours.some((other) => bestOf(other) !== undefined && bestOf(other) !== bestOf(index));
  });
}
