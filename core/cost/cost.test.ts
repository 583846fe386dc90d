import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ArrayUnit, resolveMachine } from '#core/architecture/machine.ts';
import { PRESETS } from '#core/architecture/presets.ts';
import { technique as bandwidthBound } from '#core/techniques/array-model/bandwidth-bound/technique.ts';
import { technique as drainAware } from '#core/techniques/array-model/drain-aware/technique.ts';
import { technique as scaleSim } from '#core/techniques/array-model/scalesim-v3/technique.ts';
import { type ArrayDescription, type ArrayPort, type ArrayWorkload, macsOf } from './array-model.ts';
import { drawnArray } from './drawn-array.ts';
import { overFolds } from './fold-cost.ts';
import { fold } from './folds.ts';
import { roofline } from './roofline.ts';
import { distinctInput, foldKinds, groupsPacked } from './traffic.ts';

const OPERANDS = ['input', 'weight', 'output'] as const;
const dataflows = fc.constantFrom('os', 'ws', 'is');
const port = (name: string, level: ArrayPort['level']) =>
  fc
    .integer({ min: 1, max: 300 })
    .map((bytesPerCycle): ArrayPort => ({ name, level, operands: OPERANDS, bytesPerCycle }));

const arrays: fc.Arbitrary<ArrayDescription> = fc.record({
  rows: fc.integer({ min: 1, max: 40 }),
  columns: fc.integer({ min: 1, max: 40 }),
  dataflow: dataflows,
  bufferBytes: fc.record({
    input: fc.integer({ min: 16, max: 20_000 }),
    weight: fc.integer({ min: 16, max: 20_000 }),
    output: fc.integer({ min: 16, max: 20_000 }),
  }),
  elementBytes: fc.constant({ input: 1, weight: 1, output: 1 }),
  partialSumBytes: fc.constantFrom(1, 4),
  scratchpadBytes: fc.constantFrom(0, 4096, 100_000),
  ports: fc.tuple(port('DRAM', 'off-chip'), port('SPM', 'buffers'), port('edge', 'cells')),
});

const products: fc.Arbitrary<ArrayWorkload> = fc.record({
  groups: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 70 })),
  m: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 300 })),
  n: fc.integer({ min: 1, max: 120 }),
  k: fc.integer({ min: 1, max: 200 }),
});

const convolutions: fc.Arbitrary<ArrayWorkload> = fc
  .record({
    groups: fc.constantFrom(1, 2, 16),
    channels: fc.integer({ min: 1, max: 9 }),
    filters: fc.integer({ min: 1, max: 40 }),
    kernel: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 3 }),
    output: fc.integer({ min: 1, max: 14 }),
  })
  .map(({ groups, channels, filters, kernel, stride, output }) => {
    const extent = (output - 1) * stride + kernel;
    return {
      groups,
      m: output * output,
      n: filters,
      k: kernel * kernel * channels,
      convolution: {
        inputHeight: extent,
        inputWidth: extent,
        inputChannels: channels * groups,
        kernelHeight: kernel,
        kernelWidth: kernel,
        strideHeight: stride,
        strideWidth: stride,
        outputHeight: output,
        outputWidth: output,
      },
    };
  });
const workloads = fc.oneof(products, convolutions);
const RUNS = { numRuns: 1000 };

