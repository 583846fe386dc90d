/**
 * The gap model under flags: presence, fetches ahead and shared bytes as linear terms of the steps' rows. Fetch ahead
 * (stream): q ≥ k_after − k_into, with the size. Sharing: s ≤ 1 − k_after (stream: s ≤ k_into, s ≤ k_first), taken off.
 * With whole k the best q and s are whole, so only the gaps are binaries.
 */
import { mipBuilder } from '#core/solver/mip.ts';
import { isFetchedAhead } from './flagged.ts';
import type { FlagRules, GapView, StepShare } from './gap-view.ts';
import { occupancy } from './gaps.ts';

export interface Presolved {
  /** Decided gaps; an open one reads false. */
  readonly kept: boolean[];
  readonly open: readonly number[];
  /** Steps at which not all that could be kept fits. */
  readonly binding: readonly number[];
}

/** Keeps what is forced and what meets no step at which everything together, sharing nothing, overflows. */
export function flaggedPresolve(view: GapView, rules: FlagRules, capacity: number): Presolved {
  const all = view.gaps.map(() => true);
  const most = occupancy({ ...view, rules: { ...rules, shares: view.order.map(() => []) } }, all);
  if (rules.flags.doubleBuffer)
    view.events.forEach((events, tensor) => {
      // Whatever is not kept is fetched, at most one step ahead of each event.
      for (const step of events) if (step > 0) most[step - 1]! += view.sizes[tensor]!;
    });
  const isBinding = Array.from(most, (load) => load > capacity);
  const open: number[] = [];
  const kept = view.gaps.map(({ from, to }, gap) => {
    if (rules.forced[gap]) return true;
    const isFree = !isBinding.slice(Math.max(0, from - 1), to + 1).includes(true);
    if (!isFree) open.push(gap);
    return isFree;
  });
  return { kept, open, binding: view.order.map((_, step) => step).filter((step) => isBinding[step]) };
}

type Term = readonly [column: number, value: number];

/** 0/1 known, or the column that stands for it. */
type Kept = { readonly known: 0 | 1 } | { readonly column: number };

