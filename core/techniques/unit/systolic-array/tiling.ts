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
export function inputFootprint(shape: GemmShape, g: number, m: number, k: number): number {
  const taps = tapsOf(shape);
  return k < taps ? g * m * k : inputPositions(shape, m) * g * Math.ceil(k / taps);
}

/** Of the window of a convolution; 1 of a plain product. */
function tapsOf({ convolution }: GemmShape): number {
  return convolution ? convolution.kernelHeight * convolution.kernelWidth : 1;
}

/** Input elements of one channel under the windows of m positions; of a plain product the positions. */
function inputPositions(shape: GemmShape, m: number): number {
  const window = shape.convolution;
  if (!window) return m;
  const { outputHeight, outputWidth, kernelHeight, kernelWidth } = window;
  const { strideHeight, strideWidth, dilationHeight = 1, dilationWidth = 1, inputHeight, inputWidth } = window;
  const positions = outputHeight * outputWidth;
  const images = Math.min(rowsOf(m, positions), Math.ceil(shape.m / positions));
  if (images > 1) return images * inputHeight * inputWidth;
  const rowsOut = Math.min(rowsOf(m, outputWidth), outputHeight);
  const rowsIn = reach(rowsOut, strideHeight, kernelHeight, dilationHeight, inputHeight);
  if (rowsOut > 1) return rowsIn * inputWidth;
  const columnsIn = reach(m, strideWidth, kernelWidth, dilationWidth, inputWidth);
  return (rowsIn - 1) * inputWidth + columnsIn;
}

/** Input positions under a run of outputs, along one axis. */
function reach(out: number, stride: number, kernel: number, dilation: number, extent: number): number {
  return Math.min(Math.max((out - 1) * stride + (kernel - 1) * dilation + 1, out * stride), extent);
}

/** Rows of width `width` that any of the blocks of `positions` takes part of. */
function rowsOf(positions: number, width: number): number {
  if (positions % width === 0) return positions / width;
  return width % positions === 0 ? 1 : Math.ceil(positions / width) + 1;
}

export function fits(shape: GemmShape, { g, m, n, k }: Tile, unit: ArrayUnit, bytes: ElementBytes): boolean {
  // The footprint of the input takes longest.
  return (
    weightNeeds(g, n, k, bytes) <= weightRoom(shape, g, n, k, unit) &&
    outputNeeds(g, m, n, bytes) <= outputRoom(shape, g, m, n, unit) &&
    inputNeeds(shape, g, m, k, bytes) <= inputRoom(shape, g, m, k, unit)
  );
}

/** Bytes a tile needs of each buffer, and its room there: half, for the next tile needs as much, or all where there is none. */
export function demands(shape: GemmShape, { g, m, n, k }: Tile, unit: ArrayUnit, bytes: ElementBytes) {
  return [
    { buffer: 'input', needs: inputNeeds(shape, g, m, k, bytes), room: inputRoom(shape, g, m, k, unit) },
    { buffer: 'weight', needs: weightNeeds(g, n, k, bytes), room: weightRoom(shape, g, n, k, unit) },
    { buffer: 'output', needs: outputNeeds(g, m, n, bytes), room: outputRoom(shape, g, m, n, unit) },
  ] as const;
}

const inputNeeds = (shape: GemmShape, g: number, m: number, k: number, bytes: ElementBytes) =>
  inputFootprint(shape, g, m, k) * bytes.input;
const weightNeeds = (g: number, n: number, k: number, bytes: ElementBytes) => g * k * n * bytes.weight;
const outputNeeds = (g: number, m: number, n: number, bytes: ElementBytes) => g * m * n * bytes.accumulator;

const inputRoom = (shape: GemmShape, g: number, m: number, k: number, unit: ArrayUnit) =>
  share(unit.inputBufferBytes, g >= shape.groups && k >= shape.k && m >= shape.m);
const weightRoom = (shape: GemmShape, g: number, n: number, k: number, unit: ArrayUnit) =>
  share(unit.weightBufferBytes, g >= shape.groups && k >= shape.k && n >= shape.n);
const outputRoom = (shape: GemmShape, g: number, m: number, n: number, unit: ArrayUnit) =>
  share(unit.outputBufferBytes, g >= shape.groups && m >= shape.m && n >= shape.n);
const share = (capacity: number, isOnly: boolean): number => (isOnly ? capacity : capacity / 2);

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

/** Takes the extents of a tile. */
export type TileVisitor = (g: number, m: number, n: number, k: number) => void;

/**
 * Every tile worth trying that fits, largest first. Several groups share a tile only where each has all its n and k. Where not
 * even one window fits, its taps are cut too.
 */
export function eachFeasibleTile(shape: GemmShape, unit: ArrayUnit, bytes: ElementBytes, visit: TileVisitor): void {
  if (eachTileOfWindows(shape, unit, bytes, visit) || !shape.convolution) return;
  const taps = shape.convolution.kernelHeight * shape.convolution.kernelWidth;
  for (const k of candidates(taps - 1, taps, 1))
    if (k > 0 && fits(shape, { g: 1, m: 1, n: 1, k }, unit, bytes)) visit(1, 1, 1, k);
}

export function feasibleTiles(shape: GemmShape, unit: ArrayUnit, bytes: ElementBytes): readonly Tile[] {
  const tiles: Tile[] = [];
  eachFeasibleTile(shape, unit, bytes, (g, m, n, k) => tiles.push({ g, m, n, k }));
  return tiles;
}

/** @returns whether there was any. */
function eachTileOfWindows(shape: GemmShape, unit: ArrayUnit, bytes: ElementBytes, visit: TileVisitor): boolean {
  const taps = tapsOf(shape);
  const rows = candidates(shape.m, shape.convolution?.outputWidth ?? unit.rows, 1);
  const positions = rows.map((m) => inputPositions(shape, m));
  const columns = candidates(shape.n, unit.columns, 1);
  let isAny = false;
  for (const k of candidates(shape.k, Math.max(taps, Math.ceil(unit.rows / taps) * taps), taps)) {
    const channels = Math.ceil(k / taps);
    // Whether the input fits does not depend on n, nor whether the weights do on m.
    const held = rows.filter((m, at) => {
      const elements = k < taps ? m * k : positions[at]! * channels;
      return elements * bytes.input <= inputRoom(shape, 1, m, k, unit);
    });
    if (held.length === 0) continue;
    for (const n of columns) {
      if (weightNeeds(1, n, k, bytes) > weightRoom(shape, 1, n, k, unit)) continue;
      let found = 0;
      for (const m of held) {
        if (outputNeeds(1, m, n, bytes) > outputRoom(shape, 1, m, n, unit)) continue;
        isAny = true;
        visit(1, m, n, k);
        // A smaller m with the same k and n only pays more fills; keep the two largest that fit.
        if (++found === 2) break;
      }
    }
  }
  if (shape.groups === 1) return isAny;
  // The fewer positions, the more groups fit.
  for (const m of rows)
    for (const { g, n, k } of groupsIn({ g: 1, m, n: shape.n, k: shape.k }, shape, unit, bytes)) {
      isAny = true;
      visit(g, m, n, k);
    }
  return isAny;
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
