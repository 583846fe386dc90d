/** Random single changes to a program, by kind. */
import type { Rng } from '#core/base/rng.ts';
import { type CommandRow, fromRows, rowsOf } from '#core/program/builder.ts';
import { type Binding, EXECUTE, IN_BUFFER, type Program, STORE } from '#core/program/program.ts';

export const MUTATIONS = [
  'drop a dependency',
  'wait for an earlier command instead',
  'shift a load by one byte',
  'shift an operand by one byte',
  'shift a result by one byte',
  'another tile',
  'another piece',
  'another first position',
  'other half of the buffer',
  'another buffer',
  'another tensor',
  'another unit',
  'one element fewer',
  'leave a command out',
  'play a command twice',
  'swap two commands',
] as const;
export type Mutation = (typeof MUTATIONS)[number];

type Rows = readonly CommandRow[];

/** The changed program, or null where it has no place for such a change. */
export function mutated(program: Program, kind: Mutation, rng: Rng): Program | null {
  const rows = rowsOf(program);
  const pick = <T>(list: readonly T[]): T | null => (list.length === 0 ? null : list[rng.below(list.length)]!);
  const where = (is: (row: CommandRow, index: number) => boolean) =>
    pick(rows.flatMap((row, index) => (is(row, index) ? [index] : [])));
  const withRow = (at: number | null, change: (row: CommandRow) => CommandRow | null) => {
    const made = at === null ? null : change(rows[at]!);
    return made === null ? null : fromRows(program, rows.with(at!, made));
  };
  const inBuffer = (row: CommandRow) => row.opcode !== EXECUTE && row.address === IN_BUFFER;
  switch (kind) {
    case 'drop a dependency':
      return withRow(
        where(({ depends }) => depends.length > 0),
        (row) => {
          const gone = rng.below(row.depends.length);
          return { ...row, depends: row.depends.filter((_, index) => index !== gone) };
        },
      );
    case 'wait for an earlier command instead':
      return withRow(
        where(({ depends }) => depends.some((command) => command > 0)),
        (row) => {
          const at = row.depends.findIndex((command) => command > 0);
          return { ...row, depends: row.depends.with(at, rng.below(row.depends[at]!)) };
        },
      );
    case 'shift a load by one byte':
      return withRow(
        where(({ address }) => address >= 0),
        (row) => ({ ...row, address: row.address + (row.address > 0 && rng.below(2) === 0 ? -1 : 1) }),
      );
    case 'shift an operand by one byte':
      return rebound(program, rows, 'operands', rng);
    case 'shift a result by one byte':
      return rebound(program, rows, 'results', rng);
    case 'another tile':
      return withRow(
        where((row) => row.opcode === EXECUTE && row.tile > 0),
        (row) => ({ ...row, tile: rng.below(row.tile) }),
      );
    case 'another piece':
      return withRow(
        where((row) => inBuffer(row) && row.tile > 0),
        (row) => ({ ...row, tile: rng.below(row.tile) }),
      );
    case 'another first position':
      return withRow(
        where(({ opcode }) => opcode !== EXECUTE),
        (row) => ({ ...row, offset: row.offset + (row.offset > 0 && rng.below(2) === 0 ? -1 : 1) }),
      );
    case 'other half of the buffer':
      return withRow(
        where((row) => row.opcode === EXECUTE || inBuffer(row)),
        (row) => ({ ...row, slot: 1 - row.slot }),
      );
    case 'another buffer':
      return withRow(where(inBuffer), (row) => ({ ...row, buffer: row.buffer === 0 ? 1 : row.buffer - 1 }));
    case 'another tensor':
      return withRow(
        where(({ opcode, tensor }) => opcode !== EXECUTE && tensor >= 0),
        (row) => ({ ...row, tensor: row.tensor === 0 ? 1 : row.tensor - 1 }),
      );
    case 'another unit': {
      const units = program.engines.flatMap(({ kind: is }, index) => (is === 'unit' ? [index] : []));
      if (units.length < 2) return null;
      return withRow(where(inBuffer), (row) => ({
        ...row,
        unit: units[(units.indexOf(row.unit) + 1) % units.length]!,
      }));
    }
    case 'one element fewer':
      return withRow(
        where(({ bytes }) => bytes > 4),
        (row) => ({ ...row, bytes: row.bytes - 4 }),
      );
    case 'leave a command out': {
      const at = rng.below(rows.length);
      return fromRows(
        program,
        rows.flatMap((row, index) => (index === at ? [] : [renumbered(row, at, -1)])),
      );
    }
    case 'play a command twice': {
      const at = where(({ opcode }) => opcode === EXECUTE || opcode === STORE);
      if (at === null) return null;
      const later = rows.slice(at + 1).map((row) => renumbered(row, at, 1));
      return fromRows(program, [...rows.slice(0, at + 1), rows[at]!, ...later]);
    }
    case 'swap two commands': {
      const at = rng.below(rows.length);
      const engine = rows[at]!.engine;
      const next = rows.findIndex((row, index) => index > at && row.engine === engine);
      if (next === -1) return null;
      const swap = (row: CommandRow, depends: readonly number[]): CommandRow => ({ ...row, depends });
      // Each keeps the place, and so the dependencies, of the other.
      const [a, b] = [rows[at]!, rows[next]!];
      return fromRows(program, rows.with(at, swap(b, a.depends)).with(next, swap(a, b.depends)));
    }
  }
}

function renumbered(row: CommandRow, at: number, by: 1 | -1): CommandRow {
  const depends = row.depends
    .filter((command) => by === 1 || command !== at)
    .map((command) => (command > at ? command + by : command));
  return { ...row, depends };
}

function rebound(program: Program, rows: Rows, side: keyof Binding, rng: Rng): Program | null {
  const places = program.bindings.flatMap((binding, kernel) =>
    binding[side].flatMap(({ address }, index) => (address >= 0 ? [{ kernel, index }] : [])),
  );
  if (places.length === 0) return null;
  const { kernel, index } = places[rng.below(places.length)]!;
  const binding = program.bindings[kernel]!;
  const bound = binding[side][index]!;
  const list = binding[side].with(index, { ...bound, address: bound.address + 1 });
  return fromRows(
    { engines: program.engines, bindings: program.bindings.with(kernel, { ...binding, [side]: list }) },
    rows,
  );
}
