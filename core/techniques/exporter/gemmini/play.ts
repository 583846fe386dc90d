/**
 * Plays a routine instruction by instruction on Gemmini's architectural state: scratchpad, accumulator, mesh, load and
 * store settings. Every address, extent and read is checked against the memories and buffers. Semantics after the
 * functional model in ucb-bar/esp-isa-sim and the ISA chapter of Gemmini's README, without timing.
 */
import { err, ok, type Result } from '#core/base/result.ts';
import type { Address, Buffer, Expr, Instruction, LoadSlot, Place, Routine, Statement } from './loops.ts';
import type { GemminiParameters, ScalarType } from './parameters.ts';

export type Values = Float64Array | Float32Array | Int32Array | Int16Array | Int8Array;

export interface Played {
  readonly instructions: number;
  /** Elements moved in and out; padding is not in it. */
  readonly loaded: number;
  readonly stored: number;
}

export interface PlayOptions {
  /** Contents by buffer name, written in place; null checks addresses only. */
  readonly memory: ReadonlyMap<string, Values> | null;
  /** Factor from sums to elements. */
  readonly scale?: number;
  /** Stops with a fault after so many instructions. */
  readonly limit?: number;
}

class Misuse extends Error {}
const check = (holds: boolean, message: () => string): void => {
  if (!holds) throw new Misuse(message());
};

type Env = Float64Array;
type Evaluate = (env: Env) => number;
type Run = (env: Env) => void;

/** @returns counts, or one sentence naming the instruction that is wrong. */
export function play(routine: Routine, parameters: GemminiParameters, options: PlayOptions): Result<Played, string> {
  const state = new State(routine, parameters, options);
  const slots = new Map<string, number>();
  const run = sequence(routine.body, slots, state);
  try {
    run(new Float64Array(slots.size + 1));
    return ok({ instructions: state.instructions, loaded: state.loaded, stored: state.stored });
  } catch (cause) {
    if (cause instanceof Misuse) return err(`${routine.name}, instruction ${state.instructions}: ${cause.message}`);
    throw cause;
  }
}

function slotOf(name: string, slots: Map<string, number>): number {
  const known = slots.get(name);
  if (known !== undefined) return known;
  slots.set(name, slots.size);
  return slots.size - 1;
}

function evaluator(expr: Expr, slots: Map<string, number>): Evaluate {
  if (typeof expr === 'number') return () => expr;
  if (typeof expr === 'string') {
    const slot = slotOf(expr, slots);
    return (env) => env[slot]!;
  }
  const a = evaluator(expr.a, slots);
  const b = evaluator(expr.b, slots);
  switch (expr.op) {
    case '+':
      return (env) => a(env) + b(env);
    case '-':
      return (env) => a(env) - b(env);
    case '*':
      return (env) => a(env) * b(env);
    case '/':
      return (env) => Math.floor(natural(a(env)) / b(env));
    case '%':
      return (env) => natural(a(env)) % b(env);
    case 'min':
      return (env) => Math.min(a(env), b(env));
    case 'max':
      return (env) => Math.max(a(env), b(env));
  }
}

/** C rounds quotients of negative numbers the other way; no program may depend on it. */
function natural(value: number): number {
  check(value >= 0, () => `a quotient or remainder of ${value}`);
  return value;
}

function sequence(statements: readonly Statement[], slots: Map<string, number>, state: State): Run {
  const runs = statements.map((each) => statement(each, slots, state));
  return (env) => {
    for (const run of runs) run(env);
  };
}

function statement(made: Statement, slots: Map<string, number>, state: State): Run {
  switch (made.kind) {
    case 'for': {
      const slot = slotOf(made.name, slots);
      const count = evaluator(made.count, slots);
      const body = sequence(made.body, slots, state);
      return (env) => {
        const end = count(env);
        for (let i = 0; i < end; i++) {
          env[slot] = i;
          body(env);
        }
      };
    }
    case 'let': {
      const slot = slotOf(made.name, slots);
      const value = evaluator(made.value, slots);
      return (env) => {
        env[slot] = value(env);
      };
    }
    case 'if': {
      const a = evaluator(made.a, slots);
      const b = evaluator(made.b, slots);
      const then = sequence(made.then, slots, state);
      const otherwise = sequence(made.otherwise, slots, state);
      return (env) => (a(env) < b(env) ? then(env) : otherwise(env));
    }
    default:
      return instruction(made, slots, state);
  }
}

