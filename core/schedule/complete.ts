/**
 * From a residency to a whole answer: addresses, bound, baselines and the proof in words. The relaxation without
 * addresses has the same objective, so a residency that packs at S is optimal as a whole. If it does not pack, it is
 * solved again with less room, and at last gaps are given up until it does; the proof then shows the allocation gap.
 */
import { type Problem, problem as problemOf } from '#core/base/problem.ts';
import { formatExact, formatQuantity } from '#core/base/quantity.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { integerOf } from '#core/catalog/parameter.ts';
import { baselines } from './baselines.ts';
import { evict } from './eviction.ts';
import { type GapSolution, solveGapModel } from './gap-model.ts';
import type { GapView } from './gap-view.ts';
import { gapObjective } from './gaps.ts';
import { type Placement, place, placeByGivingUp, unpackable } from './place.ts';
import type { ScheduleAnswer, ScheduleProblem } from './problem.ts';
import type { SchedulerOptions } from './scheduler.ts';
import { compulsoryTraffic } from './traffic.ts';

/** A residency found, before addresses. */
export interface Candidate {
  readonly view: GapView;
  readonly kept: readonly boolean[];
  /** Which order it is, for the reader: `file`, `searched`, … */
  readonly orderName: string;
  /** Bytes no residency under this order goes below; 0 where nothing is known. */
  readonly orderBound: number;
}

export interface Completion {
  /** Bytes no schedule in any order goes below. */
  readonly bound: number;
  /** How the bound was proven, for the reader. */
  readonly provenBy: string;
  /** The problem in file order, and its best residency where that was solved: the baselines. */
  readonly fileOrder: { readonly view: GapView; readonly solution: GapSolution | null };
  /** Budgets when the residency must be solved again, and for the packer. */
  readonly nodeLimit: number;
  readonly packNodeLimit: number;
}

/** Candidates laid out at most, beside the cheapest and the sure one. */
const LAID_OUT = 4;

/**
 * The cheapest answer among the candidates: what is cheapest before addresses may lose more in being laid out than the
 * next does. `sure` is laid out before anything dearer is accepted, so no answer moves more than it does, if it packs.
 * @returns `schedule.unpackable` where flags tie steps together so that none can be laid out, `schedule.order-infeasible`
 * where under flags no order tried leaves every step room.
 */
export function completeBest(
  problem: ScheduleProblem,
  options: SchedulerOptions,
  sure: Candidate,
  others: readonly Candidate[],
  completion: Completion,
): Result<ScheduleAnswer, Problem> {
  const ranked = [sure, ...others]
    .map((candidate) => ({ candidate, cost: gapObjective(candidate.view, candidate.kept) }))
    .filter(({ cost }) => Number.isFinite(cost))
    .sort((a, b) => a.cost - b.cost || b.candidate.orderBound - a.candidate.orderBound);
  if (ranked.length === 0) return err(noRoom(sure.view));
  const [cheapest, ...next] = ranked.filter(
    ({ candidate }, index) => ranked.findIndex((other) => isSame(other.candidate, candidate)) === index,
  );
  const first = completeAnswer(problem, options, cheapest!.candidate, completion);
  let best = first;
  for (const [index, { candidate, cost }] of next.entries()) {
    if (best.ok && best.value.objective <= cost) break;
    if (index >= LAID_OUT && !isSame(candidate, sure)) continue;
    const other = completeAnswer(problem, options, candidate, completion);
    if (!best.ok || (other.ok && other.value.objective < best.value.objective)) best = other;
  }
  if (!best.ok || best === first || best.value.objective === cheapest!.cost) return best;
  const lost = formatExact(best.value.objective - cheapest!.cost, 'B');
  const proof = `${best.value.proof} The cheapest residency found (${formatExact(cheapest!.cost, 'B')}) was not laid out: an allocation gap of ${lost}.`;
  return ok({ ...best.value, proof });
}

/** Flags make some step of the order need more than there is, whatever is kept. */
function noRoom({ problem: { ops }, order, mandatory, capacity }: GapView): Problem {
  const step = mandatory.findIndex((load) => load > capacity);
  const { name } = ops[order[step]!]!;
  const demand = mandatory[step]!;
  return problemOf(
    'schedule.order-infeasible',
    `In the orders tried some step has no room under the flags set: first ${name}, which needs ${formatExact(demand, 'B')} of ${formatExact(capacity, 'B')}`,
    {
      facts: {
        operator: name,
        demand,
        bound: capacity,
        unit: 'B',
        levers: 'another order; no double buffering; fewer pinned tensors; a larger scratchpad',
      },
    },
  );
}

function isSame(one: Candidate, other: Candidate): boolean {
  return (
    one === other ||
    (one.view.order.every((op, step) => op === other.view.order[step]) &&
      one.kept.every((keeps, gap) => keeps === other.kept[gap]))
  );
}

