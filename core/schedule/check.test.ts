import { describe, expect, it } from 'vitest';
import { checkProblem, checkSchedule } from './check.ts';
import type { ScheduleOperator, ScheduleProblem, ScheduleTensor } from './problem.ts';
import { largestWorkingSet, peakOfOrder } from './working-set.ts';

const tensor = (id: number, bytes: number, kind: ScheduleTensor['kind']): ScheduleTensor => ({
  id,
  name: `t${id}`,
  shape: [bytes],
  bytes,
  kind,
});
const op = (id: number, inputs: number[], outputs: number[], weightBytes = 0): ScheduleOperator => ({
  id,
  name: `op${id}`,
  type: 'Conv',
  inputs,
  outputs,
  weightBytes,
});
/** A chain with a skip: t0 → op0 → t1 → op1 → t2 → op2(t1, t2) → t3. */
const skip: ScheduleProblem = {
  name: 'skip',
  bytesPerElement: 1,
  tensors: [tensor(0, 100, 'input'), tensor(1, 1_000, 'act'), tensor(2, 400, 'act'), tensor(3, 200, 'output')],
  ops: [op(0, [0], [1], 50), op(1, [1], [2], 300), op(2, [1, 2], [3])],
};
const strict = (S: number) => ({ mode: 'strict' as const, S, granule: 1 });

describe('check', () => {
  it('accepts a well-formed problem with room for its largest working set', () => {
    expect(checkSchedule(skip, strict(1_600))).toEqual([]);
    expect(checkSchedule(skip, { mode: 'stream', S: 0, granule: 1 })).toEqual([]);
  });

  it('explains infeasibility with operator, demand, bound, tensors and levers', () => {
    const [fault, ...others] = checkSchedule(skip, strict(1_599));
    expect(others).toEqual([]);
    expect(fault).toMatchObject({
      code: 'schedule.infeasible',
      severity: 'error',
      message: 'op2 needs 1,600 B on chip at once in strict mode, but the scratchpad has 1,599 B',
      where: { node: 'op2' },
      facts: {
        operator: 'op2',
        demand: 1_600,
        bound: 1_599,
        unit: 'B',
        tensors: 't1 (1,000 B), t2 (400 B), t3 (200 B)',
      },
    });
    expect(fault!.facts.levers).toContain('a scratchpad of at least 1,600 B');
  });

  it('counts weights in strict+weights, and whole granules', () => {
    expect(largestWorkingSet(skip, 'strict+weights')).toMatchObject({ operator: 1, bytes: 1_700, weightBytes: 300 });
    expect(largestWorkingSet(skip, 'strict', 64)).toMatchObject({ operator: 2, bytes: 1_024 + 448 + 256 });
    expect(checkSchedule(skip, { mode: 'strict', S: 1_600, granule: 64 })[0]!.facts.levers).toContain('granule');
  });

  it.each<[string, string, Partial<ScheduleProblem>]>([
    [
      'ids that are not positions',
      'schedule.tensor-id',
      { tensors: skip.tensors.map((one) => ({ ...one, id: one.id + 1 })) },
    ],
    ['fractional bytes', 'schedule.tensor-bytes', { tensors: skip.tensors.map((one) => ({ ...one, bytes: 0.5 })) }],
    [
      'negative weights',
      'schedule.weight-bytes',
      { ops: [...skip.ops.slice(0, 2), { ...skip.ops[2]!, weightBytes: -1 }] },
    ],
    ['an unknown operand', 'schedule.unknown-tensor', { ops: [...skip.ops.slice(0, 2), op(2, [1, 2, 9], [3])] }],
    ['an operand not made yet', 'schedule.precedence', { ops: [op(0, [0], [1]), op(1, [2], [2]), op(2, [1, 2], [3])] }],
    ['a graph input that is made', 'schedule.input-made', { ops: [op(0, [0], [1, 0]), ...skip.ops.slice(1)] }],
    ['a tensor made twice', 'schedule.two-makers', { ops: [...skip.ops.slice(0, 2), op(2, [1], [3, 2])] }],
    ['a tensor nobody makes', 'schedule.no-maker', { ops: [...skip.ops.slice(0, 2), op(2, [1, 2], [])] }],
    [
      'operator ids that are not positions',
      'schedule.operator-id',
      { ops: [...skip.ops.slice(0, 2), op(7, [1, 2], [3])] },
    ],
  ])('refuses %s', (_, code, change) => {
    expect(checkProblem({ ...skip, ...change }).map((fault) => fault.code)).toContain(code);
  });

  it('refuses a target that means nothing', () => {
    expect(checkSchedule(skip, strict(-1))[0]!.code).toBe('schedule.capacity-invalid');
    expect(checkSchedule(skip, { mode: 'strict', S: 2_000, granule: 0 })[0]!.code).toBe('schedule.granule');
  });
});

describe('the peak of an order', () => {
  it('is what is live at its fullest step when nothing is spilled', () => {
    // strict: op2 holds t1, t2, t3. stream: t3 goes straight off chip, and t0 comes straight in.
    expect(peakOfOrder(skip, 'strict', [0, 1, 2])).toBe(1_600);
    expect(peakOfOrder(skip, 'stream', [0, 1, 2])).toBe(1_400);
    expect(peakOfOrder(skip, 'strict+weights', [0, 1, 2])).toBe(1_700);
  });
});
