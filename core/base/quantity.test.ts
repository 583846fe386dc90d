import { describe, expect, it } from 'vitest';
import { formatExact, formatQuantity } from './quantity.ts';

describe('formatQuantity', () => {
  it.each([
    [2_408_448, 'B', '2.30 MiB'],
    [1023, 'B', '1023 B'],
    [1024, 'B', '1 KiB'],
    [0.417, '1', '41.7 %'],
    [0.09999, '1', '10.0 %'],
    [4_089_184_256, 'MAC', '4.09 GMAC'],
    [12, 'cycles', '12 cycles'],
    [0.5, 'cycles', '0.500 cycles'],
    [1.5e-3, 'J', '1.50 mJ'],
    [700, 'MHz', '700 MHz'],
    [120, 'ns', '120 ns'],
    [14.4, 'GB/s', '14.4 GB/s'],
    [999_600, 'cycles', '1.00 Mcycles'],
    [0, 'J', '0 J'],
    [-2048, 'B', '-2 KiB'],
  ] as const)('%d %s is %s', (value, unit, text) => {
    expect(formatQuantity(value, unit)).toBe(text);
  });

  it('never shows a number for what is not one', () => {
    expect(formatQuantity(Number.NaN, 's')).toBe('n/a');
    expect(formatQuantity(Number.POSITIVE_INFINITY, 's')).toBe('∞');
  });
});

describe('formatExact', () => {
  it.each([
    [2_408_448, 'B', '2,408,448 B'],
    [1234.5678, 's', '1,234.5678 s'],
    [1e-12, 'J', '1e-12 J'],
  ] as const)('%d %s is %s', (value, unit, text) => {
    expect(formatExact(value, unit)).toBe(text);
  });
});
