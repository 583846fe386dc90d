/** Parameter values as typed text: `512 Ki`, `3, 3`, `1e9`; the inverse is exact. */
import { err, ok, type Result } from '#core/base/result.ts';
import type { ParameterValue } from '#core/base/value.ts';
import { type ParameterSpec, parameterFault } from '#core/catalog/parameter.ts';

export function writeParameter(value: ParameterValue): string {
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/** What a prefix multiplies by: a power of ten, or a power of two. */
const PREFIXES: Readonly<Record<string, { readonly ten?: number; readonly two?: number }>> = {
  k: { ten: 3 },
  K: { ten: 3 },
  M: { ten: 6 },
  G: { ten: 9 },
  T: { ten: 12 },
  Ki: { two: 10 },
  Mi: { two: 20 },
  Gi: { two: 30 },
  Ti: { two: 40 },
};

/** A number with an optional prefix and unit: `512 KiB`, `1.5G`, `64`. NaN when it is none. */
export function readNumber(text: string, unit = ''): number {
  let rest = text.trim().replaceAll(/[,_\s](?=\d{3}(\D|$))/g, '');
  if (unit !== '' && rest.endsWith(unit)) rest = rest.slice(0, -unit.length).trim();
  const [, digits, exponent = '0', letters = ''] =
    /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+))?\s*([kKMGT]i?)?$/.exec(rest) ?? [];
  const prefix = letters === '' ? {} : PREFIXES[letters];
  if (digits === undefined || !prefix) return Number.NaN;
  // The decimal point is moved in the text: 1.005 × 1,000 would be a little less than 1,005.
  return Number(`${digits}e${Number(exponent) + (prefix.ten ?? 0)}`) * 2 ** (prefix.two ?? 0);
}

/** The typed value if it fits the declaration, else one sentence. */
export function readParameter(spec: ParameterSpec, text: string): Result<ParameterValue, string> {
  const value = parse(spec, text);
  const fault = parameterFault(spec, value);
  return fault === null ? ok(value) : err(fault);
}

function parse(spec: ParameterSpec, text: string): ParameterValue {
  switch (spec.kind) {
    case 'integer':
    case 'number':
      return readNumber(text, spec.unit);
    case 'integers':
      return text
        .replaceAll(/[[\]()]/g, '')
        .split(/[\s,×x;]+/)
        .filter(Boolean)
        .map((part) => Number(part));
    case 'boolean':
      return /^(true|yes|1|on)$/i.test(text.trim());
    case 'choice':
    case 'text':
      return text;
  }
}
