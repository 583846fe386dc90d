/**
 * The table of operators as RFC 4180 text: one header row, one row an operator, numbers with every digit. Behind its
 * columns come the cycles of each array model and the energy by level; units stand in the header. Text that a spreadsheet would run as a formula is made inert.
 */
import type { RunResult } from '#core/run/result.ts';
import { csvCell } from './escape.ts';

const LINE = '\r\n';

export function toCsv(result: RunResult): string {
  const { arrayModels: models = [], energy } = result;
  const cycles = models.map(({ operators }) => new Map(operators.map((each) => [each.operator, each.estimate.cycles])));
  const header = [
    'index',
    'operator',
    'type',
    'unit',
    'mapping',
    'limit',
    ...result.columns.map((column) => `${column.id} [${column.unit === '1' ? 'ratio' : column.unit}]`),
    ...models.map(({ id }) => `${id} [cycles]`),
    ...(energy?.levels ?? []).map(({ id }) => `energy.${id} [J]`),
  ];
  const rows = result.operators.map((operator) => [
    operator.index,
    operator.name,
    operator.type,
    operator.unit ?? '',
    operator.mapping,
    operator.limit,
    ...result.columns.map((column) => operator[column.id]),
    ...cycles.map((of) => of.get(operator.index) ?? ''),
    ...(energy?.operators[operator.index] ?? []),
  ]);
  return csvTable([header, ...rows]);
}

/** Rows, the header first, as RFC 4180 text. */
export function csvTable(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => row.map(csvCell).join(',') + LINE).join('');
}