function instruction(made: Instruction, slots: Map<string, number>, state: State): Run {
  const row = (address: Address): Evaluate => (address.space === 'garbage' ? () => -1 : evaluator(address.row, slots));
  const counted =
    (run: Run): Run =>
    (env) => {
      state.count();
      run(env);
    };
  switch (made.kind) {
    case 'config-ex':
    case 'fence':
      return counted(() => {});
    case 'config-ld':
      return counted(() => {
        state.loads[made.slot] = made;
      });
    case 'config-st':
      return counted(() => {
        state.store = made;
      });
    case 'mvin': {
      const offset = made.from === 'zeros' ? () => 0 : evaluator(made.from.offset, slots);
      const [to, cols, rows] = [row(made.to), evaluator(made.cols, slots), evaluator(made.rows, slots)];
      return counted((env) => state.mvin(made.slot, made.from, offset(env), made.to, to(env), cols(env), rows(env)));
    }
    case 'preload': {
      const [from, to] = [row(made.weights), row(made.result)];
      const [wc, wr] = [evaluator(made.weightExtent.cols, slots), evaluator(made.weightExtent.rows, slots)];
      const [rc, rr] = [evaluator(made.resultExtent.cols, slots), evaluator(made.resultExtent.rows, slots)];
      return counted((env) =>
        state.preload(made.weights, from(env), wc(env), wr(env), made.result, to(env), rc(env), rr(env)),
      );
    }
    case 'compute': {
      const [a, cols, rows] = [row(made.a), evaluator(made.cols, slots), evaluator(made.rows, slots)];
      return counted((env) => state.compute(made.fresh, made.a, a(env), cols(env), rows(env)));
    }
    case 'mvout': {
      const offset = evaluator(made.to.offset, slots);
      const [from, cols, rows] = [row(made.from), evaluator(made.cols, slots), evaluator(made.rows, slots)];
      return counted((env) => state.mvout(made.to, offset(env), made.from, from(env), cols(env), rows(env)));
    }
  }
}

const LIMITS: Readonly<Record<ScalarType, readonly [number, number] | null>> = {
  int8_t: [-128, 127],
  int16_t: [-32_768, 32_767],
  int32_t: [-(2 ** 31), 2 ** 31 - 1],
  float: null,
};

type Load = Extract<Instruction, { kind: 'config-ld' }>;
type Store = Extract<Instruction, { kind: 'config-st' }>;

/** Which columns of a row hold something; reading beyond them is a fault. */
class Memory {
  readonly data: Float64Array;
  readonly filled: Int32Array;
  readonly rows: number;
  constructor(rows: number, dim: number, hasValues: boolean) {
    this.rows = rows;
    this.data = new Float64Array(hasValues ? rows * dim : 0);
    this.filled = new Int32Array(rows);
  }
}

class State {
  readonly loads: (Load | undefined)[] = [];
  store: Store | undefined;
  instructions = 0;
  loaded = 0;
  stored = 0;
  readonly #parameters: GemminiParameters;
  readonly #options: PlayOptions;
  readonly #buffers: ReadonlyMap<string, Buffer>;
  readonly #scratchpad: Memory;
  readonly #accumulator: Memory;
  readonly #mesh: Float64Array;
  #weightRows = 0;
  #weightCols = 0;
  #next: { readonly weights: Address; readonly from: number; readonly cols: number; readonly rows: number } | null =
    null;
  #result: { readonly to: number; readonly accumulate: boolean; readonly cols: number; readonly rows: number } | null =
    null;

