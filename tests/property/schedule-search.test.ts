/**
 * The exact downset search against exhaustive search: optimum and proof with room for every state, and never a wrong
 * proof with hardly any. Pruning rules that looked right have been wrong on one graph in 3,000, so there are many.
 */
import { describe, expect, it, vi } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import { createRng } from '#core/base/rng.ts';
import { gapObjective, occupancy } from '#core/schedule/gaps.ts';
import { ORDER_NAMES, orderByName } from '#core/schedule/orders.ts';
import type { ScheduleProblem } from '#core/schedule/problem.ts';
import { solveChain } from '#core/schedule/search/chain.ts';
import { searchRegion } from '#core/schedule/search/downset-search.ts';
import { groupable, groupBound } from '#core/schedule/search/groups.ts';
import { grownGroups } from '#core/schedule/search/grow.ts';
import { improveSteps } from '#core/schedule/search/improve.ts';
import { searchInstance } from '#core/schedule/search/instance.ts';
import { totalOf } from '#core/schedule/search/least.ts';
import { scheduleLimits } from '#core/schedule/search/limits.ts';
import { keptGaps } from '#core/schedule/search/residency.ts';

import { largestWorkingSet, peakOfOrder } from '#core/schedule/working-set.ts';
import { cases } from '../support/cases.ts';
import { randomOrder } from './schedule-graphs.ts';
import { exhaustiveOptimum } from './schedule-oracle.ts';
import { forTrials, type Trial } from './schedule-trials.ts';

const GRAPHS = cases(1000, 10_000);

// Many small searches: minutes where the machine is busy.
vi.setConfig({ testTimeout: 600_000 });

function search({ problem, mode, S }: Trial, widest: number, nodeLimit: number) {
  const target = { mode, S, granule: 1 };
  const instance = searchInstance(problem, target);
  const seeds = ORDER_NAMES.map((name) => orderByName(problem, name));
  const { cost, bound, steps } = solveChain(instance, { widest, nodeLimit, seeds, control: uncontrolled });
  // What the steps come to when they are replayed without the search.
  const { view, kept } = keptGaps(problem, target, instance, steps);
  expect(gapObjective(view, kept)).toBe(cost);
  expect(occupancy(view, kept).every((load) => load <= S)).toBe(true);
  return { cost, bound };
}

