import { beforeAll, describe, expect, it } from 'vitest';
import { type Control, uncontrolled } from '#core/base/control.ts';
import { createRng } from '#core/base/rng.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { techniques } from '#core/technique/registry.ts';
import { exhaustiveOptimum, randomProblem } from '../../tests/property/schedule-oracle.ts';
import { type CurveStudy, curveCapacities, marginalSaving, scheduleCurve } from './curve.ts';
import { SCHEDULE_MODES, type ScheduleAnswer, type ScheduleMode, type ScheduleProblem } from './problem.ts';
import { type Scheduler, type SchedulerOptions, scheduleAndVerify } from './scheduler.ts';
import { scheduleLimits } from './search/limits.ts';
import { noReuseTraffic } from './traffic.ts';
import { verifySchedule } from './verify.ts';

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

const base = techniques.scheduler.find(({ manifest }) => manifest.id === 'scheduler/portfolio')!;
const parameters = defaultParameters(base.manifest.parameters);

function study(
  problem: ScheduleProblem,
  mode: ScheduleMode,
  capacities: readonly number[],
  scheduler: Scheduler = base,
  control: Control = uncontrolled,
): CurveStudy {
  const limits = scheduleLimits(problem, mode);
  const result = scheduleCurve(problem, { scheduler, mode, parameters, mip, control, limits, capacities });
  if (!result.ok) throw new Error(result.error[0]?.message);
  return result.value;
}

/** `length` blocks x → a → b, joined by a sum of x and b: at less than its peak something of each block has to go. */
function blocks(length: number): ScheduleProblem {
  const tensors: ScheduleProblem['tensors'][number][] = [];
  const ops: ScheduleProblem['ops'][number][] = [];
  const tensor = (bytes: number, kind: 'input' | 'act' | 'output'): number =>
    tensors.push({ id: tensors.length, name: `t${tensors.length}`, shape: [bytes], bytes, kind }) - 1;
  const op = (inputs: number[], bytes: number, kind: 'act' | 'output'): number => {
    const made = tensor(bytes, kind);
    ops.push({ id: ops.length, name: `op${ops.length}`, type: 'Op', inputs, outputs: [made], weightBytes: 0 });
    return made;
  };
  let x = tensor(4, 'input');
  for (let block = 0; block < length; block++) {
    const a = op([x], 6, 'act');
    const b = op([a], 4, 'act');
    x = op([x, b], 4, block + 1 === length ? 'output' : 'act');
  }
  return { name: 'blocks', bytesPerElement: 1, tensors, ops };
}

/** A technique that records what it is asked and told. */
function recording(): { readonly scheduler: Scheduler; readonly asked: SchedulerOptions[] } {
  const asked: SchedulerOptions[] = [];
  return {
    asked,
    scheduler: {
      manifest: base.manifest,
      solve: (problem, options) => {
        asked.push(options);
        return base.solve(problem, options);
      },
    },
  };
}

describe('the sizes of a curve', () => {
  const limits = { MR: 30, MH: 45, MP: 60, isMPExact: true };
  it('are the range in equal steps or factors, and the limits within it', () => {
    expect(curveCapacities({ from: 10, to: 50, steps: 3, spacing: 'linear' }, limits)).toEqual([10, 30, 45, 50]);
    expect(curveCapacities({ from: 8, to: 128, steps: 5, spacing: 'geometric' }, limits)).toEqual([
      8, 16, 30, 32, 45, 60, 64, 128,
    ]);
    expect(curveCapacities({ from: 0, to: 20, steps: 2, spacing: 'geometric' }, limits)).toEqual([0, 20]);
    expect(curveCapacities({ from: 7, to: 9, steps: 1, spacing: 'linear' }, limits)).toEqual([7]);
    expect(curveCapacities({ from: 7, to: 9, steps: 2, spacing: 'linear' }, limits, [8, 10])).toEqual([7, 8, 9]);
  });

  it('are whole KiB between the ends where they are large', () => {
    const sizes = curveCapacities({ from: 65_537, to: 1_000_001, steps: 6, spacing: 'geometric' }, limits);
    expect(sizes.slice(1, -1).every((size) => size % 1024 === 0)).toBe(true);
    expect([sizes[0], sizes.at(-1), sizes.length]).toEqual([65_537, 1_000_001, 6]);
  });
});

