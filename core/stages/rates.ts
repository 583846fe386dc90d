/**
 * How many tokens and bytes move when: an end of a stream or of an off-chip tensor in units of its granularity (firings,
 * blocks, the run), counted over the run.
 */
import { gcd } from '#core/base/gcd.ts';
import type { Granularity, StreamEnd, Task } from '#core/taskgraph/task-graph.ts';

/** How often a granularity comes in a run of `task`. */
export function unitsOf(per: Granularity, { blocks, firings }: Task): number {
  switch (per) {
    case 'firing':
      return blocks * firings;
    case 'block':
      return blocks;
    case 'task':
      return 1;
  }
}

/** Tokens of the unit with this index; rates are cyclic over the whole run. */
export function tokensAt({ rates }: StreamEnd, unit: number): number {
  return rates.length === 0 ? 0 : rates[unit % rates.length]!;
}

/** Sum of the first `count` elements of a cyclic sequence. */
export function cyclicSum(sequence: readonly number[], count: number): number {
  const { length } = sequence;
  if (length === 0) return 0;
  let whole = 0;
  for (const value of sequence) whole += value;
  let sum = whole * Math.floor(count / length);
  for (let index = 0; index < count % length; index++) sum += sequence[index]!;
  return sum;
}

/** Tokens that pass an end in a run. */
export function totalTokens(end: StreamEnd, tasks: readonly Task[]): number {
  return cyclicSum(end.rates, unitsOf(end.per, tasks[end.task]!));
}

/** `total` spread over `units` as evenly as whole numbers allow: the first `extra` units have one more than `each`. */
export interface Spread {
  readonly units: number;
  readonly each: number;
  readonly extra: number;
}

export function spread(total: number, units: number): Spread {
  const each = Math.floor(total / units);
  return { units, each, extra: total - each * units };
}

export function spreadAt({ each, extra }: Spread, unit: number): number {
  return unit < extra ? each + 1 : each;
}

export function lcm(a: number, b: number): number {
  return (a / gcd(a, b)) * b;
}
