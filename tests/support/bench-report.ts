/** What benchmarks write: Markdown tables as the formatter leaves them, figures with units, sections of a README between markers. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Distribution } from './measure.ts';

/** Cells of a column as wide as its widest, all but the first `words` to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], words: number): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => (column < words ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(' | ')} |`;
  const rule = widths.map((width, column) => (column < words ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

export const count = (value: number): string => value.toLocaleString('en-GB');

export function seconds(value: number): string {
  if (value >= 1) return `${value.toFixed(1)} s`;
  if (value >= 1e-3) return `${(1e3 * value).toFixed(value >= 0.01 ? 0 : 1)} ms`;
  return `${(1e6 * value).toFixed(value >= 1e-5 ? 0 : 1)} µs`;
}

/** Minimum / median / maximum of milliseconds. */
export const spread = ({ minimum, median, maximum }: Distribution): string =>
  [minimum, median, maximum].map((one) => seconds(one / 1000)).join(' / ');

/** Replaces what stands between `<!-- name:begin -->` and `<!-- name:end -->`. */
export function writeSection(readme: URL, name: string, section: string): void {
  const text = readFileSync(readme, 'utf8');
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${basename(fileURLToPath(readme))} has no ${begin} … ${end}`);
  writeFileSync(readme, `${text.slice(0, from + begin.length)}\n\n${section}\n\n${text.slice(to)}`);
}