describe('the curve', () => {
  it('never rises, never contradicts exhaustive search, and has a verified schedule at every point', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const rng = createRng(seed);
      const problem = randomProblem(rng, 5);
      const mode = SCHEDULE_MODES[seed % 3]!;
      const { MP } = scheduleLimits(problem, mode);
      const capacities = curveCapacities(
        { from: 1, to: MP + 4, steps: 5, spacing: 'linear' },
        scheduleLimits(problem, mode),
      );
      const { curve, answers } = study(problem, mode, capacities);
      let before = { objective: Infinity, bound: Infinity };
      curve.points.forEach(({ S, objective, bound, optimal, stop }, index) => {
        const optimum = exhaustiveOptimum(problem, mode, S);
        if (optimum === null) {
          expect([objective, bound, stop, answers[index]]).toEqual([null, null, 'infeasible', null]);
          return;
        }
        if (objective === null || bound === null) throw new Error(`seed ${seed}: no schedule at ${S} B`);
        expect(bound).toBeLessThanOrEqual(optimum);
        expect(objective).toBeGreaterThanOrEqual(optimum);
        expect(optimal).toBe(objective === bound);
        expect(objective).toBeLessThanOrEqual(before.objective);
        expect(bound).toBeLessThanOrEqual(before.bound);
        before = { objective, bound };
        const answer = answers[index]!;
        expect([answer.S, answer.objective, answer.bound, verifySchedule(problem, answer)]).toEqual([
          S,
          objective,
          bound,
          [],
        ]);
        const alone = scheduleAndVerify(base, problem, { mode, S, parameters, mip, control: uncontrolled });
        if (!alone.ok) throw new Error(alone.error[0]?.message);
        expect(objective).toBeLessThanOrEqual(alone.value.objective);
        expect(bound).toBeGreaterThanOrEqual(alone.value.bound);
      });
    }
  });

  it('solves one point where nothing need move, and none below the first without room', () => {
    const { scheduler, asked } = recording();
    // Strict: the sum needs x, b and its result, 12 B, and so does a over x and b: M_R = M_P = 14.
    const { curve } = study(blocks(3), 'strict', [4, 8, 14, 15, 20, 40], scheduler);
    expect(curve.points.map(({ S, objective }) => [S, objective])).toEqual([
      [4, null],
      [8, null],
      [14, 0],
      [15, 0],
      [20, 0],
      [40, 0],
    ]);
    expect(asked.map(({ S }) => S)).toEqual([14]);
  });

  it('tells each point what the next larger has proven, and takes over what the next smaller has found', () => {
    const { scheduler, asked } = recording();
    // Keeps nothing on chip at 9 B, and proves nothing below 10 B.
    const lame: Scheduler = {
      manifest: scheduler.manifest,
      solve: (problem, options) => {
        const solved = scheduler.solve(problem, options);
        if (!solved.ok || options.S === 10) return solved;
        const found = options.S === 9 ? keepingNothing(problem, solved.value) : solved.value;
        return { ok: true, value: { ...found, bound: 0, optimal: false, stop: 'nodes' } };
      },
    };
    const { curve, answers } = study(blocks(3), 'stream', [8, 9, 10], lame);
    const [small, middle, large] = curve.points;
    expect(asked.map(({ S, known }) => [S, known?.bound, known?.residencies[0]?.objective])).toEqual([
      [10, 0, undefined],
      [9, large?.bound, undefined],
      [8, large?.bound, undefined],
      [9, large?.bound, small?.objective],
    ]);
    expect(large?.bound).toBeGreaterThan(0);
    expect([small?.bound, middle?.bound]).toEqual([large?.bound, large?.bound]);
    expect(middle?.objective).toBe(small?.objective);
    expect(answers[1]?.proof).toContain('The schedule found for 8 B of scratchpad, which fits in 9 B too');
    expect(answers.map((answer) => verifySchedule(blocks(3), answer!))).toEqual([[], [], []]);
  });

  it('hands no bound on where operators stream, which is of schedules that do', () => {
    const rng = createRng(971);
    const whole = randomProblem(rng, 3 + rng.below(4));
    const split = { ...whole, ops: whole.ops.map((op) => (op.id === 1 ? { ...op, streams: [...op.inputs] } : op)) };
    const alone = [67, 78].map((S) => {
      const solved = scheduleAndVerify(base, split, { mode: 'strict', S, parameters, mip, control: uncontrolled });
      if (!solved.ok) throw new Error('no room');
      return solved.value;
    });
    // The smaller scratchpad's schedule finds on chip what it was to stream, and moves less than the larger's bound.
    expect(alone[0]!.objective).toBeLessThan(alone[1]!.bound);
    // Proves nothing of the smaller.
    const lame: Scheduler = {
      manifest: base.manifest,
      solve: (problem, options) => {
        const solved = base.solve(problem, options);
        if (!solved.ok || options.S === 78) return solved;
        return { ok: true, value: { ...solved.value, bound: 0, optimal: false, stop: 'nodes' } };
      },
    };
    const { points } = study(split, 'strict', [67, 78], lame).curve;
    expect(points[0]).toMatchObject({ objective: alone[0]!.objective, bound: 0, optimal: false, stop: 'nodes' });
  });

  it('once stopped says so at the points it has not reached', () => {
    let asked = 0;
    const control: Control = { report: () => {}, cancelled: () => asked > 0 };
    const once: Scheduler = {
      manifest: base.manifest,
      solve: (problem, options) => {
        asked++;
        return base.solve(problem, options);
      },
    };
    const { curve } = study(blocks(3), 'stream', [5, 8, 10], once, control);
    expect(curve.points.map(({ objective, stop }) => [objective === null, stop])).toEqual([
      [true, 'cancelled'],
      [true, 'cancelled'],
      [false, expect.any(String)],
    ]);
  });

  it('does not call proven what only a smaller scratchpad has proven', () => {
    let asked = 0;
    const control: Control = { report: () => {}, cancelled: () => asked === 3 };
    const lame: Scheduler = {
      manifest: base.manifest,
      solve: (problem, options) => {
        const solved = base.solve(problem, options);
        asked++;
        if (!solved.ok || options.S === 8) return solved;
        const found = keepingNothing(problem, solved.value);
        return { ok: true, value: { ...found, bound: 0, optimal: false, stop: 'nodes' } };
      },
    };
    const { curve } = study(blocks(3), 'stream', [8, 9, 10], lame, control);
    const [small, middle] = curve.points;
    expect(small).toMatchObject({ optimal: true, stop: 'proven' });
    expect(middle).toMatchObject({ objective: small!.objective, bound: 0, optimal: false, stop: 'cancelled' });
  });

  it('gives what one more KiB saves from a point to the next', () => {
    const { curve } = study(blocks(3), 'stream', [8, 14, 20]);
    const [small, , large] = curve.points;
    expect(marginalSaving(curve, 8)).toEqual({
      to: 14,
      bytes: small!.objective! - curve.points[1]!.objective!,
      perKibibyte: ((small!.objective! - curve.points[1]!.objective!) * 1024) / 6,
    });
    expect(large!.objective).toBe(0);
    expect(marginalSaving(curve, 20)).toBeNull();
    expect(marginalSaving(curve, 7)).toBeNull();
  });
});

function keepingNothing(problem: ScheduleProblem, answer: ScheduleAnswer): ScheduleAnswer {
  return { ...answer, intervals: [], objective: noReuseTraffic(problem) };
}
