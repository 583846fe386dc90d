import { describe, expect, it } from 'vitest';
import type { ScheduleAnswer, ScheduleFlags, ScheduleOperator, ScheduleProblem } from './problem.ts';
import { verifySchedule } from './verify.ts';

/**
 * x → a → p; p → b → q; p → c → r; (q, r) → d → y. Every tensor 10 bytes, weights 5 an operator.
 * In file order p is needed until c, q until d: at c the chip holds p, q and r.
 */
const problem: ScheduleProblem = {
  name: 'diamond',
  bytesPerElement: 1,
  tensors: (
    [
      ['x', 'input'],
      ['p', 'act'],
      ['q', 'act'],
      ['r', 'act'],
      ['y', 'output'],
    ] as const
  ).map(([name, kind], id) => ({ id, name, shape: [10], bytes: 10, kind })),
  ops: (
    [
      ['a', [0], [1]],
      ['b', [1], [2]],
      ['c', [1], [3]],
      ['d', [2, 3], [4]],
    ] as const
  ).map(([name, inputs, outputs], id) => ({ id, name, type: 'Op', inputs, outputs, weightBytes: 5 })),
};

const kept: ScheduleAnswer = {
  mode: 'strict',
  S: 30,
  objective: 0,
  bound: 0,
  optimal: true,
  compulsory: 20,
  order: [0, 1, 2, 3],
  intervals: [
    { t: 0, from: 0, to: 1, addr: 20 },
    { t: 1, from: 0, to: 3, addr: 0 },
    { t: 2, from: 1, to: 4, addr: 10 },
    { t: 3, from: 2, to: 4, addr: 20 },
    { t: 4, from: 3, to: 4, addr: 0 },
  ],
  baselines: {},
  proof: '',
  solver: { id: 'hand', version: '1' },
};

/** q is given up after b and fetched again for d: one write and one read. */
const spilled: ScheduleAnswer = {
  ...kept,
  objective: 20,
  bound: 0,
  optimal: false,
  intervals: [
    ...kept.intervals.filter(({ t }) => t !== 2),
    { t: 2, from: 1, to: 2, addr: 10 },
    { t: 2, from: 3, to: 4, addr: 10 },
  ],
};

const codes = (answer: ScheduleAnswer): string[] => [
  ...new Set(verifySchedule(problem, answer).map((fault) => fault.code)),
];
/** The answer with interval `index` changed. */
const withInterval = (index: number, change: Partial<ScheduleAnswer['intervals'][number]>): ScheduleAnswer => ({
  ...kept,
  intervals: kept.intervals.map((interval, at) => (at === index ? { ...interval, ...change } : interval)),
});
const without = (t: number): ScheduleAnswer => ({ ...kept, intervals: kept.intervals.filter((one) => one.t !== t) });

describe('a schedule is believed', () => {
  it('when every certificate holds, kept or spilled', () => {
    expect(verifySchedule(problem, kept)).toEqual([]);
    expect(verifySchedule(problem, spilled)).toEqual([]);
  });

  it('in strict+weights, with room for the weights', () => {
    expect(codes({ ...kept, mode: 'strict+weights', S: 35 })).toEqual([]);
    expect(codes({ ...kept, mode: 'strict+weights', S: 34 })).toEqual(['schedule.capacity']);
  });

  it('in stream mode with nothing on chip, when every byte is counted', () => {
    const streamed = { ...kept, mode: 'stream' as const, S: 0, intervals: [], bound: 0, optimal: false };
    // p: one write, two reads; q and r: one of each.
    expect(codes({ ...streamed, objective: 70 })).toEqual([]);
    expect(codes({ ...streamed, objective: 60 })).toEqual(['schedule.objective']);
  });
});

