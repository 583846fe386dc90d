/**
 * From gaps kept to addresses. In strict+weights an operator's weights are laid beside the tensors as one more
 * rectangle of one step; when only the tensors can be laid whole, the weights take the bytes left in pieces.
 */
import type { Control } from '#core/base/control.ts';
import { drop } from './eviction.ts';
import { type GapView, gapObjective, occupancy, residencyOf } from './gaps.ts';
import { placedSize } from './graph.ts';
import { pack, type Rectangle } from './pack.ts';
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
}

/** Addresses for the residency that keeps `kept`; `impossible` when proven that there are none. */
export function place(
  view: GapView,
  kept: ArrayLike<boolean>,
  { granule, ...budget }: PlaceOptions,
): Placement | 'impossible' | 'exhausted' {
  const { intervals } = residencyOf(view, kept);
  const tensors = intervals.map(({ t, from, to }): Rectangle => ({ size: view.sizes[t]!, from, to }));
  const weights =
    view.mode === 'strict+weights'
      ? view.order.map((op, step): Rectangle => {
          return { size: placedSize(view.problem.ops[op]!.weightBytes, granule), from: step, to: step + 1 };
        })
      : [];
  const whole = pack([...tensors, ...weights], view.capacity, budget);
  const packing = whole.status === 'packed' || weights.length === 0 ? whole : pack(tensors, view.capacity, budget);
  if (packing.status !== 'packed') return packing.status;
  return {
    intervals: intervals.map((interval, index) => ({ ...interval, addr: packing.addresses[index]! })),
    areWeightsWhole: whole.status === 'packed',
  };
}

/**
 * The last resort, which always ends in a placement: gives up gaps, cheapest first and twice as many each time,
 * until what is left can be laid greedily. With no gap left every step stands alone.
 */
export function placeByGivingUp(
  view: GapView,
  kept: readonly boolean[],
  options: PlaceOptions,
): { readonly kept: readonly boolean[]; readonly placement: Placement } {
  const bytesOf = (gap: number): number => view.problem.tensors[view.gaps[gap]!.tensor]!.bytes;
  const cheapest = kept.flatMap((keeps, gap) => (keeps ? [gap] : [])).sort((a, b) => bytesOf(a) - bytesOf(b) || a - b);
  for (let count = 1; ; count *= 2) {
    const left = [...kept];
    const load = occupancy(view, left);
    for (const gap of cheapest.slice(0, count)) drop(view, left, load, gap);
    const placement = place(view, left, { ...options, nodeLimit: 0 });
    if (typeof placement !== 'string') return { kept: left, placement };
    if (count >= cheapest.length)
      throw new Error(`no packing of single steps: ${gapObjective(view, left)} B, capacity ${view.capacity} B`);
  }
}
