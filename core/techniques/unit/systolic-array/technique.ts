/**
 * GEMM-shaped kernels on a systolic array: every dataflow the array allows × every feasible tile × both loop
 * orders, scored by max(array cycles, off-chip cycles) or by off-chip bytes, the other breaking ties.
 * Cycles of a tile are SCALE-Sim v3's folds; see README for what that leaves out.
 */
import type { ArrayUnit, Dataflow } from '#core/architecture/machine.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { ACCUMULATOR_BYTES } from '#core/compile/schedule-problem.ts';
import {
  type GivenTiling,
  type Mapping,
  type MappingContext,
  passesOf,
  type TileCounts,
  type TileLoop,
  type UnitModel,
} from '#core/compile/unit-model.ts';
import { foldedCycles, type Gemm } from '#core/cost/folds.ts';
import { bestPacking, packedAccesses, streamCycles } from './packing.ts';
import { demands, type ElementBytes, eachFeasibleTile, type GemmShape, type Tile } from './tiling.ts';

const DATAFLOWS: Readonly<Record<Dataflow, string>> = {
  os: 'output-stationary',
  ws: 'weight-stationary',
  is: 'input-stationary',
};

export const technique: UnitModel = {
  manifest: {
    id: 'unit/systolic-array',
    kind: 'unit',
    version: '1',
    title: 'Systolic array, folds of SCALE-Sim v3',
    summary: 'Cycles of GEMM tiles by folds in all three dataflows; tiles sized to the operand buffers.',
    maturity: 'stable',
    citations: [
      {
        text: 'Samajdar et al., A systematic methodology for characterizing scalability of DNN accelerators using SCALE-Sim, ISPASS 2020',
        reference: 'doi:10.1109/ISPASS48437.2020.00016',
      },
      { text: 'SCALE-Sim v3.0.0, operand matrix and compute classes' },
    ],
    parameters: [],
  },
  component: 'systolic-array',
  map(kernel, unit, context) {
    if (unit.kind !== 'systolic-array' || kernel.kind !== 'gemm') return null;
    return mapGemm(kernel, unit, context);
  },
  mapAs(kernel, unit, context, tiling) {
    if (unit.kind !== 'systolic-array' || kernel.kind !== 'gemm') return err('a systolic array does products alone');
    return mapGemmAs(kernel, unit, context, tiling);
  },
};

interface Candidate {
  readonly dataflow: Dataflow;
  readonly tile: Tile;
  readonly loop: TileLoop;
}

/**
 * Of equals the first: dataflows as the array lists them, tiles as `feasibleTiles` does, rows outermost before columns. What
 * cannot be as good as the best so far, by its bytes or by the folds the whole product takes at least, is passed over. A
 * sweep comes here for every kernel of every point: nothing is made of a tile that is not the best.
 */
