/**
 * Loop-nest mappings: microseconds an evaluation, evaluations a second in a search, and a search over the layers of
 * ResNet-50 on 16 × 16 units with register files, a global buffer and DRAM (Timeloop's own energies).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { uncontrolled } from '#core/base/control.ts';
import { importTimeloop } from '#core/interchange/timeloop/import.ts';
import { sramAccessEnergy } from '#core/mapping/energy-law.ts';
import { evaluate } from '#core/mapping/evaluate.ts';
import { type MemoryTree, storageLevel } from '#core/mapping/memory-tree.ts';
import { NestKernel } from '#core/mapping/nest.ts';
import { convolution, type Workload } from '#core/mapping/workload.ts';
import { techniques } from '#core/technique/registry.ts';
import { machineLine } from '../support/measure.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';

const EVALUATIONS_A_LAYER = 32_000;

function sram(name: string, words: number, instances: number, meshX: number) {
  const energy = sramAccessEnergy(words, 16, 1, 1);
  const all = { read: energy, fill: energy, update: energy };
  return storageLevel({ name, instances, meshX, meshY: instances / meshX, capacityWords: words, energy: all });
}

const tree: MemoryTree = {
  compute: { name: 'MAC', instances: 256, meshX: 16, meshY: 16, wordBits: 16, energy: 1 },
  levels: [
    sram('RegisterFile', 256, 256, 16),
    sram('GlobalBuffer', 65_536, 1, 1),
    storageLevel({ name: 'DRAM', isDram: true, energy: { read: 200, fill: 200, update: 200 } }),
  ],
};

/** He et al., Deep Residual Learning, table 1; the stride of a block is in its 3 × 3 convolution, as torchvision has it. */
function resNet50(): readonly { readonly layer: string; readonly workload: Workload }[] {
  const layers: { layer: string; workload: Workload }[] = [];
  const add = (layer: string, kernel: number, out: number, C: number, K: number, stride: number): void => {
    const workload = convolution({
      R: kernel,
      S: kernel,
      P: out,
      Q: out,
      C,
      K,
      N: 1,
      strideW: stride,
      strideH: stride,
    });
    layers.push({ layer, workload });
  };
  add('conv1', 7, 112, 3, 64, 2);
  let input = 64;
  for (const [stage, blocks, out, width] of [
    [2, 3, 56, 64],
    [3, 4, 28, 128],
    [4, 6, 14, 256],
    [5, 3, 7, 512],
  ] as const)
    for (let block = 1; block <= blocks; block++) {
      const stride = block === 1 && stage > 2 ? 2 : 1;
      add(`conv${stage}_${block}a`, 1, out * stride, input, width, 1);
      add(`conv${stage}_${block}b`, 3, out, width, width, stride);
      add(`conv${stage}_${block}c`, 1, out, width, 4 * width, 1);
      if (block === 1) add(`conv${stage}_${block}s`, 1, out, input, 4 * width, stride);
      input = 4 * width;
    }
  add('fc', 1, 1, 2048, 1000, 1);
  return layers;
}

console.log(machineLine());
const folder = sharedPath('data/timeloop/seen_model');
if (!folder) console.log(skippedWithoutShared);
const read = (folder ? readdirSync(folder) : [])
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => {
    const imported = importTimeloop([{ name, text: readFileSync(join(folder!, name), 'utf8') }]);
    return imported.ok && imported.value.mapping ? [{ ...imported.value, mapping: imported.value.mapping }] : [];
  })
  .filter(({ tree: memories, workload, mapping }) => evaluate(memories, workload, mapping).ok);
if (read.length > 0) {
  const time = (title: string, rounds: number, body: (index: number) => void): void => {
    for (let round = 0; round < 200; round++) body(round % read.length);
    const begun = performance.now();
    for (let round = 0; round < rounds; round++) body(round % read.length);
    console.log(`${title.padEnd(44)} ${((1000 * (performance.now() - begun)) / rounds).toFixed(2)} µs`);
  };
  time('evaluate, checks and named results included', 20_000, (index) => {
    const { tree: memories, workload, mapping } = read[index]!;
    evaluate(memories, workload, mapping);
  });
  const kernels = read.map(({ tree: memories, workload, mapping }) => {
    const kernel = new NestKernel(memories, workload, 'timeloop');
    kernel.load(mapping);
    return kernel;
  });
  time('counting alone', 200_000, (index) => kernels[index]!.run());
}

const [mapper] = techniques.mapper;
let [seconds, evaluations, cycles, energy, proven] = [0, 0, 0, 0, 0];
console.log('layer        EDP (pJ·cycles)  bound      cycles   utilisation  µJ        seconds  stop');
const known = new Map<string, { readonly cycles: number; readonly energyPj: number }>();
const layers = resNet50();
for (const { layer, workload } of layers) {
  // Layers of one shape have one mapping.
  const shape = JSON.stringify(workload);
  const before = known.get(shape);
  if (before) {
    cycles += before.cycles;
    energy += before.energyPj;
    continue;
  }
  const begun = performance.now();
  const answer = mapper.map({
    tree,
    workload,
    objective: 'edp',
    reuse: 'timeloop',
    mayBypass: true,
    evaluationLimit: EVALUATIONS_A_LAYER,
    control: uncontrolled,
  });
  const taken = (performance.now() - begun) / 1000;
  if (!answer.ok) throw new Error(answer.error.message);
  const { value, lowerBound, stop, evaluation } = answer.value;
  seconds += taken;
  known.set(shape, evaluation);
  evaluations += answer.value.evaluations;
  cycles += evaluation.cycles;
  energy += evaluation.energyPj;
  if (stop === 'proven') proven++;
  console.log(
    [
      layer.padEnd(12),
      value.toExponential(3).padStart(15),
      `${((100 * lowerBound) / value).toFixed(0)} %`.padStart(6),
      String(evaluation.cycles).padStart(11),
      `${(100 * evaluation.utilisation).toFixed(1)} %`.padStart(13),
      (evaluation.energyPj / 1e6).toFixed(1).padStart(9),
      taken.toFixed(2).padStart(9),
      ` ${stop}`,
    ].join(' '),
  );
}
console.log(
  `ResNet-50, ${layers.length} layers of ${known.size} shapes: ${seconds.toFixed(2)} s, ${Math.round(evaluations / seconds)} evaluations/s, ` +
    `${cycles} cycles, ${(energy / 1e6).toFixed(0)} µJ, ${proven} proven`,
);
