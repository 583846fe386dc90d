import { expect, it } from 'vitest';
import { sramJoulesPerByte } from './energy.ts';

it('meets the published points and rises with capacity', () => {
  expect(sramJoulesPerByte(8 * 1024) * 1e12).toBeCloseTo(1.25, 9);
  expect(sramJoulesPerByte(32 * 1024) * 1e12).toBeCloseTo(2.5, 9);
  expect(sramJoulesPerByte(1024 * 1024) * 1e12).toBeCloseTo(12.5, 9);
  let before = 0;
  for (let bytes = 64; bytes <= 2 ** 26; bytes *= 2) {
    const joules = sramJoulesPerByte(bytes);
    expect(joules).toBeGreaterThan(before);
    before = joules;
  }
});