function completeAnswer(
  problem: ScheduleProblem,
  options: SchedulerOptions,
  candidate: Candidate,
  completion: Completion,
): Result<ScheduleAnswer, Problem> {
  const { mode, S, mip, control } = options;
  const placed = placeCandidate(candidate, options, completion);
  if (!placed) return err(unpackable(candidate.view));
  const bound = Math.min(completion.bound, placed.objective);
  const isOptimal = placed.objective === bound;
  const { inputs, outputs } = compulsoryTraffic(problem);
  return ok({
    mode,
    S,
    objective: placed.objective,
    bound,
    optimal: isOptimal,
    stop: isOptimal ? 'proven' : control.cancelled() ? 'cancelled' : 'nodes',
    compulsory: inputs + outputs,
    order: candidate.view.order,
    intervals: placed.placement.intervals,
    baselines: baselines(completion.fileOrder.view, completion.fileOrder.solution),
    proof: proofText(candidate, placed, bound, options, completion),
    solver: { id: mip.id, version: mip.version },
  });
}

interface Placed {
  readonly objective: number;
  readonly placement: Placement;
  /** How the addresses were come by, where it was not at once. */
  readonly remark: string;
}

/** Search nodes for addresses once the user has stopped the search: some tens of milliseconds. */
const LATE_NODES = 5_000;

/** Shares of the scratchpad given up, one after the other, where a residency does not pack. */
const SMALLER = [1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4];

function placeCandidate({ view, kept }: Candidate, options: SchedulerOptions, completion: Completion): Placed | null {
  const { mip, control } = options;
  const granule = integerOf(options.parameters, 'alignment', 1);
  // Who stops the search wants what it found, and that needs addresses still.
  const late = {
    granule,
    nodeLimit: Math.min(completion.packNodeLimit, LATE_NODES),
    control: { ...control, cancelled: () => false },
  };
  const inTime = { granule, nodeLimit: completion.packNodeLimit, control };
  const placing = (): typeof inTime => (control.cancelled() ? late : inTime);
  const objective = gapObjective(view, kept);
  let direct = place(view, kept, placing());
  if (direct === 'exhausted' && control.cancelled()) direct = place(view, kept, late);
  if (typeof direct !== 'string') return { objective, placement: direct, remark: '' };
  const why = direct === 'impossible' ? 'cannot be laid out' : 'was not laid out within the packing budget';
  const lost = (found: number): string =>
    `an allocation gap of ${formatExact(found - objective, 'B')} to the residency found (${formatExact(objective, 'B')}), which ${why}.`;
  for (const share of SMALLER) {
    const capacity = Math.floor((view.capacity * (1 - share)) / granule) * granule;
    const start = evict(view, 'belady', capacity);
    const smaller = control.cancelled()
      ? { kept: start, objective: gapObjective(view, start) }
      : solveGapModel(view, mip, { nodeLimit: completion.nodeLimit, control, start, capacity });
    const placement = place(view, smaller.kept, placing());
    if (typeof placement === 'string') continue;
    const remark = `Solved again within ${formatExact(capacity, 'B')}: ${lost(smaller.objective)}`;
    return { objective: smaller.objective, placement, remark };
  }
  const given = placeByGivingUp(view, kept, late);
  if (!given) return null;
  const found = gapObjective(view, given.kept);
  const remark = `Tensors were given up until the rest could be laid out: ${lost(found)}`;
  return { objective: found, placement: given.placement, remark };
}

/** What is proven and what is not, for the reader of a report. */
function proofText(
  { view, kept, orderName, orderBound }: Candidate,
  { objective, placement, remark }: Placed,
  bound: number,
  options: SchedulerOptions,
  { provenBy }: Completion,
): string {
  const granule = integerOf(options.parameters, 'alignment', 1);
  const parts: string[] = [];
  if (objective === 0) parts.push('Optimal over all orders: nothing is moved off chip that need not be.');
  else if (objective === bound) parts.push(`Optimal over all orders, ${provenBy}.`);
  else {
    const gap = formatQuantity((objective - bound) / objective, '1');
    if (orderBound > 0)
      parts.push(
        objective === gapObjective(view, kept) && orderBound === objective
          ? `Optimal residency for this order (${orderName}).`
          : `Best residency found for this order (${orderName}); none in this order is below ${formatExact(orderBound, 'B')}.`,
      );
    parts.push(`No schedule in any order is below ${formatExact(bound, 'B')}, ${provenBy}: a gap of ${gap}.`);
  }
  if (remark) parts.push(remark);
  if (view.rules)
    parts.push('The bound grants every step the most that the flags could save there, and none of the room they take.');
  if (granule > 1) parts.push(`Bound and residency are for space handed out in units of ${formatExact(granule, 'B')}.`);
  if (!placement.areWeightsWhole) parts.push('The weights of some operators take their room in several pieces.');
  if (options.control.cancelled()) parts.push('Stopped by the user: the best found until then.');
  return parts.join(' ');
}