describe('a schedule is refused', () => {
  it.each<[string, string[], ScheduleAnswer]>([
    ['an operator missing from the order', ['schedule.order'], { ...kept, order: [0, 1, 2] }],
    ['an operator twice in the order', ['schedule.order'], { ...kept, order: [0, 1, 1, 3] }],
    ['an operator that does not exist', ['schedule.order'], { ...kept, order: [0, 1, 2, 4] }],
    ['a use before the making', ['schedule.precedence'], { ...kept, order: [1, 0, 2, 3] }],
    ['an empty interval', ['schedule.interval'], withInterval(1, { to: 0 })],
    ['an interval past the end', ['schedule.interval'], withInterval(4, { to: 5 })],
    ['an interval of no tensor', ['schedule.interval'], withInterval(1, { t: 9 })],
    ['a fractional step', ['schedule.interval'], withInterval(1, { to: 2.5 })],
    ['a step over capacity', ['schedule.capacity'], { ...kept, S: 29 }],
    ['an address below the scratchpad', ['schedule.address'], withInterval(0, { addr: -1 })],
    ['an address past the scratchpad', ['schedule.address'], withInterval(0, { addr: 21 })],
    ['no address', ['schedule.address'], withInterval(0, { addr: Number.NaN })],
    ['two tensors at one address', ['schedule.overlap'], withInterval(3, { addr: 19 })],
    ['an operand that is not there', ['schedule.operand-absent'], withInterval(1, { to: 2 })],
    ['a result that is not there', ['schedule.result-absent'], without(4)],
    ['a residency out of nowhere', ['schedule.start'], withInterval(3, { from: 1 })],
    [
      'a tensor on chip twice',
      ['schedule.double-residency'],
      { ...kept, intervals: [...kept.intervals, { t: 1, from: 1, to: 2, addr: 20 }] },
    ],
    ['an objective too low', ['schedule.objective'], { ...spilled, objective: 10 }],
    ['an objective too high', ['schedule.objective'], { ...spilled, objective: 30 }],
    ['compulsory bytes that are not', ['schedule.compulsory'], { ...kept, compulsory: 10 }],
    ['a bound above the objective', ['schedule.bound'], { ...spilled, bound: 21 }],
    ['a bound that is no number', ['schedule.bound'], { ...spilled, bound: Number.NaN }],
    ['optimal with a gap', ['schedule.optimal'], { ...spilled, optimal: true }],
  ])('for %s', (_, expected, answer) => {
    expect(codes(answer)).toEqual(expect.arrayContaining(expected));
  });

  it('with step, demand and bound where capacity is exceeded', () => {
    expect(verifySchedule(problem, { ...kept, S: 29 })[0]).toMatchObject({
      code: 'schedule.capacity',
      message: 'Step 2 (c) holds 30 B in 29 B',
      facts: { step: 2, demand: 30, bound: 29, unit: 'B' },
    });
  });
});

