import { describe, expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { EventKernel } from './kernel.ts';

describe('EventKernel', () => {
  it('handles events by time, then priority, then order of scheduling', () => {
    const rng = createRng(7);
    const kernel = new EventKernel();
    const scheduled = Array.from({ length: 20_000 }, (_, id) => ({ id, time: rng.below(500), priority: rng.below(4) }));
    for (const event of scheduled) kernel.schedule(event.time, event.priority, 0, event.id);
    const seen: number[] = [];
    expect(kernel.run((_code, id) => seen.push(id))).toBe(true);
    const expected = [...scheduled]
      .sort((a, b) => a.time - b.time || a.priority - b.priority || a.id - b.id)
      .map((event) => event.id);
    expect(seen).toEqual(expected);
    expect(kernel.processed).toBe(20_000);
  });

  it('takes events scheduled while running, at the same tick too', () => {
    const kernel = new EventKernel();
    const times: number[] = [];
    kernel.schedule(0, 0, 0, 3);
    kernel.run((_code, left) => {
      times.push(kernel.now);
      if (left > 0) kernel.schedule(kernel.now + (left === 2 ? 0 : 5), 0, 0, left - 1);
    });
    expect(times).toEqual([0, 5, 5, 10]);
  });

  it('refuses the past', () => {
    const kernel = new EventKernel();
    kernel.schedule(10, 0, 0, 0);
    expect(() => kernel.run(() => kernel.schedule(9, 0, 0, 0))).toThrow(RangeError);
  });

  it('stops when asked', () => {
    const kernel = new EventKernel();
    kernel.schedule(0, 0, 0, 0);
    const finished = kernel.run(
      () => kernel.schedule(kernel.now + 1, 0, 0, 0),
      () => true,
    );
    expect(finished).toBe(false);
    expect(kernel.processed).toBe(4095);
  });
});
