/**
 * From gaps kept to addresses. In strict+weights an operator's weights are laid beside the tensors as one more
 * rectangle of one step; when only the tensors can be laid whole, the weights take the bytes left in pieces.
 */
import type { Control } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { formatExact } from '#core/base/quantity.ts';
import { type Composite, compositesOf } from './composite.ts';
import { isFetchedAhead } from './flagged.ts';
import type { GapView } from './gap-view.ts';
import { gapObjective, residencyOf } from './gaps.ts';
import { placedSize } from './graph.ts';
import { type Block, pack, type Slab } from './pack.ts';
import type { ResidencyInterval } from './problem.ts';

export interface Placement {
  readonly intervals: readonly ResidencyInterval[];
  /** False where the weights of some step have enough bytes free, but not in one piece. */
  readonly areWeightsWhole: boolean;
}

export interface PlaceOptions {
  readonly granule: number;
  /** Search nodes; greedy passes come free. */
  readonly nodeLimit: number;
  readonly control: Control;
  /** Beside those that the view's flags make; an interval is in one of either at most. */
  readonly composites?: readonly Composite[];
}

/** Addresses for the residency that keeps `kept`; `impossible` when proven that there are none. */
export function place(
  view: GapView,
  kept: ArrayLike<boolean>,
  { granule, composites = [], ...budget }: PlaceOptions,
): Placement | 'impossible' | 'exhausted' {
  const { intervals } = residencyOf(view, kept);
  const shared = view.rules ? compositesOf(view, view.rules, kept, intervals) : [];
  const { blocks, homes } = blocksOf(view, intervals, [...composites, ...shared]);
  const isAhead = view.rules?.flags.doubleBuffer === true;
  const weights =
    view.mode === 'strict+weights'
      ? view.order.map((op, step): Block => {
          return {
            size: placedSize(view.problem.ops[op]!.weightBytes, granule),
            from: isAhead ? Math.max(0, step - 1) : step,
            to: step + 1,
          };
        })
      : [];
  const whole = pack([...blocks, ...weights], view.capacity, budget);
  const packing = whole.status === 'packed' || weights.length === 0 ? whole : pack(blocks, view.capacity, budget);
  if (packing.status !== 'packed') return packing.status;
  return {
    intervals: intervals.map((interval, index) => {
      const { block, offset } = homes[index]!;
      return { ...interval, addr: packing.addresses[block]! + offset };
    }),
    areWeightsWhole: whole.status === 'packed',
  };
}

/** One block an interval, or one a composite; `homes` says where each interval lies in which. */
function blocksOf(
  view: GapView,
  intervals: readonly { readonly t: number; readonly from: number; readonly to: number }[],
  composites: readonly Composite[],
) {
  const blocks: Block[] = [];
  const homes = new Array<{ readonly block: number; readonly offset: number } | undefined>(intervals.length);
  const fromOf = (t: number, from: number): number =>
    view.rules && isFetchedAhead(view, view.rules, t, from) ? from - 1 : from;
  for (const { members } of composites) {
    const slabs = members.map(({ interval, offset }): Slab => {
      const { t, from, to } = intervals[interval]!;
      return { from: fromOf(t, from), to, offset, size: view.sizes[t]! };
    });
    for (const { interval, offset } of members) homes[interval] = { block: blocks.length, offset };
    blocks.push({
      size: slabs.reduce((most, { offset, size }) => Math.max(most, offset + size), 0),
      from: slabs.reduce((least, { from }) => Math.min(least, from), Infinity),
      to: slabs.reduce((most, { to }) => Math.max(most, to), 0),
      slabs,
    });
  }
  const placed = intervals.map(({ t, from, to }, index) => {
    return homes[index] ?? { block: blocks.push({ size: view.sizes[t]!, from: fromOf(t, from), to }) - 1, offset: 0 };
  });
  return { blocks, homes: placed };
}

/**
 * The last resort: gives up gaps, cheapest first and twice as many each time, until what is left can be laid greedily.
 * With no gap left every step stands alone, which always packs; under flags what is pinned, fetched ahead or shared
 * still ties steps together, and null says that even so nothing was laid out. Of composites only those of the view's
 * flags are made, since giving up gaps makes other intervals.
 */
export function placeByGivingUp(
  view: GapView,
  kept: readonly boolean[],
  { granule, nodeLimit, control }: Pick<PlaceOptions, 'granule' | 'nodeLimit' | 'control'>,
): { readonly kept: readonly boolean[]; readonly placement: Placement } | null {
  const bytesOf = (gap: number): number => view.problem.tensors[view.gaps[gap]!.tensor]!.bytes;
  const cheapest = kept
    .flatMap((keeps, gap) => (keeps && !view.rules?.forced[gap] ? [gap] : []))
    .sort((a, b) => bytesOf(a) - bytesOf(b) || a - b);
  for (let count = 1; ; count *= 2) {
    const left = [...kept];
    for (const gap of cheapest.slice(0, count)) left[gap] = false;
    const isLast = count >= cheapest.length;
    const placement = place(view, left, { granule, control, nodeLimit: isLast ? nodeLimit : 0 });
    if (typeof placement !== 'string') return { kept: left, placement };
    if (!isLast) continue;
    if (view.rules) return null;
    throw new Error(`no packing of single steps: ${gapObjective(view, left)} B, capacity ${view.capacity} B`);
  }
}

/** Why there is no answer where {@link placeByGivingUp} ends in null. */
export function unpackable({ capacity }: GapView): Problem {
  return problem(
    'schedule.unpackable',
    `Under the flags set every step fits in ${formatExact(capacity, 'B')}, but no addresses were found for them together`,
    {
      facts: {
        bound: capacity,
        unit: 'B',
        levers: 'a larger scratchpad; fewer pinned tensors; no double buffering; no in-place results or aliases',
      },
    },
  );
}
