import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ParameterSpec } from '#core/catalog/parameter.ts';
import { readNumber, readParameter, writeParameter } from './parameter-text.ts';

const bytes: ParameterSpec = {
  id: 'c',
  title: 'Capacity',
  help: '',
  kind: 'integer',
  unit: 'B',
  minimum: 64,
  maximum: 2 ** 40,
  default: 64,
};
const window: ParameterSpec = {
  id: 'k',
  title: 'Window',
  help: '',
  kind: 'integers',
  unit: 'element',
  minimum: 1,
  maximum: 100,
  default: [3, 3],
};

describe('parameter text', () => {
  it('reads prefixes, units and thousands separators', () => {
    expect(readNumber('512 KiB', 'B')).toBe(524_288);
    expect(readNumber('1.5G')).toBe(1.5e9);
    expect(readNumber('1.005 k')).toBe(1005);
    expect(readNumber('1.5e3 K')).toBe(1.5e6);
    expect(readNumber('1.5e3 Ki')).toBe(1_536_000);
    expect(readNumber('2,408,448')).toBe(2_408_448);
    expect(readNumber('24 Mi')).toBe(25_165_824);
    expect(readNumber('1e-5')).toBe(1e-5);
    expect(readNumber('-3')).toBe(-3);
    expect(readNumber('three')).toBeNaN();
    expect(readNumber('')).toBeNaN();
  });
  it('reads lists however they are written', () => {
    for (const text of ['3, 3', '3 3', '3×3', '3x3', '[3, 3]', '(3;3)'])
      expect(readParameter(window, text)).toEqual({ ok: true, value: [3, 3] });
    expect(readParameter(window, '')).toEqual({ ok: true, value: [] });
  });
  it('says what is wrong in one sentence', () => {
    expect(readParameter(bytes, '12')).toEqual({ ok: false, error: 'Capacity must be at least 64 B, not 12' });
    expect(readParameter(bytes, 'much')).toEqual({ ok: false, error: 'Capacity must be a number' });
    expect(readParameter(bytes, '64.5')).toEqual({ ok: false, error: 'Capacity must be a whole number' });
    expect(readParameter(window, '3, a').ok).toBe(false);
  });
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(fc.integer({ min: 64, max: 2 ** 40 }), fc.array(fc.integer({ min: 1, max: 100 })), (number, list) => {
        expect(readParameter(bytes, writeParameter(number))).toEqual({ ok: true, value: number });
        expect(readParameter(window, writeParameter(list))).toEqual({ ok: true, value: list });
      }),
    );
  });
});
