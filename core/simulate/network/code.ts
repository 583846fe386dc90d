/**
 * Processes as flat code: operations in columns, loops as begin and end with a counter each. Also who reads and who writes
 * each FIFO: one process each, which is what makes a network's times independent of the order of events (Kahn 1974).
 */
import type { Network, Process, Statement } from './network.ts';

export const COMPUTE = 0;
export const GET = 1;
export const PUT = 2;
export const LOAD = 3;
export const STORE = 4;
export const AWAIT = 5;
export const ACQUIRE = 6;
export const RELEASE = 7;
export const RECONFIGURE = 8;
export const BARRIER = 9;
export const LOOP = 10;
export const REPEAT = 11;
export const END = 12;

export const BLOCKING = 0;
export const BURST = 1;
export const ASYNC = 2;
const ACCESS = { blocking: BLOCKING, burst: BURST, async: ASYNC } as const;

export interface Code {
  readonly kind: Uint8Array;
  /**
   * compute, reconfigure: ticks · get, put: FIFO, tokens, interval · load, store: channel, bytes, access, beat bytes ·
   * await: pending · acquire, release, barrier: index · loop: repeat, counter, end · repeat: repeat, counter, begin.
   */
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly c: Float64Array;
  readonly d: Float64Array;
  /** Counters of loops, and how deep each lies. */
  readonly counters: number;
  /** For every operation the counters of the loops it is in, outermost first. */
  readonly nesting: readonly (readonly number[])[];
  readonly repeats: Float64Array;
}

export function codeOf(process: Process): Code {
  const rows: number[][] = [];
  const nesting: (readonly number[])[] = [];
  const repeats: number[] = [];
  const emit = (loops: readonly number[], ...row: readonly number[]): number => {
    nesting.push(loops);
    return rows.push([...row]) - 1;
  };
  const walk = (body: readonly Statement[], loops: readonly number[]): void => {
    for (const statement of body) {
      switch (statement.kind) {
        case 'loop': {
          const counter = repeats.push(statement.repeat) - 1;
          const inside = [...loops, counter];
          const begin = emit(loops, LOOP, statement.repeat, counter, 0);
          walk(statement.body, inside);
          rows[begin]![3] = emit(inside, REPEAT, statement.repeat, counter, begin + 1);
          break;
        }
        case 'compute':
          emit(loops, COMPUTE, statement.ticks);
          break;
        case 'reconfigure':
          emit(loops, RECONFIGURE, statement.ticks);
          break;
        case 'get':
        case 'put':
          emit(loops, statement.kind === 'get' ? GET : PUT, statement.fifo, statement.tokens, statement.interval);
          break;
        case 'load':
        case 'store': {
          const { channel, bytes, access, beatBytes } = statement;
          emit(loops, statement.kind === 'load' ? LOAD : STORE, channel, bytes, ACCESS[access], beatBytes);
          break;
        }
        case 'await':
          emit(loops, AWAIT, statement.pending);
          break;
        case 'acquire':
        case 'release':
          emit(loops, statement.kind === 'acquire' ? ACQUIRE : RELEASE, statement.lock);
          break;
        case 'barrier':
          emit(loops, BARRIER, statement.barrier);
          break;
      }
    }
  };
  walk(process.body, []);
  emit([], END);
  const column = (at: number) => Float64Array.from(rows, (row) => row[at] ?? 0);
  return {
    kind: Uint8Array.from(rows, ([kind]) => kind!),
    a: column(1),
    b: column(2),
    c: column(3),
    d: column(4),
    counters: repeats.length,
    nesting,
    repeats: Float64Array.from(repeats),
  };
}

export interface Ends {
  /** Process that gets from, and puts into each FIFO; −1 where none does. */
  readonly reader: Int32Array;
  readonly writer: Int32Array;
}

/** Throws RangeError where the network is not one: a second reader or writer, an index out of range, a number that is not whole. */
export function checkedEnds(network: Network, codes: readonly Code[]): Ends {
  const reader = new Int32Array(network.fifos.length).fill(-1);
  const writer = new Int32Array(network.fifos.length).fill(-1);
  const whole = (value: number, least: number, what: string): void => {
    if (!Number.isSafeInteger(value) || value < least)
      throw new RangeError(`${what} must be a whole number of at least ${least}, not ${value}`);
  };
  codes.forEach((code, process) => {
    const name = network.processes[process]!.name;
    for (let pc = 0; pc < code.kind.length; pc++) {
      const [a, b, c, d] = [code.a[pc]!, code.b[pc]!, code.c[pc]!, code.d[pc]!];
      const inRange = (count: number, what: string): void => {
        if (!Number.isInteger(a) || a < 0 || a >= count) throw new RangeError(`${name} names ${what} ${a} of ${count}`);
      };
      switch (code.kind[pc]) {
        case COMPUTE:
        case RECONFIGURE:
          whole(a, 0, `${name}: ticks`);
          break;
        case GET:
        case PUT: {
          inRange(network.fifos.length, 'FIFO');
          whole(b, 0, `${name}: tokens`);
          whole(c, 0, `${name}: interval`);
          const ends = code.kind[pc] === GET ? reader : writer;
          if (ends[a] !== -1 && ends[a] !== process)
            throw new RangeError(`${network.fifos[a]!.name} has two ${ends === reader ? 'readers' : 'writers'}`);
          ends[a] = process;
          break;
        }
        case LOAD:
        case STORE:
          inRange(network.channels.length, 'channel');
          whole(b, 0, `${name}: bytes`);
          if (c === BLOCKING) whole(d, 1, `${name}: bytes of a beat`);
          break;
        case AWAIT:
          whole(a, 0, `${name}: pending`);
          break;
        case ACQUIRE:
        case RELEASE:
          inRange(network.locks.length, 'lock');
          break;
        case BARRIER:
          inRange(network.barriers.length, 'barrier');
          break;
        case LOOP:
          whole(a, 0, `${name}: repetitions`);
          break;
      }
    }
  });
  return { reader, writer };
}