  constructor(routine: Routine, parameters: GemminiParameters, options: PlayOptions) {
    const hasValues = options.memory !== null;
    this.#parameters = parameters;
    this.#options = options;
    this.#buffers = new Map(routine.buffers.map((each) => [each.name, each]));
    this.#scratchpad = new Memory(parameters.bankNum * parameters.bankRows, parameters.dim, hasValues);
    this.#accumulator = new Memory(parameters.accRows, parameters.dim, hasValues);
    this.#mesh = new Float64Array(parameters.dim * parameters.dim);
  }

  count(): void {
    this.instructions++;
    check(
      this.instructions <= (this.#options.limit ?? Number.POSITIVE_INFINITY),
      () => 'more instructions than are played',
    );
  }

  mvin(slot: LoadSlot, from: Place, offset: number, to: Address, row: number, cols: number, rows: number): void {
    const load = this.loads[slot];
    if (!load) throw new Misuse(`mvin of slot ${slot} before its config_ld`);
    this.#extent(cols, rows);
    const memory = this.#memory(to, row, rows);
    const isAccumulator = to.space === 'accumulator';
    check(isAccumulator || load.type === 'elem', () => 'sums moved into the scratchpad');
    check(!isAccumulator || load.type === 'acc' || load.shrunk, () => 'elements moved into the accumulator unwidened');
    if (from !== 'zeros') {
      this.#inside(from.buffer, load.type, false, offset, load.stride, cols, rows);
      this.loaded += cols * rows;
    }
    const adds = to.space === 'accumulator' && to.accumulate === true;
    for (let r = 0; r < rows; r++) {
      check(!adds || memory.filled[row + r]! >= cols, () => `mvin adds to row ${row + r}, which holds nothing`);
      memory.filled[row + r] = adds ? Math.max(memory.filled[row + r]!, cols) : cols;
    }
    const values = this.#options.memory;
    if (!values) return;
    const source = from === 'zeros' ? null : values.get(from.buffer)!;
    const { dim } = this.#parameters;
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++) {
        const value = source ? source[offset + r * load.stride + c]! : 0;
        const at = (row + r) * dim + c;
        memory.data[at] = this.#asSum(adds ? memory.data[at]! + value : value);
      }
    }
  }

  preload(
    weights: Address,
    from: number,
    cols: number,
    rows: number,
    result: Address,
    to: number,
    resultCols: number,
    resultRows: number,
  ): void {
    if (weights.space !== 'garbage') {
      check(weights.space === 'scratchpad', () => 'weights preloaded from the accumulator');
      this.#extent(cols, rows);
      this.#filled(weights, from, cols, rows);
    }
    this.#extent(resultCols, resultRows);
    check(result.space === 'accumulator', () => 'a product written anywhere but the accumulator');
    this.#memory(result, to, resultRows);
    this.#next = { weights, from, cols, rows };
    const accumulate = result.space === 'accumulator' && result.accumulate === true;
    this.#result = { to, accumulate, cols: resultCols, rows: resultRows };
  }

  compute(fresh: boolean, a: Address, from: number, cols: number, rows: number): void {
    const { dim } = this.#parameters;
    const next = this.#next;
    const result = this.#result;
    if (!next || !result) throw new Misuse('compute without a preload before it');
    this.#next = null;
    this.#result = null;
    this.#extent(cols, rows);
    this.#filled(a, from, cols, rows);
    const hasValues = this.#options.memory !== null;
    if (fresh) {
      check(next.weights.space === 'scratchpad', () => 'compute_preloaded with no weights');
      this.#weightRows = next.rows;
      this.#weightCols = next.cols;
      if (hasValues) {
        this.#mesh.fill(0);
        for (let r = 0; r < next.rows; r++)
          for (let c = 0; c < next.cols; c++)
            this.#mesh[r * dim + c] = this.#scratchpad.data[(next.from + r) * dim + c]!;
      }
    } else check(next.weights.space === 'garbage', () => 'compute_accumulated would drop preloaded weights');
    check(cols === this.#weightRows, () => `A is ${cols} deep, the weights in the mesh ${this.#weightRows}`);
    check(
      result.rows === rows && result.cols === this.#weightCols,
      () => `a product of ${rows} × ${this.#weightCols} stored as ${result.rows} × ${result.cols}`,
    );
    for (let r = 0; r < rows; r++) {
      const row = result.to + r;
      check(
        !result.accumulate || this.#accumulator.filled[row]! >= result.cols,
        () => `a product added to row ${row}, which holds nothing`,
      );
      this.#accumulator.filled[row] = result.cols;
      if (!hasValues) continue;
      for (let c = 0; c < result.cols; c++) {
        let total = result.accumulate ? this.#accumulator.data[row * dim + c]! : 0;
        for (let k = 0; k < cols; k++) total += this.#scratchpad.data[(from + r) * dim + k]! * this.#mesh[k * dim + c]!;
        this.#accumulator.data[row * dim + c] = this.#asSum(total);
      }
    }
  }

  mvout(to: Exclude<Place, 'zeros'>, offset: number, from: Address, row: number, cols: number, rows: number): void {
    const { store } = this;
    if (!store) throw new Misuse('mvout before its config_st');
    if (from.space !== 'accumulator') throw new Misuse('mvout from anywhere but the accumulator');
    this.#extent(cols, rows);
    this.#filled(from, row, cols, rows);
    check((from.full === true) === (store.type === 'acc'), () => 'sums stored as elements or the other way');
    this.#inside(to.buffer, store.type, true, offset, store.stride, cols, rows);
    this.stored += cols * rows;
    const target = this.#options.memory?.get(to.buffer);
    if (!target) return;
    const { dim, elem } = this.#parameters;
    const limits = LIMITS[elem];
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++) {
        const sum = this.#accumulator.data[(row + r) * dim + c]!;
        let value = sum;
        if (store.type === 'elem') {
          value = sum * (this.#options.scale ?? 1);
          if (limits) value = Math.min(Math.max(roundHalfEven(value), limits[0]), limits[1]);
          if (store.relu) value = Math.max(value, 0);
        }
        target[offset + r * store.stride + c] = value;
      }
    }
  }

  #extent(cols: number, rows: number): void {
    const { dim } = this.#parameters;
    check(
      cols >= 1 && cols <= dim && rows >= 1 && rows <= dim,
      () => `an extent of ${rows} rows × ${cols} columns on a mesh of ${dim}`,
    );
  }

  #memory(address: Address, row: number, rows: number): Memory {
    check(address.space !== 'garbage', () => 'garbage used as an address');
    const memory = address.space === 'accumulator' ? this.#accumulator : this.#scratchpad;
    check(
      row >= 0 && row + rows <= memory.rows,
      () => `rows ${row} to ${row + rows - 1} of the ${address.space}, which has ${memory.rows}`,
    );
    return memory;
  }

  #filled(address: Address, row: number, cols: number, rows: number): void {
    const memory = this.#memory(address, row, rows);
    for (let r = row; r < row + rows; r++)
      check(
        memory.filled[r]! >= cols,
        () => `row ${r} of the ${address.space} is read before ${cols} columns of it are written`,
      );
  }

  #inside(
    name: string,
    type: Buffer['type'],
    isWritten: boolean,
    offset: number,
    stride: number,
    cols: number,
    rows: number,
  ): void {
    const buffer = this.#buffers.get(name);
    if (!buffer) throw new Misuse(`there is no buffer ${name}`);
    check(buffer.type === type, () => `${name} holds ${buffer.type}_t, not ${type}_t`);
    check(buffer.isWritten === isWritten, () => `${name} is ${isWritten ? 'only read' : 'only written'}`);
    const last = offset + (rows - 1) * stride + cols;
    check(
      offset >= 0 && last <= buffer.elements,
      () => `elements ${offset} to ${last - 1} of ${name}, which has ${buffer.elements}`,
    );
  }

  #asSum(value: number): number {
    return this.#parameters.acc === 'float' ? Math.fround(value) : value | 0;
  }
}

function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
