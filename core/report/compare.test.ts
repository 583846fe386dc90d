import { describe, expect, it } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import { createRng } from '#core/base/rng.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { scheduleAndVerify } from '#core/schedule/scheduler.ts';
import { withoutMip } from '#core/solver/mip.ts';
import { techniques } from '#core/technique/registry.ts';
import { randomProblem } from '../../tests/property/schedule-oracle.ts';
import { fixtureRun } from '../../tests/support/run-fixture.ts';
import { compareSchedules, tensorFates } from './compare.ts';

/** x → a → b, c from x and b: three steps of 4-byte tensors; `a` is a graph input of no one. */
const problem = {
  name: 'chain',
  bytesPerElement: 1,
  tensors: (['input', 'act', 'act', 'output'] as const).map((kind, id) => ({
    id,
    name: 'xabc'[id]!,
    shape: [4],
    bytes: 4,
    kind,
  })),
  ops: [
    { id: 0, name: 'op0', type: 'Op', inputs: [0], outputs: [1], weightBytes: 0 },
    { id: 1, name: 'op1', type: 'Op', inputs: [1], outputs: [2], weightBytes: 0 },
    { id: 2, name: 'op2', type: 'Op', inputs: [0, 2], outputs: [3], weightBytes: 0 },
  ],
} as const;
const answer = {
  mode: 'stream',
  S: 8,
  objective: 0,
  bound: 0,
  optimal: true,
  compulsory: 8,
  order: [0, 1, 2],
  intervals: [],
  baselines: {},
  proof: '',
  solver: { id: 'test', version: '1' },
} as const;

describe('what becomes of each tensor', () => {
  it('with nothing on chip: inputs are read again, intermediates written once and read a use', () => {
    const fates = tensorFates({ problem, answer });
    expect(fates.map(({ moved, readAt }) => [moved, readAt])).toEqual([
      [4, [2]],
      [8, [1]],
      [8, [2]],
      [0, []],
    ]);
    expect(fates.map(({ madeAt, producer }) => [madeAt, producer])).toEqual([
      [-1, -1],
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
  });

  it('a use is free when the tensor was on chip before its step, not when its stay begins there', () => {
    const intervals = [
      { t: 0, from: 0, to: 3, addr: 0 },
      { t: 1, from: 1, to: 2, addr: 4 },
      { t: 2, from: 1, to: 3, addr: 4 },
    ];
    const fates = tensorFates({ problem, answer: { ...answer, intervals } });
    expect(fates.map(({ moved, steps }) => [moved, steps])).toEqual([
      [0, 3],
      [8, 1],
      [0, 2],
      [0, 0],
    ]);
  });

  it('adds up to the objective', () => {
    const scheduler = techniques.scheduler[0];
    const parameters = defaultParameters(scheduler.manifest.parameters);
    for (let seed = 1; seed <= 40; seed++) {
      const random = randomProblem(createRng(seed), 6);
      const options = { mode: 'stream', S: 8, parameters, mip: withoutMip, control: uncontrolled } as const;
      const solved = scheduleAndVerify(scheduler, random, options);
      if (!solved.ok) throw new Error(solved.error[0]?.message);
      const fates = tensorFates({ problem: random, answer: solved.value });
      expect(fates.reduce((sum, fate) => sum + fate.moved, 0)).toBe(solved.value.objective);
    }
  });
});

describe('two schedules', () => {
  const run = fixtureRun();
  it('that are the same differ in nothing', () => {
    const same = compareSchedules(run, run);
    expect([same.tensors, same.common]).toEqual([[], run.schedule.problem.tensors.length]);
    for (const { a, b } of same.totals) expect(a).toBe(b);
  });

  it('tell which tensors differ, those that cost most first', () => {
    const { schedule } = run;
    const without = { ...run, schedule: { ...schedule, answer: { ...schedule.answer, intervals: [] } } };
    const { tensors } = compareSchedules(run, without);
    expect(tensors.length).toBeGreaterThan(2);
    const weights = tensors.map(({ a, b }) => Math.abs(a!.moved - b!.moved));
    expect(weights).toEqual([...weights].sort((a, b) => b - a));
    const longer = compareSchedules(run, fixtureRun({ blocks: 8 }));
    expect(longer.tensors.some(({ a }) => a === null)).toBe(true);
  });
});
