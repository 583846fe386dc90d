/**
 * Throughput by self-timed execution until a state comes back (Ghamarian et al., ACSD 2006): tokens, phases and what is
 * left of every firing. Time leaps from one end of a firing to the next. Shares nothing with core/sdf/cycle-ratio.ts;
 * the two check each other.
 */
import { type Fraction, fraction } from '#core/sdf/fraction.ts';
import type { SdfGraph } from '#core/sdf/graph.ts';

export interface Period {
  /** Ticks an iteration once the execution repeats. */
  readonly ratio: Fraction;
  /** First tick and length of the stretch that repeats, ticks; iterations before it and in it. */
  readonly from: number;
  readonly length: number;
  readonly before: number;
  readonly iterations: number;
}

/**
 * Of a strongly connected live graph in which some firing takes time; `firings` is its repetition vector. Null where no
 * state came back within `most` firings.
 */
export function selfTimedPeriod(graph: SdfGraph, firings: readonly number[], most = 1_000_000): Period | null {
  const { actors, channels } = graph;
  const inputs = actors.map((_, actor) => channels.flatMap(({ to }, index) => (to === actor ? [index] : [])));
  const outputs = actors.map((_, actor) => channels.flatMap(({ from }, index) => (from === actor ? [index] : [])));
  const tokens = channels.map((channel) => channel.tokens);
  const started = actors.map(() => 0);
  const ended = actors.map(() => 0);
  // Ends of the firings under way, in order: none delivers before the one that started before it.
  const underWay: number[][] = actors.map(() => []);
  const reference = firings.indexOf(Math.min(...firings));
  const seen = new Map<string, { readonly time: number; readonly iterations: number }>();
  let [now, count, iterations] = [0, 0, 0];
  for (;;) {
    for (let isMoving = true; isMoving; ) {
      isMoving = false;
      actors.forEach(({ times }, actor) => {
        const queue = underWay[actor]!;
        while (queue.length > 0 && queue[0]! <= now) {
          queue.shift();
          const phase = ended[actor]!++ % times.length;
          for (const index of outputs[actor]!) tokens[index]! += channels[index]!.produce[phase]!;
          isMoving = true;
        }
        for (;;) {
          const phase = started[actor]! % times.length;
          if (inputs[actor]!.some((index) => tokens[index]! < channels[index]!.consume[phase]!)) break;
          for (const index of inputs[actor]!) tokens[index]! -= channels[index]!.consume[phase]!;
          queue.push(Math.max(now + times[phase]!, queue[queue.length - 1] ?? 0));
          started[actor]!++;
          isMoving = true;
          if (++count > most) return;
        }
      });
      if (count > most) return null;
    }
    const rounds = Math.floor(ended[reference]! / firings[reference]!);
    if (rounds > iterations) {
      iterations = rounds;
      const left = actors.map(({ times }, actor) => [
        ended[actor]! % times.length,
        ...underWay[actor]!.map((end) => end - now),
      ]);
      const key = `${ended[reference]! % firings[reference]!};${tokens.join()};${left.join(';')}`;
      const before = seen.get(key);
      if (before)
        return {
          ratio: fraction(BigInt(now - before.time), BigInt(iterations - before.iterations)),
          from: before.time,
          length: now - before.time,
          before: before.iterations,
          iterations: iterations - before.iterations,
        };
      seen.set(key, { time: now, iterations });
    }
    now = Math.min(...underWay.map((queue) => queue[0] ?? Number.POSITIVE_INFINITY));
  }
}
