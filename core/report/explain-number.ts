/**
 * A figure taken apart: its formula in symbols and with values, each term with its value and where it comes from, so that
 * following terms leads back to the drawings and the settings. Made from what a result keeps; nothing is computed anew.
 */
import type { Badge, Metric, Provenance, TechniqueRef } from '#core/base/metric.ts';
import { formatQuantity, type Unit } from '#core/base/quantity.ts';
import { componentType } from '#core/catalog/components.ts';
import type { OperatorColumn, OperatorResult, RunResult } from '#core/run/result.ts';

/** Where a term can be looked at. */
export type TermPlace =
  | { readonly kind: 'node'; readonly document: string; readonly node: string; readonly name: string }
  /** A total of the run. */
  | { readonly kind: 'metric'; readonly id: string }
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

/** Any figure with a provenance; terms are not followed. */
export function explainPlain({ title, value, unit, badge, provenance }: Metric): ExplainedFigure {
  const terms = provenance.inputs.map((input): Term => ({ ...symbolOf(input), where: null }));
  return { title, value, unit, badge, ...partsOf(provenance, terms) };
}

/** A total of a run, its terms followed. */
export function explainTotal(metric: Metric, result: RunResult): ExplainedFigure {
  const terms = metric.provenance.inputs.map(
    (input): Term => ({ ...symbolOf(input), where: placeOf(input, metric, result) }),
  );
  const { title, value, unit, badge, provenance } = metric;
  return { title, value, unit, badge, ...partsOf(provenance, terms) };
}

/** A figure of an operator: other figures of it that the formula names, and the unit it runs on. */
export function explainOperator(operator: OperatorResult, column: OperatorColumn, result: RunResult): ExplainedFigure {
  const { model, architecture } = result.inputs;
  const [node] = operator.nodes;
  const drawn = architecture.nodes.find(({ id }) => id === operator.unit);
  const others = result.columns.filter(({ id, title }) => id !== column.id && namesIn(column.formula, title));
  const terms: Term[] = [
    ...others.map(({ id, title, unit }): Term => ({ symbol: title, value: operator[id], unit, where: null })),
    ...(node === undefined
      ? []
      : [term('operator', operator.type, { kind: 'node', document: model.id, node, name: operator.name })]),
    ...(drawn
      ? [term('unit', drawn.name, { kind: 'node', document: architecture.id, node: drawn.id, name: drawn.name })]
      : []),
    ...(operator.mapping === '' ? [] : [term('mapping', operator.mapping, null)]),
  ];
  return {
    title: `${column.title} of ${operator.name}`,
    value: operator[column.id],
    unit: column.unit,
    badge: column.badge,
    ...partsOf({ formula: column.formula, source: column.source, technique: null }, terms),
  };
}

const term = (symbol: string, value: string, where: TermPlace | null): Term => ({ symbol, value, unit: '', where });

function symbolOf({ name, value, unit }: Provenance['inputs'][number]): Omit<Term, 'where'> {
  return { symbol: name, value, unit };
}

function partsOf(
  { formula, source, technique }: { formula: string; source: string; technique: TechniqueRef | null },
  terms: readonly Term[],
) {
  return { formula, substituted: substituted(formula, terms), terms, source, technique };
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const wordOf = (symbol: string) => new RegExp(`(?<![\\p{L}\\p{N}])${escaped(symbol)}(?![\\p{L}\\p{N}])`, 'giu');
const namesIn = (formula: string, symbol: string) => wordOf(symbol).test(formula);

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

/** Parts of the drawing that a total's inputs speak of. */
const DRAWN: Readonly<Record<string, string>> = {
  bandwidth: 'dram-channel',
  scratchpad: 'scratchpad',
  capacity: 'scratchpad',
  peak: 'systolic-array',
  clock: 'systolic-array',
};

/** Another total of the same name and value, else the part of the drawing, else the setting. */
function placeOf(
  { name, value, unit }: Provenance['inputs'][number],
  of: Metric,
  { totals, inputs }: RunResult,
): TermPlace | null {
  const wanted = name.toLowerCase();
  const total = totals.find(
    (one) =>
      one.id !== of.id &&
      one.value === value &&
      one.unit === unit &&
      (one.title.toLowerCase().includes(wanted) || wanted.includes(one.title.toLowerCase()) || one.id.endsWith(wanted)),
  );
  if (total) return { kind: 'metric', id: total.id };
  const type = DRAWN[wanted];
  if (type === 'scratchpad' && inputs.settings.scratchpadBytes !== null)
    return { kind: 'setting', id: 'scratchpadBytes' };
  const node =
    inputs.architecture.nodes.find((one) => one.type === type) ??
    (type === 'systolic-array'
      ? inputs.architecture.nodes.find((one) => componentType(one.type)?.category === 'compute')
      : undefined);
  return type && node ? { kind: 'node', document: inputs.architecture.id, node: node.id, name: node.name } : null;
}