describe('folds, by kinds', () => {
  it('are as many as the folding says, and their work is all the work', () => {
    fc.assert(
      fc.property(workloads, arrays, (workload, array) => {
        const kinds = foldKinds(workload, array);
        const macs = overFolds(kinds, ({ cells, temporal }) => cells * temporal);
        expect(macs).toBe(macsOf(workload));
        const packed = groupsPacked(workload, array);
        const { rowFolds, columnFolds } = fold(workload, array.dataflow, array.rows, array.columns);
        expect(overFolds(kinds, () => 1)).toBe(
          packed === 1 ? workload.groups * rowFolds * columnFolds : Math.ceil(workload.groups / packed),
        );
        for (const { rows, columns, cells } of kinds) {
          expect(rows).toBeLessThanOrEqual(array.rows);
          expect(columns).toBeLessThanOrEqual(array.columns);
          expect(cells).toBeLessThanOrEqual(rows * columns);
        }
      }),
      RUNS,
    );
  });

  it('equal a walk over every fold with the same buffers', () => {
    fc.assert(
      fc.property(products, arrays, (workload, array) => {
        fc.pre(groupsPacked(workload, array) === 1 && array.scratchpadBytes === 0);
        const walked = walk(workload, array);
        const kinds = foldKinds(workload, array);
        for (const operand of OPERANDS)
          expect(overFolds(kinds, ({ traffic }) => traffic.buffers[operand])).toBe(walked[operand]);
        expect(overFolds(kinds, ({ traffic }) => traffic.buffers.sumReads)).toBe(walked.sumReads);
        expect(overFolds(kinds, ({ traffic }) => traffic.buffers.sumWrites)).toBe(walked.sumReads);
      }),
      { numRuns: 300 },
    );
  });

  it('move every element at least once, fewer the nearer to the chip’s edge, and results exactly once', () => {
    fc.assert(
      fc.property(workloads, arrays, (workload, array) => {
        const kinds = foldKinds(workload, array);
        const { groups, m, n, k } = workload;
        const at = (level: 'cells' | 'buffers' | 'off-chip', part: 'input' | 'weight' | 'output' | 'sumReads') =>
          overFolds(kinds, ({ traffic }) => traffic[level][part]);
        const least = { input: groups * distinctInput(workload), weight: groups * k * n, sumReads: 0 };
        for (const part of ['input', 'weight', 'sumReads'] as const) {
          expect(at('off-chip', part)).toBeGreaterThanOrEqual(least[part] - 1e-6);
          expect(at('buffers', part)).toBeGreaterThanOrEqual(at('off-chip', part) - 1e-6);
          expect(at('cells', part)).toBeGreaterThanOrEqual(at('buffers', part) - 1e-6);
        }
        for (const level of ['cells', 'buffers', 'off-chip'] as const) expect(at(level, 'output')).toBe(groups * m * n);
      }),
      RUNS,
    );
  });
});

/** Every fold in order; each operand's blocks are kept as the rules of the buffers say, told without fold kinds. */
function walk({ groups, m, n, k }: ArrayWorkload, array: ArrayDescription) {
  const { rows, columns, dataflow, bufferBytes, elementBytes, partialSumBytes } = array;
  const { spatialRows, spatialColumns, temporal } = fold({ m, n, k }, dataflow, rows, columns);
  const total = { input: 0, weight: 0, output: 0, sumReads: 0 };
  const width = { ...elementBytes, output: dataflow === 'os' ? elementBytes.output : partialSumBytes };
  const whole = { input: m * k, weight: k * n, output: m * n };
  const fits = (operand: 'input' | 'weight' | 'output', elements: number) =>
    elements * width[operand] <= bufferBytes[operand];
  for (let group = 0; group < groups; group++) {
    const seen = new Set<string>();
    for (let c = 0; c < spatialColumns; c += columns) {
      for (let r = 0; r < spatialRows; r += rows) {
        const height = Math.min(rows, spatialRows - r);
        const across = Math.min(columns, spatialColumns - c);
        const largest = Math.min(columns, spatialColumns) * temporal;
        const blocks = {
          row: [`r${r}`, height * temporal],
          column: [`c${c}`, across * temporal],
          both: [`${r},${c}`, height * across],
        } as const;
        const roles = {
          os: { input: 'row', weight: 'column' },
          ws: { input: 'row', weight: 'both' },
          is: { input: 'both', weight: 'row' },
        } as const;
        for (const operand of ['input', 'weight'] as const) {
          const role = roles[dataflow][operand];
          const [name, elements] = blocks[role];
          const stays = fits(operand, whole[operand]) || (role === 'column' && fits(operand, 2 * largest));
          if (!stays || !seen.has(operand + name)) total[operand] += elements;
          seen.add(operand + name);
        }
        if (dataflow === 'os') {
          total.output += height * across;
          continue;
        }
        const isKept = fits('output', whole.output) || fits('output', 2 * largest);
        if (r + rows >= spatialRows) total.output += across * temporal;
        if (r > 0 && !isKept) total.sumReads += across * temporal;
      }
    }
  }
  return total;
}