export function buildFlaggedModel(
  view: GapView,
  rules: FlagRules,
  { capacity, unit, kept, open, binding }: Presolved & { readonly capacity: number; readonly unit: number },
) {
  const isStream = view.mode === 'stream';
  const build = mipBuilder();
  const column = new Map<number, number>();
  const derived: { readonly column: number; readonly value: (keeps: (gap: number) => number) => number }[] = [];
  const bytesOf = (gap: number): number => view.problem.tensors[view.gaps[gap]!.tensor]!.bytes / unit;
  for (const gap of open) {
    column.set(gap, build.column(-bytesOf(gap), 0, 1, true));
    build.constant(bytesOf(gap));
  }
  const keptOf = (gap: number): Kept => {
    const own = column.get(gap);
    return own === undefined ? { known: gap >= 0 && kept[gap] ? 1 : 0 } : { column: own };
  };
  const isNever = (value: Kept): boolean => 'known' in value && value.known === 0;
  const isAlways = (value: Kept): boolean => 'known' in value && value.known === 1;
  /** lower ≤ Σ value·(gap kept) + Σ others, with what is known moved to the side. */
  const atLeast = (
    lower: number,
    gaps: readonly (readonly [gap: number, value: number])[],
    others: readonly Term[],
  ) => {
    let limit = lower;
    const terms = [...others];
    for (const [gap, value] of gaps) {
      const is = keptOf(gap);
      if ('known' in is) limit -= value * is.known;
      else terms.push([is.column, value]);
    }
    build.row(limit, Infinity, terms);
  };
  const load = new Map<number, { constant: number; terms: Term[] }>(
    binding.map((step) => [step, { constant: rules.weights[step]! / unit, terms: [] }]),
  );
  const addTo = (step: number, is: Kept, size: number): void => {
    const row = load.get(step);
    if (!row) return;
    if ('known' in is) row.constant += size * is.known;
    else row.terms.push([is.column, size]);
  };
  const ALWAYS: Kept = { known: 1 };

  view.gapsOf.forEach((own, tensor) => {
    const size = view.sizes[tensor]! / unit;
    const events = view.events[tensor]!;
    const mine = own.filter((gap) => column.has(gap));
    if (mine.length > 0 && view.graph.isIntermediate[tensor] && own.every((gap) => column.has(gap) || kept[gap])) {
      const write = build.column(bytesOf(mine[0]!));
      derived.push({ column: write, value: (keeps) => (mine.every((gap) => keeps(gap) === 1) ? 0 : 1) });
      for (const gap of mine) atLeast(1, [[gap, 1]], [[write, 1]]);
    }
    if (!isStream) for (const step of events) addTo(step, ALWAYS, size);
    own.forEach((gap) => {
      const { from, to } = view.gaps[gap]!;
      for (let step = from + 1; step < to; step++) addTo(step, keptOf(gap), size);
    });
    events.forEach((step, index) => {
      const into = index > 0 ? own[index - 1]! : -1;
      const after = index + 1 < events.length ? own[index]! : -1;
      if (isStream) addTo(step, either(into, after), size);
      if (!isFetchedAhead(view, rules, tensor, step) || !load.has(step - 1)) return;
      if (isStream) addTo(step - 1, afterOnly(into, after), size);
      else {
        addTo(step - 1, ALWAYS, size);
        addTo(step - 1, keptOf(into), -size);
      }
    });
  });
  rules.shares.forEach((atStep, step) => {
    const row = load.get(step);
    if (!row) return;
    const saving = atStep.flatMap((share) => {
      const is = shared(share);
      return is ? [{ share, is }] : [];
    });
    const [one] = saving;
    if (one === undefined) return;
    if (!one.share.isExclusive) for (const { share, is } of saving) addTo(step, is, -share.saved / unit);
    else if (saving.some(({ is }) => isAlways(is))) addTo(step, ALWAYS, -one.share.saved / unit);
    else {
      const columns = saving.flatMap(({ is }) => ('column' in is ? [is.column] : []));
      const either = build.column(0, 0, 1);
      const shares = saving.map(({ share }) => share);
      derived.push({ column: either, value: (keeps) => (shares.some((share) => sharesWith(keeps, share)) ? 1 : 0) });
      build.row(0, Infinity, [...columns.map((index): Term => [index, 1]), [either, -1]]);
      row.terms.push([either, -one.share.saved / unit]);
    }
  });
  for (const [step, { constant, terms }] of load) {
    const room = Math.max(capacity, view.mandatory[step]!) / unit - constant;
    if (terms.length > 0) build.row(-Infinity, Math.floor(room + 1e-6), terms);
  }

  const model = build.build();
  return {
    model,
    start(from: readonly boolean[]): Float64Array {
      const keeps = (gap: number): number => {
        const is = keptOf(gap);
        return 'known' in is ? is.known : from[gap] ? 1 : 0;
      };
      const values = new Float64Array(model.columns.length);
      for (const [gap, index] of column) values[index] = keeps(gap);
      for (const { column: index, value } of derived) values[index] = value(keeps);
      return values;
    },
    read(values: Float64Array): boolean[] {
      return view.gaps.map((_, gap) => kept[gap]! || values[column.get(gap) ?? -1]! > 0.5);
    },
  };

  /** max(into, after) */
  function either(into: number, after: number): Kept {
    const one = keptOf(into);
    const other = keptOf(after);
    if (isAlways(one) || isNever(other)) return one;
    if (isAlways(other) || isNever(one)) return other;
    const present = build.column(0, 0, 1);
    derived.push({ column: present, value: (keeps) => Math.max(keeps(into), keeps(after)) });
    for (const gap of [into, after]) atLeast(0, [[gap, -1]], [[present, 1]]);
    return { column: present };
  }

  /** after and not into */
  function afterOnly(into: number, after: number): Kept {
    const one = keptOf(into);
    const other = keptOf(after);
    if (isAlways(one) || isNever(other)) return { known: 0 };
    if (isNever(one)) return other;
    const fetched = build.column(0, 0, 1);
    derived.push({ column: fetched, value: (keeps) => Math.max(0, keeps(after) - keeps(into)) });
    atLeast(
      0,
      [
        [after, -1],
        [into, 1],
      ],
      [[fetched, 1]],
    );
    return { column: fetched };
  }

  function sharesWith(keeps: (gap: number) => number, { into, after, first }: StepShare): boolean {
    return keeps(after) === 0 && (!isStream || (keeps(into) === 1 && keeps(first) === 1));
  }

  /** Whether operand and result can share their bytes: a constant, or a column of at most that; null where they never do. */
  function shared(share: StepShare): Kept | null {
    const { into, after, first } = share;
    const needed = isStream ? [into, first] : [];
    if (isAlways(keptOf(after)) || needed.some((gap) => isNever(keptOf(gap)))) return null;
    if (isNever(keptOf(after)) && needed.every((gap) => isAlways(keptOf(gap)))) return ALWAYS;
    const saves = build.column(0, 0, 1);
    derived.push({ column: saves, value: (keeps) => (sharesWith(keeps, share) ? 1 : 0) });
    atLeast(-1, [[after, -1]], [[saves, -1]]);
    for (const gap of needed) atLeast(0, [[gap, 1]], [[saves, -1]]);
    return { column: saves };
  }
}
