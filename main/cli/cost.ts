import { existsSync, readFileSync } from 'node:fs';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, type Result } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import type { ArrayDescription, ArrayEstimate, ArrayModel, ArrayWorkload } from '#core/cost/array-model.ts';
import { configuredArray, parseConfig, type ScaleSimConfig } from '#core/interchange/scale-sim/config.ts';
import { layerWorkload, parseTopology, type Topology } from '#core/interchange/scale-sim/topology.ts';
import { techniques } from '#core/technique/registry.ts';
import { replayed } from '#core/techniques/array-model/scalesim-v3/replay.ts';
import { fileProblem } from '#projects/atomic-file.ts';
import { type Command, choiceOption, DONE, FAILED, type Io, printProblems, required, textOption } from './command.ts';

const MODELS = {
  scalesim: 'array-model/scalesim-v3',
  'drain-aware': 'array-model/drain-aware',
  bandwidth: 'array-model/bandwidth-bound',
} as const;
type ModelName = keyof typeof MODELS;
const NAMES: readonly ModelName[] = ['scalesim', 'drain-aware', 'bandwidth'];

interface LayerCost {
  readonly name: string;
  readonly estimate: ArrayEstimate;
}

export const costCommand: Command = {
  name: 'cost',
  positionals: [],
  summary: 'Cycles, utilisation and memory accesses of each layer on a systolic array, by one of three models.',
  details: `Reads SCALE-Sim's topology CSV (convolutions or M, N, K, told apart by the header) and configuration.
scalesim     SCALE-Sim v3.0.0's own figures, also of its memories, in CALC and USER mode
drain-aware  2r + c + T - 2 cycles a fold for the rows and columns it uses; depthwise channels side by side
bandwidth    the slower of that and the interfaces' Bandwidth, fold by fold
With --json: {layers: [{layer, cycles, overallUtilisation, mappingEfficiency, computeUtilisation, sram, dram}]};
utilisations in percent, accesses in words. Layers with DP in their name are depthwise: a row for each channel
under scalesim, as there, one row under the others. A figure that only a replay would tell is null with --fast.`,
  options: {
    topology: { type: 'string', value: 'CSV', help: 'The layers.' },
    config: { type: 'string', value: 'CFG', help: 'The array and its memories.' },
    model: { type: 'string', value: 'NAME', help: `One of ${NAMES.join(', ')} (scalesim).` },
    fast: { type: 'boolean', help: 'Closed forms only: microseconds a layer; see above.' },
    json: { type: 'boolean', help: 'JSON on stdout.' },
  },
  async run(_positionals, options, io) {
    const topologyFile = required(textOption(options, 'topology'), 'topology');
    const configFile = required(textOption(options, 'config'), 'config');
    const name = choiceOption(options, 'model', NAMES) ?? 'scalesim';
    const topology = parsed(topologyFile, parseTopology);
    const config = parsed(configFile, parseConfig);
    const faults = [topology, config].flatMap((result) => (result.ok ? [] : [result.error]));
    if (!topology.ok || !config.ok) {
      printProblems(faults, io);
      return FAILED;
    }
    printProblems([...topology.value.problems, ...config.value.problems], io);
    if (name === 'bandwidth' && config.value.wordsPerCycle === null) {
      const message = '[architecture_presets] has no Bandwidth, which the bandwidth model needs';
      printProblems([problem('scale-sim.config', message, { where: { file: configFile } })], io);
      return FAILED;
    }
    const layers = layerCosts(topology.value, config.value, name, options.fast === true);
    printProblems(unplayed(layers, options.fast === true, topologyFile), io);
    if (options.json) io.out(JSON.stringify({ layers: layers.map(jsonOf) }, null, 2));
    else printTable(layers, io);
    return DONE;
  },
};

function parsed<T>(file: string, parse: (text: string, file: string) => Result<T, Problem>): Result<T, Problem> {
  if (!existsSync(file)) return err(problem('file.missing', `There is no file ${file}`, { where: { file } }));
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    return err(fileProblem('file.read-failed', `${file} could not be read`, file, cause));
  }
  return parse(text, file);
}