describe('every model', () => {
  it('takes no less than the roofline; utilisation is work over time', () => {
    fc.assert(
      fc.property(workloads, arrays, (workload, array) => {
        const roof = roofline(workload, array);
        const cells = array.rows * array.columns;
        for (const model of [drainAware, bandwidthBound, scaleSim]) {
          const { cycles, overallUtilisation, computeUtilisation, mappingEfficiency } = model.estimate(
            workload,
            array,
            {},
          );
          if (cycles === null || overallUtilisation === null) throw new Error('no cycles in CALC mode');
          // SCALE-Sim counts from cycle 0: one less a layer.
          const slack = model === scaleSim ? workload.groups : 0;
          expect(cycles + slack).toBeGreaterThanOrEqual(
            model === bandwidthBound ? roof.cycles - 1e-6 : roof.computeCycles,
          );
          expect((overallUtilisation / 100) * cells * cycles).toBeCloseTo(macsOf(workload), 4);
          for (const share of [computeUtilisation, mappingEfficiency]) {
            expect(share).toBeGreaterThan(0);
            expect(share).toBeLessThanOrEqual(100 + 1e-9);
          }
        }
      }),
      RUNS,
    );
  });

  it('bandwidth-bound is drain-aware and its stalls, and nothing stalls at endless bandwidth', () => {
    fc.assert(
      fc.property(workloads, arrays, (workload, array) => {
        const free = drainAware.estimate(workload, array, {});
        const bound = bandwidthBound.estimate(workload, array, {});
        expect(bound.cycles! - bound.stallCycles!).toBe(free.cycles);
        expect(bound.dram).toEqual(free.dram);
        const wide = { ...array, ports: array.ports.map((one) => ({ ...one, bytesPerCycle: 1e12 })) };
        expect(bandwidthBound.estimate(workload, wide, {}).cycles! - free.cycles!).toBeLessThanOrEqual(1);
      }),
      RUNS,
    );
  });

  it('never slows down with more bandwidth', () => {
    fc.assert(
      fc.property(workloads, arrays, fc.integer({ min: 0, max: 2 }), (workload, array, which) => {
        const faster = {
          ...array,
          ports: array.ports.map((one, i) => (i === which ? { ...one, bytesPerCycle: 2 * one.bytesPerCycle } : one)),
        };
        const before = bandwidthBound.estimate(workload, array, {}).cycles!;
        expect(bandwidthBound.estimate(workload, faster, {}).cycles).toBeLessThanOrEqual(before);
      }),
      RUNS,
    );
  });

  it('os of a product on R × C is os of its transpose on C × R; ws is is with the operands exchanged', () => {
    fc.assert(
      fc.property(products, arrays, (workload, array) => {
        const exchanged = { ...workload, m: workload.n, n: workload.m };
        const buffers = { ...array.bufferBytes, input: array.bufferBytes.weight, weight: array.bufferBytes.input };
        const turned: ArrayDescription =
          array.dataflow === 'os'
            ? { ...array, rows: array.columns, columns: array.rows }
            : { ...array, bufferBytes: buffers, dataflow: array.dataflow === 'ws' ? 'is' : 'ws' };
        const one = scaleSim.estimate(workload, array, {});
        const other = scaleSim.estimate(exchanged, turned, {});
        expect(other.cycles).toBe(one.cycles);
        expect(other.mappingEfficiency).toBeCloseTo(one.mappingEfficiency, 9);
        expect(other.computeUtilisation).toBeCloseTo(one.computeUtilisation, 9);
        expect([other.sram.filterReads, other.sram.ifmapReads, other.sram.ofmapWrites]).toEqual([
          one.sram.ifmapReads,
          one.sram.filterReads,
          one.sram.ofmapWrites,
        ]);
        if (array.dataflow === 'os') return;
        expect([other.dram.filterReads, other.dram.ifmapReads, other.dram.ofmapWrites]).toEqual([
          one.dram.ifmapReads,
          one.dram.filterReads,
          one.dram.ofmapWrites,
        ]);
        const physical = drainAware.estimate(workload, array, {});
        expect(drainAware.estimate(exchanged, turned, {}).cycles).toBe(physical.cycles);
      }),
      RUNS,
    );
  });
});

