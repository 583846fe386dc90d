/**
 * A parameter is declared once; the inspector's form, validation, CLI flags, sweep axes and the glossary
 * come from the declaration. Lengths of `integers` are free unless `length` is given.
 */
import type { Unit } from '#core/base/quantity.ts';
import type { ParameterValue, ParameterValues } from '#core/base/value.ts';

interface Common {
  readonly id: string;
  readonly title: string;
  readonly help: string;
  /** Paper, standard or data sheet the default or the meaning comes from. */
  readonly source?: string;
  /** Shown under 'More' in the inspector. */
  readonly advanced?: boolean;
}

export type ParameterSpec =
  | (Common & {
      readonly kind: 'integer' | 'number';
      readonly unit: Unit;
      readonly minimum: number;
      readonly maximum: number;
      readonly default: number;
    })
  | (Common & { readonly kind: 'boolean'; readonly default: boolean })
  | (Common & {
      readonly kind: 'choice';
      readonly choices: readonly { readonly value: string; readonly title: string }[];
      readonly default: string;
    })
  | (Common & { readonly kind: 'text'; readonly default: string; readonly maximumLength?: number })
  | (Common & {
      readonly kind: 'integers';
      readonly unit: Unit;
      readonly minimum: number;
      readonly maximum: number;
      readonly default: readonly number[];
      readonly length?: number;
    });

export function defaultParameters(specs: readonly ParameterSpec[]): ParameterValues {
  return Object.fromEntries(specs.map((spec) => [spec.id, spec.default]));
}

/** Null when the value fits the declaration, else one sentence saying why not. */
export function parameterFault(spec: ParameterSpec, value: ParameterValue | undefined): string | null {
  if (value === undefined) return `${spec.title} is missing`;
  switch (spec.kind) {
    case 'boolean':
      return typeof value === 'boolean' ? null : `${spec.title} must be true or false`;
    case 'text':
      if (typeof value !== 'string') return `${spec.title} must be text`;
      return value.length <= (spec.maximumLength ?? 4096)
        ? null
        : `${spec.title} is longer than ${spec.maximumLength ?? 4096} characters`;
    case 'choice':
      return spec.choices.some((choice) => choice.value === value)
        ? null
        : `${spec.title} must be one of ${spec.choices.map((choice) => choice.value).join(', ')}`;
    case 'integer':
    case 'number':
      return numberFault(spec, value);
    case 'integers': {
      if (!Array.isArray(value)) return `${spec.title} must be a list of whole numbers`;
      if (spec.length !== undefined && value.length !== spec.length)
        return `${spec.title} must have ${spec.length} entries, not ${value.length}`;
      for (const entry of value) {
        const fault = numberFault({ ...spec, kind: 'integer' }, entry);
        if (fault) return fault;
      }
      return null;
    }
  }
}

function numberFault(
  spec: {
    readonly kind: string;
    readonly title: string;
    readonly unit: Unit;
    readonly minimum: number;
    readonly maximum: number;
  },
  value: unknown,
): string | null {
  if (typeof value !== 'number' || !Number.isFinite(value)) return `${spec.title} must be a number`;
  if (spec.kind === 'integer' && !Number.isSafeInteger(value)) return `${spec.title} must be a whole number`;
  const unit = spec.unit === '' || spec.unit === '1' ? '' : ` ${spec.unit}`;
  if (value < spec.minimum) return `${spec.title} must be at least ${spec.minimum}${unit}, not ${value}`;
  if (value > spec.maximum) return `${spec.title} must be at most ${spec.maximum}${unit}, not ${value}`;
  return null;
}

/** Typed readers: a document that passed validation cannot make these throw; a missing value reads as the default given. */
export function integerOf(values: ParameterValues, id: string, fallback = 0): number {
  const value = values[id];
  return typeof value === 'number' ? value : fallback;
}
export function textOf(values: ParameterValues, id: string, fallback = ''): string {
  const value = values[id];
  return typeof value === 'string' ? value : fallback;
}
export function booleanOf(values: ParameterValues, id: string, fallback = false): boolean {
  const value = values[id];
  return typeof value === 'boolean' ? value : fallback;
}
export function integersOf(values: ParameterValues, id: string, fallback: readonly number[] = []): readonly number[] {
  const value = values[id];
  return Array.isArray(value) ? value : fallback;
}
