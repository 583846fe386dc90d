/**
 * Optimal residency of given orders by the gap model; the best is laid out and held against a bound over all orders.
 * Invariant: a residency by Belady's rule stands for each order, so there is an answer whenever the user stops.
 */
import type { Problem } from '#core/base/problem.ts';
import { formatQuantity } from '#core/base/quantity.ts';
import type { Result } from '#core/base/result.ts';
import { integerOf, textOf } from '#core/catalog/parameter.ts';
import { type Candidate, completeBest } from '#core/schedule/complete.ts';
import { evict } from '#core/schedule/eviction.ts';
import { targetOf } from '#core/schedule/flags.ts';
import { type GapSolution, solveGapModel } from '#core/schedule/gap-model.ts';
import { gapObjective, gapView } from '#core/schedule/gaps.ts';
import { lowerBound } from '#core/schedule/lower-bound.ts';
import { ORDER_NAMES, type OrderName, orderByName } from '#core/schedule/orders.ts';
import type { ScheduleAnswer, ScheduleProblem } from '#core/schedule/problem.ts';
import { progressReporter } from '#core/schedule/progress.ts';
import type { SchedulerOptions } from '#core/schedule/scheduler.ts';

export const ORDER_CHOICES = ['best', ...ORDER_NAMES] as const;

interface Solved {
  /** By Belady's rule, and the best found. */
  readonly start: Candidate;
  readonly candidate: Candidate;
  readonly solution: GapSolution;
}

export function solve(problem: ScheduleProblem, options: SchedulerOptions): Result<ScheduleAnswer, Problem> {
  const { parameters, mip, control, known } = options;
  const nodeLimit = integerOf(parameters, 'nodeLimit', 2_000);
  const choice = textOf(parameters, 'order', 'best');
  const target = targetOf(problem, options);
  const reporter = progressReporter(control);

  reporter.at(0, 'schedule.bound', 'Bounding every order');
  const bound = Math.max(known?.bound ?? 0, lowerBound(problem, target, mip, { nodeLimit, control: reporter.polled }));
  reporter.bounded(bound);

  const solveOrder = (orderName: OrderName, index: number): Solved => {
    const fraction = 0.1 + 0.2 * index;
    const message = `Residency in ${orderName} order`;
    const counts = choice === 'best' || choice === orderName;
    const view = gapView(problem, target, orderByName(problem, orderName));
    const start = evict(view, 'belady');
    if (counts) reporter.found(gapObjective(view, start));
    reporter.at(fraction, 'schedule.residency', message);
    const solution = solveGapModel(view, mip, {
      nodeLimit: control.cancelled() ? 1 : nodeLimit,
      control,
      start,
      onProgress: ({ incumbent }) => {
        if (counts) reporter.found(incumbent);
        reporter.at(fraction, 'schedule.residency', message);
      },
    });
    if (counts) reporter.found(solution.objective);
    const candidate: Candidate = { view, kept: solution.kept, orderName, orderBound: solution.bound };
    return { solution, candidate, start: { ...candidate, kept: start } };
  };

  // File order is always solved: it is a baseline. The others as long as the bound is not met.
  const file = solveOrder('file', 0);
  const candidates: Solved[] = choice === 'best' || choice === 'file' ? [file] : [];
  for (const [index, name] of ORDER_NAMES.entries()) {
    const isOpen = !control.cancelled() && candidates.every(({ solution }) => solution.objective > bound);
    if (name !== 'file' && (choice === name || (choice === 'best' && isOpen))) candidates.push(solveOrder(name, index));
  }

  reporter.at(0.8, 'schedule.addresses', 'Packing addresses');
  const { start } = candidates[0] ?? file;
  const found = candidates.map(({ candidate }) => candidate);
  const completed = completeBest(problem, options, start, found, {
    bound,
    provenBy: `by a relaxation that every order meets, solved with ${mip.id} ${mip.version}`,
    fileOrder: { view: file.candidate.view, solution: file.solution },
    nodeLimit,
    packNodeLimit: integerOf(parameters, 'packNodeLimit', 50_000),
  });
  if (completed.ok) {
    reporter.found(completed.value.objective);
    reporter.at(1, 'schedule.done', `${formatQuantity(completed.value.objective, 'B')} beyond the compulsory`);
  }
  return completed;
}