describe('the downset search', () => {
  it(`proves the exhaustive optimum of ${GRAPHS} random graphs in each mode`, () => {
    let spilling = 0;
    forTrials(GRAPHS, (trial) => {
      const optimum = exhaustiveOptimum(trial.problem, trial.mode, trial.S)!;
      expect(search(trial, Infinity, 1_000_000)).toEqual({ cost: optimum, bound: optimum });
      if (optimum > 0) spilling++;
    });
    expect(spilling).toBeGreaterThan(GRAPHS);
  });

  it('brackets the optimum when it may keep a few states or run a few nodes only', () => {
    let proven = 0;
    let open = 0;
    forTrials(
      cases(100, 2500),
      (trial) => {
        const { problem, mode, S, rng } = trial;
        const optimum = exhaustiveOptimum(problem, mode, S)!;
        for (const [widest, nodeLimit] of [
          [1, 1_000_000],
          [1 + rng.below(4), 1_000_000],
          [64, 1 + rng.below(60)],
        ] as const) {
          const { cost, bound } = search(trial, widest, nodeLimit);
          expect(cost).toBeGreaterThanOrEqual(optimum);
          expect(bound).toBeLessThanOrEqual(optimum);
          if (cost === bound) proven++;
          else open++;
        }
      },
      { first: 1_000_000 },
    );
    expect(proven).toBeGreaterThan(open);
    expect(open).toBeGreaterThan(0);
  });

  it('leaves room for what lies on chip from the segment before', () => {
    // The second segment's operand t2 is streamed when it comes from off chip, and takes room when it does not.
    const bytes = [21, 31, 3, 2, 29, 4, 3];
    const uses = [[1], [2, 0], [3], [4, 0], [5]];
    const problem: ScheduleProblem = {
      name: 'two ways into a segment',
      bytesPerElement: 1,
      tensors: bytes.map((size, id) => {
        const kind = id < 2 ? 'input' : id < 4 ? 'act' : 'output';
        return { id, name: `t${id}`, shape: [size], bytes: size, kind };
      }),
      ops: uses.map((inputs, id) => ({ id, name: `op${id}`, type: 'Op', inputs, outputs: [id + 2], weightBytes: 0 })),
    };
    for (const widest of [1, 2, Infinity])
      expect(search({ problem, mode: 'stream', S: 25, rng: createRng(0) }, widest, 1_000_000).cost).toBe(33);
  });

  it('bounds the way out of a segment that no schedule found takes', () => {
    // A beam of one state finds the first segment's result off chip only; left on chip it costs less.
    const kinds = ['input', 'input', 'act', 'output', 'act', 'output', 'output', 'output'] as const;
    const bytes = [1, 2, 2, 1, 2, 2, 1, 1];
    const uses = [[1], [1], [2, 3], [4], [4], [6]];
    const problem: ScheduleProblem = {
      name: 'a way out not found',
      bytesPerElement: 1,
      tensors: bytes.map((size, id) => ({ id, name: `t${id}`, shape: [size], bytes: size, kind: kinds[id]! })),
      ops: uses.map((inputs, id) => ({ id, name: `op${id}`, type: 'Op', inputs, outputs: [id + 2], weightBytes: 0 })),
    };
    for (const widest of [1, 2, Infinity])
      expect(search({ problem, mode: 'stream', S: 2, rng: createRng(0) }, widest, 1_000_000).bound).toBeLessThan(7);
    expect(exhaustiveOptimum(problem, 'stream', 2)).toBe(6);
  });

  it('improves windows of an order to schedules that fit', () => {
    let better = 0;
    forTrials(
      cases(60, 3000),
      ({ problem, mode, S, rng }) => {
        const target = { mode, S, granule: 1 };
        const instance = searchInstance(problem, target);
        const usesLeft = Int32Array.from(instance.consumers, (list) => list.length);
        const entry = { live: new Int32Array(0), status: new Uint8Array(0) };
        const ops = Int32Array.from(problem.ops, ({ id }) => id);
        const options = { width: 4, nodeLimit: 100_000, control: uncontrolled };
        const region = { ops, entry, usesLeft, order: randomOrder(problem, rng) };
        const [start] = searchRegion(instance, region, { ...options, width: 1, below: Infinity, exposure: 1 }).ends;
        const { steps, cost } = improveSteps(instance, entry, usesLeft, start!.steps(), {
          ...options,
          lengths: [2, 3, 5],
          exposure: 0.5,
          enough: 0,
        });
        const { view, kept } = keptGaps(problem, target, instance, steps);
        expect(gapObjective(view, kept)).toBe(cost);
        expect(occupancy(view, kept).every((load) => load <= S)).toBe(true);
        if (cost < start!.cost) better++;
      },
      { first: 8_000_000, modes: ['stream'] },
    );
    expect(better).toBeGreaterThan(10);
  });

  it('is bounded from below by groups of tensors', () => {
    let positive = 0;
    let tight = 0;
    let better = 0;
    const graphs = cases(150, 10_000);
    forTrials(
      graphs,
      ({ problem, mode, S, rng }) => {
        const optimum = exhaustiveOptimum(problem, mode, S)!;
        const instance = searchInstance(problem, { mode, S, granule: 1 });
        const ops = Int32Array.from(problem.ops, ({ id }) => id);
        // With many tensors left out what must come before what is more than the tensors tell.
        const share = rng.below(4);
        const leftOut = problem.tensors.map(({ id }) => id).filter(() => rng.below(5) < share);
        for (const length of [1 + rng.below(4), ops.length]) {
          const widest = rng.below(2) === 0 ? 1 + rng.below(4) : 256;
          const options = { length, widest, nodeLimit: 1_000_000, control: uncontrolled };
          const single = groupBound(instance, ops, leftOut, null, options);
          // Runs of groups, searched with what each costs by itself.
          const { total, bytes } = groupBound(instance, ops, leftOut, single, options);
          expect(single.total).toBe(totalOf(single));
          expect(total).toBeGreaterThanOrEqual(single.total);
          expect(total).toBeLessThanOrEqual(optimum);
          expect(bytes.reduce((sum, group) => sum + group, 0)).toBe(total);
          // Groups across the file's order, and runs of those.
          const tensors = groupable(instance, ops, leftOut);
          const grown = grownGroups(instance, ops, tensors, single, { ...options, nodeLimit: 20_000, share: 0.1 });
          const joined = groupBound(instance, ops, leftOut, grown, options);
          expect(grown.total).toBeGreaterThanOrEqual(single.total);
          expect(joined.total).toBeGreaterThanOrEqual(grown.total);
          expect(joined.total).toBeLessThanOrEqual(optimum);
          if (grown.total > single.total) better++;
          if (optimum === 0 || leftOut.length > 0) continue;
          positive++;
          if (total === optimum) tight++;
        }
      },
      { first: 3_000_000 },
    );
    expect(tight / positive).toBeGreaterThan(0.4);
    expect(better).toBeGreaterThan(graphs / 50);
  });

  it('finds the least scratchpad that spills nothing', () => {
    forTrials(
      GRAPHS / 4,
      ({ problem, mode }) => {
        const { MR, MH, MP, MPLower, isMPExact, order } = scheduleLimits(problem, mode);
        expect(MR).toBe(largestWorkingSet(problem, mode)!.bytes);
        expect(MH).toBe(Math.floor((MR + MP) / 2));
        expect([isMPExact, MPLower, peakOfOrder(problem, mode, order)]).toEqual([true, MP, MP]);
        expect(exhaustiveOptimum(problem, mode, MP)).toBe(0);
        if (MP > MR) expect(exhaustiveOptimum(problem, mode, MP - 1)).toBeGreaterThan(0);
      },
      { first: 2_000_000 },
    );
  });
});
