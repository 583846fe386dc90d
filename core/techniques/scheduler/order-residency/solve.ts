/**
 * Tries orders, finds the optimal residency of each (gap model), lays out the best (packer) and bounds every order.
 * Invariant: a residency by Belady's rule stands from the start, so there is an answer whenever the user stops.
 */
import type { Control } from '#core/base/control.ts';
import type { Problem } from '#core/base/problem.ts';
import { formatExact, formatQuantity } from '#core/base/quantity.ts';
import { ok, type Result } from '#core/base/result.ts';
import { integerOf, textOf } from '#core/catalog/parameter.ts';
import { baselines } from '#core/schedule/baselines.ts';
import { evict } from '#core/schedule/eviction.ts';
import { targetOf } from '#core/schedule/flags.ts';
import { type GapSolution, solveGapModel } from '#core/schedule/gap-model.ts';
import { type GapView, gapObjective, gapView } from '#core/schedule/gaps.ts';
import { lowerBound } from '#core/schedule/lower-bound.ts';
import { ORDER_NAMES, orderByName } from '#core/schedule/orders.ts';
import { type Placement, place, placeByGivingUp } from '#core/schedule/place.ts';
import type { ScheduleAnswer, ScheduleProblem } from '#core/schedule/problem.ts';
import type { SchedulerOptions } from '#core/schedule/scheduler.ts';
import { compulsoryTraffic } from '#core/schedule/traffic.ts';
import { improveOrder } from './improve.ts';

export const ORDER_CHOICES = ['best', ...ORDER_NAMES] as const;

interface Candidate {
  readonly order: string;
  readonly view: GapView;
  readonly solution: GapSolution;
}

interface Placed {
  readonly objective: number;
  readonly placement: Placement;
  /** How the addresses were come by, where it was not at once. */
  readonly remark: string;
}

export function solve(problem: ScheduleProblem, options: SchedulerOptions): Result<ScheduleAnswer, Problem> {
  const { mode, S, parameters, mip, control } = options;
  const granule = integerOf(parameters, 'alignment', 1);
  const nodeLimit = integerOf(parameters, 'nodeLimit', 2_000);
  const packNodeLimit = integerOf(parameters, 'packNodeLimit', 50_000);
  const choice = textOf(parameters, 'order', 'best');
  const target = targetOf(problem, options);
  const reporter = progressReporter(control);

  reporter.at(0, 'schedule.bound', 'Bounding every order');
  const globalBound = lowerBound(problem, target, mip, { nodeLimit, control });
  reporter.bounded(globalBound);

  const residency = (order: string, operators: readonly number[], from: number, to: number): Candidate => {
    const view = gapView(problem, target, operators);
    const start = evict(view, 'belady');
    reporter.at(from, 'schedule.residency', `Residency in ${order} order`);
    reporter.found(gapObjective(view, start));
    const solution = solveGapModel(view, mip, {
      nodeLimit: control.cancelled() ? 1 : nodeLimit,
      control,
      start,
      onProgress: ({ incumbent }) => {
        reporter.found(incumbent);
        reporter.at(from, 'schedule.residency', `Residency in ${order} order`);
      },
    });
    reporter.found(solution.objective);
    reporter.at(to, 'schedule.residency', `Residency in ${order} order`);
    return { order, view, solution };
  };

  // File order is always solved: it is a baseline, and the first incumbent.
  const fileOrder = residency('file', orderByName(problem, 'file'), 0.1, 0.3);
  const candidates: Candidate[] = choice === 'best' || choice === 'file' ? [fileOrder] : [];
  const best = (): Candidate => candidates.reduce((a, b) => (b.solution.objective < a.solution.objective ? b : a));
  const isOpen = (): boolean =>
    !control.cancelled() && (candidates.length === 0 || best().solution.objective > globalBound);
  for (const [index, name] of ORDER_NAMES.entries()) {
    const isWanted = name !== 'file' && (choice === name || (choice === 'best' && isOpen()));
    if (isWanted)
      candidates.push(residency(name, orderByName(problem, name), 0.3 + 0.15 * (index - 1), 0.3 + 0.15 * index));
  }
  if (choice === 'best' && isOpen()) {
    reporter.at(0.6, 'schedule.order', 'Moving operators');
    const order = improveOrder(problem, target, best().view.order, control);
    if (order) candidates.push(residency('improved', order, 0.65, 0.75));
  }

  reporter.at(0.8, 'schedule.addresses', 'Packing addresses');
  const chosen = best();
  const placed = placeCandidate(chosen, options, { granule, nodeLimit, packNodeLimit });
  const bound = Math.min(globalBound, placed.objective);
  reporter.at(1, 'schedule.done', `${formatQuantity(placed.objective, 'B')} beyond the compulsory`);
  const { inputs, outputs } = compulsoryTraffic(problem);
  return ok({
    mode,
    S,
    objective: placed.objective,
    bound,
    optimal: placed.objective === bound,
    stop: placed.objective === bound ? 'proven' : control.cancelled() ? 'cancelled' : 'nodes',
    compulsory: inputs + outputs,
    order: chosen.view.order,
    intervals: placed.placement.intervals,
    baselines: baselines(fileOrder.view, fileOrder.solution),
    proof: proofText(chosen, placed, bound, options, granule),
    solver: { id: mip.id, version: mip.version },
  });
}

