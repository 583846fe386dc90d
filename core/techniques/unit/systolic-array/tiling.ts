/**
 * Tiles of a GEMM that fit an array's operand buffers, each buffer holding the tile at work and the next.
 * Candidates per axis are the whole extent and its successive halvings rounded up to what the array or the
 * convolution window divides by; the search over them is exhaustive.
 */

import type { ArrayUnit } from '#core/architecture/machine.ts';
import type { ConvolutionWindow } from '#core/catalog/operator-type.ts';

export interface GemmShape {
  readonly groups: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly convolution?: ConvolutionWindow;
}

export interface Tile {
  readonly g: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

export interface ElementBytes {
  readonly input: number;
  readonly weight: number;
  readonly accumulator: number;
}

/** Input elements a tile needs at once. A convolution reads the image under its windows once (rows stay in the buffer), not the unrolled matrix. */
export function inputFootprint(shape: GemmShape, tile: Tile): number {
  const window = shape.convolution;
  if (!window) return tile.g * tile.m * tile.k;
  const taps = window.kernelHeight * window.kernelWidth;
  const channels = tile.g * Math.ceil(tile.k / taps);
  const rowsOut = Math.min(Math.ceil(tile.m / window.outputWidth), window.outputHeight);
  const columnsOut = Math.min(tile.m, window.outputWidth);
  const rowsIn = Math.min(
    (rowsOut - 1) * window.strideHeight + window.kernelHeight,
    Math.max(window.inputHeight, window.kernelHeight),
  );
  const columnsIn = Math.min(
    (columnsOut - 1) * window.strideWidth + window.kernelWidth,
    Math.max(window.inputWidth, window.kernelWidth),
  );
  return rowsIn * columnsIn * channels;
}

export function fits(shape: GemmShape, tile: Tile, unit: ArrayUnit, bytes: ElementBytes): boolean {
  // A buffer is halved for the next tile only when there is one.
  const share = (capacity: number, whole: boolean) => (whole ? capacity : capacity / 2);
  const whole = tile.g >= shape.groups && tile.k >= shape.k;
  return (
    inputFootprint(shape, tile) * bytes.input <= share(unit.inputBufferBytes, whole && tile.m >= shape.m) &&
    tile.g * tile.k * tile.n * bytes.weight <= share(unit.weightBufferBytes, whole && tile.n >= shape.n) &&
    tile.g * tile.m * tile.n * bytes.accumulator <=
      share(unit.outputBufferBytes, tile.g >= shape.groups && tile.m >= shape.m && tile.n >= shape.n)
  );
}

/** `extent` and its halvings, rounded up to multiples of `grain`, ending at `least`. */
export function candidates(extent: number, grain: number, least: number): readonly number[] {
  const found: number[] = [];
  for (let size = extent; ; size = Math.ceil(size / 2)) {
    const rounded = Math.min(extent, Math.ceil(size / grain) * grain);
    if (found[found.length - 1] !== rounded) found.push(rounded);
    if (size <= grain || size <= 1) break;
  }
  for (let size = Math.min(grain, extent); size > least; ) {
    size = Math.ceil(size / 2);
    if (size < found[found.length - 1]!) found.push(size);
  }
  return found;
}

/** All tiles worth trying that fit, largest first. Several groups share a tile only when each is whole. */
export function feasibleTiles(shape: GemmShape, unit: ArrayUnit, bytes: ElementBytes): readonly Tile[] {
  const window = shape.convolution;
  const rowGrain = window ? window.outputWidth : unit.rows;
  const tapGrain = window ? window.kernelHeight * window.kernelWidth : 1;
  const tiles: Tile[] = [];
  for (const k of candidates(shape.k, Math.max(tapGrain, Math.ceil(unit.rows / tapGrain) * tapGrain), tapGrain)) {
    for (const n of candidates(shape.n, unit.columns, 1)) {
      for (const m of candidates(shape.m, rowGrain, 1)) {
        const tile = { g: 1, m, n, k };
        if (!fits(shape, tile, unit, bytes)) continue;
        tiles.push(tile);
        if (shape.groups > 1 && m === shape.m && n === shape.n && k === shape.k) {
          for (const g of candidates(shape.groups, 1, 1))
            if (g > 1 && fits(shape, { ...tile, g }, unit, bytes)) tiles.push({ ...tile, g });
        }
        // A smaller m with the same k and n only pays more fills; keep the two largest that fit.
        if (
          tiles.length > 1 &&
          tiles[tiles.length - 2]!.n === n &&
          tiles[tiles.length - 2]!.k === k &&
          tiles[tiles.length - 2]!.m > m
        )
          break;
      }
    }
  }
  return tiles;
}
