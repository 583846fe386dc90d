// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { type NumberSpec, scrubbed, useScrub } from './scrub.ts';

const spec = (rest: Partial<NumberSpec> = {}): NumberSpec => ({
  id: 'rows',
  title: 'Rows',
  help: '',
  kind: 'integer',
  unit: '',
  minimum: 1,
  maximum: 4096,
  default: 32,
  ...rest,
});

describe('a number dragged', () => {
  it.each([
    [32, 1, 33],
    [32, -4, 28],
    [512, 3, 540],
    [2, -9, 1],
    [4090, 10, 4096],
  ])('%i by %i steps is %i', (from, steps, to) => {
    expect(scrubbed(spec(), from, steps)).toBe(to);
  });

  it('doubles and halves bytes', () => {
    const bytes = spec({ unit: 'B', minimum: 64, maximum: 2 ** 20 });
    expect([scrubbed(bytes, 65_536, 1), scrubbed(bytes, 65_536, -2), scrubbed(bytes, 65_536, 9)]).toEqual([
      131_072,
      16_384,
      2 ** 20,
    ]);
  });

  it('tells each value once, all with one gesture, and a press without a drag changes nothing', () => {
    const told: [number, string][] = [];
    const scrub = useScrub({ value: () => 32, spec: () => spec(), change: (...each) => void told.push(each) });
    const at = (clientX: number) => ({ button: 0, clientX, shiftKey: false, pointerId: 1, currentTarget: null });
    const move = (x: number) => scrub.onPointerMove(at(x) as unknown as PointerEvent);
    scrub.onPointerDown(at(100) as unknown as PointerEvent);
    move(101);
    expect(told).toEqual([]);
    for (const x of [106, 107, 112, 118]) move(x);
    scrub.onPointerUp();
    move(200);
    expect(told.map(([value]) => value)).toEqual([33, 34, 35]);
    expect(new Set(told.map(([, gesture]) => gesture)).size).toBe(1);
  });
});