function mapGemm(shape: GemmShape, unit: ArrayUnit, context: MappingContext): Mapping | null {
  const { parallel, offChipBytesPerCycle, inputBytes, weightBytes, outputBytes } = context;
  const byTime = context.objective === 'cycles';
  const whole: Tile = { g: 1, m: shape.m, n: shape.n, k: shape.k };
  const { dataflows } = unit;
  // Cutting a product never makes it shorter; groups packed into a tile may.
  const least = dataflows.map((dataflow) =>
    byTime && shape.groups === 1 ? totalCycles(shape, whole, ONE, dataflow, unit) / parallel : 0,
  );
  // What the search weighs: first, then second, then busy cycles; of equals the place of the dataflow, then the order.
  let [bestFirst, bestSecond, bestCycles, bestPlace] = [Number.POSITIVE_INFINITY, 0, 0, 0];
  let best: Candidate | null = null;
  eachFeasibleTile(shape, unit, elementBytes(context), (g, m, n, k) => {
    const countM = Math.ceil(shape.m / m);
    const countN = Math.ceil(shape.n / n);
    const countK = Math.ceil(shape.k / k);
    const bytesOfRows =
      inputBytes * passesOf(countM, countN, countK, true) +
      weightBytes * passesOf(countN, countM, countK, false) +
      outputBytes;
    const bytesOfColumns =
      inputBytes * passesOf(countM, countN, countK, false) +
      weightBytes * passesOf(countN, countM, countK, true) +
      outputBytes;
    const fewest = Math.min(bytesOfRows, bytesOfColumns);
    if ((byTime ? fewest / offChipBytesPerCycle : fewest) > bestFirst) return;
    let tile: Tile | null = null;
    let counts = ONE;
    for (let place = 0; place < dataflows.length; place++) {
      if (least[place]! > bestFirst) continue;
      const dataflow = dataflows[place]!;
      if (tile === null) {
        tile = { g, m, n, k };
        counts = { g: Math.ceil(shape.groups / g), m: countM, n: countN, k: countK };
      }
      const outputTiles = counts.g * countM * countN;
      // Tiles are dealt to equal arrays in whole output tiles.
      const dealt = Math.ceil(outputTiles / parallel);
      const cycles = (totalCycles(shape, tile, counts, dataflow, unit) * dealt) / outputTiles;
      for (let order = 0; order < 2; order++) {
        const bytes = order === 0 ? bytesOfRows : bytesOfColumns;
        const time = Math.max(cycles, bytes / offChipBytesPerCycle);
        const first = byTime ? time : bytes;
        const second = byTime ? bytes : time;
        if (first > bestFirst) continue;
        if (first === bestFirst) {
          if (second > bestSecond) continue;
          if (second === bestSecond && (cycles > bestCycles || (cycles === bestCycles && place >= bestPlace))) continue;
        }
        [bestFirst, bestSecond, bestCycles, bestPlace] = [first, second, cycles, place];
        best = { dataflow, tile, loop: { counts, tile, outer: order === 0 ? 'm' : 'n' } };
      }
    }
  });
  return best === null ? null : mappingOf(shape, unit, best);
}

/** A product that is a single tile. */
const ONE: TileCounts = { g: 1, m: 1, n: 1, k: 1 };

function mapGemmAs(
  shape: GemmShape,
  unit: ArrayUnit,
  context: MappingContext,
  tiling: GivenTiling,
): Result<Mapping, string> {
  if (tiling.kind !== 'tile') return err(`${unit.name} takes tiles of a product, not chunks`);
  const { tile, dataflow, outer } = tiling;
  if (!unit.dataflows.includes(dataflow)) return err(`${unit.name} does ${unit.dataflows.join(', ')}, not ${dataflow}`);
  for (const [axis, extent] of [
    ['g', shape.groups],
    ['m', shape.m],
    ['n', shape.n],
    ['k', shape.k],
  ] as const)
    if (tile[axis] > extent) return err(`a tile of ${axis} ${tile[axis]} is larger than the product's ${extent}`);
  if (tile.g > 1 && (tile.n < shape.n || tile.k < shape.k))
    return err(`groups share a tile only where each has all of its n ${shape.n} and k ${shape.k}`);
  const tight = demands(shape, tile, unit, elementBytes(context)).find(({ needs, room }) => needs > room);
  if (tight)
    return err(
      `a tile takes ${tight.needs} B of the ${tight.buffer} buffer of ${unit.name}, which has ${tight.room} B for it`,
    );
  const counts = countsOf(shape, tile);
  const loop: TileLoop = { counts, tile, outer };
  return ok(mappingOf(shape, unit, { dataflow, tile, loop }));
}

function countsOf(shape: GemmShape, tile: Tile): TileCounts {
  return {
    g: Math.ceil(shape.groups / tile.g),
    m: Math.ceil(shape.m / tile.m),
    n: Math.ceil(shape.n / tile.n),
    k: Math.ceil(shape.k / tile.k),
  };
}

function elementBytes({ inputElementBytes, weightElementBytes }: MappingContext): ElementBytes {
  return { input: inputElementBytes, weight: weightElementBytes, accumulator: ACCUMULATOR_BYTES };
}

/** Extent of block `index` of an axis cut into blocks of `size`. */
function blockExtent(extent: number, size: number, index: number): number {
  return Math.min(size, extent - index * size);
}

/** The extents of the blocks an axis is cut into, and how often each occurs: full ones, and the last. */
function kinds(extent: number, size: number, count: number): readonly (readonly [extent: number, times: number])[] {
  const last = blockExtent(extent, size, count - 1);
  if (last === size) return [[size, count]];
  const full = [size, count - 1] as const;
  return count === 1 ? [[last, 1]] : [full, [last, 1]];
}

