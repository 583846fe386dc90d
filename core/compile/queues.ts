/**
 * What commands take turns at while a program is emitted: the two halves of every tile buffer, and the DMA queues and
 * channels; and the stores of each tensor, for whoever reads it back.
 */
import type { Machine } from '#core/architecture/machine.ts';
import { LOAD, type STORE } from '#core/program/program.ts';
import type { LastByEngine } from './tenants.ts';

/** Of a tile buffer: the last command that used each half, and the half that is next. */
export interface Slots {
  readonly last: [number, number];
  next: 0 | 1;
}

export const other = (slot: 0 | 1): 0 | 1 => (slot === 0 ? 1 : 0);

/** The queue of a transfer as one number, for LastByEngine. */
export const queueOf = (engine: number, channel: number): number => engine * 256 + channel;

export class Queues {
  readonly #machine: Machine;
  /** By unit: of its results, then of every operand. */
  readonly #slots: readonly Slots[][];
  /** Off-chip writes of each tensor. */
  readonly #stores: LastByEngine[];
  #turn = 0;

  constructor(machine: Machine, tensors: number) {
    this.#machine = machine;
    this.#slots = machine.units.map(() => []);
    this.#stores = Array.from({ length: tensors }, () => new Map());
  }

  storesOf(tensor: number): LastByEngine {
    return this.#stores[tensor]!;
  }

  slotsOf(unit: number, buffer: number | 'results'): Slots {
    const place = buffer === 'results' ? 0 : buffer + 1;
    const slots = this.#slots[unit]!;
    slots[place] ??= { last: [-1, -1], next: 0 };
    return slots[place];
  }

  /**
   * DMA engines take turns (each has a queue for reads and one for writes), and each takes turns over the channels it
   * reaches.
   */
  nextTransfer(opcode: typeof LOAD | typeof STORE): { readonly engine: number; readonly channel: number } {
    const turn = this.#turn++;
    const { engines, units } = this.#machine;
    const index = turn % engines.length;
    const { channels } = engines[index]!;
    return {
      engine: units.length + 2 * index + (opcode === LOAD ? 0 : 1),
      channel: channels[Math.floor(turn / engines.length) % channels.length]!,
    };
  }
}
