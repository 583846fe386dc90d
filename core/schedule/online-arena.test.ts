import { describe, expect, it } from 'vitest';
import { gapView } from './gaps.ts';
import { onlineArena } from './online-arena.ts';
import type { ScheduleMode, ScheduleProblem } from './problem.ts';

/** x is used first and last; a (4), b (6), c (4) pass between: at b's making x, a and b are 14 bytes. */
const longSkip: ScheduleProblem = {
  name: 'long skip',
  bytesPerElement: 1,
  tensors: [
    { id: 0, name: 'x', shape: [4], bytes: 4, kind: 'input' },
    { id: 1, name: 'a', shape: [4], bytes: 4, kind: 'act' },
    { id: 2, name: 'b', shape: [6], bytes: 6, kind: 'act' },
    { id: 3, name: 'c', shape: [4], bytes: 4, kind: 'act' },
    { id: 4, name: 'y', shape: [4], bytes: 4, kind: 'output' },
  ],
  ops: [
    [[0], [1]],
    [[1], [2]],
    [[2], [3]],
    [[3, 0], [4]],
  ].map(([inputs, outputs], id) => ({
    id,
    name: `op${id}`,
    type: 'Op',
    inputs: inputs!,
    outputs: outputs!,
    weightBytes: 0,
  })),
};
const cost = (mode: ScheduleMode, S: number): number =>
  onlineArena(gapView(longSkip, { mode, S, granule: 1 }, [0, 1, 2, 3]));

describe('greedy with an online arena', () => {
  it('spills nothing where first fit finds a place for everything', () => {
    // x 0–4, a 4–8, b 8–14; a leaves, c takes 4–8; y after b left.
    expect(cost('strict', 14)).toBe(0);
  });

  it('gives up the oldest: x is read once more', () => {
    expect(cost('strict', 13)).toBe(4);
    expect(cost('strict', 12)).toBe(4);
  });

  it('has no room where one step has none', () => {
    expect(cost('strict', 9)).toBe(Infinity);
  });

  it('streams everything through no scratchpad at all', () => {
    // x once more (4); a, b, c: a write and a read each (8 + 12 + 8).
    expect(cost('stream', 0)).toBe(32);
  });

  it('pays for fragmentation: bytes enough, but not in one piece', () => {
    // p 0–4, q 4–8, r 8–12; q leaves; s (6) finds 4 + 2 free of 14 and pushes p out, whose 4 bytes join the hole.
    const tensors = [
      ['p', 4, 'act'],
      ['q', 4, 'act'],
      ['r', 4, 'act'],
      ['s', 6, 'act'],
      ['y', 0, 'output'],
    ] as const;
    const problem: ScheduleProblem = {
      name: 'fragments',
      bytesPerElement: 1,
      tensors: tensors.map(([name, bytes, kind], id) => ({ id, name, shape: [bytes], bytes, kind })),
      ops: [
        [[], [0]],
        [[], [1]],
        [[1], [2]],
        [[], [3]],
        [[0, 2, 3], [4]],
      ].map(([inputs, outputs], id) => ({
        id,
        name: `op${id}`,
        type: 'Op',
        inputs: inputs!,
        outputs: outputs!,
        weightBytes: 0,
      })),
    };
    const view = gapView(problem, { mode: 'strict', S: 14, granule: 1 }, [0, 1, 2, 3, 4]);
    expect(onlineArena(view)).toBe(8);
  });
});
