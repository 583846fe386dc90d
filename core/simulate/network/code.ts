/**
 * Processes as flat code: operations in columns, loops as begin and end with a counter each. Also who reads and who writes
 * each FIFO: one process each, which is what makes a network's times independent of the order of events (Kahn 1974).
 */
import type { Network, Operation, Process, Statement } from './network.ts';

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
  /** FIFO, channel, lock or barrier; of a loop its counter; of an await the channel it is taken to wait for. */
  readonly target: Int32Array;
  /** Ticks; tokens; bytes; pending; repetitions. */
  readonly amount: Float64Array;
  /** get, put: ticks between tokens · load, store: bytes of a beat (all of them but where blocking). */
  readonly step: Float64Array;
  /** load, store: access · await: 1 where it is taken to wait for a store. */
  readonly access: Uint8Array;
  /** Where a loop ends (its REPEAT), and begins (first of its body). */
  readonly jump: Int32Array;
  /** Wait of the operation: index into `waits`; −1: it never waits. */
  readonly wait: Int32Array;
  /** What the process may wait for: index into STATES, and the FIFO, channel, lock or barrier. */
  readonly waits: readonly { readonly state: number; readonly on: number }[];
  /** Loops; for every operation the counters of those it is in, outermost first. */
  readonly counters: number;
  readonly nesting: readonly (readonly number[])[];
  readonly repeats: Float64Array;
  /** For every operation its place among the process's operations as written, loops not counted; −1 for loops and the end. */
  readonly operation: Int32Array;
}

interface Row {
  readonly kind: number;
  target: number;
  readonly amount: number;
  readonly step: number;
  access: number;
  jump: number;
  readonly operation: number;
}

export function codeOf(process: Process): Code {
  const rows: Row[] = [];
  const nesting: (readonly number[])[] = [];
  const repeats: number[] = [];
  let operations = 0;
  const emit = (loops: readonly number[], row: Row): number => {
    nesting.push(loops);
    return rows.push(row) - 1;
  };
  /** Whether anything was emitted. */
  const walk = (body: readonly Statement[], loops: readonly number[]): boolean => {
    const before = rows.length;
    for (const statement of body) {
      if (statement.kind === 'loop') {
        const counter = repeats.push(statement.repeat) - 1;
        const inside = [...loops, counter];
        const loop = { amount: statement.repeat, target: counter, step: 0, access: 0, operation: -1 };
        const begin = emit(loops, { ...loop, kind: LOOP, jump: 0 });
        if (walk(statement.body, inside)) {
          rows[begin]!.jump = emit(inside, { ...loop, kind: REPEAT, jump: begin + 1 });
        } else {
          // Nothing, however often.
          repeats.pop();
          rows.pop();
          nesting.pop();
        }
        continue;
      }
      const row = rowOf(statement, operations++);
      const takesNoTime = (row.kind === COMPUTE || row.kind === RECONFIGURE) && row.amount === 0;
      if (!takesNoTime) emit(loops, row);
    }
    return rows.length > before;
  };
  walk(process.body, []);
  // A process ends when its asynchronous transfers have.
  if (rows.some(isAsync)) emit([], { kind: AWAIT, target: -1, amount: 0, step: 0, access: 0, jump: 0, operation: -1 });
  emit([], { kind: END, target: -1, amount: 0, step: 0, access: 0, jump: 0, operation: -1 });
  nameAwaits(rows);

  const waits: { state: number; on: number }[] = [];
  const wait = rows.map((row) => {
    const state = stateOf(row);
    if (state === -1) return -1;
    const known = waits.findIndex((other) => other.state === state && other.on === row.target);
    return known === -1 ? waits.push({ state, on: row.target }) - 1 : known;
  });
  return {
    kind: Uint8Array.from(rows, ({ kind }) => kind),
    target: Int32Array.from(rows, ({ target }) => target),
    amount: Float64Array.from(rows, ({ amount }) => amount),
    step: Float64Array.from(rows, ({ step }) => step),
    access: Uint8Array.from(rows, ({ access }) => access),
    jump: Int32Array.from(rows, ({ jump }) => jump),
    wait: Int32Array.from(wait),
    waits,
    counters: repeats.length,
    nesting,
    repeats: Float64Array.from(repeats),
    operation: Int32Array.from(rows, ({ operation }) => operation),
  };
}

function rowOf(operation: Operation, index: number): Row {
  const row = { target: -1, amount: 0, step: 0, access: 0, jump: 0, operation: index };
  switch (operation.kind) {
    case 'compute':
      return { ...row, kind: COMPUTE, amount: operation.ticks };
    case 'reconfigure':
      return { ...row, kind: RECONFIGURE, amount: operation.ticks };
    case 'get':
    case 'put': {
      const { fifo, tokens, interval } = operation;
      return { ...row, kind: operation.kind === 'get' ? GET : PUT, target: fifo, amount: tokens, step: interval };
    }
    case 'load':
    case 'store': {
      const { channel, bytes, access, beatBytes } = operation;
      const step = access === 'blocking' ? beatBytes : Math.max(1, bytes);
      const kind = operation.kind === 'load' ? LOAD : STORE;
      return { ...row, kind, target: channel, amount: bytes, step, access: ACCESS[access] };
    }
    case 'await':
      return { ...row, kind: AWAIT, amount: operation.pending };
    case 'acquire':
    case 'release':
      return { ...row, kind: operation.kind === 'acquire' ? ACQUIRE : RELEASE, target: operation.lock };
    case 'barrier':
      return { ...row, kind: BARRIER, target: operation.barrier };
  }
}