describe('under flags', () => {
  const flags: ScheduleFlags = { inPlace: false, aliasConcat: false, doubleBuffer: false, pinned: [] };
  const withOps = (change: Readonly<Record<string, Partial<ScheduleOperator>>>): ScheduleProblem => ({
    ...problem,
    ops: problem.ops.map((op) => ({ ...op, ...change[op.name] })),
  });
  const found = (instance: ScheduleProblem, answer: ScheduleAnswer): string[] => [
    ...new Set(verifySchedule(instance, answer).map(({ code }) => code)),
  ];
  const moved = (answer: ScheduleAnswer, t: number, change: Partial<ScheduleAnswer['intervals'][number]>) => ({
    ...answer,
    intervals: answer.intervals.map((one) => (one.t === t ? { ...one, ...change } : one)),
  });

  describe('a result in place of its operand', () => {
    const inPlace = withOps({ c: { inPlace: [1] }, d: { inPlace: [2] } });
    // r takes the place of p, y that of q: two thirds of the room.
    const answer: ScheduleAnswer = {
      ...kept,
      S: 20,
      flags: { ...flags, inPlace: true },
      intervals: [
        { t: 0, from: 0, to: 1, addr: 10 },
        { t: 1, from: 0, to: 3, addr: 0 },
        { t: 2, from: 1, to: 4, addr: 10 },
        { t: 3, from: 2, to: 4, addr: 0 },
        { t: 4, from: 3, to: 4, addr: 10 },
      ],
    };
    it('is believed at the address of the operand, at its last step', () => {
      expect(found(inPlace, answer)).toEqual([]);
    });
    it.each<[string, ScheduleProblem, ScheduleAnswer]>([
      ['without the flag', inPlace, { ...answer, flags }],
      ['where the operator does not work by element', withOps({ d: { inPlace: [2] } }), answer],
      ['at another address', inPlace, moved({ ...answer, S: 40 }, 3, { addr: 5 })],
      ['where the operand is kept beyond the step', inPlace, moved({ ...answer, S: 40 }, 1, { to: 4 })],
      [
        'where the operand is smaller',
        { ...inPlace, tensors: inPlace.tensors.map((one) => (one.id === 1 ? { ...one, bytes: 9 } : one)) },
        { ...answer, S: 40 },
      ],
    ])('is refused %s', (_, instance, refused) => {
      expect(found(instance, refused)).toContain('schedule.overlap');
    });
    it('counts twice where it lies elsewhere', () => {
      const apart = moved(moved(answer, 3, { addr: 20 }), 4, { addr: 0 });
      expect(found(inPlace, { ...apart, S: 30 })).toEqual([]);
      expect(found(inPlace, apart)).toContain('schedule.capacity');
    });
  });

  describe('operands in their slots of a concatenation', () => {
    const aliases = [
      { operand: 2, offset: 0 },
      { operand: 3, offset: 10 },
    ];
    const joined: ScheduleProblem = {
      ...withOps({ d: { aliases } }),
      tensors: problem.tensors.map((one) => (one.id === 4 ? { ...one, bytes: 20 } : one)),
    };
    const answer: ScheduleAnswer = {
      ...moved(kept, 4, { addr: 10 }),
      compulsory: 30,
      flags: { ...flags, aliasConcat: true },
    };
    it('are believed', () => {
      expect(found(joined, answer)).toEqual([]);
    });
    it('are refused without the flag, in another slot, or where nothing is joined', () => {
      expect(found(joined, { ...answer, flags })).toEqual(['schedule.capacity', 'schedule.overlap']);
      expect(found(joined, moved(answer, 4, { addr: 5 }))).toContain('schedule.overlap');
      expect(found({ ...joined, ops: problem.ops }, answer)).toContain('schedule.overlap');
    });
  });

  describe('double buffering', () => {
    const doubleBuffer = { ...flags, doubleBuffer: true };
    // q comes back at step 3 where p lay until step 2.
    const late: ScheduleAnswer = {
      ...spilled,
      intervals: [
        ...kept.intervals.filter(({ t }) => t !== 2 && t !== 4),
        { t: 2, from: 1, to: 2, addr: 10 },
        { t: 2, from: 3, to: 4, addr: 0 },
        { t: 4, from: 3, to: 4, addr: 10 },
      ],
    };
    it('wants the room of what is fetched one step earlier', () => {
      expect(codes(late)).toEqual([]);
      expect(codes({ ...late, flags: doubleBuffer })).toEqual(['schedule.overlap']);
      expect(codes({ ...spilled, flags: doubleBuffer })).toEqual([]);
    });
    it('and that of weights', () => {
      const weighted: ScheduleAnswer = { ...kept, mode: 'strict+weights', flags: doubleBuffer };
      expect(codes({ ...weighted, S: 40 })).toEqual([]);
      expect(codes({ ...weighted, S: 39 })).toEqual(['schedule.capacity']);
    });
  });

  it('a pinned tensor that leaves is refused', () => {
    const pinned = { ...flags, pinned: [2] };
    expect(codes({ ...kept, flags: pinned })).toEqual([]);
    expect(codes({ ...spilled, flags: pinned })).toEqual(['schedule.pinned']);
  });
});
