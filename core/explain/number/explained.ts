/**
 * A figure taken apart: its formula in symbols and with values, each term with its value and where it comes from, so that
 * following terms leads back to the drawings and the settings. Made when somebody asks, from what is there already.
 */
import type { Badge, Provenance, TechniqueRef } from '#core/base/metric.ts';
import { formatQuantity, type Unit } from '#core/base/quantity.ts';

/** Where a term can be looked at. */
export type TermPlace =
  | { readonly kind: 'node'; readonly document: string; readonly node: string }
  /** Another figure, made when it is followed. */
  | { readonly kind: 'figure'; readonly explain: () => ExplainedFigure }
  /** A setting of the run. */
  | { readonly kind: 'setting'; readonly id: string };

export interface Term {
  readonly symbol: string;
  readonly value: number | string;
  readonly unit: Unit;
  readonly where: TermPlace | null;
}

export interface ExplainedFigure {
  readonly title: string;
  readonly value: number;
  readonly unit: Unit;
  readonly badge: Badge;
  readonly formula: string;
  /** The formula with the terms' values in it; null where no term occurs in it. */
  readonly substituted: string | null;
  readonly terms: readonly Term[];
  readonly source: string;
  readonly technique: TechniqueRef | null;
}

export type How = Pick<Provenance, 'formula' | 'source'> & { readonly technique: TechniqueRef | null };

export function explained(
  figure: Pick<ExplainedFigure, 'title' | 'value' | 'unit' | 'badge'>,
  { formula, source, technique }: How,
  terms: readonly Term[],
): ExplainedFigure {
  const { title, value, unit, badge } = figure;
  return { title, value, unit, badge, formula, substituted: substituted(formula, terms), terms, source, technique };
}

/** A sum told part by part; `others` are terms that say more and are not added. */
export function explainedSum(
  figure: Pick<ExplainedFigure, 'title' | 'value' | 'unit' | 'badge'>,
  how: How,
  parts: readonly Term[],
  others: readonly Term[] = [],
): ExplainedFigure {
  const values = parts.map(({ value, unit }) => (typeof value === 'number' ? formatQuantity(value, unit) : value));
  return {
    ...explained(figure, how, [...parts, ...others]),
    substituted: values.length > 0 ? values.join(' + ') : null,
  };
}

/** @param explain of the term itself, where it is a figure that can be taken apart. */
export function amount(symbol: string, value: number, unit: Unit, explain?: () => ExplainedFigure): Term {
  return { symbol, value, unit, where: explain ? { kind: 'figure', explain } : null };
}

export function word(symbol: string, value: string, where: TermPlace | null = null): Term {
  return { symbol, value, unit: '', where };
}

/** A term that is a node of a drawing, by its name. */
export function drawn(symbol: string, document: string, node: { readonly id: string; readonly name: string }): Term {
  return word(symbol, node.name, { kind: 'node', document, node: node.id });
}

/** A figure under the name a formula gives it. */
export interface Named {
  readonly symbol: string;
  readonly figure: () => ExplainedFigure;
}

/** `part ÷ whole`. */
export function explainShare(title: string, part: Named, whole: Named): ExplainedFigure {
  return ofTwo(title, '1', part, whole, `${part.symbol} ÷ ${whole.symbol}`, (a, b) => (b === 0 ? 0 : a / b));
}

/** How far `got` lies from `base`, of the latter. */
export function explainDeviation(title: string, got: Named, base: Named): ExplainedFigure {
  const formula = `(${got.symbol} − ${base.symbol}) ÷ ${base.symbol}`;
  return ofTwo(title, '1', got, base, formula, (a, b) => (b === 0 ? 0 : (a - b) / b));
}

/** `b − a`, in their unit. */
export function explainDifference(title: string, a: Named, b: Named): ExplainedFigure {
  return ofTwo(title, a.figure().unit, b, a, `${b.symbol} − ${a.symbol}`, (to, from) => to - from);
}

/** From what can be trusted least. */
const CERTAINTY: readonly Badge[] = ['estimate', 'simulated', 'measured', 'counted', 'proven'];

/** What is made of two figures can be trusted as far as the less certain of them. */
function leastCertain(a: Badge, b: Badge): Badge {
  return CERTAINTY[Math.min(CERTAINTY.indexOf(a), CERTAINTY.indexOf(b))]!;
}

function ofTwo(
  title: string,
  unit: Unit,
  first: Named,
  second: Named,
  formula: string,
  of: (first: number, second: number) => number,
): ExplainedFigure {
  const [a, b] = [first.figure(), second.figure()];
  return explained(
    { title, value: of(a.value, b.value), unit, badge: leastCertain(a.badge, b.badge) },
    { formula, source: 'definition', technique: a.technique },
    [amount(first.symbol, a.value, a.unit, first.figure), amount(second.symbol, b.value, b.unit, second.figure)],
  );
}

/** Terms of a sum that are told one by one. */
const LISTED = 8;

/** The largest of them, each to be followed, and the rest as one. */
export function largest<T>(
  all: readonly T[],
  unit: Unit,
  { value, name, explain }: { value: (of: T) => number; name: (of: T) => string; explain?: (of: T) => ExplainedFigure },
): readonly Term[] {
  const sorted = all.filter((one) => value(one) !== 0).sort((a, b) => Math.abs(value(b)) - Math.abs(value(a)));
  const rest = sorted.slice(LISTED);
  return [
    ...sorted.slice(0, LISTED).map((one) => amount(name(one), value(one), unit, explain && (() => explain(one)))),
    ...(rest.length > 0
      ? [
          amount(
            `${rest.length} more`,
            rest.reduce((sum, one) => sum + value(one), 0),
            unit,
          ),
        ]
      : []),
  ];
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
/** What a sum runs over is a name there, not a value. */
const wordOf = (symbol: string) => new RegExp(`(?<![\\p{L}\\p{N}]|over )${escaped(symbol)}(?![\\p{L}\\p{N}])`, 'giu');
export const namesIn = (formula: string, symbol: string) => wordOf(symbol).test(formula);

/** Longer symbols first, each place once: a value put in is not looked through again. */
export function substituted(formula: string, terms: readonly Term[]): string | null {
  let pieces: (string | { readonly text: string })[] = [formula];
  let isChanged = false;
  for (const { symbol, value, unit } of terms.toSorted((a, b) => b.symbol.length - a.symbol.length)) {
    if (typeof value !== 'number') continue;
    const text = formatQuantity(value, unit);
    pieces = pieces.flatMap((piece) => {
      if (typeof piece !== 'string') return [piece];
      const parts = piece.split(wordOf(symbol));
      if (parts.length > 1) isChanged = true;
      return parts.flatMap((part, at) => (at === 0 ? [part] : [{ text }, part]));
    });
  }
  return isChanged ? pieces.map((piece) => (typeof piece === 'string' ? piece : piece.text)).join('') : null;
}
