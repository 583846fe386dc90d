/**
 * The engine: exact search over segments, windows of the incumbent improved, groups of tensors bounded, the best laid
 * out. Invariant: a residency by Belady's rule in file order stands from the start, so there is an answer whenever the
 * user stops.
 */
import type { Problem } from '#core/base/problem.ts';
import { formatQuantity } from '#core/base/quantity.ts';
import { ok, type Result } from '#core/base/result.ts';
import { integerOf } from '#core/catalog/parameter.ts';
import { type Candidate, completeBest } from '#core/schedule/complete.ts';
import { evict, relieve } from '#core/schedule/eviction.ts';
import { targetOf } from '#core/schedule/flags.ts';
import { solveGapModel } from '#core/schedule/gap-model.ts';
import { gapObjective, gapView, occupancy } from '#core/schedule/gaps.ts';
import { lowerBound } from '#core/schedule/lower-bound.ts';
import { ORDER_NAMES, orderByName } from '#core/schedule/orders.ts';
import type { Residency, ScheduleAnswer, ScheduleProblem } from '#core/schedule/problem.ts';
import { progressReporter } from '#core/schedule/progress.ts';
import type { SchedulerOptions } from '#core/schedule/scheduler.ts';
import { solveChain } from '#core/schedule/search/chain.ts';
import { searchInstance } from '#core/schedule/search/instance.ts';
import { keptGaps } from '#core/schedule/search/residency.ts';
import { flaggedCandidates } from './flagged.ts';

/** Operators above which the residency in file order, a baseline only, is left to Belady's rule. */
const LARGEST_BASELINE_MODEL = 5_000;

export function solve(problem: ScheduleProblem, options: SchedulerOptions): Result<ScheduleAnswer, Problem> {
  const { parameters, mip, control, known } = options;
  const target = targetOf(problem, options);
  const nodeLimit = integerOf(parameters, 'nodeLimit', 10_000_000);
  const mipNodeLimit = integerOf(parameters, 'mipNodeLimit', 500);
  const reporter = progressReporter(control);

  const orders = ORDER_NAMES.map((name) => orderByName(problem, name));
  const fileView = gapView(problem, target, orders[0]!);
  const belady = evict(fileView, 'belady');
  const start: Candidate = { view: fileView, kept: belady, orderName: 'file', orderBound: 0 };
  let best = start;
  const candidates: Candidate[] = [];
  const costOf = ({ view, kept }: Candidate): number => gapObjective(view, kept);
  const offer = (proposed: Candidate): void => {
    // The search knows flags as a relaxation only: what it found may not fit.
    const { view, kept } = proposed;
    const isOver = occupancy(view, kept).some((load) => load > view.capacity);
    const candidate =
      view.rules && isOver ? { ...proposed, kept: relieve(view, view.rules, kept, 'belady') } : proposed;
    candidates.push(candidate);
    if (costOf(candidate) < costOf(best)) best = candidate;
    reporter.found(costOf(best));
  };
  reporter.found(costOf(best));
  reporter.bounded(known?.bound ?? 0);
  reporter.at(0, 'schedule.order', 'Trying given orders');
  for (const [index, orderName] of ORDER_NAMES.entries()) {
    if (orderName === 'file') continue;
    const view = gapView(problem, target, orders[index]!);
    offer({ view, kept: evict(view, 'belady'), orderName, orderBound: 0 });
  }
  for (const residency of known?.residencies ?? []) {
    const candidate = knownCandidate(problem, options, residency);
    if (candidate) offer(candidate);
  }

  let bound = known?.bound ?? 0;
  if (costOf(best) > bound) {
    reporter.at(0.03, 'schedule.bound', 'Bounding every order');
    bound = Math.max(bound, lowerBound(problem, target, mip, { nodeLimit: mipNodeLimit, control: reporter.polled }));
    reporter.bounded(bound);
  }
  reporter.at(0.05, 'schedule.search', 'Searching orders');
  const instance = searchInstance(problem, target);
  let searched: readonly number[] | null = null;
  if (costOf(best) > bound) {
    let isProven = false;
    const found = solveChain(instance, {
      nodeLimit,
      seeds: [...new Set([best.view.order, ...orders])],
      control: { ...reporter.polled, cancelled: () => isProven || reporter.polled.cancelled() },
      onProgress: ({ done, cost, bound: proven }) => {
        // The search knows its own bound only.
        isProven = cost <= bound;
        reporter.found(cost);
        reporter.bounded(Math.max(bound, proven));
        reporter.at(0.05 + 0.75 * done, 'schedule.search', 'Searching orders');
      },
    });
    bound = Math.max(bound, found.bound);
    if (bound < found.cost && found.groups.length > 0 && !control.cancelled()) {
      const { groups } = found;
      const joint = lowerBound(problem, target, mip, { nodeLimit: mipNodeLimit, control: reporter.polled, groups });
      bound = Math.max(bound, joint);
    }
    offer({ ...keptGaps(problem, target, instance, found.steps), orderName: 'searched', orderBound: 0 });
    searched = found.steps.map(({ op }) => op);
  } else bound = costOf(best);
  reporter.bounded(bound);

  reporter.at(0.8, 'schedule.residency', 'Residency in file order');
  const isSmall = problem.ops.length <= LARGEST_BASELINE_MODEL && !control.cancelled();
  const solution = isSmall ? solveGapModel(fileView, mip, { nodeLimit: mipNodeLimit, control, start: belady }) : null;
  if (solution) offer({ view: fileView, kept: solution.kept, orderName: 'file', orderBound: solution.bound });

  const named = orders.map((order, index) => ({ name: ORDER_NAMES[index]!, order }));
  const others =
    target.flags && isSmall
      ? flaggedCandidates(problem, target, searched ? [...named, { name: 'searched', order: searched }] : named, {
          mip,
          control,
          nodeLimit: mipNodeLimit,
        })
      : [];
  others.forEach(offer);

  reporter.at(0.9, 'schedule.addresses', 'Packing addresses');
  const completed = completeBest(problem, options, start, candidates, {
    bound,
    provenBy: 'by search over downsets of the operators',
    fileOrder: { view: fileView, solution },
    nodeLimit: mipNodeLimit,
    packNodeLimit: integerOf(parameters, 'packNodeLimit', 200_000),
  });
  if (!completed.ok) return completed;
  const answer = completed.value;
  reporter.found(answer.objective);
  reporter.at(1, 'schedule.done', `${formatQuantity(answer.objective, 'B')} beyond the compulsory`);
  return ok(answer);
}

/** A schedule known before, as gaps kept; null where it does not fit after all. */
function knownCandidate(
  problem: ScheduleProblem,
  options: SchedulerOptions,
  { order, intervals }: Residency,
): Candidate | null {
  const view = gapView(problem, targetOf(problem, options), order);
  const kept = view.gaps.map(() => false);
  for (const { t, from, to } of intervals)
    for (const gap of view.gapsOf[t] ?? [])
      if (from <= view.gaps[gap]!.from && view.gaps[gap]!.to < to) kept[gap] = true;
  if (occupancy(view, kept).some((load) => load > view.capacity)) return null;
  return { view, kept, orderName: 'known', orderBound: 0 };
}
