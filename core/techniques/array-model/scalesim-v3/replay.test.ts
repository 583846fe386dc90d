import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ArrayDescription, ArrayWorkload } from '#core/cost/array-model.ts';
import { demandOf, readsAt, writesAt } from './demand.ts';
import { calcAccesses, drainedWrites, repeatedBlocks, userAccesses } from './off-chip.ts';
import { calcReads, replayed, userReplay, WriteBuffer } from './replay.ts';
import { technique } from './technique.ts';

const RUNS = { numRuns: 400 };
const buffer = fc.integer({ min: 100, max: 4000 });
const arrays: fc.Arbitrary<ArrayDescription> = fc
  .record({
    rows: fc.integer({ min: 1, max: 9 }),
    columns: fc.integer({ min: 1, max: 9 }),
    dataflow: fc.constantFrom('os', 'ws', 'is'),
    input: buffer,
    weight: buffer,
    output: buffer,
    words: fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 })),
  })
  .map(({ rows, columns, dataflow, input, weight, output, words }) => ({
    rows,
    columns,
    dataflow,
    bufferBytes: { input, weight, output },
    elementBytes: { input: 1, weight: 1, output: 1 },
    partialSumBytes: 1,
    scratchpadBytes: 0,
    ports: (['input', 'weight', 'output'] as const).map((operand, i) => {
      return { name: operand, level: 'off-chip', operands: [operand], bytesPerCycle: words[i]! };
    }),
  }));
const products: fc.Arbitrary<ArrayWorkload> = fc.record({
  groups: fc.constant(1),
  m: fc.integer({ min: 1, max: 40 }),
  n: fc.integer({ min: 1, max: 40 }),
  k: fc.integer({ min: 1, max: 60 }),
});
const convolutions: fc.Arbitrary<ArrayWorkload> = fc
  .record({
    height: fc.integer({ min: 4, max: 14 }),
    width: fc.integer({ min: 4, max: 14 }),
    kernel: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 5 }),
    channels: fc.integer({ min: 1, max: 4 }),
    n: fc.integer({ min: 1, max: 20 }),
  })
  .map(({ height, width, kernel, stride, channels, n }) => {
    const outputHeight = Math.ceil((height - kernel + stride) / stride);
    const outputWidth = Math.ceil((width - kernel + stride) / stride);
    return {
      groups: 1,
      m: outputHeight * outputWidth,
      n,
      k: kernel * kernel * channels,
      convolution: {
        inputHeight: height,
        inputWidth: width,
        inputChannels: channels,
        kernelHeight: kernel,
        kernelWidth: kernel,
        strideHeight: stride,
        strideWidth: stride,
        outputHeight,
        outputWidth,
      },
    };
  });
const workloads = fc.oneof(products, convolutions);

