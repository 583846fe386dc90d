/** Rows of a study's table: sorted, those a brush keeps. Pure. */
import { numberAt, type StudyColumn } from './columns.ts';
import type { PointsView } from './points.ts';

/** `front`: those on the front first, then by the first objective; `index`: as they came. */
export interface Sorting {
  readonly key: string;
  readonly descending: boolean;
}

export const FRONT_FIRST: Sorting = { key: 'front', descending: false };

/** Indices of points; what has no figure comes last, whichever way. */
export function sortedPoints(
  { points, count, front }: PointsView,
  columns: readonly StudyColumn[],
  kept: Uint8Array | null,
  { key, descending }: Sorting,
): readonly number[] {
  const shown: number[] = [];
  for (let at = 0; at < count; at++) if (kept?.[at] !== 0) shown.push(at);
  const column =
    columns.find(({ id }) => id === key) ?? columns.find((one) => one.kind === 'metric' && one.isObjective);
  const isFront = key === 'front';
  if (key === 'index' || !column) return descending ? shown.reverse() : shown;
  const numbers = new Map(shown.map((at) => [at, numberAt(column, points[at]!)]));
  // The better end first where the front leads.
  const isDown = isFront ? column.kind === 'metric' && column.better === 'more' : descending;
  return shown.sort((a, b) => {
    if (isFront && front.has(a) !== front.has(b)) return front.has(a) === descending ? 1 : -1;
    const [x, y] = [numbers.get(a)!, numbers.get(b)!];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b;
    return (isDown ? y - x : x - y) || a - b;
  });
}

export function nextSorting(before: Sorting, key: string): Sorting {
  return before.key === key ? { key, descending: !before.descending } : { key, descending: false };
}
