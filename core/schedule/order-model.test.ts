/** The free-order programme against exhaustive search, and its account of a given schedule against the gaps'. */
import { beforeAll, describe, expect, it } from 'vitest';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { exhaustiveOptimum } from '../../tests/property/schedule-oracle.ts';
import { forTrials } from '../../tests/property/schedule-trials.ts';
import { evict } from './eviction.ts';
import { gapObjective, gapView } from './gaps.ts';
import { buildOrderModel } from './order-model.ts';
import { orderByName } from './orders.ts';

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

describe('order model', () => {
  it('has the exhaustive optimum, and a start that is feasible at its true cost', { timeout: 120_000 }, () => {
    forTrials(
      15,
      ({ problem, mode, S }) => {
        const target = { mode, S, granule: 1 };
        const { model, unit, start, order } = buildOrderModel(problem, target);
        const view = gapView(problem, target, orderByName(problem, 'file'));
        const kept = evict(view, 'belady');
        const point = start(view, kept);
        const cost = model.columns.reduce((sum, column, index) => sum + column.cost * point[index]!, model.offset);
        expect(cost * unit).toBeCloseTo(gapObjective(view, kept));
        for (const row of model.rows) {
          const sum = row.columns.reduce((total, column, index) => total + row.values[index]! * point[column]!, 0);
          expect(sum).toBeGreaterThanOrEqual(row.lower);
          expect(sum).toBeLessThanOrEqual(row.upper);
        }
        expect(order(point)).toEqual(view.order);
        const solution = mip.solve(model, { absoluteGap: 0.99, nodeLimit: 100_000, start: point });
        expect([solution.status, Math.round(solution.objective * unit)]).toEqual([
          'optimal',
          exhaustiveOptimum(problem, mode, S),
        ]);
      },
      { first: 7_000_000, operators: [5, 7] },
    );
  });
});
