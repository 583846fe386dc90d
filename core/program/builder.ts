/** Appends commands to growing columns and freezes them into a Program. */
import { EXECUTE, IN_BUFFER, type Program, type ProgramEngine, TRAFFIC_NONE } from './program.ts';

export interface Transfer {
  readonly opcode: number;
  readonly engine: number;
  readonly channel: number;
  readonly operator: number;
  readonly tensor: number;
  readonly bytes: number;
  readonly traffic: number;
  readonly address?: number;
}

export class ProgramBuilder {
  readonly #engines: readonly ProgramEngine[];
  readonly #opcode: number[] = [];
  readonly #engine: number[] = [];
  readonly #operator: number[] = [];
  readonly #tensor: number[] = [];
  readonly #bytes: number[] = [];
  readonly #traffic: number[] = [];
  readonly #address: number[] = [];
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

  /** The number of the new command. Dependencies may repeat; −1 stands for none. */
  transfer(row: Transfer, depends: Iterable<number>): number {
    this.#tensor.push(row.tensor);
    this.#bytes.push(row.bytes);
    this.#traffic.push(row.traffic);
    this.#address.push(row.address ?? IN_BUFFER);
    this.#channel.push(row.channel);
    this.#ticks.push(0);
    return this.#close(row.opcode, row.engine, row.operator, depends);
  }

  execute(
    row: { readonly engine: number; readonly operator: number; readonly tensor: number; readonly ticks: number },
    depends: Iterable<number>,
  ): number {
    this.#tensor.push(row.tensor);
    this.#bytes.push(0);
    this.#traffic.push(TRAFFIC_NONE);
    this.#address.push(IN_BUFFER);
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
      length: this.length,
      opcode: Uint8Array.from(this.#opcode),
      engine: Uint16Array.from(this.#engine),
      operator: Int32Array.from(this.#operator),
      tensor: Int32Array.from(this.#tensor),
      bytes: Float64Array.from(this.#bytes),
      traffic: Uint8Array.from(this.#traffic),
      address: Float64Array.from(this.#address),
      channel: Uint8Array.from(this.#channel),
      ticks: Float64Array.from(this.#ticks),
      dependsStart: Uint32Array.from(this.#dependsStart),
      depends: Uint32Array.from(this.#depends),
    };
  }
}
