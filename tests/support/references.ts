/**
 * What other simulators printed, beside what we compute from the same inputs: every reference file as rows of figures, and the
 * work behind them as a function that can be timed. Reads the optional folder of reference data; empty without it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArrayEstimate } from '#core/cost/array-model.ts';
import { COLUMNS, evaluateNetwork, type LayerEvaluation } from '#core/interchange/maestro/evaluate.ts';
import { type Hardware, readHardware } from '#core/interchange/maestro/hardware.ts';
import { readNetwork } from '#core/interchange/maestro/network.ts';
import { configuredArray, parseConfig } from '#core/interchange/scale-sim/config.ts';
import { layerWorkload, parseTopology } from '#core/interchange/scale-sim/topology.ts';
import { importTimeloop } from '#core/interchange/timeloop/import.ts';
import { type Evaluation, evaluate } from '#core/mapping/evaluate.ts';
import { replayed } from '#core/techniques/array-model/scalesim-v3/replay.ts';
import { technique as scalesim } from '#core/techniques/array-model/scalesim-v3/technique.ts';
import { readCsv } from './csv.ts';
import { sharedPath } from './shared.ts';

export interface Figure {
  readonly what: string;
  readonly theirs: number;
  readonly ours: number;
  /** Of the digits they print. */
  readonly tolerance: number;
}

export interface Reference {
  readonly tool: 'SCALE-Sim v3' | 'Timeloop' | 'MAESTRO';
  readonly name: string;
  /** Layers, mappings or runs, each with its figures; what they have and we do not counts as not a number. */
  readonly rows: readonly (readonly Figure[])[];
  /** All rows once, from parsed inputs (MAESTRO: from their text). */
  readonly work: () => void;
  /** Processor seconds the tool took for the same, where its data folder says so. */
  readonly theirSeconds: number | null;
}

/** Whether a figure is the same as far as they print it. */
export function isEqual({ theirs, ours, tolerance }: Figure): boolean {
  return Math.abs(ours - theirs) <= tolerance;
}

export function references(): readonly Reference[] {
  return [...scaleSim(), ...timeloop(), ...maestro()];
}

type Row = Readonly<Record<string, string>>;

const figure = (what: string, theirs: number, ours: number | null | undefined, tolerance = 0): Figure => {
  return { what, theirs, ours: ours ?? Number.NaN, tolerance };
};

function must<T>(
  result:
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly error: { readonly message: string } },
): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

function scaleSim(): readonly Reference[] {
  const folder = sharedPath('data/scalesim');
  if (folder === null) return [];
  const text = (path: string): string => readFileSync(join(folder, path), 'utf8');
  const layersOf = (topology: string) => must(parseTopology(text(`topologies/${topology}.csv`), topology)).layers;
  const layers = readCsv(join(folder, 'golden_layers.csv'));
  const runs = readCsv(join(folder, 'golden_runs.csv')).map(({ run, topology, cpu_s }): Reference => {
    const config = must(parseConfig(text(`configs/${run}.cfg`), run!));
    const workloads = new Map(layersOf(topology!).map((layer) => [layer.name, layerWorkload(layer)]));
    const array = configuredArray(config);
    const estimate = (layer: string): ArrayEstimate =>
      replayed(workloads.get(layer)!, array, { interface: config.interface });
    const own = layers.filter((row) => row.run === run);
    return {
      tool: 'SCALE-Sim v3',
      name: `${run}, memories replayed`,
      rows: own.map((row) => arrayFigures(estimate(row.layer!), row, false)),
      work: () => {
        for (const { layer } of own) estimate(layer!);
      },
      theirSeconds: Number(cpu_s),
    };
  });
  const computeOnly = readCsv(join(folder, 'golden_compute_only.csv'));
  const compute = ['os', 'ws', 'is'].map((dataflow): Reference => {
    const own = computeOnly
      .filter((row) => row.dataflow === dataflow)
      .map((row) => {
        const layer = layersOf(row.topology!).find(({ name }) => name === row.layer);
        if (!layer) throw new Error(`${row.topology} has no ${row.layer}`);
        const array = {
          ...configuredArray(must(parseConfig(text('configs/alexnet_repo__32x32_os_64k_calc.cfg'), 'alexnet'))),
          rows: Number(row.rows),
          columns: Number(row.cols),
          dataflow: row.dataflow as 'os' | 'ws' | 'is',
        };
        return { row, workload: layerWorkload(layer), array };
      });
    return {
      tool: 'SCALE-Sim v3',
      name: `compute only, ${dataflow}, closed form`,
      rows: own.map(({ row, workload, array }) => arrayFigures(scalesim.estimate(workload, array, {}), row, true)),
      work: () => {
        for (const { workload, array } of own) scalesim.estimate(workload, array, {});
      },
      theirSeconds: own.reduce((sum, { row }) => sum + Number(row.cpu_s), 0),
    };
  });
  return [...runs, ...compute];
}

