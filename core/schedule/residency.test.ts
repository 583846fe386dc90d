import { beforeAll, describe, expect, it } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { type MipSolver, withoutMip } from '#core/solver/mip.ts';
import { evict } from './eviction.ts';
import { commonDivisor, solveGapModel } from './gap-model.ts';
import { gapObjective, gapView, occupancy, residencyOf } from './gaps.ts';
import { lowerBound } from './lower-bound.ts';
import { orderByName } from './orders.ts';
import type { ScheduleMode, ScheduleProblem } from './problem.ts';
import { compulsoryTraffic, noReuseTraffic } from './traffic.ts';

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});
const budget = { nodeLimit: 100, control: uncontrolled };

/** Tensors by name: [bytes, kind]; operators: [inputs, outputs, weights]. */
function graph(
  tensors: Record<string, [number, 'input' | 'act' | 'output']>,
  ops: [inputs: string[], outputs: string[], weightBytes?: number][],
): ScheduleProblem {
  const names = Object.keys(tensors);
  const ids = (list: string[]) => list.map((name) => names.indexOf(name));
  return {
    name: 'test',
    bytesPerElement: 1,
    tensors: names.map((name, id) => ({ id, name, shape: [], bytes: tensors[name]![0], kind: tensors[name]![1] })),
    ops: ops.map(([inputs, outputs, weightBytes = 0], id) => ({
      id,
      name: `op${id}`,
      type: 'Op',
      inputs: ids(inputs),
      outputs: ids(outputs),
      weightBytes,
    })),
  };
}

/** x is used at the first and the last of four steps; a … c pass between. */
const longSkip = graph({ x: [4, 'input'], a: [4, 'act'], b: [6, 'act'], c: [4, 'act'], y: [4, 'output'] }, [
  [['x'], ['a']],
  [['a'], ['b']],
  [['b'], ['c']],
  [['c', 'x'], ['y']],
]);
const view = (mode: ScheduleMode, S: number, problem = longSkip) =>
  gapView(problem, { mode, S, granule: 1 }, orderByName(problem, 'file'));

describe('gaps', () => {
  it('occupy the steps between two events in strict mode, and both ends in stream mode', () => {
    const x = (mode: ScheduleMode) => view(mode, 99).gaps.find((gap) => gap.tensor === 0);
    expect(x('strict')).toEqual({ tensor: 0, from: 0, to: 3, first: 1, last: 2 });
    expect(x('stream')).toEqual({ tensor: 0, from: 0, to: 3, first: 0, last: 3 });
  });

  it('add up to the load of each step, a shared step counted once', () => {
    const shared = graph({ x: [5, 'input'], a: [1, 'output'], b: [1, 'output'], c: [1, 'output'] }, [
      [['x'], ['a']],
      [['x'], ['b']],
      [['x'], ['c']],
    ]);
    expect([...occupancy(view('stream', 9, shared), [true, true])]).toEqual([5, 5, 5]);
    expect([...occupancy(view('stream', 9, shared), [false, true])]).toEqual([0, 5, 5]);
    expect([...occupancy(view('strict', 9, shared), [true, true])]).toEqual([6, 6, 6]);
  });

  it('become maximal intervals', () => {
    const one = view('strict', 99);
    expect(
      residencyOf(
        one,
        one.gaps.map((gap) => gap.tensor !== 0),
      ).intervals,
    ).toContainEqual({ t: 0, from: 3, to: 4 });
    expect(
      residencyOf(
        one,
        one.gaps.map(() => true),
      ).intervals,
    ).toContainEqual({ t: 0, from: 0, to: 4 });
    const streamed = view('stream', 99);
    expect(
      residencyOf(
        streamed,
        streamed.gaps.map(() => false),
      ).intervals,
    ).toEqual([]);
  });
});

describe('traffic', () => {
  it('counts compulsory bytes apart by inputs, outputs and weights', () => {
    const problem = graph({ x: [4, 'input'], unused: [9, 'input'], y: [3, 'output'] }, [[['x'], ['y'], 7]]);
    expect(compulsoryTraffic(problem)).toEqual({ inputs: 4, outputs: 3, weights: 7 });
  });

  it('without reuse: a write and a read a use of what is made, a read a further use of what is given', () => {
    // x: one more read (4); a, b, c: one write and one read each (8 + 12 + 8).
    expect(noReuseTraffic(longSkip)).toBe(32);
  });

  it('takes an operand named twice as one use', () => {
    const square = graph({ x: [4, 'input'], a: [4, 'act'], y: [4, 'output'] }, [
      [['x'], ['a']],
      [['a', 'a'], ['y']],
    ]);
    expect(noReuseTraffic(square)).toBe(8);
    expect(view('strict', 9, square).gaps).toHaveLength(1);
  });
});

