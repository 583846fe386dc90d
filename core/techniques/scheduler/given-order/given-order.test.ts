import { beforeAll, describe, expect, it } from 'vitest';
import { type Control, type Progress, uncontrolled } from '#core/base/control.ts';
import type { ParameterValues } from '#core/base/value.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import type { ScheduleMode, ScheduleProblem } from '#core/schedule/problem.ts';
import { type Scheduler, scheduleAndVerify } from '#core/schedule/scheduler.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { technique } from './technique.ts';

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

/**
 * `count` blocks, each x → four branches of two operators → sum. File order opens every branch before it closes one,
 * so that four wide tensors (8) are alive at once; depth-first needs one wide and the narrow results (1).
 */
function blocks(count: number): ScheduleProblem {
  const tensors: ScheduleProblem['tensors'][number][] = [];
  const ops: ScheduleProblem['ops'][number][] = [];
  const tensor = (bytes: number, kind: 'input' | 'act' | 'output' = 'act'): number =>
    tensors.push({ id: tensors.length, name: `t${tensors.length}`, shape: [bytes], bytes, kind }) - 1;
  const op = (inputs: number[], output: number): number => {
    ops.push({ id: ops.length, name: `op${ops.length}`, type: 'Op', inputs, outputs: [output], weightBytes: 2 });
    return output;
  };
  let x = tensor(2, 'input');
  for (let block = 0; block < count; block++) {
    const wide = [0, 1, 2, 3].map(() => op([x], tensor(8)));
    const narrow = wide.map((one) => op([one], tensor(1)));
    x = op(narrow, tensor(2, block === count - 1 ? 'output' : 'act'));
  }
  return { name: 'blocks', bytesPerElement: 1, tensors, ops };
}

const run = (
  problem: ScheduleProblem,
  mode: ScheduleMode,
  S: number,
  changes: ParameterValues = {},
  control: Control = uncontrolled,
) => {
  const parameters = { ...defaultParameters(technique.manifest.parameters), ...changes };
  const result = scheduleAndVerify(technique, problem, { mode, S, parameters, mip, control });
  if (!result.ok) throw new Error(result.error.map((fault) => fault.message).join('; '));
  return result.value;
};

describe('given-order', () => {
  it('finds the order under which nothing spills, where the file order must', () => {
    // Depth-first: x (2), one wide (8) with its narrow result, at most three narrow ones before it: 2 + 8 + 1 + 3 = 14.
    const answer = run(blocks(3), 'strict', 14);
    expect(answer).toMatchObject({ objective: 0, bound: 0, optimal: true, compulsory: 4 });
    expect(answer.proof).toBe('Optimal over all orders: nothing is moved off chip that need not be.');
    expect(answer.baselines['fileOrder+optimalResidency']).toBeGreaterThan(0);
  });

  it('keeps to the order asked for, and says that the proof is for that order alone', () => {
    const answer = run(blocks(3), 'strict', 14, { order: 'file' });
    expect(answer.order).toEqual(blocks(3).ops.map((op) => op.id));
    expect(answer.objective).toBe(answer.baselines['fileOrder+optimalResidency']);
    expect(answer.optimal).toBe(false);
    expect(answer.proof).toMatch(
      /^Optimal residency for this order \(file\)\. No schedule in any order is below .* solved with highs/,
    );
    expect(run(blocks(2), 'strict', 14, { order: 'depth-first' }).objective).toBe(0);
    expect(run(blocks(2), 'strict', 14, { order: 'min-peak' }).objective).toBe(0);
  });

  it('gives weights their room in strict+weights', () => {
    expect(run(blocks(2), 'strict+weights', 16).objective).toBe(0);
    expect(run(blocks(2), 'strict+weights', 14).objective).toBeGreaterThan(0);
  });

  it('aligns addresses and says so', () => {
    const answer = run(blocks(2), 'stream', 64, { alignment: 8 });
    expect(answer.intervals.every(({ addr }) => addr % 8 === 0)).toBe(true);
    expect(answer.proof).toContain('units of 8 B');
  });

  it('reports progress that never falls, with incumbent, bound and gap', () => {
    const reports: Progress[] = [];
    run(blocks(4), 'stream', 9, {}, { report: (progress) => reports.push(progress), cancelled: () => false });
    const fractions = reports.map(({ fraction }) => fraction);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    const incumbents = reports.flatMap(({ figures }) => (figures?.incumbent === undefined ? [] : [figures.incumbent]));
    expect(incumbents).toEqual([...incumbents].sort((a, b) => b - a));
    for (const { figures } of reports) if (figures?.gap !== undefined) expect(figures.gap).toBeGreaterThanOrEqual(0);
  });

  it('answers at once when stopped before it began', () => {
    const answer = run(blocks(4), 'stream', 9, {}, { report: () => {}, cancelled: () => true });
    expect(answer.proof).toContain('Stopped by the user');
  });
});

describe('check and verify around a scheduler', () => {
  const parameters = defaultParameters(technique.manifest.parameters);
  it('does not ask it what cannot be', () => {
    const asked: Scheduler = {
      ...technique,
      solve: () => {
        throw new Error('asked');
      },
    };
    const result = scheduleAndVerify(asked, blocks(1), {
      mode: 'strict',
      S: 3,
      parameters,
      mip,
      control: uncontrolled,
    });
    expect(result).toMatchObject({ ok: false, error: [{ code: 'schedule.infeasible' }] });
  });

  it('rejects what cannot be verified', () => {
    const boasting: Scheduler = {
      ...technique,
      solve: (problem, options) => {
        const solved = technique.solve(problem, options);
        return solved.ok ? { ok: true, value: { ...solved.value, objective: solved.value.objective - 1 } } : solved;
      },
    };
    const result = scheduleAndVerify(boasting, blocks(2), {
      mode: 'stream',
      S: 9,
      parameters,
      mip,
      control: uncontrolled,
    });
    expect(result.ok).toBe(false);
    if (result.ok) return;
    expect(result.error.map((fault) => fault.code)).toEqual(
      expect.arrayContaining(['schedule.rejected', 'schedule.objective']),
    );
  });
});
