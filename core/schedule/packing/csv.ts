/**
 * MiniMalloc's CSV: columns id, lower, upper, size and optionally alignment, gaps, offset (a fixed address) and hint
 * (read over), in any order. `lower … upper − 1` are the steps; a column named `end` is the last step itself, and so
 * then are the ends of gaps. A gap `a-b` takes no bytes over steps a … b − 1, `a-b@l:h` only l … h − 1 of the block.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { Block, Slab } from './block.ts';

export interface PackingTable {
  readonly blocks: readonly Block[];
  /** Header and rows as they came, without an offset column. */
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const NAMES: Readonly<Record<string, string>> = {
  buffer: 'id',
  buffer_id: 'id',
  start: 'lower',
  begin: 'lower',
  end: 'upper',
  fixed: 'offset',
};
const KNOWN = ['id', 'lower', 'upper', 'size', 'alignment', 'gaps', 'offset', 'hint'];

/** @returns the problem `pack.csv` naming the line, 1 being the header. */
export function parsePackingCsv(text: string): Result<PackingTable, Problem> {
  const fault = (line: number, message: string): { readonly ok: false; readonly error: Problem } =>
    err(problem('pack.csv', `Line ${line}: ${message}`, { facts: { line } }));
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const header = lines[0]!.split(',').map((cell) => cell.trim());
  const columns = header.map((cell) => NAMES[cell] ?? cell);
  const unknown = columns.findIndex((name) => !KNOWN.includes(name));
  if (unknown >= 0) return fault(1, `there is no column '${header[unknown]}'`);
  const twice = columns.find((name, index) => columns.indexOf(name) < index);
  if (twice !== undefined) return fault(1, `column ${twice} stands twice`);
  const missing = ['id', 'lower', 'upper', 'size'].find((name) => !columns.includes(name));
  if (missing !== undefined) return fault(1, `column ${missing} is missing`);
  const isEndInclusive = header.includes('end');
  const blocks: Block[] = [];
  const rows: string[][] = [];
  const ids = new Set<string>();
  for (const [index, content] of lines.entries()) {
    const line = index + 1;
    if (line === 1 || content.trim() === '') continue;
    const cells = content.split(',').map((cell) => cell.trim());
    if (cells.length !== columns.length) return fault(line, `${cells.length} cells under ${columns.length} columns`);
    const cell = (name: string): string => cells[columns.indexOf(name)] ?? '';
    const id = cell('id');
    if (ids.has(id)) return fault(line, `id '${id}' stands twice`);
    ids.add(id);
    const block = readBlock(cell, isEndInclusive);
    if (typeof block === 'string') return fault(line, block);
    blocks.push(block);
    rows.push(cells.filter((_, at) => columns[at] !== 'offset'));
  }
  return ok({ blocks, header: header.filter((_, at) => columns[at] !== 'offset'), rows });
}

/** The rows that came, with the addresses as column `offset`. */
export function formatPackingCsv({ header, rows }: PackingTable, addresses: readonly number[]): string {
  const lines = rows.map((cells, index) => [...cells, String(addresses[index]!)].join(','));
  return `${[[...header, 'offset'].join(','), ...lines].join('\n')}\n`;
}

/** A block, or what is wrong with it. */
function readBlock(cell: (name: string) => string, isEndInclusive: boolean): Block | string {
  const from = integer(cell('lower'));
  const last = integer(cell('upper'));
  const size = integer(cell('size'));
  if (from === null) return `lower takes a whole number, not '${cell('lower')}'`;
  if (last === null) return `upper takes a whole number, not '${cell('upper')}'`;
  if (size === null || size < 0) return `size takes a whole number of bytes, not '${cell('size')}'`;
  const to = last + (isEndInclusive ? 1 : 0);
  if (to < from) return `ends at ${cell('upper')}, before it begins at ${from}`;
  const alignment = cell('alignment') === '' ? 1 : integer(cell('alignment'));
  if (alignment === null || alignment < 1) return `alignment takes a whole number from 1, not '${cell('alignment')}'`;
  const offset = cell('offset');
  const fixed = offset === '' ? null : integer(offset);
  if (offset !== '' && (fixed === null || fixed < 0)) return `offset takes a whole number of bytes, not '${offset}'`;
  const slabs = readGaps(cell('gaps'), { size, from, to }, isEndInclusive);
  if (typeof slabs === 'string') return slabs;
  return { size, from, to, alignment, ...(fixed === null ? {} : { fixed }), ...(slabs.length > 0 ? { slabs } : {}) };
}

/** What is left of a block with gaps; nothing for none. */
function readGaps(text: string, block: Block, isEndInclusive: boolean): readonly Slab[] | string {
  const gaps: { from: number; to: number; offset: number; size: number }[] = [];
  for (const gap of text.split(/\s+/).filter((word) => word !== '')) {
    const [, lower, upper, low, high] = /^(-?\d+)-(-?\d+)(?:@(\d+):(\d+))?$/.exec(gap) ?? [];
    if (lower === undefined || upper === undefined) return `'${gap}' is not a gap (a-b or a-b@l:h)`;
    const from = Number(lower);
    const to = Number(upper) + (isEndInclusive ? 1 : 0);
    const offset = Number(low ?? 0);
    const size = Number(high ?? 0) - offset;
    if (from < block.from || to > block.to || from >= to) return `gap '${gap}' is not within the block's steps`;
    if (size < 0 || offset + size > block.size) return `the window of gap '${gap}' is not within the block`;
    gaps.push({ from, to, offset, size });
  }
  if (gaps.length === 0) return [];
  gaps.sort((a, b) => a.from - b.from);
  const slabs: Slab[] = [];
  let at = block.from;
  for (const gap of gaps) {
    if (gap.from < at) return `gaps overlap at step ${gap.from}`;
    slabs.push({ from: at, to: gap.from, offset: 0, size: block.size }, gap);
    at = gap.to;
  }
  slabs.push({ from: at, to: block.to, offset: 0, size: block.size });
  return slabs;
}

function integer(text: string): number | null {
  const value = Number(text);
  return /^-?\d+$/.test(text) && Number.isSafeInteger(value) ? value : null;
}
