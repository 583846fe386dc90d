/**
 * One iteration executed without time: every actor its firings, in any order that has the tokens. It ends if and only if
 * the graph runs for ever (Lee & Messerschmitt 1987, theorem 3); where it stands still, a cycle of actors waits for itself.
 */
import type { SdfGraph } from './graph.ts';

export type Iteration =
  | {
      readonly isLive: true;
      /** Actor of each firing, in an order that never lacks a token. */
      readonly order: Int32Array;
    }
  | { readonly isLive: false; readonly cycle: readonly Lack[] };

/** What an actor of a deadlock waits for; the next of the cycle would have to give it. */
export interface Lack {
  readonly actor: number;
  /** Its first firing that cannot start, from 0. */
  readonly firing: number;
  readonly channel: number;
  readonly needed: number;
  readonly there: number;
}

/** `firings`: the repetition vector, its sum an array's length. */
export function iterate(graph: SdfGraph, firings: readonly number[]): Iteration {
  const inputs: number[][] = graph.actors.map(() => []);
  const outputs: number[][] = graph.actors.map(() => []);
  graph.channels.forEach(({ from, to }, index) => {
    inputs[to]!.push(index);
    outputs[from]!.push(index);
  });
  const tokens = Float64Array.from(graph.channels, (channel) => channel.tokens);
  const fired = new Float64Array(graph.actors.length);
  const order = new Int32Array(firings.reduce((total, count) => total + count, 0));
  let done = 0;
  const lackOf = (actor: number): number => {
    const phase = fired[actor]! % graph.actors[actor]!.times.length;
    for (const index of inputs[actor]!) if (tokens[index]! < graph.channels[index]!.consume[phase]!) return index;
    return -1;
  };
  let queue = graph.actors.map((_, actor) => actor);
  const isQueued = new Uint8Array(graph.actors.length).fill(1);
  while (queue.length > 0) {
    const woken: number[] = [];
    for (const actor of queue) {
      isQueued[actor] = 0;
      const phases = graph.actors[actor]!.times.length;
      const before = fired[actor]!;
      while (fired[actor]! < firings[actor]! && lackOf(actor) === -1) {
        const phase = fired[actor]! % phases;
        for (const index of inputs[actor]!) tokens[index]! -= graph.channels[index]!.consume[phase]!;
        for (const index of outputs[actor]!) tokens[index]! += graph.channels[index]!.produce[phase]!;
        fired[actor]!++;
        order[done++] = actor;
      }
      if (fired[actor] === before) continue;
      for (const index of outputs[actor]!) {
        const { to } = graph.channels[index]!;
        if (isQueued[to] === 1 || fired[to]! >= firings[to]!) continue;
        isQueued[to] = 1;
        woken.push(to);
      }
    }
    queue = woken;
  }
  if (done === order.length) return { isLive: true, order };

  const path: Lack[] = [];
  const place = new Map<number, number>();
  let actor = fired.findIndex((count, index) => count < firings[index]!);
  while (!place.has(actor)) {
    place.set(actor, path.length);
    const channel = lackOf(actor);
    const { from, consume } = graph.channels[channel]!;
    const needed = consume[fired[actor]! % consume.length]!;
    path.push({ actor, firing: fired[actor]!, channel, needed, there: tokens[channel]! });
    actor = from;
  }
  return { isLive: false, cycle: path.slice(place.get(actor)!) };
}