/** Packs at S; failing that, solves the residency again with less room, and at last gives up gaps until it packs. */
function placeCandidate(
  { view, solution }: Candidate,
  { mip, control }: SchedulerOptions,
  budget: { readonly granule: number; readonly nodeLimit: number; readonly packNodeLimit: number },
): Placed {
  const placing = { granule: budget.granule, nodeLimit: budget.packNodeLimit, control };
  const direct = place(view, solution.kept, placing);
  if (typeof direct !== 'string') return { objective: solution.objective, placement: direct, remark: '' };
  const why = direct === 'impossible' ? 'cannot be laid out' : 'was not laid out within the packing budget';
  for (const share of [1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4]) {
    if (control.cancelled()) break;
    const capacity = Math.floor((view.capacity * (1 - share)) / budget.granule) * budget.granule;
    const start = evict(view, 'belady', capacity);
    const smaller = solveGapModel(view, mip, { nodeLimit: budget.nodeLimit, control, start, capacity });
    const placement = place(view, smaller.kept, placing);
    if (typeof placement === 'string') continue;
    return {
      objective: smaller.objective,
      placement,
      remark:
        `The optimal residency (${formatExact(solution.objective, 'B')}) ${why}; this one was solved within ` +
        `${formatExact(capacity, 'B')}: an allocation gap of ${formatExact(smaller.objective - solution.objective, 'B')}.`,
    };
  }
  const { kept, placement } = placeByGivingUp(view, solution.kept, placing);
  const objective = gapObjective(view, kept);
  return {
    objective,
    placement,
    remark:
      `The residency found (${formatExact(solution.objective, 'B')}) ${why}; tensors were given up until it could be: ` +
      `an allocation gap of ${formatExact(objective - solution.objective, 'B')}.`,
  };
}

/** What is proven and what is not, for the reader of a report. */
function proofText(
  { order, solution }: Candidate,
  { objective, placement, remark }: Placed,
  bound: number,
  { mip, control }: SchedulerOptions,
  granule: number,
): string {
  const solver = `${mip.id} ${mip.version}`;
  const parts: string[] = [];
  if (objective === 0) parts.push('Optimal over all orders: nothing is moved off chip that need not be.');
  else if (objective === bound)
    parts.push(`Optimal over all orders: equal to a lower bound that holds for every order, proven by ${solver}.`);
  else {
    const gap = formatQuantity((objective - bound) / objective, '1');
    parts.push(
      objective === solution.objective && solution.bound === objective
        ? `Optimal residency for this order (${order}), proven by ${solver}.`
        : `Best residency found for this order (${order}); no schedule in this order is below ${formatExact(solution.bound, 'B')}.`,
      `Over all orders the bound is ${formatExact(bound, 'B')}: a gap of ${gap}.`,
    );
  }
  if (remark) parts.push(remark);
  if (granule > 1) parts.push(`Bound and residency are for space handed out in units of ${formatExact(granule, 'B')}.`);
  if (!placement.areWeightsWhole) parts.push('The weights of some operators take their room in several pieces.');
  if (control.cancelled()) parts.push('Stopped by the user: the best found until then.');
  return parts.join(' ');
}

/** Reports with the figures known so far; the fraction never falls. */
function progressReporter(control: Control) {
  let incumbent = Infinity;
  let bound = 0;
  let reached = 0;
  return {
    bounded(value: number): void {
      bound = value;
    },
    found(value: number): void {
      incumbent = Math.min(incumbent, value);
    },
    at(fraction: number, phase: string, message: string): void {
      reached = Math.max(reached, fraction);
      const gap = incumbent > 0 ? (incumbent - bound) / incumbent : 0;
      const figures = Number.isFinite(incumbent) ? { incumbent, bound, gap } : { bound };
      control.report({ phase, fraction: reached, message, figures });
    },
  };
}