/** Σ over the at most 16 kinds of tile. */
function overTiles(
  shape: GemmShape,
  tile: Tile,
  counts: TileCounts,
  of: (gemm: Gemm, groups: number) => number,
): number {
  let total = 0;
  for (const [g, timesG] of kinds(shape.groups, tile.g, counts.g))
    for (const [m, timesM] of kinds(shape.m, tile.m, counts.m))
      for (const [n, timesN] of kinds(shape.n, tile.n, counts.n))
        for (const [k, timesK] of kinds(shape.k, tile.k, counts.k))
          total += timesG * timesM * timesN * timesK * of({ m, n, k }, g);
  return total;
}

function totalCycles(shape: GemmShape, tile: Tile, counts: TileCounts, dataflow: Dataflow, unit: ArrayUnit): number {
  if (tile.g > 1) return overTiles(shape, tile, counts, (gemm, groups) => cyclesOf(gemm, groups, dataflow, unit));
  // Σ over tiles of `foldedCycles` is a product of sums over axes: folds of the two that lie in space, steps of the third.
  const { rows, columns } = unit;
  const fill = rows + columns - 2;
  switch (dataflow) {
    case 'os':
      return (
        shape.groups *
        foldsOf(shape.m, tile.m, counts.m, rows) *
        foldsOf(shape.n, tile.n, counts.n, columns) *
        (shape.k + counts.k * fill)
      );
    case 'ws':
      return (
        shape.groups *
        foldsOf(shape.k, tile.k, counts.k, rows) *
        foldsOf(shape.n, tile.n, counts.n, columns) *
        (shape.m + counts.m * (fill + rows))
      );
    case 'is':
      return (
        shape.groups *
        foldsOf(shape.k, tile.k, counts.k, rows) *
        foldsOf(shape.m, tile.m, counts.m, columns) *
        (shape.n + counts.n * (fill + rows))
      );
  }
}

/** Folds of all blocks of an axis on so many cells. */
function foldsOf(extent: number, size: number, count: number, cells: number): number {
  return (count - 1) * Math.ceil(size / cells) + Math.ceil(blockExtent(extent, size, count - 1) / cells);
}

function cyclesOf(gemm: Gemm, groups: number, dataflow: Dataflow, unit: ArrayUnit): number {
  return groups === 1
    ? foldedCycles(gemm, dataflow, unit.rows, unit.columns)
    : bestPacking(gemm, groups, dataflow, unit).cycles;
}

function mappingOf(shape: GemmShape, unit: ArrayUnit, { dataflow, tile, loop }: Candidate): Mapping {
  const { counts } = loop;
  const block = { m: Math.min(tile.m, shape.m), n: Math.min(tile.n, shape.n), k: Math.min(tile.k, shape.k) };
  const { packing } = bestPacking(block, tile.g, dataflow, unit);
  const extents = `${shape.groups > 1 ? `${shape.groups} × ` : ''}${shape.m} × ${shape.n} × ${shape.k}`;
  const blocks = counts.g * counts.m * counts.n * counts.k;
  return {
    description: `${DATAFLOWS[dataflow]}, M × N × K ${extents}, ${blocks} ${blocks === 1 ? 'tile' : 'tiles'} of ${tile.g > 1 ? `${tile.g} × ` : ''}${tile.m} × ${tile.n} × ${tile.k}${packing.groups > 1 ? `, ${packing.groups} groups side by side` : ''}`,
    dataflow,
    loop,
    inputs: { axes: ['g', 'm', 'k'] },
    weights: { axes: ['g', 'n', 'k'] },
    outputs: { axes: ['g', 'm', 'n'] },
    tileCycles: (g, m, n, k) =>
      cyclesOf(
        { m: blockExtent(shape.m, tile.m, m), n: blockExtent(shape.n, tile.n, n), k: blockExtent(shape.k, tile.k, k) },
        blockExtent(shape.groups, tile.g, g),
        dataflow,
        unit,
      ),
    cycles: totalCycles(shape, tile, counts, dataflow, unit),
    peakMacsPerCycle: unit.rows * unit.columns,
    operations: 0,
    accesses: packedAccesses(shape, shape.groups, dataflow, unit, packing),
    groupsAtOnce: packing.groups,
    streamCycles: overTiles(shape, tile, counts, (gemm, groups) =>
      streamCycles(gemm, groups, dataflow, unit, bestPacking(gemm, groups, dataflow, unit).packing),
    ),
  };
}
