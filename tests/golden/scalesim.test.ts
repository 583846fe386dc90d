/**
 * The SCALE-Sim v3 model against the tool's own reports, every row and figure: counts as integers, percentages to 1e-9.
 * The layers and arrays come from the topologies and configurations the reports were made from.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ArrayEstimate, ArrayWorkload } from '#core/cost/array-model.ts';
import { configuredArray, parseConfig, type ScaleSimConfig } from '#core/interchange/scale-sim/config.ts';
import { layerWorkload, parseTopology, type TopologyLayer } from '#core/interchange/scale-sim/topology.ts';
import { replayed } from '#core/techniques/array-model/scalesim-v3/replay.ts';
import { technique } from '#core/techniques/array-model/scalesim-v3/technique.ts';
import { readCsv } from '../support/csv.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';

const folder = sharedPath('data/scalesim');
const suffix = folder === null ? ` (${skippedWithoutShared})` : '';
type Row = Readonly<Record<string, string>>;

function read(path: string): string {
  return readFileSync(resolve(folder!, path), 'utf8');
}

function layersOf(topology: string): readonly TopologyLayer[] {
  const parsed = parseTopology(read(`topologies/${topology}.csv`), topology);
  if (!parsed.ok) throw new Error(parsed.error.message);
  expect(parsed.value.problems).toEqual([]);
  return parsed.value.layers;
}

function configOf(run: string): ScaleSimConfig {
  const parsed = parseConfig(read(`configs/${run}.cfg`), run);
  if (!parsed.ok) throw new Error(parsed.error.message);
  expect(parsed.value.problems).toEqual([]);
  return parsed.value;
}

function layer(topology: string, name: string): ArrayWorkload {
  const found = layersOf(topology).find((one) => one.name === name);
  if (!found) throw new Error(`${topology} has no ${name}`);
  return layerWorkload(found);
}

/** Cells of a report by title; its titles have spaces around them. */
function report(path: string): readonly Row[] {
  return readCsv(resolve(folder!, path)).map((row) =>
    Object.fromEntries(Object.entries(row).map(([title, cell]) => [title.trim(), cell.trim()])),
  );
}

interface Expected {
  readonly cycles: number;
  readonly stallCycles?: number;
  readonly percentages: readonly [overall: number, mapping: number, compute: number];
  readonly sram: readonly [ifmap: number, filter: number, ofmap: number];
  readonly dram?: readonly [ifmap: number, filter: number, ofmap: number];
}

/** Every figure of a row; off-chip counts that are null are skipped only when `isClosed`. Returns how many were not null. */
function check(estimate: ArrayEstimate, row: Expected, where: string, isClosed = false): number {
  const { sram, dram } = estimate;
  const mayBeNull = (found: number | null, wanted: number, what: string) => {
    if (isClosed && found === null) return 0;
    expect(found, `${where} ${what}`).toBe(wanted);
    return 1;
  };
  let known = mayBeNull(estimate.cycles, row.cycles, 'cycles');
  if (row.stallCycles !== undefined) known += mayBeNull(estimate.stallCycles, row.stallCycles, 'stalls');
  const [overall, mapping, compute] = row.percentages;
  const close = (found: number | null, wanted: number, what: string) =>
    expect(Math.abs((found ?? Number.NaN) - wanted), `${where} ${what}`).toBeLessThanOrEqual(1e-9);
  if (!isClosed || estimate.overallUtilisation !== null) close(estimate.overallUtilisation, overall, 'overall');
  close(estimate.mappingEfficiency, mapping, 'mapping');
  close(estimate.computeUtilisation, compute, 'compute');
  expect([sram.ifmapReads, sram.filterReads, sram.ofmapWrites], where).toEqual(row.sram);
  if (row.dram) {
    known += mayBeNull(dram.ifmapReads, row.dram[0], 'DRAM ifmap');
    known += mayBeNull(dram.filterReads, row.dram[1], 'DRAM filter');
    known += mayBeNull(dram.ofmapWrites, row.dram[2], 'DRAM ofmap');
  }
  return known;
}

function merged(row: Row): Expected {
  const number = (name: string) => Number(row[name]);
  return {
    cycles: number('total_cycles'),
    percentages: [number('overall_util_pct'), number('mapping_eff_pct'), number('compute_util_pct')],
    sram: [number('sram_ifmap_reads'), number('sram_filter_reads'), number('sram_ofmap_writes')],
    ...(row.stall_cycles !== undefined && {
      stallCycles: number('stall_cycles'),
      dram: [number('dram_ifmap_reads'), number('dram_filter_reads'), number('dram_ofmap_writes')],
    }),
  };
}

