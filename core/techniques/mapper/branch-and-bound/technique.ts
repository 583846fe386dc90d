/** The best loop-nest mapping: descent for a good one, then branch and bound for a proof, within a budget of evaluations. */
import { err, ok } from '#core/base/result.ts';
import { createRng } from '#core/base/rng.ts';
import { evaluationOf } from '#core/mapping/evaluate.ts';
import type { Mapper, MapRequest } from '#core/mapping/mapper.ts';
import { treeFault } from '#core/mapping/memory-tree.ts';
import { NestKernel } from '#core/mapping/nest.ts';
import { workloadFault } from '#core/mapping/workload.ts';
import { Branch } from './branch.ts';
import { Descent } from './descend.ts';
import { infeasibility, nothingFound } from './infeasible.ts';
import { LoopOrders } from './orders.ts';
import { Incumbent, mappingOf, restore } from './state.ts';

/** With more places where a data space may pass by, not every combination is proven; the descent changes all of them. */
const MOST_BYPASSES = 12;

export const technique: Mapper = {
  manifest: {
    id: 'mapper/branch-and-bound',
    kind: 'mapper',
    version: '1.0.0',
    title: 'Branch and bound with descents',
    summary: 'Searches tilings, loop orders, spatial unrolling and bypass; proves the best where the budget allows.',
    maturity: 'stable',
    citations: [
      {
        text: 'Parashar et al., Timeloop: A Systematic Approach to DNN Accelerator Evaluation, ISPASS 2019',
        reference: '10.1109/ISPASS.2019.00042',
      },
      {
        text: 'Huang et al., CoSA: Scheduling by Constrained Optimization for Spatial Accelerators, ISCA 2021',
        reference: '10.1109/ISCA52012.2021.00050',
      },
    ],
    parameters: [],
  },
  map(request) {
    const { tree, workload, objective, reuse, mayBypass, evaluationLimit, control } = request;
    const fault = treeFault(tree) ?? workloadFault(workload) ?? infeasibility(tree, workload, mayBypass);
    if (fault) return err(fault);
    const kernel = new NestKernel(tree, workload, reuse);
    const orders = new LoopOrders(workload);
    const incumbent = new Incumbent(kernel, objective, control.cancelled);
    const masks = keepMasks(request);

    // Everything in the outermost loops: tiles of one word.
    const sizes = workload.dimensions.map(({ size }) => size);
    kernel.temporal.set(sizes, (tree.levels.length - 1) * kernel.dimensions);
    kernel.keep.set(masks[0]!);
    const shortfall = tree.levels.findIndex(
      ({ capacityWords, multipleBuffering }, level) =>
        level < tree.levels.length - 1 &&
        capacityWords !== null &&
        Math.floor(capacityWords / multipleBuffering) < workload.dataSpaces.length,
    );
    // A level with less than a word for each data space is passed by to begin with.
    if (shortfall >= 0) kernel.keep.fill(0, 0, (tree.levels.length - 1) * workload.dataSpaces.length);
    const descent = new Descent(tree, workload, orders, incumbent, { mayBypass, rng: createRng(1) });
    descent.run(Math.ceil(evaluationLimit / 2));

    // A search that leaves out orders or bypasses proves nothing.
    const isComplete = orders.isComplete && (!mayBypass || places(request).length <= MOST_BYPASSES);
    let isProven = isComplete;
    let lowerBound = Infinity;
    const limit = Math.ceil(evaluationLimit * 0.75);
    const branch = new Branch(tree, workload, orders, incumbent, { objective, reuse, limit });
    for (const mask of masks) {
      kernel.keep.set(mask);
      isProven &&= branch.run();
      kernel.keep.set(mask);
      lowerBound = Math.min(lowerBound, branch.rootBound());
    }
    if (!isProven && incumbent.best !== null) {
      restore(kernel, incumbent.best);
      descent.improve(evaluationLimit);
    }
    if (incumbent.best === null) return err(nothingFound(tree, incumbent.evaluations));
    restore(kernel, incumbent.best);
    kernel.run();
    return ok({
      mapping: mappingOf(tree, kernel),
      evaluation: evaluationOf(tree, workload, kernel),
      value: incumbent.value,
      lowerBound: isProven ? incumbent.value : isComplete ? Math.min(lowerBound, incumbent.value) : 0,
      stop: isProven ? 'proven' : incumbent.isCancelled ? 'cancelled' : 'budget',
      evaluations: incumbent.evaluations,
    });
  },
};

/** What may be kept where, as values of a kernel's `keep`; everything kept first. The outermost level keeps everything, a dummy nothing. */
function keepMasks(request: MapRequest): readonly Uint8Array[] {
  const { tree, workload, mayBypass } = request;
  const all = Uint8Array.from(tree.levels.flatMap(({ isDummy }) => workload.dataSpaces.map(() => (isDummy ? 0 : 1))));
  if (!mayBypass) return [all];
  const free = places(request);
  if (free.length > MOST_BYPASSES) return [all];
  return Array.from({ length: 2 ** free.length }, (_, bits) => {
    const mask = all.slice();
    for (const [bit, at] of free.entries()) if (bits & (1 << bit)) mask[at] = 0;
    return mask;
  });
}

/** Positions in `keep` of data spaces that may be passed by. */
function places({ tree, workload }: MapRequest): readonly number[] {
  const spaces = workload.dataSpaces.length;
  return tree.levels
    .slice(0, -1)
    .flatMap(({ isDummy }, level) => (isDummy ? [] : workload.dataSpaces.map((_, space) => level * spaces + space)));
}
