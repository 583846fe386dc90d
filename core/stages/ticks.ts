/**
 * Ticks of what a task does, one by one: a firing of its loop nest, a transfer over a channel, being reconfigured. Integers
 * wherever the drawing has integers. Formulas: LoopNest (core/taskgraph), MemoryChannel (core/simulate/network).
 */
import type { Core, Fabric, OffChipChannel } from '#core/fabric/fabric.ts';
import type { Access, Task } from '#core/taskgraph/task-graph.ts';
import type { CoreShare, Variant } from './design.ts';

/** What a task is given of the fabric. */
export interface Supply {
  /** MACs (evaluations) a cycle of the slowest of its cores' clocks. */
  readonly lanes: number;
  /** Ticks of such a cycle. */
  readonly ticksPerCycle: number;
  /** Ports of all banks: words they read or write a tick; Infinity where no bank is drawn. */
  readonly ports: number;
}

export function portsOf({ banks }: Fabric): number {
  return banks.length === 0 ? Infinity : banks.reduce((sum, { ports }) => sum + ports, 0);
}

/** Lanes together; of a core with a faster clock as many as it gets through in a cycle of the slowest. */
export function lanesOf(fabric: Fabric, shares: readonly CoreShare[]): Supply {
  let ticksPerCycle = 1;
  for (const { core } of shares) ticksPerCycle = Math.max(ticksPerCycle, fabric.cores[core]!.ticksPerCycle);
  let lanes = 0;
  for (const share of shares)
    lanes += Math.floor((share.lanes * ticksPerCycle) / fabric.cores[share.core]!.ticksPerCycle);
  return { lanes, ticksPerCycle, ports: portsOf(fabric) };
}

/** Whether a task computes on lanes: it has work, and its times are not simply given. */
export function needsLanes({ work, times }: Task): boolean {
  return work > 0 && times.length === 0;
}

/** Lanes of those given that it can use. */
export function usefulLanes({ unroll }: Task, lanes: number, variant: Variant): number {
  return variant === 'as-built' && unroll > 0 ? Math.min(lanes, unroll) : lanes;
}

/** II_eff = max(II, ⌈bank accesses of an iteration ÷ ports⌉) as built; 1 ideally. */
export function intervalOf({ nest, bankAccesses = 0 }: Task, { ports }: Supply, variant: Variant): number {
  return variant === 'ideal' ? 1 : Math.max(nest.interval, Math.ceil(bankAccesses / ports));
}

/** Ticks of the firings, cyclic over the run; without `startTicks`. Infinity where it has work and no lanes. */
export function firingTicks(task: Task, supply: Supply, variant: Variant): readonly number[] {
  const { work, nest, times } = task;
  if (times.length > 0) return times;
  const lanes = usefulLanes(task, supply.lanes, variant);
  const iterations = (starts: number): number => (work === 0 ? 0 : Math.ceil(work / (starts * lanes)));
  const interval = intervalOf(task, supply, variant);
  if (variant === 'ideal') return [supply.ticksPerCycle * iterations(1)];
  const { starts } = nest;
  const cycles = nest.isFlattened
    ? interval * iterations(1)
    : starts * (interval * iterations(starts) + nest.depth + nest.exit);
  return [supply.ticksPerCycle * (cycles + nest.overhead)];
}

/** Ticks its first firing takes longer: a flattened pipeline is filled once. */
export function startTicks({ nest, times }: Task, { ticksPerCycle }: Supply, variant: Variant): number {
  return times.length === 0 && (variant === 'ideal' || nest.isFlattened) ? ticksPerCycle * nest.depth : 0;
}

/**
 * Ticks of a transfer that has the channel for itself, from request to the last byte (load) or the response (store).
 * Blocking: ⌈bytes ÷ beat⌉ times as long as a beat.
 */
export function transferTicks(
  channel: OffChipChannel,
  direction: 'load' | 'store',
  bytes: number,
  access: Access,
  beatBytes: number,
): number {
  if (bytes === 0) return 0;
  const wait = direction === 'load' ? channel.latencyTicks : channel.responseTicks;
  const requests = access === 'blocking' ? Math.ceil(bytes / beatBytes) : 1;
  return occupancyTicks(channel, bytes, access, beatBytes) + requests * wait;
}

/** Ticks a transfer occupies the channel. */
export function occupancyTicks(channel: OffChipChannel, bytes: number, access: Access, beatBytes: number): number {
  if (access !== 'blocking') return Math.ceil(bytes / channel.bytesPerTick);
  const whole = Math.floor(bytes / beatBytes);
  const rest = bytes - whole * beatBytes;
  return whole * Math.ceil(beatBytes / channel.bytesPerTick) + Math.ceil(rest / channel.bytesPerTick);
}

/** Ticks until a core does another task. */
export function reconfigurationTicks({ reconfiguration }: Core, clockHertz: number): number {
  switch (reconfiguration.kind) {
    case 'mux':
      return reconfiguration.ticks;
    case 'context':
      return Math.ceil(reconfiguration.bytes / reconfiguration.bytesPerTick);
    case 'partial':
      return Math.ceil((reconfiguration.bytes / reconfiguration.bytesPerSecond) * clockHertz);
  }
}

/** Cores of one task change at the same time, but for bitstreams: a device has one port for them. */
export function reconfigureTogether(cores: readonly number[], fabric: Fabric): number {
  let together = 0;
  let bitstreams = 0;
  for (const index of cores) {
    const core = fabric.cores[index]!;
    const ticks = reconfigurationTicks(core, fabric.clockHertz);
    if (core.reconfiguration.kind === 'partial') bitstreams += ticks;
    else together = Math.max(together, ticks);
  }
  return Math.max(together, bitstreams);
}
