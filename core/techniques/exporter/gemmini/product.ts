/**
 * Weight-stationary products on Gemmini: C = A·B + D in blocks of DIM, tiles in one half of each memory while the other is
 * filled. Matrix products and convolutions differ only in where the rows of a block lie (`Operands`).
 */
import { type Address, add, type Expr, loop, min, mod, mul, type Statement, sub, sum, when } from './loops.ts';
import type { GemminiParameters } from './parameters.ts';

/** Blocks of DIM: I of rows, J of columns, K of depth. */
export interface Blocks {
  readonly i: number;
  readonly j: number;
  readonly k: number;
}

export interface Operands {
  readonly groups: number;
  readonly blocks: Blocks;
  /** Extents of a block: DIM, or what is left at an edge. */
  rows(i: Expr): Expr;
  cols(j: Expr): Expr;
  depth(k: Expr): Expr;
  loadA(group: Expr, i: Expr, k: Expr, to: Address & { readonly row: Expr }): readonly Statement[];
  loadB(group: Expr, k: Expr, j: Expr, to: Address): readonly Statement[];
  /** Null without an addend. */
  readonly loadD: ((group: Expr, i: Expr, j: Expr, to: Address) => readonly Statement[]) | null;
  store(group: Expr, i: Expr, j: Expr, from: Address): readonly Statement[];
}

/**
 * The tile of least traffic that fits in half of each memory: A is read once for every tile of columns, B once for every
 * tile of rows. Ties go to the deeper tile.
 */
export function tileOf(blocks: Blocks, { dim, bankNum, bankRows, accRows }: GemminiParameters): Blocks {
  const spad = Math.floor((bankNum * bankRows) / 2 / dim);
  const acc = Math.floor(accRows / 2 / dim);
  let best: Blocks | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 1; i <= Math.min(blocks.i, acc); i++) {
    for (let j = 1; j <= Math.min(blocks.j, Math.floor(acc / i)); j++) {
      const k = Math.min(blocks.k, Math.floor(spad / (i + j)));
      if (k < 1) continue;
      const traffic = blocks.k * (blocks.i * Math.ceil(blocks.j / j) + blocks.j * Math.ceil(blocks.i / i));
      if (traffic < least || (traffic === least && best !== null && k > best.k)) {
        least = traffic;
        best = { i, j, k };
      }
    }
  }
  return best ?? { i: 1, j: 1, k: 1 };
}

export function product(operands: Operands, parameters: GemminiParameters): readonly Statement[] {
  const { blocks, groups } = operands;
  const { dim, bankNum, bankRows, accRows } = parameters;
  const tile = tileOf(blocks, parameters);
  const counts = { i: ceil(blocks.i, tile.i), j: ceil(blocks.j, tile.j), k: ceil(blocks.k, tile.k) };
  // Blocks of this tile; the last tile of an axis may have fewer.
  const left = (axis: 'i' | 'j' | 'k'): Expr =>
    blocks[axis] % tile[axis] === 0 ? tile[axis] : min(tile[axis], sub(blocks[axis], mul(`${axis}0`, tile[axis])));
  const at = (axis: 'i' | 'j' | 'k'): Expr => add(mul(`${axis}0`, tile[axis]), axis);

  // Halves alternate from tile to tile, so that loads of one overlap computing on the other.
  const spadHalf = Math.floor((bankNum * bankRows) / 2);
  const accHalf = Math.floor(accRows / 2);
  const step = sum(mul(sum(mul(sum(mul('g', counts.i), 'i0'), counts.j), 'j0'), counts.k), 'k0');
  const outer = sum(mul(sum(mul('g', counts.i), 'i0'), counts.j), 'j0');
  const aRow: Expr = add('spad', mul(add(mul('i', tile.k), 'k'), dim));
  const bRow: Expr = add('spad', add(tile.i * tile.k * dim, mul(add(mul('k', tile.j), 'j'), dim)));
  const cRow: Expr = add('acc', mul(add(mul('i', tile.j), 'j'), dim));
  const { loadD } = operands;

  const preload = (isFirst: boolean): readonly Statement[] => {
    const one = (weights: Address, fresh: boolean): readonly Statement[] => [
      {
        kind: 'preload',
        weights,
        weightExtent: { cols: 'cols', rows: 'depth' },
        result: { space: 'accumulator', row: cRow, accumulate: !isFirst },
        resultExtent: { cols: 'cols', rows: operands.rows(at('i')) },
      },
      { kind: 'compute', fresh, a: { space: 'scratchpad', row: aRow }, cols: 'depth', rows: operands.rows(at('i')) },
    ];
    // The block of weights stays in the mesh for all rows.
    return [when('i', 1, one({ space: 'scratchpad', row: bRow }, true), one({ space: 'garbage' }, false))];
  };

  return [
    loop('g', groups, [
      loop('i0', counts.i, [
        loop('j0', counts.j, [
          { kind: 'let', name: 'acc', value: mul(mod(outer, 2), accHalf) },
          ...(loadD
            ? [
                loop('i', left('i'), [
                  loop('j', left('j'), loadD('g', at('i'), at('j'), { space: 'accumulator', row: cRow })),
                ]),
              ]
            : []),
          loop('k0', counts.k, [
            { kind: 'let', name: 'spad', value: mul(mod(step, 2), spadHalf) },
            loop('i', left('i'), [
              loop('k', left('k'), operands.loadA('g', at('i'), at('k'), { space: 'scratchpad', row: aRow })),
            ]),
            loop('k', left('k'), [
              loop('j', left('j'), operands.loadB('g', at('k'), at('j'), { space: 'scratchpad', row: bRow })),
            ]),
            loop('k', left('k'), [
              { kind: 'let', name: 'depth', value: operands.depth(at('k')) },
              loop('j', left('j'), [
                { kind: 'let', name: 'cols', value: operands.cols(at('j')) },
                loop('i', left('i'), loadD ? preload(false) : [when(add('k0', 'k'), 1, preload(true), preload(false))]),
              ]),
            ]),
          ]),
          loop('i', left('i'), [
            loop('j', left('j'), operands.store('g', at('i'), at('j'), { space: 'accumulator', row: cRow })),
          ]),
        ]),
      ]),
    ]),
    { kind: 'fence' },
  ];
}

export const ceil = (a: number, b: number): number => Math.ceil(a / b);

/** Of `extent`, what block `at` holds: `dim`, or less at the end. */
export function blockExtent(extent: number, at: Expr, dim: number): Expr {
  if (extent % dim === 0) return dim;
  return extent < dim ? extent : min(dim, sub(extent, mul(at, dim)));
}