function isAsync({ kind, access }: Row): boolean {
  return (kind === LOAD || kind === STORE) && access === ASYNC;
}

/** An await is taken to wait for the asynchronous transfer written last before it (or, in a loop, last of all). */
function nameAwaits(rows: readonly Row[]): void {
  let last = rows.findLast(isAsync);
  for (const row of rows) {
    if (isAsync(row)) last = row;
    else if (row.kind === AWAIT && last) {
      row.target = last.target;
      row.access = last.kind === STORE ? 1 : 0;
    }
  }
}

/** Index into STATES of what an operation waits in; −1: it does not wait. */
function stateOf({ kind, target, access }: Row): number {
  switch (kind) {
    case GET:
      return 1;
    case PUT:
      return 2;
    case LOAD:
      return access === ASYNC ? -1 : 3;
    case STORE:
      return access === ASYNC ? -1 : 4;
    case AWAIT:
      return target === -1 ? -1 : 3 + access;
    case ACQUIRE:
      return 5;
    case BARRIER:
      return 6;
    default:
      return -1;
  }
}

export interface Ends {
  /** Process that gets from, and puts into each FIFO; −1 where none does. */
  readonly reader: Int32Array;
  readonly writer: Int32Array;
}

/** Throws RangeError where the network is not one: a second reader or writer, an index out of range, a number that is not whole. */
export function checkedEnds(network: Network, codes: readonly Code[]): Ends {
  const { fifos, channels, locks, barriers } = network;
  const reader = new Int32Array(fifos.length).fill(-1);
  const writer = new Int32Array(fifos.length).fill(-1);
  const whole = (value: number, least: number, what: string): void => {
    if (!Number.isSafeInteger(value) || value < least)
      throw new RangeError(`${what} must be a whole number of at least ${least}, not ${value}`);
  };
  for (const { name, capacity, initial } of fifos) {
    if (capacity !== Number.POSITIVE_INFINITY) whole(capacity, 0, `${name}: capacity`);
    whole(initial, 0, `${name}: initial tokens`);
    if (initial > capacity) throw new RangeError(`${name} holds ${capacity}, not its ${initial} initial tokens`);
  }
  for (const { name, bytesPerTick, latencyTicks, responseTicks, outstanding } of channels) {
    if (!(bytesPerTick > 0)) throw new RangeError(`${name}: bytes per tick must be more than 0, not ${bytesPerTick}`);
    whole(latencyTicks, 0, `${name}: latency`);
    whole(responseTicks, 0, `${name}: response`);
    if (outstanding !== Number.POSITIVE_INFINITY) whole(outstanding, 1, `${name}: outstanding requests`);
  }
  for (const { name, count } of locks) whole(count, 1, `${name}: count`);
  for (const { name, parties } of barriers) whole(parties, 1, `${name}: parties`);

  codes.forEach((code, process) => {
    const name = network.processes[process]!.name;
    for (let pc = 0; pc < code.kind.length; pc++) {
      const [target, amount, step] = [code.target[pc]!, code.amount[pc]!, code.step[pc]!];
      const inRange = (count: number, what: string): void => {
        if (target < 0 || target >= count) throw new RangeError(`${name} names ${what} ${target} of ${count}`);
      };
      switch (code.kind[pc]) {
        case COMPUTE:
        case RECONFIGURE:
          whole(amount, 0, `${name}: ticks`);
          break;
        case GET:
        case PUT: {
          inRange(fifos.length, 'FIFO');
          whole(amount, 0, `${name}: tokens`);
          whole(step, 0, `${name}: interval`);
          const ends = code.kind[pc] === GET ? reader : writer;
          if (ends[target] !== -1 && ends[target] !== process)
            throw new RangeError(`${fifos[target]!.name} has two ${ends === reader ? 'readers' : 'writers'}`);
          ends[target] = process;
          break;
        }
        case LOAD:
        case STORE:
          inRange(channels.length, 'channel');
          whole(amount, 0, `${name}: bytes`);
          whole(step, 1, `${name}: bytes of a beat`);
          break;
        case AWAIT:
          whole(amount, 0, `${name}: pending`);
          break;
        case ACQUIRE:
        case RELEASE:
          inRange(locks.length, 'lock');
          break;
        case BARRIER:
          inRange(barriers.length, 'barrier');
          break;
        case LOOP:
          whole(amount, 0, `${name}: repetitions`);
          break;
      }
    }
  });
  return { reader, writer };
}
