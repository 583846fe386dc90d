/** Axes and metrics of a study as columns of one table: what plots, parallel coordinates and the table have in common. */
import { formatExact, formatQuantity, type Unit, unitOf } from '#core/base/quantity.ts';
import type { ParameterValue } from '#core/base/value.ts';
import type { StudyMetric, StudyPoint, StudyView } from '#core/study/study.ts';
import type { PointsView } from './points.ts';
import { valueText } from './units.ts';

interface Common {
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
}

export type StudyColumn =
  /** Values are levels: whole numbers from 0, each with its words and what they stand for. */
  | (Common & {
      readonly kind: 'axis';
      readonly axis: number;
      readonly levels: readonly string[];
      readonly values: readonly ParameterValue[];
    })
  | (Common & { readonly kind: 'metric'; readonly better: StudyMetric['better']; readonly isObjective: boolean });

export type MetricColumn = Extract<StudyColumn, { kind: 'metric' }>;

/** Axes in their order, then objectives, then the other metrics. */
export function columnsOf({ spec, metrics }: Pick<StudyView, 'spec' | 'metrics'>): readonly StudyColumn[] {
  const ordered = [
    ...spec.objectives.flatMap((id) => metrics.find((metric) => metric.id === id) ?? []),
    ...metrics.filter(({ id }) => !spec.objectives.includes(id)),
  ];
  return [
    ...spec.axes.map(
      (axis, at): StudyColumn => ({
        kind: 'axis',
        id: `axis ${at}`,
        axis: at,
        title: axis.title || axis.parameter,
        unit: unitOf(axis.unit),
        levels: axis.values.map((value) => valueText(value, axis.unit)),
        values: axis.values,
      }),
    ),
    ...ordered.map(
      ({ id, title, unit, better }): StudyColumn => ({
        kind: 'metric',
        id,
        title,
        unit: unitOf(unit),
        better,
        isObjective: spec.objectives.includes(id),
      }),
    ),
  ];
}

/** NaN where the point has none. */
export function numberAt(column: StudyColumn, point: StudyPoint): number {
  return column.kind === 'axis' ? (point.choice[column.axis] ?? Number.NaN) : (point.metrics[column.id] ?? Number.NaN);
}

export function textAt(column: StudyColumn, point: StudyPoint): string {
  const value = numberAt(column, point);
  if (column.kind === 'axis') return column.levels[value] ?? '–';
  return Number.isNaN(value) ? '–' : formatQuantity(value, column.unit);
}

/** Every digit; empty where the point has none. */
export function exactAt(column: StudyColumn, point: StudyPoint): string {
  const value = numberAt(column, point);
  if (column.kind === 'axis') {
    const level = column.values[value];
    return typeof level === 'number' ? formatExact(level, column.unit) : (column.levels[value] ?? '');
  }
  return Number.isNaN(value) ? '' : formatExact(value, column.unit);
}

/** One number a point. */
export function numbersOf(column: StudyColumn, { points, count }: PointsView): Float64Array {
  const numbers = new Float64Array(count);
  for (let at = 0; at < count; at++) numbers[at] = numberAt(column, points[at]!);
  return numbers;
}