describe.skipIf(folder === null)(`SCALE-Sim v3 reports${suffix}`, () => {
  const rows = folder === null ? [] : readCsv(resolve(folder, 'golden_layers.csv'));

  it('cover all dataflows, both modes, convolutions and products', () => {
    expect(new Set(rows.map((row) => `${row.dataflow} ${row.mode}`)).size).toBe(6);
    expect(new Set(rows.map((row) => row.topology)).size).toBe(3);
    expect(rows.length).toBe(69);
  });

  it('golden_layers.csv: every row in closed form, but for what only a replay tells', () => {
    const unknown: string[] = [];
    for (const row of rows) {
      const config = configOf(row.run!);
      const estimate = technique.estimate(layer(row.topology!, row.layer!), configuredArray(config), {
        interface: config.interface,
      });
      const where = `${row.run} ${row.layer}`;
      if (check(estimate, merged(row), where, true) < 5) unknown.push(where);
    }
    // The input of overlapping windows, and arrays that stall.
    expect(unknown.length).toBe(21);
    for (const where of unknown) expect(where).toMatch(/^(alexnet_repo|gemm_user_seen)/);
  });

  it('golden_layers.csv: every row and every figure with the memories replayed', { timeout: 120_000 }, () => {
    for (const row of rows) {
      const config = configOf(row.run!);
      const estimate = replayed(layer(row.topology!, row.layer!), configuredArray(config), {
        interface: config.interface,
      });
      expect(check(estimate, merged(row), `${row.run} ${row.layer}`)).toBe(5);
    }
  });

  it('runs/*: the reports themselves', { timeout: 120_000 }, () => {
    const runs = readdirSync(resolve(folder!, 'runs'));
    expect(runs.length).toBe(12);
    for (const run of runs) {
      const config = configOf(run);
      const layers = layersOf(run.split('__')[0]!);
      const compute = report(`runs/${run}/COMPUTE_REPORT.csv`);
      const access = report(`runs/${run}/DETAILED_ACCESS_REPORT.csv`);
      expect(compute.length, run).toBe(layers.length);
      for (const [index, one] of layers.entries()) {
        const of = (from: Row | undefined, title: string) => Number(from?.[title]);
        const [cells, counts] = [compute[index], access[index]];
        const estimate = replayed(layerWorkload(one), configuredArray(config), { interface: config.interface });
        check(
          estimate,
          {
            cycles: of(cells, 'Total Cycles'),
            stallCycles: of(cells, 'Stall Cycles'),
            percentages: [of(cells, 'Overall Util %'), of(cells, 'Mapping Efficiency %'), of(cells, 'Compute Util %')],
            sram: [of(counts, 'SRAM IFMAP Reads'), of(counts, 'SRAM Filter Reads'), of(counts, 'SRAM OFMAP Writes')],
            dram: [of(counts, 'DRAM IFMAP Reads'), of(counts, 'DRAM Filter Reads'), of(counts, 'DRAM OFMAP Writes')],
          },
          `${run} ${one.name}`,
        );
      }
    }
  });

  it('golden_compute_only.csv and compute_only/*: its operand and compute classes', () => {
    const files = readdirSync(resolve(folder!, 'compute_only')).map((name) => ({ name, path: `compute_only/${name}` }));
    expect(files.length).toBe(3);
    const all: Row[] = [...readCsv(resolve(folder!, 'golden_compute_only.csv'))];
    for (const { name, path } of files) {
      const [topology = '', shape = '', dataflow = ''] = basename(name, '.csv').split(/__|_(?=[a-z]{2}$)/);
      const [height = '', width = ''] = shape.split('x');
      for (const row of readCsv(resolve(folder!, path)))
        all.push({ ...row, topology, layer: row.name!, rows: height, cols: width, dataflow });
    }
    expect(all.length).toBe(30);
    for (const row of all) {
      const array = {
        ...configuredArray(configOf('alexnet_repo__32x32_os_64k_calc')),
        rows: Number(row.rows),
        columns: Number(row.cols),
        dataflow: row.dataflow as 'os' | 'ws' | 'is',
      };
      const workload = layer(row.topology!, row.layer!);
      expect([workload.m, workload.n, workload.k]).toEqual([row.M, row.N, row.K].map(Number));
      check(technique.estimate(workload, array, {}), merged(row), `${row.topology} ${row.layer} ${row.dataflow}`, true);
    }
  });
});

describe('published closed forms', () => {
  const array = {
    bufferBytes: { input: 65_536, weight: 65_536, output: 65_536 },
    elementBytes: { input: 1, weight: 1, output: 1 },
    partialSumBytes: 1,
    scratchpadBytes: 0,
    ports: [],
  };
  it.each([
    // A 1 × 1 × 1 product on 32 × 32 in os: 62 cycles, fill and drain only.
    [{ m: 1, n: 1, k: 1 }, 'os', 32, 32, 62],
    // One row in ws: bound by loading weights, 2R + C − 1 a fold.
    [{ m: 1, n: 32, k: 32 }, 'ws', 32, 32, 94],
    // Exactly one fold: T + R + C − 2.
    [{ m: 16, n: 16, k: 100 }, 'os', 16, 16, 129],
    // Rectangular: 2 × 3 folds of 64 + 8 + 4 − 2.
    [{ m: 16, n: 12, k: 64 }, 'os', 8, 4, 6 * 74 - 1],
  ] as const)('%o %s on %d × %d takes %d cycles', (gemm, dataflow, rows, columns, cycles) => {
    const estimate = technique.estimate({ groups: 1, ...gemm }, { ...array, rows, columns, dataflow }, {});
    expect(estimate.cycles).toBe(cycles);
  });

  it('a 7 × 7 stride 2 window over a padded 230 gives 113 × 113, as SCALE-Sim rounds', () => {
    const parsed = parseTopology(
      'Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\nConv1,230,230,7,7,3,64,2,\n',
      'resnet.csv',
    );
    expect(parsed.ok && layerWorkload(parsed.value.layers[0]!).m).toBe(113 * 113);
  });
});