function modelById(id: string): ArrayModel {
  const models: readonly ArrayModel[] = techniques['array-model'];
  const found = models.find(({ manifest }) => manifest.id === id);
  if (!found) throw new Error(`no technique ${id}`);
  return found;
}

function layerCosts(topology: Topology, config: ScaleSimConfig, name: ModelName, isFast: boolean): LayerCost[] {
  const model = modelById(MODELS[name]);
  const isScaleSim = name === 'scalesim';
  const array = configuredArray(config);
  const given: ParameterValues = isScaleSim ? { interface: config.interface } : {};
  const parameters = { ...defaultParameters(model.manifest.parameters), ...given };
  const estimate = (workload: ArrayWorkload, on: ArrayDescription) =>
    isScaleSim && !isFast ? replayed(workload, on, parameters) : model.estimate(workload, on, parameters);
  return topology.layers.flatMap((layer): LayerCost[] => {
    const workload = layerWorkload(layer);
    const { groups, convolution } = workload;
    if (!isScaleSim || groups === 1) return [{ name: layer.name, estimate: estimate(workload, array) }];
    // There a depthwise layer is as many layers of one channel.
    const channel = estimate(
      {
        ...workload,
        groups: 1,
        ...(convolution && { convolution: { ...convolution, inputChannels: convolution.inputChannels / groups } }),
      },
      array,
    );
    return Array.from({ length: groups }, (_, i) => ({ name: `${layer.name}Channel_${i}`, estimate: channel }));
  });
}

/** One remark when figures are missing because a layer is too large to be played. */
function unplayed(layers: readonly LayerCost[], isFast: boolean, file: string): readonly Problem[] {
  const missing = layers.filter(
    ({ estimate }) => estimate.cycles === null || Object.values(estimate.dram).some((count) => count === null),
  );
  if (missing.length === 0 || isFast) return [];
  const message = `${missing.length} ${missing.length === 1 ? 'layer is' : 'layers are'} too large to replay (${missing[0]!.name} first); what only a replay tells is null`;
  return [problem('cost.too-large', message, { severity: 'warning', where: { file } })];
}

function jsonOf({ name, estimate }: LayerCost) {
  const { cycles, overallUtilisation, mappingEfficiency, computeUtilisation, dram } = estimate;
  const { ifmapReads, filterReads, ofmapWrites } = estimate.sram;
  const sram = { ifmapReads, filterReads, ofmapWrites };
  return { layer: name, cycles, overallUtilisation, mappingEfficiency, computeUtilisation, sram, dram };
}

function printTable(layers: readonly LayerCost[], io: Io): void {
  const count = (value: number | null) => (value === null ? '–' : value.toLocaleString('en-GB'));
  const percent = (value: number | null) => (value === null ? '–' : value.toFixed(2));
  const header = [
    ['layer', 'cycles', 'stalls', 'overall %', 'mapping %', 'compute %'],
    ['SRAM ifmap', 'filter', 'ofmap', 'DRAM ifmap', 'filter', 'ofmap'],
  ].flat();
  const rows = layers.map(({ name, estimate: e }) => [
    name,
    count(e.cycles),
    count(e.stallCycles),
    percent(e.overallUtilisation),
    percent(e.mappingEfficiency),
    percent(e.computeUtilisation),
    ...[e.sram.ifmapReads, e.sram.filterReads, e.sram.ofmapWrites].map(count),
    ...[e.dram.ifmapReads, e.dram.filterReads, e.dram.ofmapWrites].map(count),
  ]);
  const cycles = layers.map(({ estimate }) => estimate.cycles);
  const total = cycles.every((value) => value !== null) ? cycles.reduce((sum, value) => sum + value, 0) : null;
  const all = [header, ...rows, ['total', count(total)]];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  for (const row of all)
    io.out(row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '));
}
