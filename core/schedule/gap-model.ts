/**
 * Optimal residency under a given order as a small integer programme: one binary a gap (kept or not), one
 * continuous write a tensor, one capacity row a step. Presolve keeps what always fits and drops what never does;
 * sizes are divided by their greatest common divisor. Addresses are left to the packer (README, "How optimality is argued").
 */
import type { Control } from '#core/base/control.ts';
import { type MipProgress, type MipSolver, mipBuilder, scaledNodeLimit, wholeBound } from '#core/solver/mip.ts';
import { drop, relieve } from './eviction.ts';
import { buildFlaggedModel, flaggedPresolve, type Presolved } from './flagged-model.ts';
import type { GapView } from './gap-view.ts';
import { gapObjective, isOrderFeasible, occupancy } from './gaps.ts';

export interface GapSolution {
  /** For each gap whether it is kept; within capacity at every step. */
  readonly kept: readonly boolean[];
  /** Non-compulsory bytes, recounted from `kept`. */
  readonly objective: number;
  /** Proven lower bound for this order, bytes. */
  readonly bound: number;
  readonly nodes: number;
}

export interface GapOptions {
  readonly nodeLimit: number;
  readonly control: Control;
  /** A residency within capacity to begin from. */
  readonly start: readonly boolean[];
  /** Placed bytes to stay within; steps whose mandatory load is larger keep nothing else. Default: the view's capacity. */
  readonly capacity?: number;
  readonly onProgress?: (progress: MipProgress) => void;
}

/** Never worse than `start`; optimal for the order when bound = objective. */
export function solveGapModel(view: GapView, mip: MipSolver, options: GapOptions): GapSolution {
  const capacity = options.capacity ?? view.capacity;
  if (!isOrderFeasible(view)) return { kept: options.start, objective: Infinity, bound: Infinity, nodes: 0 };
  const { kept, open, binding } = view.rules ? flaggedPresolve(view, view.rules, capacity) : presolve(view, capacity);
  if (open.length === 0) {
    const objective = gapObjective(view, kept);
    return { kept, objective, bound: objective, nodes: 0 };
  }
  const shared = view.rules?.shares.flat().map(({ saved }) => saved) ?? [];
  const unit = commonDivisor([
    ...open.flatMap((gap) => [view.sizes[view.gaps[gap]!.tensor]!, bytesOf(view, gap)]),
    ...shared,
  ]);
  const isOpen = new Set(open);
  // What the gaps that never fit cost by themselves; the model counts only what it can still decide.
  const decided = gapObjective(
    view,
    kept.map((keeps, gap) => keeps || isOpen.has(gap)),
  );
  const model = view.rules
    ? buildFlaggedModel(view, view.rules, { capacity, unit, kept, open, binding })
    : buildModel(view, capacity, unit, kept, open, binding);
  const solution = mip.solve(model.model, {
    nodeLimit: scaledNodeLimit(options.nodeLimit, model.model),
    // The objective is a whole number of units, so a gap below one unit is closed by rounding the bound up.
    absoluteGap: 0.99,
    start: model.start(options.start),
    control: options.control,
    ...(options.onProgress && { onProgress: shifted(options.onProgress, decided, unit) }),
  });
  const bound = decided + wholeBound(solution.bound) * unit;
  const found = solution.values ? repaired(view, capacity, model.read(solution.values)) : options.start;
  const objective = gapObjective(view, found);
  const begun = gapObjective(view, options.start);
  return objective <= begun
    ? { kept: found, objective, bound: Math.min(bound, objective), nodes: solution.nodes }
    : { kept: options.start, objective: begun, bound: Math.min(bound, begun), nodes: solution.nodes };
}

const bytesOf = (view: GapView, gap: number): number => view.problem.tensors[view.gaps[gap]!.tensor]!.bytes;

function shifted(
  onProgress: (progress: MipProgress) => void,
  base: number,
  unit: number,
): (progress: MipProgress) => void {
  return ({ incumbent, bound }) => onProgress({ incumbent: base + incumbent * unit, bound: base + bound * unit });
}

/** Greatest common divisor of the positive values, 1 without any. */
export function commonDivisor(values: readonly number[]): number {
  let divisor = 0;
  for (const value of values) {
    let other = value;
    while (other > 0) [divisor, other] = [other, divisor % other];
  }
  return Math.max(1, divisor);
}

