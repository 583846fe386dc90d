/** The values of an axis as they are asked for: a list, a range with a step, doublings, or some of the choices there are. */
import { err, ok, type Result } from '#core/base/result.ts';
import type { ParameterValue } from '#core/base/value.ts';
import { type ParameterSpec, parameterFault } from '#core/catalog/parameter.ts';
import { readNumber, readParameter, writeParameter } from '../editor/parameter-text.ts';

/** Values of one axis. */
export const MOST_VALUES = 256;

export type ValueEntry =
  /** Separated by commas; lists of numbers by semicolons. */
  | { readonly form: 'list'; readonly text: string }
  | { readonly form: 'range'; readonly from: string; readonly to: string; readonly step: string }
  /** From, twice that, and so on up to `to`. */
  | { readonly form: 'doubling'; readonly from: string; readonly to: string }
  | { readonly form: 'some'; readonly values: readonly ParameterValue[] };

type NumberSpec = Extract<ParameterSpec, { readonly kind: 'integer' | 'number' }>;

export const isNumeric = (spec: ParameterSpec): spec is NumberSpec => spec.kind === 'integer' || spec.kind === 'number';

/** Forms that make sense for the parameter, the first of them preferred. */
export function formsOf(spec: ParameterSpec): readonly ValueEntry['form'][] {
  if (isNumeric(spec)) return ['doubling', 'range', 'list'];
  return spec.kind === 'integers' || spec.kind === 'text' ? ['list'] : ['some'];
}

/** Those a closed parameter can have: choices, yes and no; empty for open ones. */
export function closedValues(
  spec: ParameterSpec,
): readonly { readonly value: ParameterValue; readonly title: string }[] {
  if (spec.kind === 'choice') return spec.choices;
  if (spec.kind !== 'boolean') return [];
  return [
    { value: false, title: 'no' },
    { value: true, title: 'yes' },
  ];
}

/** A quarter to four times what is drawn, as far as the parameter goes; every choice of a closed one. */
export function firstEntry(spec: ParameterSpec, current: ParameterValue): ValueEntry {
  if (!isNumeric(spec)) {
    const closed = closedValues(spec);
    if (closed.length > 0) return { form: 'some', values: closed.map(({ value }) => value) };
    return { form: 'list', text: writeParameter(current) };
  }
  const middle = typeof current === 'number' && current > 0 ? current : Math.max(spec.default, 1);
  const whole = spec.kind === 'integer';
  let from = middle;
  for (let halving = 0; halving < 2; halving++) {
    const half = from / 2;
    if (half < spec.minimum || half <= 0 || (whole && !Number.isInteger(half))) break;
    from = half;
  }
  let to = middle;
  for (let doubling = 0; doubling < 2 && to * 2 <= spec.maximum; doubling++) to *= 2;
  return { form: 'doubling', from: numberText(spec, from), to: numberText(spec, to) };
}

/** The entry in another form, with the values it has as far as that form can say them. */
export function entryAs(form: ValueEntry['form'], spec: ParameterSpec, values: readonly ParameterValue[]): ValueEntry {
  const numbers = values.flatMap((value) => (typeof value === 'number' ? [value] : []));
  const [least, most] = numbers.length > 0 ? [Math.min(...numbers), Math.max(...numbers)] : [1, 1];
  const text = (value: number) => (isNumeric(spec) ? numberText(spec, value) : String(value));
  switch (form) {
    case 'some':
      return { form, values };
    case 'doubling':
      return { form, from: text(least), to: text(most) };
    case 'range': {
      const step = (most - least) / Math.max(1, numbers.length - 1);
      const even = spec.kind === 'integer' ? Math.max(1, Math.round(step)) : step || 1;
      return { form, from: text(least), to: text(most), step: text(even) };
    }
    case 'list': {
      const separator = spec.kind === 'integers' ? '; ' : ', ';
      return {
        form,
        text: values.map((value) => (typeof value === 'number' ? text(value) : writeParameter(value))).join(separator),
      };
    }
  }
}

/** Bytes as `64 Ki` where that is exact; everything else in full. */
function numberText({ unit }: NumberSpec, value: number): string {
  if (unit === 'B')
    for (const [factor, prefix] of [
      [2 ** 40, 'Ti'],
      [2 ** 30, 'Gi'],
      [2 ** 20, 'Mi'],
      [2 ** 10, 'Ki'],
    ] as const)
      if (value >= factor && Number.isInteger(value / factor)) return `${value / factor} ${prefix}`;
  return String(value);
}

/** Distinct values in the order they are shown; else one sentence. */
export function expandValues(spec: ParameterSpec, entry: ValueEntry): Result<readonly ParameterValue[], string> {
  const all = valuesOf(spec, entry);
  if (!all.ok) return all;
  const distinct = new Map(all.value.map((value) => [JSON.stringify(value), value]));
  const values = [...distinct.values()];
  if (values.length === 0) return err('Give at least one value');
  if (values.length > MOST_VALUES) return err(`At most ${MOST_VALUES} values, not ${values.length}`);
  for (const value of values) {
    const fault = parameterFault(spec, value);
    if (fault !== null) return err(fault);
  }
  return ok(values);
}

function valuesOf(spec: ParameterSpec, entry: ValueEntry): Result<readonly ParameterValue[], string> {
  switch (entry.form) {
    case 'some':
      return ok(entry.values);
    case 'list':
      return listed(spec, entry.text);
    case 'range':
      return between(spec, entry);
    case 'doubling':
      return doubled(spec, entry);
  }
}

function listed(spec: ParameterSpec, text: string): Result<readonly ParameterValue[], string> {
  const values: ParameterValue[] = [];
  for (const part of text.split(spec.kind === 'integers' ? ';' : ',')) {
    if (part.trim() === '') continue;
    const read = readParameter(spec, part.trim());
    if (!read.ok) return read;
    values.push(read.value);
  }
  return ok(values);
}

interface Ends {
  readonly from: number;
  readonly to: number;
}

function endsOf(spec: ParameterSpec, entry: { readonly from: string; readonly to: string }): Result<Ends, string> {
  const unit = isNumeric(spec) ? spec.unit : '';
  const [from, to] = [readNumber(entry.from, unit), readNumber(entry.to, unit)];
  if (Number.isNaN(from)) return err('The first value is not a number');
  if (Number.isNaN(to)) return err('The last value is not a number');
  return from > to ? err('The last value is less than the first') : ok({ from, to });
}

function between(
  spec: ParameterSpec,
  entry: Extract<ValueEntry, { form: 'range' }>,
): Result<readonly number[], string> {
  const ends = endsOf(spec, entry);
  if (!ends.ok) return ends;
  const step = readNumber(entry.step, isNumeric(spec) ? spec.unit : '');
  if (!(step > 0)) return err('The step must be a number above zero');
  const { from, to } = ends.value;
  // Counted rather than summed, so that 0.1 steps end where they should.
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  if (count > MOST_VALUES) return err(`At most ${MOST_VALUES} values, not ${count}`);
  return ok(Array.from({ length: count }, (_, index) => Number((from + index * step).toPrecision(12))));
}

function doubled(
  spec: ParameterSpec,
  entry: Extract<ValueEntry, { form: 'doubling' }>,
): Result<readonly number[], string> {
  const ends = endsOf(spec, entry);
  if (!ends.ok) return ends;
  const { from, to } = ends.value;
  if (!(from > 0)) return err('Doubling begins above zero');
  const values: number[] = [];
  for (let value = from; value <= to && values.length <= MOST_VALUES; value *= 2) values.push(value);
  return ok(values);
}
