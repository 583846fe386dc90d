/** Rows of the operator table: filtered by words, sorted by a column; ties keep the order of the file. */
import type { OperatorFigures, OperatorResult } from '#core/run/result.ts';

export type SortKey = 'index' | 'name' | 'type' | 'unit' | 'limit' | keyof OperatorFigures;

export interface Sorting {
  readonly key: SortKey;
  readonly descending: boolean;
}

/** Every word of the filter must occur in name, type, unit, mapping or limit; `unitName` is what is shown for a unit's id. */
export function operatorRows(
  operators: readonly OperatorResult[],
  filter: string,
  sorting: Sorting,
  unitName: (id: string) => string,
): readonly OperatorResult[] {
  const unitOf = ({ unit }: OperatorResult) => (unit === null ? '' : unitName(unit));
  const { key } = sorting;
  const sortValue = (one: OperatorResult) => (key === 'unit' ? unitOf(one) : one[key]);
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const kept =
    words.length === 0
      ? [...operators]
      : operators.filter((one) => {
          const text = `${one.name} ${one.type} ${unitOf(one)} ${one.mapping} ${one.limit}`.toLowerCase();
          return words.every((word) => text.includes(word));
        });
  const direction = sorting.descending ? -1 : 1;
  return kept.sort((a, b) => direction * compare(sortValue(a), sortValue(b)) || a.index - b.index);
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

/** A first click on a column of figures shows the largest first, on a column of words the first. */
export function nextSorting(current: Sorting, key: SortKey): Sorting {
  if (current.key === key) return { key, descending: !current.descending };
  const isText = key === 'index' || key === 'name' || key === 'type' || key === 'unit' || key === 'limit';
  return { key, descending: !isText };
}