describe('depthwise and decode', () => {
  const array: ArrayDescription = {
    rows: 32,
    columns: 32,
    dataflow: 'ws',
    bufferBytes: { input: 65_536, weight: 65_536, output: 65_536 },
    elementBytes: { input: 1, weight: 1, output: 1 },
    partialSumBytes: 4,
    scratchpadBytes: 0,
    ports: [{ name: 'DRAM', level: 'off-chip', operands: OPERANDS, bytesPerCycle: 16 }],
  };

  it('three 3 × 3 channels lie side by side on 32 rows: a third of the folds', () => {
    const depthwise = { groups: 96, m: 196, n: 1, k: 9 };
    expect(groupsPacked(depthwise, array)).toBe(3);
    // 32 folds of 27 rows and 3 columns: 2·27 + 3 + 196 − 2.
    expect(drainAware.estimate(depthwise, array, {}).cycles).toBe(32 * 251);
    expect(drainAware.estimate(depthwise, array, {}).mappingEfficiency).toBeCloseTo((100 * 27) / 1024, 9);
    // SCALE-Sim runs 96 layers of one channel, each a full fold less one cycle.
    expect(scaleSim.estimate(depthwise, array, {}).cycles).toBe(96 * (196 + 94 - 1));
    // os has no room beside 196 rows: nothing is packed.
    expect(groupsPacked(depthwise, { ...array, dataflow: 'os' })).toBe(1);
  });

  it('a decode-shaped product is bound by loading weights into the cells, or by the channel they come over', () => {
    const decode = { groups: 1, m: 1, n: 4096, k: 4096 };
    // 128 × 128 folds of 32 × 32 weights take 2·32 + 32 + 1 − 2 = 95 cycles each, or 64 at 16 bytes a cycle.
    expect(drainAware.estimate(decode, array, {}).cycles).toBe(128 * 128 * 95);
    expect(bandwidthBound.estimate(decode, array, {}).limit).toBe('compute');
    const narrow = { ...array, ports: array.ports.map((one) => ({ ...one, bytesPerCycle: 4 })) };
    const starved = bandwidthBound.estimate(decode, narrow, {});
    expect(starved.limit).toBe('DRAM');
    expect(starved.cycles! / ((4096 * 4096) / 4)).toBeGreaterThan(1);
    expect(starved.cycles! / ((4096 * 4096) / 4)).toBeLessThan(1.01);
  });
});

describe('a drawn array', () => {
  it.each(PRESETS.map((preset) => [preset.id, preset] as const))(
    '%s has ports no wider than what is drawn',
    (_, preset) => {
      const { machine } = resolveMachine(preset.build('a'));
      const units = machine!.units.filter((unit): unit is ArrayUnit => unit.kind === 'systolic-array');
      for (const unit of units) {
        const array = drawnArray(machine!, unit, unit.dataflows[0]!);
        const [offChip, scratchpad] = array.ports;
        const channels = machine!.channels.reduce((sum, channel) => sum + channel.bytesPerTick, 0);
        expect(offChip!.bytesPerCycle).toBeLessThanOrEqual(channels * unit.ticksPerCycle);
        expect(offChip!.bytesPerCycle).toBeGreaterThan(0);
        expect(scratchpad!.bytesPerCycle).toBe(machine!.scratchpad.bytesPerTick * unit.ticksPerCycle);
      }
    },
  );
});
