import { beforeAll, describe, expect, it } from 'vitest';
import { loadHighs } from './highs.ts';
import { type MipSolver, mipBuilder } from './mip.ts';

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

/** A knapsack hard enough for a tree: equal profit per weight, even weights, odd capacity (Chvátal 1980). */
function chvatal(items: number): ReturnType<ReturnType<typeof mipBuilder>['build']> {
  const build = mipBuilder();
  const weights = Array.from({ length: items }, (_, index) => 2 ** (items + 1) + 2 ** (items + 1 - index) + 2);
  const columns = weights.map((weight) => build.column(-weight, 0, 1, true));
  const capacity = Math.floor(weights.reduce((sum, weight) => sum + weight, 0) / 2) + 1;
  build.row(
    -Infinity,
    capacity,
    columns.map((column, index) => [column, weights[index]!]),
  );
  return build.build();
}

describe('HiGHS behind the facade', () => {
  it('solves a textbook integer programme (max 5x + 4y, 6x + 4y ≤ 24, x + 2y ≤ 6, whole: 20 at (4, 0))', () => {
    const build = mipBuilder();
    const x = build.column(-5, 0, 10, true);
    const y = build.column(-4, 0, 10, true);
    build.row(-Infinity, 24, [
      [x, 6],
      [y, 4],
    ]);
    build.row(-Infinity, 6, [
      [x, 1],
      [y, 2],
    ]);
    const solution = mip.solve(build.build());
    expect(solution).toMatchObject({ status: 'optimal', objective: -20, bound: -20 });
    expect([...solution.values!].map(Math.round).map(Math.abs)).toEqual([4, 0]);
  });

  it('gives the bound of a linear programme and adds the constant', () => {
    const build = mipBuilder();
    build.constant(7);
    const x = build.column(1, 0, 5);
    build.row(2, Infinity, [[x, 1]]);
    expect(mip.solve(build.build())).toMatchObject({ status: 'optimal', objective: 9, bound: 9 });
  });

  it('tells infeasible from unbounded, and answers a model without columns', () => {
    const infeasible = mipBuilder();
    infeasible.row(2, 3, [[infeasible.column(1, 0, 1, true), 1]]);
    expect(mip.solve(infeasible.build())).toMatchObject({ status: 'infeasible', values: null, objective: Infinity });
    const unbounded = mipBuilder();
    unbounded.column(-1, 0, Infinity);
    expect(mip.solve(unbounded.build()).status).toBe('unbounded');
    const empty = mipBuilder();
    empty.constant(3);
    expect(mip.solve(empty.build())).toMatchObject({ status: 'optimal', objective: 3, bound: 3 });
  });

  it('sums repeated terms of a row', () => {
    const build = mipBuilder();
    const x = build.column(-1, 0, 10, true);
    build.row(-Infinity, 7, [
      [x, 1],
      [x, 2],
    ]);
    expect(mip.solve(build.build()).objective).toBe(-2);
  });

  it('stops at the node limit with a valid bound, twice the same', () => {
    const model = chvatal(24);
    const first = mip.solve(model, { nodeLimit: 20 });
    expect(first.bound).toBeLessThanOrEqual(first.objective);
    const second = mip.solve(model, { nodeLimit: 20 });
    expect(second).toEqual(first);
  });

  it('begins from a start and reports it', () => {
    const model = chvatal(24);
    const start = new Float64Array(24);
    start[0] = 1;
    const solution = mip.solve(model, { nodeLimit: 5, start });
    expect(solution.objective).toBeLessThanOrEqual(model.columns[0]!.cost);
  });

  it('stops when told to', () => {
    const solution = mip.solve(chvatal(30), {
      nodeLimit: 1e9,
      control: { report: () => {}, cancelled: () => true },
    });
    expect(solution.status).toBe('cancelled');
  });
});
