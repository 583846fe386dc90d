import { describe, expect, it } from 'vitest';
import { flagsOf, hasFlags, NO_FLAGS, targetOf } from './flags.ts';
import type { ScheduleProblem } from './problem.ts';

/** Three graph inputs; the second has a number for a name. */
const problem: ScheduleProblem = {
  name: 'names',
  bytesPerElement: 1,
  tensors: ['image', '2', 'mask'].map((name, id) => ({ id, name, shape: [1], bytes: 1, kind: 'input' })),
  ops: [],
};

describe('flags', () => {
  it('are off unless set, and then the target has none', () => {
    expect(flagsOf(problem, {})).toEqual({ ok: true, value: NO_FLAGS });
    expect(hasFlags(NO_FLAGS)).toBe(false);
    expect(targetOf(problem, { mode: 'strict', S: 64, parameters: { alignment: 16 } })).toEqual({
      mode: 'strict',
      S: 64,
      granule: 16,
    });
  });

  it('are read from parameters', () => {
    const parameters = { inPlace: true, doubleBuffer: true };
    expect(targetOf(problem, { mode: 'stream', S: 64, parameters }).flags).toEqual({
      ...NO_FLAGS,
      inPlace: true,
      doubleBuffer: true,
    });
  });

  it.each([
    ['by name, ascending, each once', 'mask, image,image', [0, 2]],
    ['by id', '0', [0]],
    ['by name before id', '2', [1]],
  ])('pin tensors %s', (_, pinned, ids) => {
    expect(flagsOf(problem, { pinned })).toEqual({ ok: true, value: { ...NO_FLAGS, pinned: ids } });
  });

  it.each(['nobody', '3', '-1', '1.0'])('refuse to pin %s, which is no tensor', (pinned) => {
    expect(flagsOf(problem, { pinned })).toMatchObject({ ok: false, error: { code: 'schedule.pinned-unknown' } });
  });
});
