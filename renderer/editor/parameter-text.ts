/** Parameter values as typed text: `512 Ki`, `3, 3`, `1e9`; the inverse is exact. */
import { err, ok, type Result } from '#core/base/result.ts';
import type { ParameterValue } from '#core/base/value.ts';
import { type ParameterSpec, parameterFault } from '#core/catalog/parameter.ts';

export function writeParameter(value: ParameterValue): string {
  return Array.isArray(value) ? value.join(', ') : String(value);
}

const PREFIXES: Readonly<Record<string, number>> = {
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A number with an optional prefix and unit: `512 KiB`, `1.5G`, `64`. NaN when it is none. */
export function readNumber(text: string, unit = ''): number {
  let rest = text.trim().replaceAll(/[,_\s](?=\d{3}(\D|$))/g, '');
  if (unit !== '' && rest.endsWith(unit)) rest = rest.slice(0, -unit.length).trim();
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([kMGT]i?)?$/i.exec(rest);
  if (!match?.[1]) return Number.NaN;
  const prefix = match[2] === undefined ? 1 : (PREFIXES[match[2]] ?? PREFIXES[match[2].replace('K', 'k')]);
  return prefix === undefined ? Number.NaN : Number(match[1]) * prefix;
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