function arrayFigures(found: ArrayEstimate, row: Row, isComputeOnly: boolean): readonly Figure[] {
  const of = (title: string, ours: number | null, tolerance = 0): Figure =>
    figure(title, Number(row[title]), ours, tolerance);
  return [
    of('total_cycles', found.cycles),
    of('overall_util_pct', found.overallUtilisation, 1e-9),
    of('mapping_eff_pct', found.mappingEfficiency, 1e-9),
    of('compute_util_pct', found.computeUtilisation, 1e-9),
    of('sram_ifmap_reads', found.sram.ifmapReads),
    of('sram_filter_reads', found.sram.filterReads),
    of('sram_ofmap_writes', found.sram.ofmapWrites),
    ...(isComputeOnly
      ? []
      : [
          of('stall_cycles', found.stallCycles),
          of('dram_ifmap_reads', found.dram.ifmapReads),
          of('dram_filter_reads', found.dram.filterReads),
          of('dram_ofmap_writes', found.dram.ofmapWrites),
        ]),
  ];
}

type CounterRow = readonly [level: string, dataSpace: string, counter: string, value: number];

/** What Timeloop calls what, by level and data space. */
export const COUNTERS: Readonly<Record<string, keyof Evaluation['levels'][number]['data'][number]>> = {
  'Partition size': 'partitionWords',
  'Utilized capacity': 'tileWords',
  'Scalar reads (per-instance)': 'reads',
  'Scalar fills (per-instance)': 'fills',
  'Scalar updates (per-instance)': 'updates',
  'Temporal reductions (per-instance)': 'temporalReductions',
  'Energy (total)': 'energyPj',
};

/** Timeloop's counters of memories and arithmetic; rows after the first of a name are networks', which have none of their own. */
function counterFigures(rows: readonly CounterRow[], compute: string, found: Evaluation): readonly Figure[] {
  const done = new Set<string>();
  return rows.flatMap(([level, dataSpace, counter, value]) => {
    const what = `${level} ${dataSpace} ${counter}`;
    const at = found.levels.find((known) => known.level === level);
    const isCompute = level === compute;
    if (done.has(what) || (!at && !isCompute) || counter === 'Energy (per-scalar-access)') return [];
    done.add(what);
    // Energies are printed to a hundredth.
    const tolerance = counter.startsWith('Energy') ? 0.005 + 1e-9 : 0;
    const totals = {
      'Computes (total)': found.computes,
      Cycles: found.parts.compute,
      'Energy (total)': found.computeEnergyPj,
    };
    if (isCompute) return [figure(what, value, totals[counter as keyof typeof totals], tolerance)];
    if (dataSpace === '') return [figure(what, value, at?.cycles)];
    if (counter === 'Utilized instances (max)') return [figure(what, value, at?.instances)];
    const data = at?.data.find((known) => known.dataSpace === dataSpace);
    const field = COUNTERS[counter];
    return [figure(what, value, data && field ? Number(data[field]) : null, tolerance)];
  });
}

interface ModelOutput {
  readonly status: string;
  readonly message?: readonly string[];
  readonly counters?: readonly CounterRow[];
  readonly cycles?: string;
  readonly computes?: string;
  readonly utilization?: string;
  readonly energy_uJ?: string;
}

