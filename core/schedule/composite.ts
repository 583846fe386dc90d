/**
 * Intervals that share bytes under flags, as composites for the packer: their members keep their offsets to each other.
 * Where two members would meet outside their share (an operand larger than the slot its result lies in), the share is
 * left out: the packer then has less room, never a wrong plan.
 */

import { isFetchedAhead, sharesInEffect } from './flagged.ts';
import type { FlagRules, GapView } from './gap-view.ts';

/**
 * Intervals that lie at one address, each `offset` bytes (whole granules, none below 0) above it; they may overlap one
 * another: an operand and the result written in its place, operands in their slots inside a concatenation.
 */
export interface Composite {
  /** Indices into the intervals of `residencyOf`; an interval is in one composite at most. */
  readonly members: readonly { readonly interval: number; readonly offset: number }[];
}

interface Member {
  readonly interval: number;
  readonly offset: number;
}

export function compositesOf(
  view: GapView,
  rules: FlagRules,
  kept: ArrayLike<boolean>,
  intervals: readonly { readonly t: number; readonly from: number; readonly to: number }[],
): readonly Composite[] {
  const room = intervals.map(({ t, from, to }) => ({
    from: isFetchedAhead(view, rules, t, from) ? from - 1 : from,
    to,
    size: view.sizes[t]!,
  }));
  const ending = new Map(intervals.map(({ t, to }, index) => [`${t} ${to - 1}`, index] as const));
  const starting = new Map(intervals.map(({ t, from }, index) => [`${t} ${from}`, index] as const));
  const groups: Member[][] = intervals.map((_, interval) => [{ interval, offset: 0 }]);
  const groupOf = intervals.map((_, index) => index);
  for (const { operand, result, offset, step } of sharesInEffect(view, rules, kept)) {
    const earlier = ending.get(`${operand} ${step}`);
    const later = starting.get(`${result} ${step}`);
    if (earlier === undefined || later === undefined) continue;
    const into = groups[groupOf[later]!]!;
    const from = groups[groupOf[earlier]!]!;
    if (into === from) continue;
    const shift = offsetIn(into, later) + offset - offsetIn(from, earlier);
    const moved = from.map((member) => ({ ...member, offset: member.offset + shift }));
    const isMet = moved.some((one) =>
      into.some((other) => !(one.interval === earlier && other.interval === later) && doMeet(one, other)),
    );
    if (isMet) continue;
    into.push(...moved);
    const target = groupOf[later]!;
    groups[groupOf[earlier]!] = [];
    for (const { interval } of moved) groupOf[interval] = target;
  }
  return groups.flatMap((members) => {
    if (members.length < 2) return [];
    const base = Math.min(...members.map(({ offset }) => offset));
    return [{ members: members.map(({ interval, offset }) => ({ interval, offset: offset - base })) }];
  });

  function offsetIn(members: readonly Member[], interval: number): number {
    return members.find((member) => member.interval === interval)!.offset;
  }

  function doMeet(one: Member, other: Member): boolean {
    const a = room[one.interval]!;
    const b = room[other.interval]!;
    return a.from < b.to && b.from < a.to && one.offset < other.offset + b.size && other.offset < one.offset + a.size;
  }
}
