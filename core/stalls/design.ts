/** A simulated design as something to explain, and how its network depends on the depths of its streams. */
import type { Fabric } from '#core/fabric/fabric.ts';
import type { BuiltNetwork } from '#core/stages/build.ts';
import { buildNetwork } from '#core/stages/build.ts';
import type { Design } from '#core/stages/design.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import type { Sizing, Subject } from './subject.ts';

export interface DesignInputs {
  readonly graph: TaskGraph;
  readonly fabric: Fabric;
  readonly design: Design;
}

export function subjectOfDesign(
  { graph, fabric }: Pick<DesignInputs, 'graph' | 'fabric'>,
  built: BuiltNetwork,
): Subject {
  const { network } = built;
  return {
    network,
    processes: network.processes.map(({ name }, process) => {
      const task = graph.tasks[built.taskOf[process]!];
      return task ? { node: task.node, name: task.name } : { node: null, name };
    }),
    fifos: network.fifos.map(({ name }, fifo) => {
      const stream = graph.streams[built.streamOf[fifo]!];
      const isDrawn = stream !== undefined && built.fifoKind[fifo] !== 'tensor';
      return isDrawn ? { node: stream.node, name: stream.name, bits: stream.bits } : { node: null, name, bits: 1 };
    }),
    channels: network.channels.map(({ name }, channel) => {
      const drawn = fabric.channels[built.channelOf[channel]!];
      return drawn ? { node: drawn.node, name: drawn.name } : { node: null, name };
    }),
  };
}

/** FIFOs of the network whose depth is drawn: streams inside a stage that have a bound. */
export function sizedFifos(built: BuiltNetwork): readonly number[] {
  return built.fifoKind.flatMap((kind, fifo) =>
    kind === 'fifo' && built.network.fifos[fifo]!.capacity < Number.POSITIVE_INFINITY ? [fifo] : [],
  );
}

/** The graph with other depths, by FIFO of the network; FIFOs no depth is drawn for stay as they are. */
export function withStreamDepths(graph: TaskGraph, built: BuiltNetwork, depths: readonly number[]): TaskGraph {
  const sized = new Set(sizedFifos(built));
  return {
    ...graph,
    streams: graph.streams.map((stream, index) => {
      const fifo = built.fifoOf[index]!;
      return sized.has(fifo) ? { ...stream, depth: depths[fifo]! } : stream;
    }),
  };
}

/**
 * Depths as the drawing has them: the network is built anew for each, because tokens of a block that do not fit
 * their FIFO pass it one a cycle. Throws RangeError where the design cannot be built.
 */
export function designSizing({ graph, fabric, design }: DesignInputs, built: BuiltNetwork): Sizing {
  const gates = built.network.fifos.map((_, fifo) => {
    const stream = graph.streams[built.streamOf[fifo]!];
    if (!stream || built.fifoKind[fifo] !== 'fifo') return [];
    const rates = [stream.from, stream.to].flatMap((end) => (end.per === 'firing' ? [] : end.rates));
    return [...new Set(rates)].sort((one, other) => one - other);
  });
  return {
    gates,
    at: (depths) => {
      const again = buildNetwork(withStreamDepths(graph, built, depths), fabric, design);
      if (!again.ok) throw new RangeError(again.error.message);
      return again.value.network;
    },
  };
}
