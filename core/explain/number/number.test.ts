import { describe, expect, it } from 'vitest';
import { fixtureRun } from '../../../tests/support/run-fixture.ts';
import { substituted, type Term } from './explained.ts';
import { explainOperator, explainTotal } from './run.ts';

const term = (symbol: string, value: number): Term => ({ symbol, value, unit: '', where: null });

describe('a formula with its values', () => {
  it('has each symbol replaced where it stands as a word, the longest first', () => {
    expect(
      substituted('MACs on arrays ÷ (peak × cycles)', [term('cycles', 7), term('MACs on arrays', 42), term('peak', 3)]),
    ).toBe('42 ÷ (3 × 7)');
    expect(substituted('compulsory + noncompulsory', [term('compulsory', 2)])).toBe('2 + noncompulsory');
    expect(substituted('a + b', [term('c', 1)])).toBeNull();
    expect(substituted('E(MAC) × n', [term('E(MAC)', 5)])).toBe('5 × n');
  });
});

describe('a figure explained', () => {
  const run = fixtureRun();
  it('leads from a total to the total it is made of, and to the drawing', () => {
    const seconds = run.totals.find(({ id }) => id === 'time.seconds')!;
    const { terms, substituted: said } = explainTotal(seconds, run);
    expect(terms.map(({ symbol, where }) => [symbol, where?.kind])).toEqual([
      ['cycles', 'figure'],
      ['clock', 'node'],
    ]);
    expect(terms[1]?.where).toMatchObject({ node: 'array', document: 'architecture' });
    expect(said).toBe('102 kcycles ÷ 500 MHz');
  });

  it('leads from an operator’s figure to the operator and its unit', () => {
    const column = run.columns.find(({ id }) => id === 'busyCycles')!;
    const { title, terms } = explainOperator(run.operators[0]!, column, run);
    expect(title).toBe('Busy of conv1');
    expect(terms.flatMap(({ where }) => (where?.kind === 'node' ? [where.node] : []))).toEqual(['n1', 'array']);
  });
});
