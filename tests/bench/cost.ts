/**
 * The array models on whole networks: microseconds a network in closed form, and SCALE-Sim's own topologies with its
 * memories replayed, beside the CPU seconds of the original where they are known.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultParameters } from '#core/catalog/parameter.ts';
import type { ArrayDescription, ArrayModel, ArrayWorkload } from '#core/cost/array-model.ts';
import { configuredArray, parseConfig } from '#core/interchange/scale-sim/config.ts';
import { layerWorkload, parseTopology } from '#core/interchange/scale-sim/topology.ts';
import { techniques } from '#core/technique/registry.ts';
import { replayed } from '#core/techniques/array-model/scalesim-v3/replay.ts';
import { readCsv } from '../support/csv.ts';
import { HEADER, machineLine, row, timed } from '../support/measure.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';

type Convolution = readonly [extent: number, kernel: number, channels: number, filters: number, stride: number];

function convolution([extent, kernel, channels, filters, stride]: Convolution, groups = 1): ArrayWorkload {
  const output = Math.ceil((extent - kernel + stride) / stride);
  return {
    groups,
    m: output * output,
    n: filters / groups,
    k: (kernel * kernel * channels) / groups,
    convolution: {
      inputHeight: extent,
      inputWidth: extent,
      inputChannels: channels,
      kernelHeight: kernel,
      kernelWidth: kernel,
      strideHeight: stride,
      strideWidth: stride,
      outputHeight: output,
      outputWidth: output,
    },
  };
}

/** He et al., Deep residual learning, CVPR 2016, table 1; inputs padded. */
function resnet50(): readonly ArrayWorkload[] {
  const layers: ArrayWorkload[] = [convolution([230, 7, 3, 64, 2])];
  let channels = 64;
  for (const [stage, [extent, width, blocks]] of (
    [
      [56, 64, 3],
      [28, 128, 4],
      [14, 256, 6],
      [7, 512, 3],
    ] as const
  ).entries())
    for (let block = 0; block < blocks; block++) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      layers.push(convolution([extent * stride, 1, channels, width, 1]));
      layers.push(convolution([extent * stride + 2, 3, width, width, stride]));
      layers.push(convolution([extent, 1, width, 4 * width, 1]));
      if (block === 0) layers.push(convolution([extent * stride, 1, channels, 4 * width, stride]));
      channels = 4 * width;
    }
  return [...layers, { groups: 1, m: 1, n: 1000, k: 2048 }];
}

/** Howard et al., MobileNets, 2017, table 1; inputs padded. */
function mobilenet(): readonly ArrayWorkload[] {
  const pairs = [
    [112, 32, 64, 1],
    [112, 64, 128, 2],
    [56, 128, 128, 1],
    [56, 128, 256, 2],
    [28, 256, 256, 1],
    [28, 256, 512, 2],
    ...Array.from({ length: 5 }, () => [14, 512, 512, 1] as const),
    [14, 512, 1024, 2],
    [7, 1024, 1024, 1],
  ] as const;
  const layers = pairs.flatMap(([extent, channels, filters, stride]) => [
    convolution([extent + 2, 3, channels, channels, stride], channels),
    convolution([extent / stride, 1, channels, filters, 1]),
  ]);
  return [convolution([226, 3, 3, 32, 2]), ...layers, { groups: 1, m: 1, n: 1000, k: 1024 }];
}

/** GPT-2's widths (Radford et al. 2019): 12 layers, `tokens` rows at a time after `context`. */
function transformer(tokens: number, context: number): readonly ArrayWorkload[] {
  const layer: readonly ArrayWorkload[] = [
    { groups: 1, m: tokens, n: 2304, k: 768 },
    { groups: 12, m: tokens, n: context, k: 64 },
    { groups: 12, m: tokens, n: 64, k: context },
    { groups: 1, m: tokens, n: 768, k: 768 },
    { groups: 1, m: tokens, n: 3072, k: 768 },
    { groups: 1, m: tokens, n: 768, k: 3072 },
  ];
  return Array.from({ length: 12 }, () => layer).flat();
}

const NETWORKS = [
  ['ResNet-50', resnet50()],
  ['MobileNet v1', mobilenet()],
  ['GPT-2, 1024 tokens', transformer(1024, 1024)],
  ['GPT-2, one token', transformer(1, 1024)],
] as const;

function arrayOf(size: number, dataflow: ArrayDescription['dataflow']): ArrayDescription {
  const operands = ['input', 'weight', 'output'] as const;
  return {
    rows: size,
    columns: size,
    dataflow,
    bufferBytes: { input: 65_536, weight: 65_536, output: 65_536 },
    elementBytes: { input: 1, weight: 1, output: 1 },
    partialSumBytes: 4,
    scratchpadBytes: 524_288,
    ports: [
      { name: 'DRAM', level: 'off-chip', operands, bytesPerCycle: 16 },
      { name: 'scratchpad', level: 'buffers', operands, bytesPerCycle: 128 },
    ],
  };
}

console.log(machineLine());
console.log(`\nclosed forms, one network on one array: all three dataflows on 8 × 8 and 32 × 32 in turn\n${HEADER}`);
const models: readonly ArrayModel[] = techniques['array-model'];
const arrays = [8, 32].flatMap((size) => (['os', 'ws', 'is'] as const).map((flow) => arrayOf(size, flow)));
for (const [name, layers] of NETWORKS)
  for (const { manifest, estimate } of models) {
    const parameters = defaultParameters(manifest.parameters);
    for (let warm = 0; warm < 50; warm++)
      for (const array of arrays) for (const one of layers) estimate(one, array, parameters);
    let turn = 0;
    const took = timed(() => {
      const array = arrays[turn++ % arrays.length]!;
      for (const one of layers) estimate(one, array, parameters);
    }, 600);
    const micro = (milliseconds: number) => 1000 * milliseconds;
    const spread = { ...took, minimum: micro(took.minimum), median: micro(took.median), maximum: micro(took.maximum) };
    console.log(row(`${name} (${layers.length}), ${manifest.title}`, spread, 'µs'));
  }

const folder = sharedPath('data/scalesim');
console.log(`\nmemories replayed, seconds${folder ? '' : ` (${skippedWithoutShared})`}`);
const original = new Map(
  folder ? readCsv(join(folder, 'golden_runs.csv')).map((run) => [run.run, Number(run.cpu_s)]) : [],
);
for (const file of folder ? readdirSync(join(folder, 'configs')).sort() : []) {
  const run = file.replace(/\.cfg$/, '');
  const read = (path: string) => readFileSync(join(folder!, path), 'utf8');
  const topology = parseTopology(read(`topologies/${run.split('__')[0]}.csv`), file);
  const config = parseConfig(read(`configs/${file}`), file);
  if (!topology.ok || !config.ok) throw new Error(`${run} cannot be read`);
  const before = performance.now();
  let cycles = 0;
  for (const layer of topology.value.layers)
    cycles +=
      replayed(layerWorkload(layer), configuredArray(config.value), { interface: config.value.interface }).cycles ?? 0;
  const seconds = (performance.now() - before) / 1000;
  const theirs = original.get(run) ?? Number.NaN;
  console.log(
    `${run.padEnd(44)}${cycles.toLocaleString('en-GB').padStart(12)} cycles${seconds.toFixed(3).padStart(9)} s, SCALE-Sim ${theirs.toFixed(1)} CPU s`,
  );
}
