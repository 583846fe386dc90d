/**
 * Energy of a design: operations × joules of the core and format, bytes × joules of the bank or channel, static watts × time.
 * A tensor in a bank is written once and read once. FIFOs are registers of their cores and counted with the operations.
 */
import type { Fabric } from '#core/fabric/fabric.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import type { Design } from './design.ts';
import { spillAccesses, tensorAccesses, totalBytes } from './off-chip.ts';
import { placeTensors } from './spill.ts';

/** Joules. */
export interface DesignEnergy {
  readonly total: number;
  readonly operations: number;
  /** By task, part of `operations`. */
  readonly tasks: readonly number[];
  readonly banks: number;
  readonly offChip: number;
  readonly static: number;
}

export function designEnergy(graph: TaskGraph, fabric: Fabric, design: Design, ticks: number): DesignEnergy {
  const tasks = graph.tasks.map(() => 0);
  for (const { tasks: placed } of design.stages)
    for (const { task, shares } of placed) {
      const { work, blocks, firings, format } = graph.tasks[task]!;
      const lanes = shares.reduce((sum, share) => sum + share.lanes, 0);
      for (const share of shares)
        tasks[task]! +=
          blocks * firings * work * (share.lanes / lanes) * (fabric.cores[share.core]!.joulesPerOperation[format] ?? 0);
    }
  const operations = tasks.reduce((sum, joules) => sum + joules, 0);

  let banks = 0;
  for (const parts of placeTensors(graph, fabric, design.stages, design.spilled).parts)
    for (const { bank, bytes } of parts) banks += 2 * bytes * fabric.banks[bank]!.joulesPerByte;

  const accesses = [
    ...tensorAccesses(graph, fabric, design.variant),
    ...design.spilled.flatMap((stream) => spillAccesses(graph, fabric, design.variant, stream)),
  ];
  let offChip = 0;
  for (const access of accesses) offChip += totalBytes(access) * (fabric.channels[access.channel]?.joulesPerByte ?? 0);

  const watts = fabric.cores.reduce((sum, { staticWatts }) => sum + staticWatts, 0);
  const idle = (watts * ticks) / fabric.clockHertz;
  return { total: operations + banks + offChip + idle, operations, tasks, banks, offChip, static: idle };
}
