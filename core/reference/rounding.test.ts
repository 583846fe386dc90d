import { describe, expect, it } from 'vitest';
import { fromBf16Bits, fromFp16Bits, roundHalfEven, toBf16, toFp16 } from './rounding.ts';

it('rounds halves to the even neighbour', () => {
  expect([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4999, -2.5001].map(roundHalfEven)).toEqual([-2, -2, 0, 0, 2, 2, 2, -3]);
});

describe.each([
  ['fp16', toFp16, fromFp16Bits, 0x7c00],
  ['bf16', toBf16, fromBf16Bits, 0x7f80],
] as const)('%s', (_, round, fromBits, infinity) => {
  it('keeps each of its numbers', () => {
    const changed: number[] = [];
    for (let bits = 0; bits < 0x8000; bits++) {
      const value = fromBits(bits);
      if (!Object.is(round(value), value) || !Object.is(round(-value), -value)) changed.push(bits);
    }
    expect(changed).toEqual([]);
  });

  it('takes a number half way to the neighbour whose last bit is 0, any other to the nearer one', () => {
    const wrong: number[] = [];
    for (let bits = 0; bits < infinity - 1; bits++) {
      const [low, high] = [fromBits(bits), fromBits(bits + 1)];
      const middle = round((low + high) / 2);
      const [below, above] = [round(low + (high - low) * 0.49), round(low + (high - low) * 0.51)];
      if (middle !== (bits % 2 === 0 ? low : high) || below !== low || above !== high) wrong.push(bits);
    }
    expect(wrong).toEqual([]);
  });

  it('overflows half a step above its greatest', () => {
    const greatest = fromBits(infinity - 1);
    const step = greatest - fromBits(infinity - 2);
    expect(round(greatest + step * 0.49)).toBe(greatest);
    expect(round(greatest + step * 0.5)).toBe(Number.POSITIVE_INFINITY);
    expect(round(Number.NaN)).toBeNaN();
  });
});
