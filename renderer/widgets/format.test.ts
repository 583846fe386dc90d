import { describe, expect, it } from 'vitest';
import { counted, formatShape, formatShare, formatValue } from './format.ts';

describe('format', () => {
  it('writes shapes as the field does', () => {
    expect(formatShape([1, 64, 56, 56])).toBe('1×64×56×56');
    expect(formatShape([])).toBe('scalar');
  });
  it('counts', () => {
    expect(counted(1, 'node')).toBe('1 node');
    expect(counted(10_000, 'node')).toBe('10,000 nodes');
  });
  it('writes shares too small for digits as a bound', () => {
    expect([0, 0.417, 2e-5, 4e-6].map(formatShare)).toEqual(['0 %', '41.7 %', '0.00200 %', '< 0.001 %']);
  });
  it('shows a value with its unit and a choice by its title', () => {
    const size = {
      id: 's',
      title: 'Size',
      help: '',
      kind: 'integer',
      unit: 'B',
      minimum: 0,
      maximum: 1e9,
      default: 1,
    } as const;
    expect(formatValue(size, 524_288)).toBe('512 KiB');
    const flow = {
      id: 'f',
      title: 'Flow',
      help: '',
      kind: 'choice',
      default: 'a',
      choices: [{ value: 'a', title: 'Auto' }],
    } as const;
    expect(formatValue(flow, 'a')).toBe('Auto');
  });
});
