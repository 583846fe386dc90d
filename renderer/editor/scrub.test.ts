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
    expect(scrubbed(spec({ unit: 'B', minimum: 0 }), 0, 3)).toBe(3);
  });

  function dragged() {
    const told: [number, string][] = [];
    const scrub = useScrub({ value: () => 32, spec: () => spec(), change: (...each) => void told.push(each) });
    return {
      told,
      press: (clientX: number) => scrub.onPointerDown(new PointerEvent('pointerdown', { clientX })),
      move: (clientX: number, buttons = 1) =>
        scrub.onPointerMove(new PointerEvent('pointermove', { clientX, buttons })),
      release: scrub.onPointerUp,
    };
  }

  it('tells each value once, all with one gesture, and a press without a drag changes nothing', () => {
    const { told, press, move, release } = dragged();
    press(100);
    move(101);
    expect(told).toEqual([]);
    for (const x of [106, 107, 112, 118]) move(x);
    release();
    move(200);
    expect(told.map(([value]) => value)).toEqual([33, 34, 35]);
    expect(new Set(told.map(([, gesture]) => gesture)).size).toBe(1);
  });

  it('ends where the button was let go elsewhere', () => {
    const { told, press, move } = dragged();
    press(100);
    move(130, 0);
    move(160);
    expect(told).toEqual([]);
  });
});
