/** Checks of figures taken apart: the formula worked out from its terms, and every figure that terms lead to. */

import { expect } from 'vitest';
import { formatQuantity } from '#core/base/quantity.ts';
import type { ExplainedFigure } from '#core/explain/number/explained.ts';

/** What a formula comes to with its terms; null where it is not arithmetic of them. */
export function evaluated({ formula, terms }: ExplainedFigure): number | null {
  const symbols = terms.toSorted((a, b) => b.symbol.length - a.symbol.length);
  let text = formula;
  const values: number[] = [];
  for (const { symbol, value } of symbols) {
    if (typeof value !== 'number') continue;
    const wanted = new RegExp(
      `(?<![\\p{L}\\p{N}])${symbol.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\p{N}])`,
      'giu',
    );
    text = text.replace(wanted, () => `#${values.push(value) - 1};`);
  }
  const tokens = text.match(/#\d+;|\d+|max|[+−×÷(),⌈⌉⌊⌋]|[^\s]+/g) ?? [];
  let at = 0;
  const NOTHING = Number.NaN;
  const close = (token: string, value: number) => (tokens[at++] === token ? value : NOTHING);
  const factor = (): number => {
    const token = tokens[at++] ?? '';
    if (token.startsWith('#')) return values[Number(token.slice(1, -1))]!;
    if (token === '(') return close(')', sum());
    if (token === '⌈') return close('⌉', Math.ceil(sum()));
    if (token === '⌊') return close('⌋', Math.floor(sum()));
    if (token === 'max' && tokens[at++] === '(') {
      const first = sum();
      return tokens[at++] === ',' ? close(')', Math.max(first, sum())) : NOTHING;
    }
    return /^\d+$/.test(token) ? Number(token) : NOTHING;
  };
  const product = (): number => {
    let value = factor();
    while (tokens[at] === '×' || tokens[at] === '÷') value = tokens[at++] === '×' ? value * factor() : value / factor();
    return value;
  };
  const sum = (): number => {
    let value = product();
    while (tokens[at] === '+' || tokens[at] === '−')
      value = tokens[at++] === '+' ? value + product() : value - product();
    return value;
  };
  const value = sum();
  return at === tokens.length && !Number.isNaN(value) ? value : null;
}

export const isClose = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1e-12, Math.abs(a), Math.abs(b));

/** Every formula holds, every figure a term leads to has the term's value, as far as terms lead. */
export function expectSound(figure: ExplainedFigure, seen = new Set<string>()): { formulas: number; followed: number } {
  const found = { formulas: 0, followed: 0 };
  if (seen.has(figure.title)) return found;
  seen.add(figure.title);
  expect(figure.formula, figure.title).not.toBe('');
  expect(figure.source, figure.title).not.toBe('');
  expect(Number.isFinite(figure.value), figure.title).toBe(true);
  const value = evaluated(figure);
  if (value !== null) {
    found.formulas++;
    expect(isClose(value, figure.value), `${figure.title}: ${figure.formula} is ${value}, not ${figure.value}`).toBe(
      true,
    );
  }
  const parts = figure.terms.slice(0, figure.substituted?.split(' + ').length ?? 0);
  const said = parts.map(({ value, unit }) => (typeof value === 'number' ? formatQuantity(value, unit) : value));
  // A sum is told part by part.
  if (parts.length > 0 && figure.formula.startsWith('Σ') && figure.substituted === said.join(' + ')) {
    const sum = parts.reduce((total, part) => total + Number(part.value), 0);
    found.formulas++;
    expect(isClose(sum, figure.value), `${figure.title}: parts are ${sum}, not ${figure.value}`).toBe(true);
  }
  for (const { symbol, value: worth, where } of figure.terms) {
    if (where?.kind !== 'figure') continue;
    const next = where.explain();
    found.followed++;
    expect(isClose(next.value, Number(worth)), `${symbol} of ${figure.title}: ${next.value}, not ${worth}`).toBe(true);
    const inner = expectSound(next, seen);
    found.formulas += inner.formulas;
    found.followed += inner.followed;
  }
  return found;
}
