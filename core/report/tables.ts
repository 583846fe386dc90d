/**
 * Report → CSV files (RFC 4180): every table and bar chart of the chosen sections and the totals, numbers with every digit,
 * units in the header; `contents.csv` says which file is what.
 */
import type { Metric } from '#core/base/metric.ts';
import type { Unit } from '#core/base/quantity.ts';
import type { Block, Inline, Report } from './blocks.ts';
import { csvTable } from './csv.ts';
import type { BarRow } from './figures/paint-bars.ts';
import type { ReportFile } from './markdown.ts';

type Cells = readonly (readonly (string | number)[])[];

/** `first`: the widest table, by its own writer, with its file's name. */
export function toTables(report: Report, totals: readonly Metric[], first: ReportFile): readonly ReportFile[] {
  const files: ReportFile[] = [first, { name: 'totals.csv', text: csvTable(totalsOf(totals)) }];
  const contents: (string | number)[][] = [
    ['file', 'section', 'caption'],
    [first.name, '', 'Every figure, a row each'],
    ['totals.csv', '', 'Totals with their formulas and sources'],
  ];
  for (const { id, title, blocks } of report.sections) {
    let count = 0;
    for (const block of blocks) {
      const cells = cellsOf(block);
      if (!cells) continue;
      const name = `${id}-${++count}.csv`;
      files.push({ name, text: csvTable(cells.rows) });
      contents.push([name, title, cells.caption]);
    }
  }
  return [{ name: 'contents.csv', text: csvTable(contents) }, ...files];
}

function totalsOf(totals: readonly Metric[]): Cells {
  return [
    ['id', 'total', 'value', 'unit', 'kind', 'formula', 'source', 'technique', 'version'],
    ...totals.map(({ id, title, value, unit, badge, provenance: { formula, source, technique } }) => [
      id,
      title,
      value,
      unit === '1' ? 'ratio' : unit,
      badge,
      formula,
      source,
      technique.id,
      technique.version,
    ]),
  ];
}

function cellsOf(block: Block): { readonly caption: string; readonly rows: Cells } | null {
  switch (block.kind) {
    case 'table':
      return { caption: block.caption, rows: tableCells(block.columns, block.rows) };
    case 'bars':
      return { caption: block.caption, rows: barCells(block.rows, block.unit) };
    default:
      return null;
  }
}

/** A column of several units has a column of units behind it. */
function tableCells(
  columns: readonly { readonly title: string; readonly unit?: Unit }[],
  rows: readonly (readonly Inline[])[],
): Cells {
  const units = columns.map(
    ({ unit }, at) => new Set([...(unit ? [unit] : []), ...rows.flatMap((row) => unitOf(row[at]) ?? [])]),
  );
  const isMixed = units.map((found) => found.size > 1);
  return [
    columns.flatMap(({ title }, at) => {
      const [only = ''] = units[at]!;
      return isMixed[at] ? [title, `${title}, unit`] : [title + inHeader(only)];
    }),
    ...rows.map((row) =>
      columns.flatMap((_, at): (string | number)[] => {
        const cell = row[at] ?? '';
        const value = typeof cell === 'string' ? cell : cell.value;
        return isMixed[at] ? [value, unitOf(cell) ?? ''] : [value];
      }),
    ),
  ];
}

function unitOf(cell: Inline | undefined): Unit | null {
  return typeof cell === 'object' ? cell.unit : null;
}

function inHeader(unit: Unit): string {
  return unit === '' ? '' : ` [${unit === '1' ? 'ratio' : unit}]`;
}

function barCells(rows: readonly BarRow[], unit: Unit): Cells {
  const titles = [...new Set(rows.flatMap(({ segments }) => segments.map(({ title }) => title)))];
  return [
    ['label', ...titles.map((title) => title + inHeader(unit))],
    ...rows.map(({ label, segments }) => [
      label,
      ...titles.map((title) => segments.find((segment) => segment.title === title)?.value ?? ''),
    ]),
  ];
}
