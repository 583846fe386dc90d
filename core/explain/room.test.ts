import { expect, it } from 'vitest';
import { NO_FLAGS } from '#core/schedule/flags.ts';
import type { ScheduleProblem } from '#core/schedule/problem.ts';
import { roomOfOrder } from './room.ts';

/** a = f(x), b = a + y: of 1,000 bytes each. */
const problem: ScheduleProblem = {
  name: 'two inputs',
  bytesPerElement: 1,
  tensors: (['input', 'input', 'act', 'output'] as const).map((kind, id) => ({
    id,
    name: 'xyab'[id]!,
    shape: [1000],
    bytes: 1000,
    kind,
  })),
  ops: [
    { id: 0, name: 'f', type: 'Conv', inputs: [0], outputs: [2], weightBytes: 0 },
    { id: 1, name: 'add', type: 'Add', inputs: [2, 1], outputs: [3], weightBytes: 0 },
  ],
};
const roomOf = (flags: Partial<typeof NO_FLAGS>) =>
  roomOfOrder(problem, { mode: 'strict', order: [0, 1], flags: { ...NO_FLAGS, ...flags } }, 1);

it('is that of the flags the schedule keeps, in whole KiB', () => {
  // a, y and b at the second step.
  expect(roomOf({})).toBe(3 * 1024);
  // b takes the place of a: two at either step.
  expect(roomOf({ inPlace: true })).toBe(2 * 1024);
  // y has its room a step earlier, beside x and a.
  expect(roomOf({ inPlace: true, doubleBuffer: true })).toBe(3 * 1024);
});
