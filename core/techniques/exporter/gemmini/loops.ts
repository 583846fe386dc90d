/**
 * Gemmini programs as loops around instructions: one form, printed as C (print.ts) and played on numbers (play.ts), so that
 * what is checked is what is written. Numbers are whole; quotients and remainders are of numbers that are not negative.
 */

export type Expr =
  | number
  | string
  | { readonly op: '+' | '-' | '*' | '/' | '%' | 'min' | 'max'; readonly a: Expr; readonly b: Expr };

/** A row of one of the private memories. `garbage` stands for no operand. */
export type Address =
  | { readonly space: 'scratchpad'; readonly row: Expr }
  | {
      readonly space: 'accumulator';
      readonly row: Expr;
      /** Adds to what is there instead of replacing it (bit 30 of a write). */
      readonly accumulate?: boolean;
      /** Reads sums as they are, not scaled down to elements (bit 29 of a read). */
      readonly full?: boolean;
    }
  | { readonly space: 'garbage' };

/** `offset` counts elements of the buffer; `zeros` is the null pointer, read as zeros. */
export type Place = { readonly buffer: string; readonly offset: Expr } | 'zeros';

interface Extent {
  readonly cols: Expr;
  readonly rows: Expr;
}

export type LoadSlot = 0 | 1 | 2;

export type Instruction =
  | { readonly kind: 'config-ex' }
  | {
      readonly kind: 'config-ld';
      readonly slot: LoadSlot;
      /** Elements from row to row. */
      readonly stride: number;
      readonly type: 'elem' | 'acc';
      /** Elements that go into the accumulator as they are widened. */
      readonly shrunk: boolean;
    }
  | {
      readonly kind: 'config-st';
      readonly stride: number;
      readonly type: 'elem' | 'acc';
      readonly relu: boolean;
      /** C expression of the factor sums are scaled by. */
      readonly scale: string;
    }
  | ({ readonly kind: 'mvin'; readonly slot: LoadSlot; readonly from: Place; readonly to: Address } & Extent)
  | {
      readonly kind: 'preload';
      readonly weights: Address;
      readonly weightExtent: Extent;
      readonly result: Address;
      readonly resultExtent: Extent;
    }
  | ({ readonly kind: 'compute'; readonly fresh: boolean; readonly a: Address } & Extent)
  | ({ readonly kind: 'mvout'; readonly to: Exclude<Place, 'zeros'>; readonly from: Address } & Extent)
  | { readonly kind: 'fence' };

export type Statement =
  | Instruction
  | { readonly kind: 'for'; readonly name: string; readonly count: Expr; readonly body: readonly Statement[] }
  | { readonly kind: 'let'; readonly name: string; readonly value: Expr }
  /** `then` where a < b. */
  | {
      readonly kind: 'if';
      readonly a: Expr;
      readonly b: Expr;
      readonly then: readonly Statement[];
      readonly otherwise: readonly Statement[];
    };

export interface Buffer {
  readonly name: string;
  readonly type: 'elem' | 'acc';
  readonly elements: number;
  readonly isWritten: boolean;
}

export interface Routine {
  readonly name: string;
  readonly comment: string;
  readonly buffers: readonly Buffer[];
  readonly body: readonly Statement[];
}

const binary = (
  op: '+' | '-' | '*' | '/' | '%' | 'min' | 'max',
  a: Expr,
  b: Expr,
  value: (a: number, b: number) => number,
): Expr => (typeof a === 'number' && typeof b === 'number' ? value(a, b) : { op, a, b });

export const add = (a: Expr, b: Expr): Expr => (a === 0 ? b : b === 0 ? a : binary('+', a, b, (x, y) => x + y));
export const sub = (a: Expr, b: Expr): Expr => (b === 0 ? a : binary('-', a, b, (x, y) => x - y));
export const mul = (a: Expr, b: Expr): Expr =>
  a === 0 || b === 0 ? 0 : a === 1 ? b : b === 1 ? a : binary('*', a, b, (x, y) => x * y);
export const div = (a: Expr, b: number): Expr => (b === 1 ? a : binary('/', a, b, (x, y) => Math.floor(x / y)));
export const mod = (a: Expr, b: number): Expr => (b === 1 ? 0 : binary('%', a, b, (x, y) => x % y));
export const min = (a: Expr, b: Expr): Expr => binary('min', a, b, Math.min);
export const max = (a: Expr, b: Expr): Expr => binary('max', a, b, Math.max);
export const sum = (...terms: readonly Expr[]): Expr => terms.reduce(add, 0);

export function loop(name: string, count: Expr, body: readonly Statement[]): Statement {
  return { kind: 'for', name, count, body };
}

export function when(a: Expr, b: Expr, then: readonly Statement[], otherwise: readonly Statement[] = []): Statement {
  return { kind: 'if', a, b, then, otherwise };
}
