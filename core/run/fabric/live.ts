/**
 * Simulation while a drawing is edited: equal to a full run to the tick, each in the way that is least work. A folded full
 * run where folding saves most events; else, once a run of the same shape is recorded, longest paths through its events
 * (core/simulate/network/retime.ts), and a full run where their order would not stand.
 */
import type { Problem } from '#core/base/problem.ts';
import { ok, type Result } from '#core/base/result.ts';
import type { Fabric } from '#core/fabric/fabric.ts';
import { type EventGraph, recordEvents } from '#core/simulate/network/event-graph.ts';
import type { Network } from '#core/simulate/network/network.ts';
import { play } from '#core/simulate/network/player.ts';
import { retime } from '#core/simulate/network/retime.ts';
import type { Deadlock, NetworkRun, ProcessAccount } from '#core/simulate/network/run.ts';
import { type BuiltNetwork, buildNetwork } from '#core/stages/build.ts';
import type { Design } from '#core/stages/design.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import { changesBetween } from './live-changes.ts';

/** Nodes of a recorded run at most: about 100 MB, and tens of milliseconds to time again. */
export const MOST_NODES = 300_000;
/** A run is recorded where folding leaves more than this share of its events. */
const UNFOLDED_SHARE = 0.5;

export interface LiveTask {
  readonly node: string;
  /** Ticks; with the reconfigurations they add up to `cycles`. */
  readonly busy: number;
  readonly stallIn: number;
  readonly stallOut: number;
  readonly reconfigure: number;
}

export interface LiveStream {
  readonly node: string;
  /** Most tokens in it at once; null where it goes off chip. */
  readonly maximum: number | null;
}

export interface LiveAnswer {
  /** Where it deadlocks: the tick it stands still at. */
  readonly cycles: number;
  readonly by: 'longest path' | 'full run';
  readonly deadlock: Deadlock['kind'] | null;
  readonly tasks: readonly LiveTask[];
  /** Null by longest path, which tells times but not who is first within a tick: `LiveSimulation.streams` plays it. */
  readonly streams: readonly LiveStream[] | null;
}

/** Follows one drawing; remembers its last network, and a recorded run where that pays. */
export class LiveSimulation {
  readonly #mostNodes: number;
  readonly #share: number;
  #network: Network | null = null;
  #recorded: EventGraph | null = null;
  /** Whether runs of this shape are worth recording. */
  #isRecordable = false;

  constructor({ mostNodes = MOST_NODES, share = UNFOLDED_SHARE } = {}) {
    this.#mostNodes = mostNodes;
    this.#share = share;
  }

  /** Fails where the design cannot be built (codes `stages.*`). A deadlock is an answer. */
  simulate(graph: TaskGraph, fabric: Fabric, design: Design): Result<LiveAnswer, Problem> {
    const built = buildNetwork(graph, fabric, design);
    if (!built.ok) return built;
    const { network } = built.value;
    const before = this.#network;
    this.#network = network;
    const isOneShape = before !== null && changesBetween(before, network) !== null;
    if (!isOneShape) this.#recorded = null;
    return ok(this.#timed(graph, built.value) ?? ofRun(graph, built.value, this.#run(network, isOneShape)));
  }

  /** Streams of the drawing, by a full run. Fails as `simulate` does. */
  streams(graph: TaskGraph, fabric: Fabric, design: Design): Result<readonly LiveStream[], Problem> {
    const built = buildNetwork(graph, fabric, design);
    return built.ok ? ok(streamsOf(graph, built.value, played(built.value.network))) : built;
  }

  /** By longest paths; null where nothing is recorded or its order does not stand. */
  #timed(graph: TaskGraph, built: BuiltNetwork): LiveAnswer | null {
    const changes = this.#recorded && changesBetween(this.#recorded.network, built.network);
    if (!this.#recorded || !changes) return null;
    const retimed = retime(this.#recorded, changes);
    if (typeof retimed === 'string') return null;
    const { makespan, processes } = retimed;
    const tasks = tasksOf(graph, built, processes);
    return { cycles: makespan, by: 'longest path', deadlock: null, tasks, streams: null };
  }

  /** A full run; recorded where it is one of a shape that folds badly. */
  #run(network: Network, isOneShape: boolean): NetworkRun {
    const recorded = isOneShape && this.#isRecordable ? recordEvents(network, this.#mostNodes) : null;
    // What is stuck has no times to start from.
    this.#recorded = recorded?.run.deadlock === null ? recorded : null;
    if (recorded) return recorded.run;
    const run = played(network);
    this.#isRecordable = run.unfoldedEvents <= this.#mostNodes && run.events > this.#share * run.unfoldedEvents;
    return run;
  }
}

function played(network: Network): NetworkRun {
  const run = play(network);
  if (run === null) throw new Error('a run that nobody cancels ends');
  return run;
}

function ofRun(graph: TaskGraph, built: BuiltNetwork, run: NetworkRun): LiveAnswer {
  return {
    cycles: run.makespan,
    by: 'full run',
    deadlock: run.deadlock?.kind ?? null,
    tasks: tasksOf(graph, built, run.processes),
    streams: streamsOf(graph, built, run),
  };
}

function tasksOf(
  graph: TaskGraph,
  { processOf }: BuiltNetwork,
  processes: readonly ProcessAccount[],
): readonly LiveTask[] {
  return graph.tasks.map(({ node }, task) => {
    const { busy, stallIn, stallOut, reconfigure } = processes[processOf[task]!]!;
    return { node, busy, stallIn, stallOut, reconfigure };
  });
}

function streamsOf(graph: TaskGraph, { fifoOf }: BuiltNetwork, run: NetworkRun): readonly LiveStream[] {
  return graph.streams.map(({ node }, stream) => ({ node, maximum: run.fifos[fifoOf[stream]!]?.maximum ?? null }));
}
