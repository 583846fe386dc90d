/**
 * Space under flags, by definition rather than by increments: intervals as rectangles, those that begin with a fetch one
 * step longer under double buffering, less what operands and results share. Invariant used by all solvers: giving up a
 * gap never raises the load where nothing else is kept, so a step's least load is the one with nothing kept.
 */
import { type FlagRules, type GapView, isKept, type StepShare } from './gap-view.ts';
import { placedSize } from './graph.ts';
import type { ScheduleFlags } from './problem.ts';
import { sharesOf } from './sharing.ts';

export function flagRules(view: GapView, flags: ScheduleFlags, granule: number): FlagRules {
  const { problem, order, gaps, gapsOf, sizes, mode, graph } = view;
  const pinned = new Set(flags.pinned);
  const forced = Uint8Array.from(gaps, ({ tensor, from, to }) =>
    pinned.has(tensor) || (flags.doubleBuffer && mode !== 'stream' && to === from + 1) ? 1 : 0,
  );
  const weights = new Float64Array(order.length);
  if (mode === 'strict+weights')
    order.forEach((op, step) => {
      const bytes = placedSize(problem.ops[op]!.weightBytes, granule);
      weights[step]! += bytes;
      if (flags.doubleBuffer && step > 0) weights[step - 1]! += bytes;
    });
  const shares = order.map((op, step) =>
    sharesOf(problem, problem.ops[op]!, flags, granule).map((share): StepShare => {
      const own = gapsOf[share.operand]!;
      return {
        ...share,
        step,
        into: own.find((gap) => gaps[gap]!.to === step) ?? -1,
        after: own.find((gap) => gaps[gap]!.from === step) ?? -1,
        first: graph.consumers[share.result]!.length > 0 ? gapsOf[share.result]![0]! : -1,
        saved: sizes[share.isExclusive ? share.result : share.operand]!,
      };
    }),
  );
  return { flags, forced, shares, weights };
}

/** Whether operand and result share their bytes when exactly the gaps in `kept` are kept. */
export function isShared(view: GapView, kept: ArrayLike<boolean>, { into, after, first }: StepShare): boolean {
  const keeps = (gap: number): boolean => gap >= 0 && isKept(view, kept, gap);
  if (keeps(after)) return false;
  return view.mode !== 'stream' || (keeps(into) && keeps(first));
}

/** Shares in effect: every slot, and for a result in place one operand (the smallest that will do, then the first named). */
export function sharesInEffect(view: GapView, rules: FlagRules, kept: ArrayLike<boolean>): readonly StepShare[] {
  return rules.shares.flatMap((atStep) => {
    const possible = atStep.filter((share) => isShared(view, kept, share));
    if (possible.length < 2 || !possible[0]!.isExclusive) return possible;
    return [possible.reduce((best, one) => (view.sizes[one.operand]! < view.sizes[best.operand]! ? one : best))];
  });
}

/** Whether the room of an interval that begins at `from` begins one step earlier: it is fetched, not made, there. */
export function isFetchedAhead(view: GapView, rules: FlagRules, tensor: number, from: number): boolean {
  const maker = view.graph.producer[tensor]!;
  return rules.flags.doubleBuffer && from > 0 && (maker < 0 || view.events[tensor]![0] !== from);
}

/** Placed bytes on chip at each step. */
export function flaggedOccupancy(view: GapView, rules: FlagRules, kept: ArrayLike<boolean>): Float64Array {
  const change = new Float64Array(view.order.length + 1);
  view.events.forEach((_, tensor) => {
    eachRoom(view, rules, kept, tensor, (from, to) => {
      change[from]! += view.sizes[tensor]!;
      change[to]! -= view.sizes[tensor]!;
    });
  });
  let running = 0;
  return rules.weights.map((weights, step) => {
    running += change[step]!;
    return weights + running - savedAt(view, rules, kept, step);
  });
}

/** Keeps a gap that was not, or gives it up, and brings the bytes at each step into line with that. */
export function toggle(view: GapView, rules: FlagRules, kept: boolean[], load: Float64Array, gap: number): void {
  const { tensor, from, to } = view.gaps[gap]!;
  const add = (sign: 1 | -1): void => {
    eachRoom(view, rules, kept, tensor, (begin, end) => {
      for (let step = begin; step < end; step++) load[step]! += sign * view.sizes[tensor]!;
    });
    // A gap has a part in what is shared where it begins and where it ends.
    for (const step of [from, to]) load[step]! -= sign * savedAt(view, rules, kept, step);
  };
  add(-1);
  kept[gap] = !kept[gap];
  add(1);
}

/** The steps, `to` exclusive, at which a tensor takes room. */
function eachRoom(
  view: GapView,
  rules: FlagRules,
  kept: ArrayLike<boolean>,
  tensor: number,
  visit: (from: number, to: number) => void,
): void {
  const events = view.events[tensor]!;
  const own = view.gapsOf[tensor]!;
  let from = 0;
  events.forEach((step, index) => {
    if (index === 0 || !isKept(view, kept, own[index - 1]!)) from = step;
    const goesOn = index + 1 < events.length && isKept(view, kept, own[index]!);
    if (goesOn || (view.mode === 'stream' && from === step)) return;
    visit(isFetchedAhead(view, rules, tensor, from) ? from - 1 : from, step + 1);
  });
}

/** Bytes of operands and results that are there once instead of twice at a step. */
function savedAt(view: GapView, rules: FlagRules, kept: ArrayLike<boolean>, step: number): number {
  let saved = 0;
  for (const share of rules.shares[step]!) {
    if (!isShared(view, kept, share)) continue;
    saved += share.saved;
    if (share.isExclusive) break;
  }
  return saved;
}
