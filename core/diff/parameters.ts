/** Which parameters of a node differ, as the catalog names them. What is left out reads as its default. */
import { formatExact, formatQuantity, type Unit } from '#core/base/quantity.ts';
import { isSameValue, type ParameterValue, type ParameterValues } from '#core/base/value.ts';
import { NOTE_PARAMETERS } from '#core/catalog/note.ts';
import { operatorType } from '#core/catalog/operators.ts';
import type { ParameterSpec } from '#core/catalog/parameter.ts';
import { componentTypeIn } from '#core/document/components.ts';
import { type DocumentKind, type DocumentNode, GROUP_TYPE, NOTE_TYPE } from '#core/document/document.ts';

export interface ParameterChange {
  readonly id: string;
  readonly title: string;
  /** As shown, units included; null where there is none. */
  readonly from: string | null;
  readonly to: string | null;
  /** To the last digit where that says more. */
  readonly exact: { readonly from: string; readonly to: string } | null;
}

/** Shown and hidden, not said: view state of a group, the mark of a repeated block. */
const SILENT: ReadonlySet<string> = new Set(['collapsed', 'block', 'slots']);

export function specsOf(kind: DocumentKind, type: string): readonly ParameterSpec[] {
  if (type === NOTE_TYPE) return NOTE_PARAMETERS;
  return (kind === 'model' ? operatorType(type) : componentTypeIn(kind, type))?.parameters ?? [];
}

/** Of two nodes of one type, in the catalog's order; parameters the catalog does not know last, by name. */
export function parameterChanges(kind: DocumentKind, a: DocumentNode, b: DocumentNode): readonly ParameterChange[] {
  if (a.parameters === b.parameters) return [];
  const silent = a.type === GROUP_TYPE ? SILENT : NONE;
  return valueChanges(specsOf(kind, a.type), a.parameters, b.parameters).filter(({ id }) => !silent.has(id));
}

const NONE: ReadonlySet<string> = new Set();

/** Differences of values that `specs` declares, and of those it does not know. */
export function valueChanges(
  specs: readonly ParameterSpec[],
  a: ParameterValues,
  b: ParameterValues,
): readonly ParameterChange[] {
  const known = new Map(specs.map((spec) => [spec.id, spec]));
  const others = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((id) => !known.has(id)).sort();
  return [...known.keys(), ...others].flatMap((id) => {
    const spec = known.get(id);
    const from = a[id] ?? spec?.default;
    const to = b[id] ?? spec?.default;
    return isSameValue(from, to) ? [] : [changeOf(id, spec, from, to)];
  });
}

export function changeOf(
  id: string,
  spec: ParameterSpec | undefined,
  from: ParameterValue | undefined,
  to: ParameterValue | undefined,
): ParameterChange {
  const shown = (value: ParameterValue | undefined) => (value === undefined ? null : shownValue(spec, value));
  const exact = (value: ParameterValue | undefined) => (value === undefined ? '' : exactValue(spec, value));
  const isEqualShown = shown(from) === shown(to);
  return {
    id,
    title: spec?.title ?? id,
    // Rounded to the same figure, only the exact values tell them apart.
    from: isEqualShown && from !== undefined ? exact(from) : shown(from),
    to: isEqualShown && to !== undefined ? exact(to) : shown(to),
    exact: unitOf(spec) === '' ? null : { from: exact(from), to: exact(to) },
  };
}

/** Elements are counts: the parameter's title says of what. */
function unitOf(spec: ParameterSpec | undefined): Unit {
  return spec && 'unit' in spec && spec.unit !== 'element' ? spec.unit : '';
}

function shownValue(spec: ParameterSpec | undefined, value: ParameterValue): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') {
    const choice = spec?.kind === 'choice' ? spec.choices.find((each) => each.value === value) : undefined;
    return choice?.title ?? (value === '' ? '(empty)' : value);
  }
  const unit = unitOf(spec);
  if (typeof value === 'number') return unit === '' || unit === '1' ? String(value) : formatQuantity(value, unit);
  return value.length === 0 ? '(empty)' : `${value.join(', ')}${unit === '' || unit === '1' ? '' : ` ${unit}`}`;
}

function exactValue(spec: ParameterSpec | undefined, value: ParameterValue): string {
  return typeof value === 'number' ? formatExact(value, unitOf(spec)) : shownValue(spec, value);
}
