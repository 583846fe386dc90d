/**
 * The balance equations: least whole r > 0 with r(from) · Σ produce = r(to) · Σ consume on every channel (Lee &
 * Messerschmitt 1987); firings are r · phases (Bilsen 1996). Each weakly connected part has its own least vector.
 */
import { err, ok, type Result } from '#core/base/result.ts';
import { type Fraction, fraction, gcd, times } from './fraction.ts';
import { type SdfGraph, sum } from './graph.ts';

export interface Repetition {
  /** Rounds through its phases of each actor in one iteration of the graph. */
  readonly rounds: readonly bigint[];
  /** rounds · phases. */
  readonly firings: readonly bigint[];
  readonly firingSum: bigint;
}

/** Why no repetition vector exists: on this channel other firings balance than on the way around it. */
export interface Inconsistency {
  /** Into the graph's channels. */
  readonly channel: number;
  /** Tokens given and taken where every other channel on the way between its ends is balanced; one of them 0: rates of 0. */
  readonly produced: bigint;
  readonly consumed: bigint;
}

export function repetitionOf(graph: SdfGraph): Result<Repetition, Inconsistency> {
  const sums = graph.channels.map(({ produce, consume }) => ({
    produced: BigInt(sum(produce)),
    consumed: BigInt(sum(consume)),
  }));
  const beside: number[][] = graph.actors.map(() => []);
  for (const [index, { from, to }] of graph.channels.entries()) {
    const { produced, consumed } = sums[index]!;
    if (produced === 0n && consumed === 0n) continue;
    if (produced === 0n || consumed === 0n) return err({ channel: index, produced, consumed });
    beside[from]!.push(index);
    if (to !== from) beside[to]!.push(index);
  }
  const rates: (Fraction | undefined)[] = graph.actors.map(() => undefined);
  const rounds: bigint[] = graph.actors.map(() => 1n);
  for (let root = 0; root < graph.actors.length; root++) {
    if (rates[root] !== undefined) continue;
    rates[root] = fraction(1n, 1n);
    const members = [root];
    for (const actor of members) {
      for (const index of beside[actor]!) {
        const { from, to } = graph.channels[index]!;
        const { produced, consumed } = sums[index]!;
        const isForward = from === actor;
        const other = isForward ? to : from;
        const ratio = isForward ? fraction(produced, consumed) : fraction(consumed, produced);
        const rate = times(rates[actor]!, ratio);
        const known = rates[other];
        if (known === undefined) {
          rates[other] = rate;
          members.push(other);
        } else if (known.numerator !== rate.numerator || known.denominator !== rate.denominator) {
          const given = times(rates[from]!, fraction(produced, 1n));
          const taken = times(rates[to]!, fraction(consumed, 1n));
          const { numerator, denominator } = times(given, fraction(taken.denominator, taken.numerator));
          return err({ channel: index, produced: numerator, consumed: denominator });
        }
      }
    }
    const common = members.reduce((all, actor) => {
      const { denominator } = rates[actor]!;
      return (all / gcd(all, denominator)) * denominator;
    }, 1n);
    const whole = members.map((actor) => (rates[actor]!.numerator * common) / rates[actor]!.denominator);
    const divisor = whole.reduce(gcd, 0n);
    members.forEach((actor, index) => {
      rounds[actor] = whole[index]! / divisor;
    });
  }
  const firings = rounds.map((round, actor) => round * BigInt(graph.actors[actor]!.times.length));
  return ok({ rounds, firings, firingSum: firings.reduce((total, count) => total + count, 0n) });
}
