/**
 * Which tensors between stages stay on chip. A tensor lives from its writer's stage to its reader's, both included; the
 * banks are filled first-fit by benefit, off-chip bytes saved per byte and stage of room: short lives first, larger tensors
 * first among equals. A tensor may span banks. Without any bank drawn nothing is limited.
 */
import type { Fabric } from '#core/fabric/fabric.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import type { Stage } from './design.ts';
import { tensorBytes } from './off-chip.ts';

export interface TensorPlacement {
  /** By stream: where it lies; empty inside a stage, off chip, and where no bank is drawn. */
  readonly parts: readonly (readonly { readonly bank: number; readonly bytes: number }[])[];
  /** Streams the banks have no room for, ascending. */
  readonly spilled: readonly number[];
}

/** `offChip`: streams that are off chip in any case. */
export function placeTensors(
  graph: TaskGraph,
  fabric: Fabric,
  stages: readonly Stage[],
  offChip: readonly number[] = [],
): TensorPlacement {
  const stageOf = stagesOfTasks(graph, stages);
  const lives = graph.streams
    .map((stream, index) => ({
      index,
      first: Math.min(stageOf[stream.from.task]!, stageOf[stream.to.task]!),
      last: Math.max(stageOf[stream.from.task]!, stageOf[stream.to.task]!),
      bytes: tensorBytes(stream, graph),
    }))
    .filter(({ index, first, last }) => first !== last && !offChip.includes(index));
  lives.sort((a, b) => a.last - a.first - (b.last - b.first) || b.bytes - a.bytes || a.index - b.index);
  const parts: { bank: number; bytes: number }[][] = graph.streams.map(() => []);
  if (fabric.banks.length === 0) return { parts, spilled: [] };
  const used = fabric.banks.map(() => new Float64Array(stages.length));
  const spilled: number[] = [];
  for (const { index, first, last, bytes } of lives) {
    const rooms = fabric.banks.map(({ capacityBytes }, bank) => {
      let most = 0;
      for (let stage = first; stage <= last; stage++) most = Math.max(most, used[bank]![stage]!);
      return capacityBytes - most;
    });
    if (rooms.reduce((sum, room) => sum + room, 0) < bytes) {
      spilled.push(index);
      continue;
    }
    let left = bytes;
    rooms.forEach((room, bank) => {
      const part = Math.min(room, left);
      if (part <= 0) return;
      left -= part;
      parts[index]!.push({ bank, bytes: part });
      for (let stage = first; stage <= last; stage++) used[bank]![stage]! += part;
    });
  }
  return { parts, spilled: spilled.sort((a, b) => a - b) };
}

/** Streams between stages that go off chip because the banks have no room. */
export function spilledStreams(graph: TaskGraph, fabric: Fabric, stages: readonly Stage[]): readonly number[] {
  return placeTensors(graph, fabric, stages).spilled;
}

/** By task: its stage; −1 where it is in none. */
export function stagesOfTasks(graph: TaskGraph, stages: readonly Stage[]): readonly number[] {
  const stageOf = graph.tasks.map(() => -1);
  stages.forEach(({ tasks }, stage) => {
    for (const { task } of tasks) stageOf[task] = stage;
  });
  return stageOf;
}