describe('closed forms', () => {
  it('of off-chip reads equal the buffers played', () => {
    fc.assert(
      fc.property(workloads, arrays, (workload, array) => {
        const { ifmapReads, filterReads } = calcAccesses(workload, array);
        const demand = demandOf(workload, array);
        expect(filterReads).toBe(calcReads(demand, 'weight', array));
        if (ifmapReads !== null) expect(ifmapReads).toBe(calcReads(demand, 'input', array));
        if (!workload.convolution) expect(ifmapReads).not.toBeNull();
      }),
      { numRuns: 1500 },
    );
  });

  it('of repeated blocks equal a walk over them', () => {
    const size = (max: number) => fc.integer({ min: 1, max });
    fc.assert(
      fc.property(size(30), size(60), size(10), size(4), size(200), (k, n, columns, visits, capacity) => {
        let seen = new Set<number>();
        let reads = 0;
        for (let first = 0; first < n; first += columns)
          for (let visit = 0; visit < visits; visit++)
            for (let element = k * first; element < k * Math.min(n, first + columns); element++) {
              if (seen.has(element)) continue;
              reads++;
              seen.add(element);
              if (seen.size === capacity) seen = new Set();
            }
        expect(repeatedBlocks(k, n, columns, visits, capacity)).toBe(reads);
      }),
      { numRuns: 5000 },
    );
  });

  it('of writes equal the buffer filled a line a cycle', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 2, max: 400 }),
        fc.integer({ min: 1, max: 40 }),
        (written, bytes, width) => {
          const played = new WriteBuffer(bytes, width);
          // Slowly enough that every drain has ended when the next begins.
          for (let i = 0; i < written; i++) played.write(i * (bytes + 2), 1);
          played.empty();
          expect(drainedWrites(written, bytes, width)).toBe(played.sent);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('of writes equal the buffer filled as the array drains', () => {
    fc.assert(
      fc.property(workloads, arrays, fc.integer({ min: 2, max: 60 }), (workload, given, bytes) => {
        const array = { ...given, bufferBytes: { ...given.bufferBytes, output: bytes } };
        const demand = demandOf(workload, array);
        const played = new WriteBuffer(bytes, array.columns);
        let now = 0;
        let waited = 0;
        for (let column = 0; column < demand.folding.columnFolds; column++)
          for (let row = 0; row < demand.folding.rowFolds; row++)
            for (let cycle = 0; cycle < demand.foldCycles; cycle++)
              waited += played.write(now++, writesAt(demand, array, row, column, cycle));
        played.empty();
        expect(waited).toBe(0);
        expect(calcAccesses(workload, array).ofmapWrites).toBe(played.sent);
      }),
      { numRuns: 150 },
    );
  });

  it('of USER mode equal the memories played, and then nothing stalls', () => {
    let known = 0;
    fc.assert(
      fc.property(workloads, arrays, (workload, array) => {
        const closed = userAccesses(workload, array);
        if (closed.stallCycles === null) return;
        known++;
        expect(userReplay(workload, array)).toEqual(closed);
      }),
      RUNS,
    );
    expect(known).toBeGreaterThan(20);
  });
});

describe('the demand', () => {
  it('reads and writes as often as SRAM accesses say, but for what lies beyond the image', () => {
    fc.assert(
      fc.property(workloads, arrays, (workload, array) => {
        const demand = demandOf(workload, array);
        const count = { input: 0, weight: 0, output: 0 };
        for (let column = 0; column < demand.folding.columnFolds; column++)
          for (let row = 0; row < demand.folding.rowFolds; row++)
            for (let cycle = 0; cycle < demand.foldCycles; cycle++) {
              readsAt(demand.input, row, column, array.rows, cycle, () => count.input++);
              readsAt(demand.weight, row, column, array.rows, cycle, () => count.weight++);
              count.output += writesAt(demand, array, row, column, cycle);
            }
        const { sram } = technique.estimate(workload, array, {});
        const { rowFolds, columnFolds } = demand.folding;
        const drained = array.dataflow === 'os' ? rowFolds * columnFolds * (array.rows + array.columns) : 0;
        expect(count.weight).toBe(sram.filterReads);
        expect(count.output).toBe(sram.ofmapWrites - drained);
        if (workload.convolution) expect(count.input).toBeLessThanOrEqual(sram.ifmapReads);
        else expect(count.input).toBe(sram.ifmapReads);
      }),
      RUNS,
    );
  });
});

describe('a replay', () => {
  it('fills in every null and changes nothing else', () => {
    fc.assert(
      fc.property(workloads, arrays, fc.constantFrom('calc', 'user'), (workload, array, mode) => {
        const closed = technique.estimate(workload, array, { interface: mode });
        const full = replayed(workload, array, { interface: mode });
        expect(full.cycles).not.toBeNull();
        expect(Object.values(full.dram)).not.toContain(null);
        if (closed.cycles !== null) expect(full.cycles).toBe(closed.cycles);
        for (const part of ['ifmapReads', 'filterReads', 'ofmapWrites'] as const)
          if (closed.dram[part] !== null) expect(full.dram[part]).toBe(closed.dram[part]);
        expect(full.stallCycles).toBeGreaterThanOrEqual(0);
      }),
      RUNS,
    );
  });

  it('leaves a layer that is too large as it is', () => {
    const array = fc.sample(arrays, { numRuns: 1, seed: 7 })[0]!;
    const huge = { groups: 1, m: 1e6, n: 1e6, k: 1e3 };
    expect(replayed(huge, array, { interface: 'user' }).cycles).toBeNull();
  });
});
