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

/**
 * Input elements a tile needs at once: of a convolution the image under its windows, halo and dilation included (rows stay in
 * the buffer), not the unrolled matrix; whole images of a batch where it takes in several; single taps below one window.
 * Positions come in one run: between first and last whole rows, and those that strides leave out.
 */
export function inputFootprint(shape: GemmShape, tile: Tile): number {
  const window = shape.convolution;
  if (!window) return tile.g * tile.m * tile.k;
  const { outputHeight, outputWidth, kernelHeight, kernelWidth } = window;
  const taps = kernelHeight * kernelWidth;
  if (tile.k < taps) return tile.g * tile.m * tile.k;
  const channels = tile.g * Math.ceil(tile.k / taps);
  const { strideHeight, strideWidth, dilationHeight = 1, dilationWidth = 1, inputHeight, inputWidth } = window;
  const positions = outputHeight * outputWidth;
  const images = Math.min(rowsOf(tile.m, positions), Math.ceil(shape.m / positions));
  if (images > 1) return images * inputHeight * inputWidth * channels;
  const reach = (out: number, stride: number, kernel: number, dilation: number, extent: number) =>
    Math.min(Math.max((out - 1) * stride + (kernel - 1) * dilation + 1, out * stride), extent);
  const rowsOut = Math.min(rowsOf(tile.m, outputWidth), outputHeight);
  const rowsIn = reach(rowsOut, strideHeight, kernelHeight, dilationHeight, inputHeight);
  if (rowsOut > 1) return rowsIn * inputWidth * channels;
  const columnsIn = reach(tile.m, strideWidth, kernelWidth, dilationWidth, inputWidth);
  return ((rowsIn - 1) * inputWidth + columnsIn) * channels;
}

/** Rows of width `width` that any of the blocks of `positions` takes part of. */
function rowsOf(positions: number, width: number): number {
  if (positions % width === 0) return positions / width;
  return width % positions === 0 ? 1 : Math.ceil(positions / width) + 1;
}

export function fits(shape: GemmShape, tile: Tile, unit: ArrayUnit, bytes: ElementBytes): boolean {
  // The footprint of the input takes longest.
  return (
    isRoomFor(weightDemand(shape, tile, unit, bytes)) &&
    isRoomFor(outputDemand(shape, tile, unit, bytes)) &&
    isRoomFor(inputDemand(shape, tile, unit, bytes))
  );
}

/** Bytes a tile needs of each buffer, and its room there: half, for the next tile needs as much, or all where there is none. */
export function demands(shape: GemmShape, tile: Tile, unit: ArrayUnit, bytes: ElementBytes) {
  return [
    { buffer: 'input', ...inputDemand(shape, tile, unit, bytes) },
    { buffer: 'weight', ...weightDemand(shape, tile, unit, bytes) },
    { buffer: 'output', ...outputDemand(shape, tile, unit, bytes) },
  ] as const;
}

interface Demand {
  readonly needs: number;
  readonly room: number;
}

const isRoomFor = ({ needs, room }: Demand): boolean => needs <= room;
const share = (capacity: number, isOnly: boolean): number => (isOnly ? capacity : capacity / 2);

function inputDemand(shape: GemmShape, tile: Tile, unit: ArrayUnit, bytes: ElementBytes): Demand {
  const isOnly = tile.g >= shape.groups && tile.k >= shape.k && tile.m >= shape.m;
  return { needs: inputFootprint(shape, tile) * bytes.input, room: share(unit.inputBufferBytes, isOnly) };
}

function weightDemand(shape: GemmShape, { g, n, k }: Tile, unit: ArrayUnit, bytes: ElementBytes): Demand {
  const isOnly = g >= shape.groups && k >= shape.k && n >= shape.n;
  return { needs: g * k * n * bytes.weight, room: share(unit.weightBufferBytes, isOnly) };
}

function outputDemand(shape: GemmShape, { g, m, n }: Tile, unit: ArrayUnit, bytes: ElementBytes): Demand {
  const isOnly = g >= shape.groups && m >= shape.m && n >= shape.n;
  return { needs: g * m * n * bytes.accumulator, room: share(unit.outputBufferBytes, isOnly) };
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

/**
 * All tiles worth trying that fit, largest first. Several groups share a tile only where each has all its n and k. Where not
 * even one window fits, its taps are cut too.
 */
export function feasibleTiles(shape: GemmShape, unit: ArrayUnit, bytes: ElementBytes): readonly Tile[] {
  const tiles = tilesOfWindows(shape, unit, bytes);
  if (tiles.length > 0 || !shape.convolution) return tiles;
  const taps = shape.convolution.kernelHeight * shape.convolution.kernelWidth;
  return candidates(taps - 1, taps, 1)
    .map((k) => ({ g: 1, m: 1, n: 1, k }))
    .filter((tile) => tile.k > 0 && fits(shape, tile, unit, bytes));
}

function tilesOfWindows(shape: GemmShape, unit: ArrayUnit, bytes: ElementBytes): readonly Tile[] {
  const window = shape.convolution;
  const rowGrain = window ? window.outputWidth : unit.rows;
  const tapGrain = window ? window.kernelHeight * window.kernelWidth : 1;
  const tiles: Tile[] = [];
  const rows = candidates(shape.m, rowGrain, 1);
  const columns = candidates(shape.n, unit.columns, 1);
  for (const k of candidates(shape.k, Math.max(tapGrain, Math.ceil(unit.rows / tapGrain) * tapGrain), tapGrain)) {
    // Whether the input fits does not depend on n, nor whether the weights do on m.
    const held = rows.filter((m) => isRoomFor(inputDemand(shape, { g: 1, m, n: 1, k }, unit, bytes)));
    if (held.length === 0) continue;
    for (const n of columns) {
      if (!isRoomFor(weightDemand(shape, { g: 1, m: 1, n, k }, unit, bytes))) continue;
      let found = 0;
      for (const m of held) {
        const tile = { g: 1, m, n, k };
        if (!isRoomFor(outputDemand(shape, tile, unit, bytes))) continue;
        tiles.push(tile);
        // A smaller m with the same k and n only pays more fills; keep the two largest that fit.
        if (++found === 2) break;
      }
    }
  }
  if (shape.groups === 1) return tiles;
  // The fewer positions, the more groups fit.
  const shared = rows.flatMap((m) => groupsIn({ g: 1, m, n: shape.n, k: shape.k }, shape, unit, bytes));
  return [...tiles, ...shared];
}

/** The tile with several groups: the most that fit, in whole packs of the array where they do. */
function groupsIn(tile: Tile, shape: GemmShape, unit: ArrayUnit, bytes: ElementBytes): readonly Tile[] {
  const packs = [Math.floor(unit.rows / tile.k), Math.floor(unit.columns / tile.n), 1];
  const grains = new Set(packs.filter((pack) => pack >= 1 && pack <= shape.groups));
  const most = new Set<number>();
  for (const grain of grains) {
    const found = candidates(shape.groups, grain, grain).find((g) => g > 1 && fits(shape, { ...tile, g }, unit, bytes));
    if (found !== undefined) most.add(found);
  }
  return [...most].map((g) => ({ ...tile, g }));
}