describe('residency', () => {
  it('gives up the graph input across the wide middle: one more read of 4 bytes', () => {
    // Step 1 holds a and b (10), step 2 b and c (10): x fits beside them from 14 bytes on.
    for (const [S, bytes] of [
      [14, 0],
      [13, 4],
      [12, 4],
    ] as const) {
      const at = view('strict', S);
      const solution = solveGapModel(at, mip, { ...budget, start: evict(at, 'belady') });
      expect(solution).toMatchObject({ objective: bytes, bound: bytes });
      expect(lowerBound(longSkip, { mode: 'strict', S, granule: 1 }, mip, budget)).toBe(bytes);
    }
  });

  it('streams what does not fit at all', () => {
    const at = view('stream', 3);
    const solution = solveGapModel(at, mip, { ...budget, start: evict(at, 'belady') });
    expect(solution.objective).toBe(noReuseTraffic(longSkip));
    expect(lowerBound(longSkip, { mode: 'stream', S: 3, granule: 1 }, mip, budget)).toBe(noReuseTraffic(longSkip));
  });

  it('keeps the start when the solver has nothing better, with an open bound', () => {
    const at = view('stream', 10);
    const start = evict(at, 'belady');
    const solution = solveGapModel(at, withoutMip, { ...budget, start });
    expect(solution.objective).toBe(gapObjective(at, start));
    expect(solution.bound).toBeLessThanOrEqual(solution.objective);
  });

  it('counts in place what no gap has the size of', () => {
    // z stays over step 1 only where r, 7 B, takes the place of x, which is then read again: 30 B instead of 60.
    const problem = graph(
      { x: [30, 'input'], z: [60, 'input'], p: [0, 'output'], r: [7, 'output'], w: [0, 'output'], q: [0, 'output'] },
      [
        [['z'], ['p']],
        [['x'], ['r']],
        [['z'], ['w']],
        [['x'], ['q']],
      ],
    );
    const inPlace = { ...problem, ops: problem.ops.map((op) => ({ ...op, inPlace: op.inputs })) };
    const flags = { inPlace: true, aliasConcat: false, doubleBuffer: false, pinned: [] };
    const flagged = gapView(inPlace, { mode: 'strict', S: 90, granule: 1, flags }, orderByName(inPlace, 'file'));
    const start = flagged.gaps.map(() => false);
    expect(solveGapModel(flagged, mip, { ...budget, start })).toMatchObject({ objective: 30, bound: 30 });
  });

  it('stays within a smaller room when asked, but for what must be there', () => {
    const at = view('strict', 14);
    const solution = solveGapModel(at, mip, { ...budget, start: evict(at, 'belady', 9), capacity: 9 });
    const load = occupancy(at, solution.kept);
    expect([...load]).toEqual([8, 10, 10, 12]);
  });
});

describe('eviction', () => {
  // In step order: p, q made; then p used at 2 and q at 3, r needs room at step 2.
  const problem = graph(
    { x: [1, 'input'], p: [4, 'act'], q: [4, 'act'], r: [1, 'act'], s: [1, 'act'], y: [1, 'output'] },
    [
      [['x'], ['p']],
      [['x'], ['q']],
      [['x'], ['r']],
      [['r', 'p'], ['s']],
      [['s', 'q'], ['y']],
    ],
  );
  it('lru gives up the oldest, Belady the one needed last', () => {
    const at = view('strict', 9, problem);
    const lost = (policy: 'lru' | 'belady') => {
      const kept = evict(at, policy);
      return [...new Set(at.gaps.filter((_, index) => !kept[index]).map((gap) => problem.tensors[gap.tensor]!.name))];
    };
    expect(lost('belady')).toEqual(['q']);
    expect(lost('lru')).toContain('p');
  });
});

describe('orders', () => {
  const branches = graph(
    { x: [1, 'input'], a: [8, 'act'], b: [8, 'act'], c: [1, 'act'], d: [1, 'act'], y: [1, 'output'] },
    [
      [['x'], ['a']],
      [['x'], ['b']],
      [['a'], ['c']],
      [['b'], ['d']],
      [['c', 'd'], ['y']],
    ],
  );
  it('depth-first finishes a branch before it begins the next', () => {
    expect(orderByName(branches, 'depth-first')).toEqual([0, 2, 1, 3, 4]);
  });
  it('min-peak narrows as soon as it can', () => {
    expect(orderByName(branches, 'min-peak')).toEqual([0, 2, 1, 3, 4]);
  });
});

it('commonDivisor', () => {
  expect(commonDivisor([12, 18, 0, 30])).toBe(6);
  expect(commonDivisor([])).toBe(1);
});
