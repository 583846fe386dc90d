import { describe, expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { evict } from '../eviction.ts';
import { NO_FLAGS } from '../flags.ts';
import { gapObjective, gapView, residencyOf, type ScheduleTarget } from '../gaps.ts';
import type { ScheduleAnswer, ScheduleMode, ScheduleProblem } from '../problem.ts';
import { obstacleOf } from './feasible.ts';
import { explainInfeasible, type LeverChange, narrowed } from './infeasible.ts';
import { explainTraffic } from './traffic.ts';

/** x (8) → relu → a (8) → conv → b (4); (a, b) → concat → y (12) */
const problem: ScheduleProblem = {
  name: 'crafted',
  bytesPerElement: 2,
  tensors: [
    { id: 0, name: 'x', shape: [4], bytes: 8, kind: 'input' },
    { id: 1, name: 'a', shape: [4], bytes: 8, kind: 'act' },
    { id: 2, name: 'b', shape: [2], bytes: 4, kind: 'act' },
    { id: 3, name: 'y', shape: [6], bytes: 12, kind: 'output' },
  ],
  ops: [
    { id: 0, name: 'relu', type: 'Relu', inputs: [0], outputs: [1], weightBytes: 0 },
    { id: 1, name: 'conv', type: 'Conv', inputs: [1], outputs: [2], weightBytes: 20 },
    { id: 2, name: 'join', type: 'Concat', inputs: [1, 2], outputs: [3], weightBytes: 0 },
  ],
};

/** The problem and target after a lever is pulled. */
function pulled(target: ScheduleTarget, change: LeverChange): [ScheduleProblem, ScheduleTarget] {
  const { alignment, pinned, ...rest } = change.parameters ?? {};
  const flags = { ...(target.flags ?? NO_FLAGS), ...rest };
  return [
    change.format ? narrowed(problem, problem.bytesPerElement / change.format.bytesPerElement) : problem,
    {
      mode: change.mode ?? target.mode,
      S: change.S ?? target.S,
      granule: typeof alignment === 'number' ? alignment : target.granule,
      flags:
        typeof pinned === 'string'
          ? {
              ...flags,
              pinned: pinned
                .split(',')
                .filter((id) => id !== '')
                .map(Number),
            }
          : flags,
    },
  ];
}

describe('a problem without room', () => {
  it('names the operator, its bytes and its tensors', () => {
    expect(explainInfeasible(problem, { mode: 'strict', S: 23, granule: 1 })).toMatchObject({
      operator: 'join',
      demand: 24,
      bound: 23,
      isProven: true,
      tensors: [{ name: 'a' }, { name: 'b' }, { name: 'y' }],
    });
    expect(explainInfeasible(problem, { mode: 'strict', S: 24, granule: 1 })).toBeNull();
  });

  it('offers levers that do what they claim, in every mode and under every flag', () => {
    const kinds = new Set<string>();
    for (let seed = 0; seed < 300; seed++) {
      const rng = createRng(seed);
      const mode = (['strict', 'strict+weights', 'stream'] as const)[rng.below(3)] as ScheduleMode;
      const target: ScheduleTarget = {
        mode,
        S: rng.below(34),
        granule: [1, 4, 16][rng.below(3)]!,
        flags: {
          inPlace: rng.below(2) === 0,
          aliasConcat: rng.below(2) === 0,
          doubleBuffer: rng.below(2) === 0,
          pinned: rng.below(2) === 0 ? [0, 1] : [],
        },
      };
      for (const lever of explainInfeasible(problem, target)?.levers ?? []) {
        kinds.add(lever.kind);
        if (!lever.isEstimate) expect(obstacleOf(...pulled(target, lever.change)), lever.title).toBeNull();
      }
    }
    expect([...kinds].sort()).toEqual(['flag', 'format', 'granule', 'mode', 'scratchpad', 'split']);
  });

  it('offers the alias where it suffices', () => {
    const found = explainInfeasible(problem, { mode: 'strict', S: 16, granule: 1 });
    // relu needs 16 B, join 12 B of y with a and b inside.
    expect(found!.levers.find(({ kind, change }) => kind === 'flag' && change.parameters!.aliasConcat)).toMatchObject({
      demand: 16,
    });
  });
});

describe('traffic', () => {
  it('adds up to the objective, tensor by tensor', () => {
    for (const S of [0, 4, 8, 12, 20]) {
      const view = gapView(problem, { mode: 'stream', S, granule: 1 }, [0, 1, 2]);
      const kept = evict(view, 'belady');
      const answer: ScheduleAnswer = {
        bound: 0,
        optimal: false,
        compulsory: 20,
        baselines: {},
        proof: '',
        solver: { id: 'hand', version: '1' },
        mode: 'stream',
        S,
        objective: gapObjective(view, kept),
        order: [0, 1, 2],
        intervals: residencyOf(view, kept).intervals.map((one) => ({ ...one, addr: 0 })),
      };
      const causes = explainTraffic(problem, answer);
      expect(causes.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(answer.objective);
    }
  });
});
