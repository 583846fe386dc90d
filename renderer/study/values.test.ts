import { describe, expect, it } from 'vitest';
import type { ParameterSpec } from '#core/catalog/parameter.ts';
import { entryAs, expandValues, firstEntry, formsOf } from './values.ts';

const common = { id: 'p', title: 'Rows', help: '' };
const rows: ParameterSpec = { ...common, kind: 'integer', unit: '', minimum: 1, maximum: 4096, default: 32 };
const bytes: ParameterSpec = { ...rows, unit: 'B', maximum: 2 ** 40, default: 2 ** 19 };
const gigabytes: ParameterSpec = { ...rows, kind: 'number', unit: 'GB/s', minimum: 0.001, default: 16 };
const flow: ParameterSpec = {
  ...common,
  kind: 'choice',
  default: 'ws',
  choices: [
    { value: 'ws', title: 'Weights stay' },
    { value: 'os', title: 'Outputs stay' },
  ],
};
const kernel: ParameterSpec = { ...common, kind: 'integers', unit: '', minimum: 1, maximum: 9, default: [3, 3] };
const values = (spec: ParameterSpec, entry: Parameters<typeof expandValues>[1]) => {
  const expanded = expandValues(spec, entry);
  return expanded.ok ? expanded.value : expanded.error;
};

describe('values of an axis', () => {
  it('double from the first as far as the last', () => {
    expect(values(rows, { form: 'doubling', from: '8', to: '128' })).toEqual([8, 16, 32, 64, 128]);
    expect(values(rows, { form: 'doubling', from: '3', to: '20' })).toEqual([3, 6, 12]);
    expect(values(bytes, { form: 'doubling', from: '64 KiB', to: '256 Ki' })).toEqual([65536, 131072, 262144]);
    expect(values(rows, { form: 'doubling', from: '0', to: '8' })).toBe('Doubling begins above zero');
    expect(values(rows, { form: 'doubling', from: '64', to: '8' })).toBe('The last value is less than the first');
  });

  it('step through a range without adding up errors', () => {
    expect(values(gigabytes, { form: 'range', from: '0.1', to: '0.5', step: '0.1' })).toEqual([
      0.1, 0.2, 0.3, 0.4, 0.5,
    ]);
    expect(values(rows, { form: 'range', from: '8', to: '20', step: '5' })).toEqual([8, 13, 18]);
    expect(values(rows, { form: 'range', from: '8', to: '20', step: '0' })).toMatch(/step/);
    expect(values(rows, { form: 'range', from: '1', to: '4000', step: '1' })).toBe('At most 256 values, not 4000');
    expect(values(rows, { form: 'range', from: '1', to: '2', step: '0.5' })).toMatch(/whole number/);
  });

  it('are listed once each, and checked as the parameter declares', () => {
    expect(values(rows, { form: 'list', text: '8, 16,16, 32,' })).toEqual([8, 16, 32]);
    expect(values(kernel, { form: 'list', text: '3, 3; 5, 5' })).toEqual([
      [3, 3],
      [5, 5],
    ]);
    expect(values(rows, { form: 'list', text: '8, many' })).toBe('Rows must be a number');
    expect(values(rows, { form: 'list', text: '8, 9999' })).toMatch(/at most 4096/);
    expect(values(rows, { form: 'list', text: ' ' })).toBe('Give at least one value');
  });

  it('begin around what is drawn, inside what the parameter takes', () => {
    expect(values(rows, firstEntry(rows, 32))).toEqual([8, 16, 32, 64, 128]);
    expect(values(rows, firstEntry(rows, 2))).toEqual([1, 2, 4, 8]);
    expect(values(rows, firstEntry(rows, 4096))).toEqual([1024, 2048, 4096]);
    expect(firstEntry(bytes, 2 ** 19)).toEqual({ form: 'doubling', from: '128 Ki', to: '2 Mi' });
    expect(values(flow, firstEntry(flow, 'ws'))).toEqual(['ws', 'os']);
  });

  it('stay as they are in another form, where that form can say them', () => {
    for (const form of formsOf(rows))
      expect(values(rows, entryAs(form, rows, [8, 16, 32]))).toEqual(form === 'range' ? [8, 20, 32] : [8, 16, 32]);
    expect(
      values(
        kernel,
        entryAs('list', kernel, [
          [3, 3],
          [5, 5],
        ]),
      ),
    ).toEqual([
      [3, 3],
      [5, 5],
    ]);
  });
});