/** A gap too large for some step of its span cannot be kept; one that meets no binding step costs nothing to keep. */
function presolve(view: GapView, capacity: number): Presolved {
  const fits = view.gaps.map((gap) => {
    for (let step = gap.first; step <= gap.last; step++)
      if (view.mandatory[step]! + view.sizes[gap.tensor]! > capacity) return false;
    return true;
  });
  const load = occupancy(view, fits);
  const binding = view.order.map((_, step) => step).filter((step) => load[step]! > capacity);
  const nextBinding = new Array<number>(view.order.length + 1).fill(Infinity);
  for (let step = view.order.length - 1, at = binding.length - 1; step >= 0; step--) {
    if (binding[at] === step) at--;
    nextBinding[step] = binding[at + 1] ?? Infinity;
  }
  const open: number[] = [];
  const kept = view.gaps.map((gap, index) => {
    if (!fits[index]) return false;
    // A span may end before it begins (strict neighbours): then it meets no step at all.
    const isFree = gap.first > gap.last || nextBinding[gap.first]! > gap.last;
    if (!isFree) open.push(index);
    return isFree;
  });
  return { kept, open, binding };
}

function buildModel(
  view: GapView,
  capacity: number,
  unit: number,
  kept: readonly boolean[],
  open: readonly number[],
  binding: readonly number[],
) {
  const build = mipBuilder();
  const terms = new Map<number, [column: number, value: number][]>(binding.map((step) => [step, []]));
  const column = new Map<number, number>();
  const derived: { readonly column: number; readonly value: (keeps: (gap: number) => boolean) => number }[] = [];
  const keeps = (gap: number): number | null => column.get(gap) ?? null;

  for (const gap of open) {
    const cost = bytesOf(view, gap) / unit;
    column.set(gap, build.column(-cost, 0, 1, true));
    build.constant(cost);
  }
  view.gapsOf.forEach((indices, tensor) => {
    const mine = indices.filter((gap) => column.has(gap));
    if (mine.length === 0) return;
    const size = view.sizes[tensor]! / unit;
    const cost = bytesOf(view, mine[0]!) / unit;
    // A gap that cannot be kept has already made the write certain, and is counted among what is decided.
    const isWritten = indices.some((gap) => !kept[gap] && !column.has(gap));
    if (view.graph.isIntermediate[tensor] && !isWritten) {
      const write = build.column(cost);
      derived.push({ column: write, value: (isKept) => (mine.every(isKept) ? 0 : 1) });
      for (const gap of mine)
        build.row(1, Infinity, [
          [write, 1],
          [keeps(gap)!, 1],
        ]);
    }
    for (const [at, gap] of mine.entries()) {
      const { first, last } = view.gaps[gap]!;
      const before = mine[at - 1];
      const sharesStep = before !== undefined && view.gaps[before]!.last === first;
      for (let step = first; step <= last; step++) {
        const row = terms.get(step);
        if (!row) continue;
        if (!(sharesStep && step === first)) {
          row.push([keeps(gap)!, size]);
          continue;
        }
        // Both gaps hold the tensor at the step they share: count it once, through max(before, gap).
        row.pop();
        const present = build.column(0);
        derived.push({ column: present, value: (isKept) => (isKept(before) || isKept(gap) ? 1 : 0) });
        for (const one of [before, gap])
          build.row(0, Infinity, [
            [present, 1],
            [keeps(one)!, -1],
          ]);
        row.push([present, size]);
      }
    }
  });
  for (const [step, row] of terms) {
    const room = Math.floor((capacity - view.mandatory[step]!) / unit);
    if (row.length > 0) build.row(-Infinity, room, row);
  }
  const model = build.build();
  return {
    model,
    start(from: readonly boolean[]): Float64Array {
      const values = new Float64Array(model.columns.length);
      for (const [gap, index] of column) values[index] = from[gap] ? 1 : 0;
      for (const { column: index, value } of derived) values[index] = value((gap) => from[gap]!);
      return values;
    },
    read(values: Float64Array): boolean[] {
      return view.gaps.map((_, gap) => kept[gap]! || values[column.get(gap) ?? -1]! > 0.5);
    },
  };
}

/** Floating point may leave a step a few bytes over: give up the cheapest gaps until it fits exactly. */
function repaired(view: GapView, capacity: number, kept: boolean[]): readonly boolean[] {
  if (view.rules) return relieve(view, view.rules, kept, 'belady', capacity);
  const load = occupancy(view, kept);
  for (let step = 0; step < load.length; step++) {
    const limit = Math.max(capacity, view.mandatory[step]!);
    while (load[step]! > limit) {
      let victim = -1;
      view.gaps.forEach((gap, index) => {
        if (!kept[index] || gap.first > step || gap.last < step) return;
        if (victim < 0 || bytesOf(view, index) < bytesOf(view, victim)) victim = index;
      });
      drop(view, kept, load, victim);
    }
  }
  return kept;
}
