import { expect, it } from 'vitest';
import { decodeColumn, encodeColumn } from './columns.ts';
import { createRng } from './rng.ts';

it('round-trips every column type at every length modulo three', () => {
  const rng = createRng(1);
  for (let length = 0; length < 40; length++) {
    for (const make of [
      () => Float64Array.from({ length }, () => (rng.next() - 0.5) * 1e9),
      () => Int32Array.from({ length }, () => rng.below(2 ** 31)),
      () => Uint16Array.from({ length }, () => rng.below(65_536)),
      () => Uint8Array.from({ length }, () => rng.below(256)),
    ]) {
      const column = make();
      expect(decodeColumn(encodeColumn(column))).toEqual(column);
    }
  }
});

it('is the base64 everyone else writes', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(encodeColumn(bytes).base64).toBe(Buffer.from(bytes).toString('base64'));
});

it('refuses a column whose text and length disagree', () => {
  expect(() => decodeColumn({ type: 'f64', length: 2, base64: 'AAAAAAAAAAA=' })).toThrow(RangeError);
});
