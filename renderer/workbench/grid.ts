/** Columns and rows of `FigureGrid`: what a cell says, what it is sorted by, how its figure is explained. */
import { formatExact, formatQuantity, type Unit } from '#core/base/quantity.ts';
import type { ExplainedFigure } from '#core/explain/number/explained.ts';
import { formatShare } from '../widgets/format.ts';

export interface GridRow {
  /** Of the operator the row is about; selected in every linked view. */
  readonly index: number;
}

export interface GridColumn<Row extends GridRow> {
  readonly key: string;
  readonly title: string;
  /** Of a column of figures; words have none. */
  readonly unit: Unit | null;
  /** What the column holds, on its head. */
  readonly help: string;
  readonly width: number;
  /** Null where there is no figure: sorted last either way. */
  readonly value: (row: Row) => number | string | null;
  readonly text: (row: Row) => string;
  /** On hover, and in the line that explains. */
  readonly exact: (row: Row) => string;
  /** Of the last line; absent where a total says nothing. */
  readonly total?: {
    readonly text: string;
    readonly exact: string;
    readonly explain?: () => ExplainedFigure;
  };
}

export interface Sorting {
  readonly key: string;
  readonly descending: boolean;
}

const NOTHING = '–';

export interface FigureOptions {
  readonly help: string;
  readonly width?: number;
  readonly total?: number;
  /** Takes the total apart. */
  readonly explainTotal?: () => ExplainedFigure;
}

export function figureColumn<Row extends GridRow>(
  key: string,
  title: string,
  unit: Unit,
  value: (row: Row) => number | null,
  { help, width = 128, total, explainTotal }: FigureOptions,
): GridColumn<Row> {
  const say = (row: Row, write: (figure: number, unit: Unit) => string) => {
    const figure = value(row);
    return figure === null ? NOTHING : write(figure, unit);
  };
  return {
    key,
    title,
    unit,
    help,
    width,
    value,
    text: (row) => say(row, unit === '1' ? formatShare : formatQuantity),
    exact: (row) => say(row, formatExact),
    ...(total !== undefined && {
      total: {
        text: formatQuantity(total, unit),
        exact: formatExact(total, unit),
        ...(explainTotal && { explain: explainTotal }),
      },
    }),
  };
}

export function wordColumn<Row extends GridRow>(
  key: string,
  title: string,
  width: number,
  text: (row: Row) => string,
  total?: string,
): GridColumn<Row> {
  return {
    key,
    title,
    unit: null,
    help: title,
    width,
    value: text,
    text,
    exact: text,
    ...(total !== undefined && { total: { text: total, exact: total } }),
  };
}

/** The operator's number in the file, from 1. */
export function numberColumn<Row extends GridRow>(): GridColumn<Row> {
  return { ...wordColumn<Row>('index', '#', 48, ({ index }) => String(index + 1)), value: ({ index }) => index };
}

/** Every word of the filter must occur in what `words` says of a row; ties keep the order of the rows. */
export function gridRows<Row extends GridRow>(
  rows: readonly Row[],
  columns: readonly GridColumn<Row>[],
  filter: string,
  sorting: Sorting,
  words: (row: Row) => string,
): readonly Row[] {
  const asked = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const kept = rows.filter((row) => {
    const said = asked.length > 0 ? words(row).toLowerCase() : '';
    return asked.every((word) => said.includes(word));
  });
  const column = columns.find(({ key }) => key === sorting.key);
  if (!column) return kept;
  const direction = sorting.descending ? -1 : 1;
  return kept.sort((a, b) => compare(column.value(a), column.value(b), direction));
}

function compare(a: number | string | null, b: number | string | null, direction: 1 | -1): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === 'number' && typeof b === 'number') return direction * (a - b);
  return direction * String(a).localeCompare(String(b), 'en', { numeric: true });
}

/** A first click on a column of figures shows the largest first, on a column of words the first. */
export function nextSorting<Row extends GridRow>(current: Sorting, column: GridColumn<Row>): Sorting {
  if (current.key === column.key) return { key: column.key, descending: !current.descending };
  return { key: column.key, descending: column.unit !== null };
}
