/** Accounts of a simulated design by what is drawn: tasks, streams, channels. */
import type { Fabric } from '#core/fabric/fabric.ts';
import type { NetworkRun, Wait } from '#core/simulate/network/run.ts';
import type { BuiltNetwork } from '#core/stages/build.ts';
import type { Design } from '#core/stages/design.ts';
import type { DesignEnergy } from '#core/stages/energy.ts';
import { totalTokens } from '#core/stages/rates.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import type { ChannelFigures, StreamFigures, TaskFigures } from './result.ts';

export interface Simulated {
  readonly graph: TaskGraph;
  readonly fabric: Fabric;
  readonly design: Design;
  readonly run: NetworkRun;
  readonly built: BuiltNetwork;
}

export function taskFigures(simulated: Simulated, energy: DesignEnergy): readonly TaskFigures[] {
  const { graph, fabric, design, run, built } = simulated;
  return graph.tasks.map((task, index): TaskFigures => {
    const account = run.processes[built.processOf[index]!]!;
    const stage = built.stageOf[index]!;
    const shares = design.stages[stage]?.tasks.find((placed) => placed.task === index)?.shares ?? [];
    const work = task.work * task.blocks * task.firings;
    const lanes = shares.reduce((sum, share) => sum + share.lanes / fabric.cores[share.core]!.ticksPerCycle, 0);
    return {
      node: task.node,
      name: task.name,
      stage: stage + 1,
      cores: shares.map((share) => ({ node: fabric.cores[share.core]!.node, lanes: share.lanes })),
      busy: account.busy,
      stallIn: account.stallIn,
      stallOut: account.stallOut,
      reconfigure: account.reconfigure,
      start: account.start,
      end: account.end,
      utilisation: lanes > 0 && account.busy > 0 ? Math.min(1, work / (lanes * account.busy)) : 0,
      work,
      energy: energy.tasks[index]!,
      waits: account.waits.map((wait) => ({ ...wait, ...waitedFor(wait, simulated) })),
    };
  });
}

function waitedFor(
  { state, on }: Wait,
  { graph, fabric, built }: Simulated,
): { readonly name: string; readonly node: string | null } {
  if (state === 'get' || state === 'put') {
    const stream = graph.streams[built.streamOf[on] ?? -1];
    return stream
      ? { name: stream.name, node: stream.node }
      : { name: built.network.fifos[on]?.name ?? '', node: null };
  }
  if (state === 'load' || state === 'store') {
    const channel = fabric.channels[built.channelOf[on] ?? -1];
    return channel ? { name: channel.name, node: channel.node } : { name: 'off-chip memory', node: null };
  }
  return { name: built.network[state === 'lock' ? 'locks' : 'barriers'][on]?.name ?? '', node: null };
}

export function streamFigures({ graph, run, built }: Simulated): readonly StreamFigures[] {
  return graph.streams.map((stream, index): StreamFigures => {
    const fifo = built.fifoOf[index]!;
    const account = fifo === -1 ? undefined : run.fifos[fifo];
    const waits = (task: number, state: Wait['state']) =>
      run.processes[built.processOf[task]!]!.waits.filter(
        (wait) => wait.state === state && built.streamOf[wait.on] === index,
      ).reduce((sum, { ticks }) => sum + ticks, 0);
    return {
      node: stream.node,
      name: stream.name,
      kind: built.streamKind[index]!,
      depth: built.streamKind[index] === 'fifo' && stream.depth > 0 ? stream.depth : null,
      tokens: totalTokens(stream.from, graph.tasks),
      maximum: account?.maximum ?? 0,
      mean: account?.mean ?? 0,
      firstFull: account?.firstFull ?? null,
      readerWaits: waits(stream.to.task, 'get'),
      writerWaits: waits(stream.from.task, 'put'),
    };
  });
}

export function channelFigures({ fabric, run }: Simulated): readonly ChannelFigures[] {
  return fabric.channels.map((channel, index): ChannelFigures => {
    const { loadedBytes, storedBytes, busy } = run.channels[index]!;
    return {
      node: channel.node,
      name: channel.name,
      loadedBytes,
      storedBytes,
      busy,
      utilisation: run.makespan > 0 ? busy / run.makespan : 0,
    };
  });
}
