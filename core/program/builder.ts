/** Appends commands to growing columns and freezes them into a Program. */
import {
  type Binding,
  dependenciesOf,
  EXECUTE,
  IN_BUFFER,
  NONE,
  type Program,
  type ProgramEngine,
  TRAFFIC_NONE,
} from './program.ts';

/** The half of a unit's buffer that a transfer fills or empties, and the piece it moves there. */
export interface BufferPlace {
  readonly unit: number;
  readonly buffer: number;
  readonly slot: number;
  readonly tile: number;
}

export interface Transfer {
  readonly opcode: number;
  readonly engine: number;
  readonly channel: number;
  readonly operator: number;
  readonly tensor: number;
  readonly bytes: number;
  readonly traffic: number;
  readonly address?: number;
  readonly offset?: number;
  readonly place?: BufferPlace;
}

export interface Execute {
  readonly engine: number;
  readonly operator: number;
  readonly tensor: number;
  readonly ticks: number;
  readonly tile?: number;
  readonly slot?: number;
}

export class ProgramBuilder {
  readonly #engines: readonly ProgramEngine[];
  readonly #bindings: Binding[] = [];
  readonly #opcode: number[] = [];
  readonly #engine: number[] = [];
  readonly #operator: number[] = [];
  readonly #tensor: number[] = [];
  readonly #bytes: number[] = [];
  readonly #traffic: number[] = [];
  readonly #address: number[] = [];
  readonly #tile: number[] = [];
  readonly #offset: number[] = [];
  readonly #unit: number[] = [];
  readonly #buffer: number[] = [];
  readonly #slot: number[] = [];
  readonly #channel: number[] = [];
  readonly #ticks: number[] = [];
  readonly #dependsStart: number[] = [0];
  readonly #depends: number[] = [];

  constructor(engines: readonly ProgramEngine[]) {
    this.#engines = engines;
  }

  get length(): number {
    return this.#opcode.length;
  }

  /** Says where operands and results of `operator` lie while it runs. */
  bind(operator: number, binding: Binding): void {
    while (this.#bindings.length < operator) this.#bindings.push({ operands: [], results: [] });
    this.#bindings[operator] = binding;
  }

  /** The number of the new command. Dependencies may repeat; −1 stands for none. */
  transfer(row: Transfer, depends: Iterable<number>): number {
    this.#tensor.push(row.tensor);
    this.#bytes.push(row.bytes);
    this.#traffic.push(row.traffic);
    this.#address.push(row.address ?? IN_BUFFER);
    this.#offset.push(row.offset ?? 0);
    this.#tile.push(row.place?.tile ?? NONE);
    this.#unit.push(row.place?.unit ?? NONE);
    this.#buffer.push(row.place?.buffer ?? 0);
    this.#slot.push(row.place?.slot ?? 0);
    this.#channel.push(row.channel);
    this.#ticks.push(0);
    return this.#close(row.opcode, row.engine, row.operator, depends);
  }

  execute(row: Execute, depends: Iterable<number>): number {
    this.#tensor.push(row.tensor);
    this.#bytes.push(0);
    this.#traffic.push(TRAFFIC_NONE);
    this.#address.push(IN_BUFFER);
    this.#offset.push(0);
    this.#tile.push(row.tile ?? 0);
    this.#unit.push(NONE);
    this.#buffer.push(0);
    this.#slot.push(row.slot ?? 0);
    this.#channel.push(0);
    this.#ticks.push(row.ticks);
    return this.#close(EXECUTE, row.engine, row.operator, depends);
  }

  #close(opcode: number, engine: number, operator: number, depends: Iterable<number>): number {
    const index = this.#opcode.length;
    this.#opcode.push(opcode);
    this.#engine.push(engine);
    this.#operator.push(operator);
    for (const command of new Set(depends)) if (command >= 0) this.#depends.push(command);
    this.#dependsStart.push(this.#depends.length);
    return index;
  }

  build(): Program {
    return {
      engines: this.#engines,
      bindings: this.#bindings,
      length: this.length,
      opcode: Uint8Array.from(this.#opcode),
      engine: Uint16Array.from(this.#engine),
      operator: Int32Array.from(this.#operator),
      tensor: Int32Array.from(this.#tensor),
      bytes: Float64Array.from(this.#bytes),
      traffic: Uint8Array.from(this.#traffic),
      address: Float64Array.from(this.#address),
      tile: Int32Array.from(this.#tile),
      offset: Float64Array.from(this.#offset),
      unit: Int16Array.from(this.#unit),
      buffer: Uint16Array.from(this.#buffer),
      slot: Uint8Array.from(this.#slot),
      channel: Uint8Array.from(this.#channel),
      ticks: Float64Array.from(this.#ticks),
      dependsStart: Uint32Array.from(this.#dependsStart),
      depends: Uint32Array.from(this.#depends),
    };
  }
}

/** A program as one object a command, for rewriting: `fromRows(program, rowsOf(program))` is the same program. */
export interface CommandRow {
  readonly opcode: number;
  readonly engine: number;
  readonly operator: number;
  readonly tensor: number;
  readonly bytes: number;
  readonly traffic: number;
  readonly address: number;
  readonly tile: number;
  readonly offset: number;
  readonly unit: number;
  readonly buffer: number;
  readonly slot: number;
  readonly channel: number;
  readonly ticks: number;
  readonly depends: readonly number[];
}

export function rowsOf(program: Program): readonly CommandRow[] {
  return Array.from({ length: program.length }, (_, i) => ({
    opcode: program.opcode[i]!,
    engine: program.engine[i]!,
    operator: program.operator[i]!,
    tensor: program.tensor[i]!,
    bytes: program.bytes[i]!,
    traffic: program.traffic[i]!,
    address: program.address[i]!,
    tile: program.tile[i]!,
    offset: program.offset[i]!,
    unit: program.unit[i]!,
    buffer: program.buffer[i]!,
    slot: program.slot[i]!,
    channel: program.channel[i]!,
    ticks: program.ticks[i]!,
    depends: [...dependenciesOf(program, i)],
  }));
}

export function fromRows(head: Pick<Program, 'engines' | 'bindings'>, rows: readonly CommandRow[]): Program {
  const dependsStart = new Uint32Array(rows.length + 1);
  rows.forEach((row, i) => {
    dependsStart[i + 1] = dependsStart[i]! + row.depends.length;
  });
  return {
    engines: head.engines,
    bindings: head.bindings,
    length: rows.length,
    opcode: Uint8Array.from(rows, (row) => row.opcode),
    engine: Uint16Array.from(rows, (row) => row.engine),
    operator: Int32Array.from(rows, (row) => row.operator),
    tensor: Int32Array.from(rows, (row) => row.tensor),
    bytes: Float64Array.from(rows, (row) => row.bytes),
    traffic: Uint8Array.from(rows, (row) => row.traffic),
    address: Float64Array.from(rows, (row) => row.address),
    tile: Int32Array.from(rows, (row) => row.tile),
    offset: Float64Array.from(rows, (row) => row.offset),
    unit: Int16Array.from(rows, (row) => row.unit),
    buffer: Uint16Array.from(rows, (row) => row.buffer),
    slot: Uint8Array.from(rows, (row) => row.slot),
    channel: Uint8Array.from(rows, (row) => row.channel),
    ticks: Float64Array.from(rows, (row) => row.ticks),
    dependsStart,
    depends: Uint32Array.from(rows.flatMap((row) => row.depends)),
  };
}
