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

/** Actors two firings of which never overlap, for a channel to themselves that says so. */
export function serialActors(graph: SdfGraph): ReadonlySet<number> {
  const serial = new Set<number>();
  for (const { from, to, produce, consume, tokens } of graph.channels) {
    if (from !== to) continue;
    const [rate = 0] = consume;
    if (rate > 0 && tokens < 2 * rate && [...produce, ...consume].every((other) => other === rate)) serial.add(from);
  }
  return serial;
}

/** The part of a graph between some of its actors. */
export interface Part {
  readonly graph: SdfGraph;
  /** Of each actor and channel the index in the whole. */
  readonly actors: readonly number[];
  readonly channels: readonly number[];
}

export function partOf(graph: SdfGraph, actors: readonly number[]): Part {
  return partsOf(graph, [actors])[0]!;
}

/** Of each of these sets of actors, no two with one in common, the part between its own. */
export function partsOf(graph: SdfGraph, sets: readonly (readonly number[])[]): readonly Part[] {
  const setOf = new Int32Array(graph.actors.length).fill(-1);
  const placeOf = new Int32Array(graph.actors.length);
  sets.forEach((actors, set) => {
    actors.forEach((actor, place) => {
      setOf[actor] = set;
      placeOf[actor] = place;
    });
  });
  const channels: number[][] = sets.map(() => []);
  graph.channels.forEach(({ from, to }, index) => {
    if (setOf[from] === setOf[to]) channels[setOf[from]!]?.push(index);
  });
  return sets.map((actors, set) => ({
    actors,
    channels: channels[set]!,
    graph: {
      name: graph.name,
      actors: actors.map((actor) => graph.actors[actor]!),
      channels: channels[set]!.map((index) => {
        const channel = graph.channels[index]!;
        return { ...channel, from: placeOf[channel.from]!, to: placeOf[channel.to]! };
      }),
    },
  }));
}