function timeloop(): readonly Reference[] {
  const made: Reference[] = [];
  const folder = sharedPath('data/timeloop/seen_model');
  const cases = (folder === null ? [] : readdirSync(folder).filter((name) => name.endsWith('.json'))).map((name) => {
    const text = readFileSync(join(folder!, name), 'utf8');
    const { tree, workload, mapping } = must(importTimeloop([{ name, text }]));
    if (!mapping) throw new Error(`${name} has no mapping`);
    const { output } = JSON.parse(text) as { readonly output: ModelOutput };
    return { kind: name.split('_')[0]!, output, evaluate: () => evaluate(tree, workload, mapping) };
  });
  const family = (name: string, own: typeof cases): Reference => ({
    tool: 'Timeloop',
    name,
    rows: own.map((one) => {
      const found = one.evaluate();
      if (one.output.status === 'rejected') {
        const isSame = !found.ok && `ERROR: ${found.error.message}` === one.output.message!.at(-1);
        return [figure('reason of refusal', 1, isSame ? 1 : 0)];
      }
      if (!found.ok) return [figure('accepted', 1, 0)];
      const { value } = found;
      return [
        figure('cycles', Number(one.output.cycles), value.cycles),
        figure('computes', Number(one.output.computes), value.computes),
        figure('utilisation', Number(one.output.utilization), value.utilisation, 0.005 + 1e-9),
        figure('energy', Number(one.output.energy_uJ), value.energyPj / 1e6, 0.005 + 1e-9),
        ...counterFigures(one.output.counters!, '__ARITH__', value),
      ];
    }),
    work: () => {
      for (const one of own) one.evaluate();
    },
    theirSeconds: null,
  });
  for (const kind of new Set(cases.map((one) => one.kind)))
    made.push(
      family(
        `random ${kind} mappings`,
        cases.filter((one) => one.kind === kind && one.output.status !== 'rejected'),
      ),
    );
  const rejected = cases.filter(({ output }) => output.status === 'rejected');
  if (rejected.length > 0) made.push(family('refused mappings', rejected));

  const tutorials = sharedPath('data/timeloop/seen');
  for (const name of tutorials === null ? [] : readdirSync(tutorials)) {
    const files = ['parsed-processed-input.yaml', 'timeloop-model.ERT_summary.yaml'].map((file) => {
      return { name: file, text: readFileSync(join(tutorials!, name, file), 'utf8') };
    });
    const { tree, workload, mapping } = must(importTimeloop(files));
    const rows = readCsv(join(tutorials!, name, 'counters.csv')).map(
      (row): CounterRow => [row.level!, row.dataspace!, row.counter!, Number(row.value)],
    );
    const run = () => must(evaluate(tree, workload, mapping!));
    made.push({
      tool: 'Timeloop',
      name: name.replace('tut__timeloop__', 'tutorial '),
      rows: [counterFigures(rows, tree.compute.name, run())],
      work: run,
      theirSeconds: null,
    });
  }
  return made;
}

function maestro(): readonly Reference[] {
  const folder = sharedPath('data/maestro');
  if (folder === null) return [];
  const text = (path: string): string => readFileSync(join(folder, path), 'utf8');
  const runs = readCsv(join(folder, 'WALLTIME.csv')).map(({ config, mapping, rc, layers, cpu_s }) => {
    const machine: Hardware = must(readHardware(text(`hw/${config}.m`)));
    const source = text(`mappings/${mapping}.m`);
    const evaluated = (): readonly LayerEvaluation[] | null => {
      const network = readNetwork(source);
      const found = network.ok ? evaluateNetwork(network.value, machine, mapping!) : network;
      return found.ok ? found.value : null;
    };
    // User and system seconds.
    const seconds = cpu_s!.split('+').reduce((sum, part) => sum + Number(part), 0);
    return { run: `${mapping}__${config}`, isAccepted: rc === '0', layers: Number(layers), seconds, evaluated };
  });
  const seen = readdirSync(join(folder, 'seen'))
    .filter((name) => name.endsWith('.csv'))
    .map((name): Reference => {
      const own = runs.find(({ run }) => `${run}.csv` === name)!;
      const found = own.evaluated() ?? [];
      const lines = text(`seen/${name}`).trim().split('\n').slice(1);
      return {
        tool: 'MAESTRO',
        name: name.replace('.csv', ''),
        rows: lines.map((line, index) =>
          line
            .split(',')
            .slice(2)
            .map((cell, column) => printed(COLUMNS[column]!, cell.trim(), found[index]?.figures[column])),
        ),
        work: own.evaluated,
        theirSeconds: own.seconds,
      };
    });
  const verdicts = (name: string, own: typeof runs): Reference => ({
    tool: 'MAESTRO',
    name,
    rows: own.map(({ run, isAccepted, layers, evaluated }) => [
      figure(run, isAccepted ? layers : -1, evaluated()?.length ?? -1),
    ]),
    work: () => {
      for (const { evaluated } of own) evaluated();
    },
    theirSeconds: own.reduce((sum, { seconds }) => sum + seconds, 0),
  });
  return [
    ...seen,
    verdicts(
      'every accepted run: accepted, layers',
      runs.filter(({ isAccepted }) => isAccepted),
    ),
    verdicts(
      'every refused run: refused',
      runs.filter(({ isAccepted }) => !isAccepted),
    ),
  ];
}

/** MAESTRO prints counts in full and other numbers with six digits. */
function printed(what: string, cell: string, ours: number | undefined): Figure {
  const isCount = Number.isInteger(ours) && !/[.e]/.test(cell);
  return figure(what, Number(cell), isCount ? ours : Number(ours?.toPrecision(6)));
}
