/**
 * Cyclo-static dataflow (Bilsen et al., IEEE TSP 44(2), 1996; one phase: synchronous dataflow, Lee & Messerschmitt 1987).
 * An actor fires when every input has the tokens of its phase, takes them at its start and gives at its end. Firings start
 * and deliver in order; they overlap unless a channel from the actor to itself forbids it.
 */
export interface SdfActor {
  readonly name: string;
  /** Ticks of each phase, whole numbers ≥ 0. */
  readonly times: readonly number[];
}

export interface SdfChannel {
  readonly name: string;
  /** Into `actors`. */
  readonly from: number;
  readonly to: number;
  /** Tokens given by each phase of `from`, taken by each phase of `to`: as many as the actor has phases. */
  readonly produce: readonly number[];
  readonly consume: readonly number[];
  /** In it at the beginning. */
  readonly tokens: number;
}

export interface SdfGraph {
  readonly name: string;
  readonly actors: readonly SdfActor[];
  readonly channels: readonly SdfChannel[];
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Sums before each phase and, last, of all. */
export function prefixSums(rates: readonly number[]): readonly number[] {
  const sums = [0];
  for (const rate of rates) sums.push(sums[sums.length - 1]! + rate);
  return sums;
}

/** Whether two firings of the actor never overlap for a channel to itself that says so. */
export function isSerial(graph: SdfGraph, actor: number): boolean {
  return graph.channels.some(({ from, to, produce, consume, tokens }) => {
    if (from !== actor || to !== actor) return false;
    const [rate = 0] = consume;
    return rate > 0 && tokens < 2 * rate && [...produce, ...consume].every((other) => other === rate);
  });
}

/** The part of a graph between some of its actors. */
export interface Part {
  readonly graph: SdfGraph;
  /** Of each actor and channel the index in the whole. */
  readonly actors: readonly number[];
  readonly channels: readonly number[];
}

export function partOf(graph: SdfGraph, actors: readonly number[]): Part {
  const local = new Map(actors.map((actor, index) => [actor, index]));
  const channels: number[] = [];
  graph.channels.forEach(({ from, to }, index) => {
    if (local.has(from) && local.has(to)) channels.push(index);
  });
  return {
    actors,
    channels,
    graph: {
      name: graph.name,
      actors: actors.map((actor) => graph.actors[actor]!),
      channels: channels.map((index) => {
        const channel = graph.channels[index]!;
        return { ...channel, from: local.get(channel.from)!, to: local.get(channel.to)! };
      }),
    },
  };
}
