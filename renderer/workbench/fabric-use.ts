/**
 * How a simulation used its fabric, by what is drawn: cores by the lanes that computed, banks by what they held at most,
 * channels by bytes against their peak; with the tasks and streams of each, for cross-probing.
 */
import { formatQuantity } from '#core/base/quantity.ts';
import { groupOf, type SimulationData, taskStateAt, valueAt } from '#core/report/simulation/data.ts';
import { drawnInputs } from '#core/run/fabric/pipeline.ts';
import type { SimulationResult } from '#core/run/fabric/result.ts';
import { tensorAccesses } from '#core/stages/off-chip.ts';
import { placeTensors } from '#core/stages/spill.ts';
import { type Moment, momentText } from './simulation-words.ts';

export interface CoreUse {
  readonly kind: 'core';
  /** Σ busy · lanes given ÷ (lanes · makespan), 0…1. */
  readonly share: number;
  /** Into the result's tasks. */
  readonly tasks: readonly number[];
}

export interface BankUse {
  readonly kind: 'bank';
  /** Most it held ÷ capacity, 0…1. */
  readonly share: number;
  readonly capacityBytes: number;
  /** Bytes of tensors between stages, by stage. */
  readonly held: readonly number[];
  /** Into the result's streams. */
  readonly streams: readonly number[];
}

export interface ChannelUse {
  readonly kind: 'channel';
  /** Bytes moved ÷ (peak · makespan), 0…1. */
  readonly share: number;
  readonly bytesPerTick: number;
  readonly tasks: readonly number[];
  /** Nodes of the tensors that cross it. */
  readonly tensors: readonly string[];
}

export type ComponentUse = CoreUse | BankUse | ChannelUse;

/** By drawn node of the fabric; empty where the drawings of the run cannot be read. */
export function fabricUse(result: SimulationResult): ReadonlyMap<string, ComponentUse> {
  const uses = new Map<string, ComponentUse>();
  const drawn = drawnInputs(result.inputs);
  if (!drawn.ok) return uses;
  const { graph, fabric } = drawn.value;
  const { design, timeline } = result;
  const makespan = timeline.makespanCycles;
  const shareOf = (amount: number, whole: number) => (whole > 0 ? Math.min(1, amount / whole) : 0);

  for (const { node, lanes } of fabric.cores) {
    let used = 0;
    const tasks = result.tasks.flatMap((task, index) => {
      const given = task.cores.find((core) => core.node === node);
      const most = lanes[graph.tasks[index]?.format ?? 'int16'] ?? 0;
      if (given && most > 0) used += (task.busy * given.lanes) / most;
      return given ? [index] : [];
    });
    uses.set(node, { kind: 'core', share: shareOf(used, makespan), tasks });
  }

  const { parts } = placeTensors(graph, fabric, design.stages, design.spilled);
  const stageOf = (task: number) => (result.tasks[task]?.stage ?? 1) - 1;
  fabric.banks.forEach(({ node, capacityBytes }, bank) => {
    const held = design.stages.map(() => 0);
    const streams = parts.flatMap((places, stream) => {
      const bytes = places.reduce((sum, place) => sum + (place.bank === bank ? place.bytes : 0), 0);
      if (bytes === 0) return [];
      const ends = [stageOf(graph.streams[stream]!.from.task), stageOf(graph.streams[stream]!.to.task)];
      for (let stage = Math.min(...ends); stage <= Math.max(...ends); stage++) held[stage]! += bytes;
      return [stream];
    });
    uses.set(node, { kind: 'bank', share: shareOf(Math.max(0, ...held), capacityBytes), capacityBytes, held, streams });
  });

  const accesses = tensorAccesses(graph, fabric, design.variant);
  fabric.channels.forEach(({ node, bytesPerTick }, index) => {
    const moved = result.channels.find((channel) => channel.node === node);
    const mine = accesses.filter(({ channel }) => channel === index);
    uses.set(node, {
      kind: 'channel',
      share: shareOf((moved?.loadedBytes ?? 0) + (moved?.storedBytes ?? 0), bytesPerTick * makespan),
      bytesPerTick,
      tasks: [...new Set(mine.map(({ task }) => task))],
      tensors: [...new Set(mine.flatMap(({ tensor }) => graph.tensors[tensor]?.node ?? []))],
    });
  });
  return uses;
}

/** What each component does at a tick. */
export function fabricMoments(
  data: SimulationData,
  uses: ReadonlyMap<string, ComponentUse>,
  tick: number,
): ReadonlyMap<string, Moment> {
  const moments = new Map<string, Moment>();
  for (const [node, use] of uses) {
    const moment = use.kind === 'core' ? coreMoment(data, use, tick) : levelMoment(data, node, use, tick);
    if (moment) moments.set(node, moment);
  }
  return moments;
}

/** One that computes speaks for its core, else one that waits. */
function coreMoment(data: SimulationData, { tasks }: CoreUse, tick: number): Moment {
  const states = tasks.flatMap((task) => {
    const state = taskStateAt(data, task, tick);
    const group = groupOf(state.state);
    return group === 'idle' ? [] : [{ task, state, group }];
  });
  const busy = states.filter(({ group }) => group === 'busy');
  const shown = busy[0] ?? states[0];
  if (!shown) return { text: 'idle', group: 'idle', level: 0 };
  const name = data.result.tasks[shown.task]?.name ?? '';
  const text =
    states.length > 1
      ? `${busy.length} of ${states.length} tasks busy`
      : shown.group === 'busy'
        ? name
        : `${name}: ${momentText(data.result, shown.state)}`;
  return { text, group: shown.group, level: 0 };
}

function levelMoment(data: SimulationData, node: string, use: BankUse | ChannelUse, tick: number): Moment | null {
  if (use.kind === 'bank') {
    const now = data.stages.filter(({ start, end }) => start <= tick && tick < end);
    const bytes = Math.max(0, ...now.map(({ stage }) => use.held[stage - 1] ?? 0));
    const text = `${formatQuantity(bytes, 'B')} of ${formatQuantity(use.capacityBytes, 'B')}`;
    return { text, group: null, level: use.capacityBytes > 0 ? bytes / use.capacityBytes : 0 };
  }
  const series = data.bandwidth.get(node);
  const moved = valueAt(series, tick);
  if (!series || moved === null) return null;
  const rate = moved / series.bucket;
  const level = Math.min(1, rate / use.bytesPerTick);
  return {
    text: `${formatQuantity(level, '1')} of ${formatQuantity(use.bytesPerTick, 'B/cycle')}`,
    group: null,
    level,
  };
}
