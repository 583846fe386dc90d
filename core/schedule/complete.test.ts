/** The cheapest residency before addresses need not be the cheapest with them. */
import { beforeAll, describe, expect, it } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { technique } from '#core/techniques/scheduler/portfolio/technique.ts';
import { type Candidate, type Completion, completeBest } from './complete.ts';
import { evict } from './eviction.ts';
import { gapObjective, gapView } from './gaps.ts';
import { type OrderName, orderByName } from './orders.ts';
import { place } from './place.ts';
import type { ScheduleProblem } from './problem.ts';
import { scheduleAndVerify } from './scheduler.ts';
import { solveChain } from './search/chain.ts';
import { searchInstance } from './search/instance.ts';
import { keptGaps } from './search/residency.ts';

const BYTES = [3, 5, 6, 1, 5, 2, 4, 2, 1, 6, 2, 5];
const INPUTS = [[0], [1, 0], [1], [3, 0], [4, 1], [4, 0], [5, 1], [5, 6], [6, 5], [8, 2], [9]];
const OUTPUTS = [7, 10, 11];
/** Found by chance: no addresses for the best residency in 14 bytes. */
const problem: ScheduleProblem = {
  name: 'the best does not pack',
  bytesPerElement: 1,
  tensors: BYTES.map((bytes, id) => {
    const kind = id === 0 ? 'input' : OUTPUTS.includes(id) ? 'output' : 'act';
    return { id, name: `t${id}`, shape: [bytes], bytes, kind };
  }),
  ops: INPUTS.map((inputs, id) => ({ id, name: `op${id}`, type: 'Op', inputs, outputs: [id + 1], weightBytes: 0 })),
};
const target = { mode: 'strict', S: 14, granule: 1 } as const;

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

const byBelady = (orderName: OrderName): Candidate => {
  const view = gapView(problem, target, orderByName(problem, orderName));
  return { view, kept: evict(view, 'belady'), orderName, orderBound: 0 };
};

function searched(): { readonly candidate: Candidate; readonly bound: number } {
  const instance = searchInstance(problem, target);
  const seeds = [orderByName(problem, 'file')];
  const { steps, bound } = solveChain(instance, { nodeLimit: 1_000_000, seeds, control: uncontrolled });
  return { candidate: { ...keptGaps(problem, target, instance, steps), orderName: 'searched', orderBound: 0 }, bound };
}

describe('where the cheapest residency has no addresses', () => {
  it('the next candidate is laid out', () => {
    const { candidate: cheapest, bound } = searched();
    const next = byBelady('depth-first');
    const file = byBelady('file');
    const costs = [cheapest, next, file].map(({ view, kept }) => gapObjective(view, kept));
    expect(costs).toEqual([15, 23, 37]);
    expect(place(cheapest.view, cheapest.kept, { granule: 1, nodeLimit: 100_000, control: uncontrolled })).toBe(
      'impossible',
    );

    const parameters = defaultParameters(technique.manifest.parameters);
    const options = { ...target, parameters, mip, control: uncontrolled };
    const completion: Completion = {
      bound,
      provenBy: 'by search',
      fileOrder: { view: file.view, solution: null },
      nodeLimit: 500,
      packNodeLimit: 100_000,
    };
    const alone = completeBest(problem, options, cheapest, [], completion);
    if (!alone.ok) throw new Error(alone.error.message);
    expect(alone.value.objective).toBeGreaterThan(23);
    expect(alone.value.proof).toContain('cannot be laid out');
    const both = completeBest(problem, options, file, [cheapest, next], completion);
    if (!both.ok) throw new Error(both.error.message);
    expect(both.value).toMatchObject({ objective: 23, bound: 15, optimal: false, order: next.view.order });
    expect(both.value.proof).toContain(
      'The cheapest residency found (15 B) was not laid out: an allocation gap of 8 B.',
    );
  });

  it('the portfolio answers with no more than that', () => {
    const parameters = defaultParameters(technique.manifest.parameters);
    const result = scheduleAndVerify(technique, problem, { ...target, parameters, mip, control: uncontrolled });
    if (!result.ok) throw new Error(result.error[0]!.message);
    expect(result.value.bound).toBe(15);
    expect(result.value.objective).toBeLessThanOrEqual(23);
  });
});
