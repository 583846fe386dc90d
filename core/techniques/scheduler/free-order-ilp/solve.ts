/**
 * Order and residency in one integer programme, begun from the best of the given orders. Too large a programme,
 * or one under flags, is not built: the best given order stands, bounded over every order, and the proof says so.
 * Invariant: a residency by Belady's rule stands from the start, so there is an answer whenever the user stops.
 */
import type { Control } from '#core/base/control.ts';
import type { Problem } from '#core/base/problem.ts';
import { formatExact, formatQuantity } from '#core/base/quantity.ts';
import type { Result } from '#core/base/result.ts';
import { integerOf } from '#core/catalog/parameter.ts';
import { type Candidate, completeBest } from '#core/schedule/complete.ts';
import { evict } from '#core/schedule/eviction.ts';
import { targetOf } from '#core/schedule/flags.ts';
import { solveGapModel } from '#core/schedule/gap-model.ts';
import { gapObjective, gapView, type ScheduleTarget } from '#core/schedule/gaps.ts';
import { lowerBound } from '#core/schedule/lower-bound.ts';
import { buildOrderModel, orderModelSize } from '#core/schedule/order-model.ts';
import { ORDER_NAMES, orderByName } from '#core/schedule/orders.ts';
import type { ScheduleAnswer, ScheduleProblem } from '#core/schedule/problem.ts';
import { progressReporter, type ScheduleReporter } from '#core/schedule/progress.ts';
import type { SchedulerOptions } from '#core/schedule/scheduler.ts';
import { type MipSolver, scaledNodeLimit, wholeBound } from '#core/solver/mip.ts';

/** Non-zeros beyond which the root relaxation alone takes minutes. */
const LARGEST_MODEL = 300_000;
/** Nodes for the residency of one order, a start and a baseline. */
const ORDER_NODES = 500;

export function solve(problem: ScheduleProblem, options: SchedulerOptions): Result<ScheduleAnswer, Problem> {
  const { parameters, mip, control, known } = options;
  const target = targetOf(problem, options);
  const nodeLimit = integerOf(parameters, 'nodeLimit', 100_000);
  const reporter = progressReporter(control);

  reporter.at(0, 'schedule.bound', 'Bounding every order');
  const relaxed = lowerBound(problem, target, mip, { nodeLimit: ORDER_NODES, control: reporter.polled });
  let bound = Math.max(known?.bound ?? 0, relaxed);
  let provenBy = `by a relaxation that every order meets, solved with ${mip.id} ${mip.version}`;
  reporter.bounded(bound);

  const solveOrder = (order: readonly number[], orderName: string) => {
    const view = gapView(problem, target, order);
    const start = evict(view, 'belady');
    reporter.found(gapObjective(view, start));
    const nodes = control.cancelled() ? 1 : ORDER_NODES;
    const solution = solveGapModel(view, mip, { nodeLimit: nodes, control, start });
    reporter.found(solution.objective);
    const candidate: Candidate = { view, kept: solution.kept, orderName, orderBound: solution.bound };
    return { solution, candidate, start: { ...candidate, kept: start } };
  };
  reporter.at(0.05, 'schedule.residency', 'Residency in given orders');
  const file = solveOrder(orderByName(problem, 'file'), 'file');
  const solved = [file];
  const cheapest = () => solved.reduce((a, b) => (b.solution.objective < a.solution.objective ? b : a));
  const isOpen = () => !control.cancelled() && cheapest().solution.objective > bound;
  for (const name of ORDER_NAMES)
    if (name !== 'file' && isOpen()) solved.push(solveOrder(orderByName(problem, name), name));

  const size = orderModelSize(problem);
  if (target.flags) provenBy += ' (the free-order programme knows no flags and was not solved)';
  else if (isOpen() && size > LARGEST_MODEL)
    provenBy += ` (the free-order programme would have about ${formatExact(size, '1')} non-zeros and was not built)`;
  else if (isOpen()) {
    const found = solveProgramme(problem, target, cheapest().candidate, { mip, control, nodeLimit, reporter });
    if (found.bound > bound) {
      bound = found.bound;
      provenBy = `by branch and bound over order and residency with ${mip.id} ${mip.version}`;
    }
    if (found.order) solved.push(solveOrder(found.order, 'free'));
  }

  reporter.bounded(bound);
  reporter.at(0.9, 'schedule.addresses', 'Packing addresses');
  const found = solved.map(({ candidate }) => candidate);
  const completed = completeBest(problem, options, file.start, found, {
    bound,
    provenBy,
    fileOrder: { view: file.candidate.view, solution: file.solution },
    nodeLimit: ORDER_NODES,
    packNodeLimit: integerOf(parameters, 'packNodeLimit', 50_000),
  });
  if (completed.ok) {
    reporter.found(completed.value.objective);
    reporter.at(1, 'schedule.done', `${formatQuantity(completed.value.objective, 'B')} beyond the compulsory`);
  }
  return completed;
}

interface ProgrammeOptions {
  readonly mip: MipSolver;
  readonly control: Control;
  readonly nodeLimit: number;
  readonly reporter: ScheduleReporter;
}

/** Order and residency at once, begun from `from`. Bound in bytes; no order where the solver has none. */
function solveProgramme(
  problem: ScheduleProblem,
  target: ScheduleTarget,
  from: Candidate,
  { mip, control, nodeLimit, reporter }: ProgrammeOptions,
): { readonly bound: number; readonly order: readonly number[] | null } {
  const message = 'Order and residency together';
  reporter.at(0.2, 'schedule.order', message);
  const { model, unit, start, order } = buildOrderModel(problem, target);
  const solution = mip.solve(model, {
    nodeLimit: scaledNodeLimit(nodeLimit, model),
    // The objective is a whole number of units, so a gap below one unit is closed by rounding the bound up.
    absoluteGap: 0.99,
    start: start(from.view, from.kept),
    control,
    onProgress: (progress) => {
      reporter.found(Math.round(progress.incumbent) * unit);
      reporter.bounded(wholeBound(progress.bound) * unit);
      reporter.at(0.2, 'schedule.order', message);
    },
  });
  return { bound: wholeBound(solution.bound) * unit, order: solution.values && order(solution.values) };
}
