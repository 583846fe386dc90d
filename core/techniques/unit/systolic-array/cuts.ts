/**
 * The ways to cut a product into tiles on an array, with all that depends on neither bandwidth nor dataflow. Those a kernel was last
 * asked for are kept with it: sweeps and edits of anything else find them again. Kernel records are never changed in place.
 */
import type { ArrayUnit, Dataflow } from '#core/architecture/machine.ts';
import { passes, type TileCounts } from '#core/compile/unit-model.ts';
import { type ElementBytes, feasibleTiles, type GemmShape, type Tile } from './tiling.ts';

export interface Cut {
  readonly tile: Tile;
  readonly counts: TileCounts;
  readonly outputTiles: number;
  /** Passes over input and weights with rows outermost, and with columns. */
  readonly inputOfRows: number;
  readonly weightsOfRows: number;
  readonly inputOfColumns: number;
  readonly weightsOfColumns: number;
  /** Cycles of the whole product by dataflow, where they have been asked for. */
  readonly cycles: Partial<Record<Dataflow, number>>;
}

const kept = new WeakMap<GemmShape, { readonly key: string; readonly cuts: readonly Cut[] }>();

/** All that are feasible, in the order of `feasibleTiles`. */
export function cutsOf(shape: GemmShape, unit: ArrayUnit, bytes: ElementBytes): readonly Cut[] {
  const { rows, columns, inputBufferBytes, weightBufferBytes, outputBufferBytes } = unit;
  const { input, weight, accumulator } = bytes;
  const key = `${rows} ${columns} ${inputBufferBytes} ${weightBufferBytes} ${outputBufferBytes} ${input} ${weight} ${accumulator}`;
  const known = kept.get(shape);
  if (known?.key === key) return known.cuts;
  const cuts = feasibleTiles(shape, unit, bytes).map((tile) => cut(shape, tile));
  kept.set(shape, { key, cuts });
  return cuts;
}

export function countsOf(shape: GemmShape, tile: Tile): TileCounts {
  return {
    g: Math.ceil(shape.groups / tile.g),
    m: Math.ceil(shape.m / tile.m),
    n: Math.ceil(shape.n / tile.n),
    k: Math.ceil(shape.k / tile.k),
  };
}

function cut(shape: GemmShape, tile: Tile): Cut {
  const counts = countsOf(shape, tile);
  const rowsFirst = { counts, outer: 'm' } as const;
  const columnsFirst = { counts, outer: 'n' } as const;
  return {
    tile,
    counts,
    outputTiles: counts.g * counts.m * counts.n,
    inputOfRows: passes(rowsFirst, 'm'),
    weightsOfRows: passes(rowsFirst, 'n'),
    inputOfColumns: passes(columnsFirst, 'm'),
    weightsOfColumns: passes(columnsFirst, 'n'),
    cycles: {},
  };
}
