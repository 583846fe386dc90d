/** An 8-bit MobileNet as an ONNX file with its inputs, in two styles: operators on integers, or reals between (de)quantisations. */
import { createRng } from '#core/base/rng.ts';
import type { ElementType } from '#core/catalog/operator-type.ts';
import { type TensorValues, tensorOf } from '#core/reference/values.ts';
import { CaseBuilder } from './onnx-cases.ts';

interface Tensor8 {
  readonly name: string;
  readonly channels: number;
  readonly side: number;
  readonly scale: number;
}

/** What a stage of the 8-bit network is made of: operators on integers, or the same in reals between (de)quantisations. */
interface Style {
  convolve(c: CaseBuilder, x: Tensor8, filters: number, kernel: number, stride: number, isDepthwise: boolean): Tensor8;
  classify(c: CaseBuilder, x: Tensor8, classes: number): string;
}

/** Weights spread 73 steps; variance 2 / fan-in keeps activations behind a ReLU at their size (He et al., 2015). */
const weightScale = (fanIn: number) => Math.SQRT2 / 73 / Math.sqrt(fanIn);
const zero = (c: CaseBuilder, type: ElementType = 'uint8') => c.scalar(type, 0);

const linear: Style = {
  convolve(c, x, filters, kernel, stride, isDepthwise) {
    const depth = isDepthwise ? 1 : x.channels;
    const fanIn = depth * kernel * kernel;
    const scales = c.values('fp32', [filters], weightScale(fanIn) * 0.8, weightScale(fanIn) * 1.2);
    const inputs = [
      x.name,
      c.scalar('fp32', x.scale),
      zero(c),
      c.constant(c.values('int8', [filters, depth, kernel, kernel], -127, 127)),
      c.constant(scales),
      c.constant(tensorOf('int8', [filters], new Array<number>(filters).fill(0))),
      c.scalar('fp32', 0.021),
      zero(c),
      c.constant(c.values('int32', [filters], -2000, 2000)),
    ];
    const pad = Math.floor(kernel / 2);
    const attributes = {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
      group: isDepthwise ? x.channels : 1,
    };
    const name = c.node('QLinearConv', inputs, attributes)[0]!;
    return { name, channels: filters, side: Math.ceil(x.side / stride), scale: 0.021 };
  },
  classify(c, x, classes) {
    const scale = c.scalar('fp32', x.scale);
    const means = c.node('QLinearGlobalAveragePool', [x.name, scale, zero(c), scale, zero(c)], {}, 1, 'com.microsoft');
    const flat = c.node('Flatten', [means[0]!])[0]!;
    const weight = c.constant(c.values('int8', [x.channels, classes], -127, 127));
    const weightScales = [c.scalar('fp32', weightScale(x.channels)), zero(c, 'int8')];
    const inputs = [flat, scale, zero(c), weight, ...weightScales, c.scalar('fp32', 0.03), c.scalar('uint8', 128)];
    return c.node('QLinearMatMul', inputs)[0]!;
  },
};

/** Powers of two: products and their sums are exact in fp32 whatever their order, so that every executor rounds alike. */
const asReals: Style = {
  convolve(c, x, filters, kernel, stride, isDepthwise) {
    const depth = isDepthwise ? 1 : x.channels;
    const step = 2 ** Math.round(Math.log2(weightScale(depth * kernel * kernel)));
    const scale = 2 ** -6;
    const reals = c.node('DequantizeLinear', [x.name, c.scalar('fp32', x.scale), zero(c)])[0]!;
    const stored = c.constant(c.values('int8', [filters, depth, kernel, kernel], -127, 127));
    const weight = c.node('DequantizeLinear', [stored, c.scalar('fp32', step), zero(c, 'int8')])[0]!;
    const pad = Math.floor(kernel / 2);
    const attributes = {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
      group: isDepthwise ? x.channels : 1,
    };
    const made = c.node('Relu', [c.node('Conv', [reals, weight], attributes)[0]!])[0]!;
    const name = c.node('QuantizeLinear', [made, c.scalar('fp32', scale), zero(c)])[0]!;
    return { name, channels: filters, side: Math.ceil(x.side / stride), scale };
  },
  classify(c, x, classes) {
    const reals = c.node('DequantizeLinear', [x.name, c.scalar('fp32', x.scale), zero(c)])[0]!;
    // A maximum takes no rounding; a mean over 16 positions would be exact too.
    const pooled = c.node('GlobalMaxPool', [reals])[0]!;
    const stored = c.constant(c.values('int8', [x.channels, classes], -127, 127));
    const weight = c.node('DequantizeLinear', [stored, c.scalar('fp32', 2 ** -10), zero(c, 'int8')])[0]!;
    const scores = c.node('MatMul', [c.node('Flatten', [pooled])[0]!, weight])[0]!;
    return c.node('QuantizeLinear', [scores, c.scalar('fp32', 2 ** -3), c.scalar('uint8', 128)])[0]!;
  },
};

const STYLES = { linear, 'as reals': asReals } as const;

/** MobileNetV1 (Howard et al., arXiv 1704.04861, table 1) at a quarter of its width on 64 × 64, with one residual sum. */
export function mobileNet(named: keyof typeof STYLES, seed: number): CaseBuilder {
  const style = STYLES[named];
  const c = new CaseBuilder(createRng(seed), 19);
  const image: TensorValues = c.values('uint8', [1, 3, 64, 64]);
  let x: Tensor8 = { name: c.flow(image), channels: 3, side: 64, scale: 2 ** -6 };
  x = style.convolve(c, x, 8, 3, 2, false);
  for (const [filters, stride] of [
    [16, 1],
    [32, 2],
    [32, 1],
    [64, 2],
    [64, 1],
    [128, 2],
    [128, 1],
    [256, 2],
    [256, 1],
  ] as const) {
    const before = x;
    x = style.convolve(c, x, x.channels, 3, stride, true);
    x = style.convolve(c, x, filters, 1, 1, false);
    if (stride !== 1 || filters !== before.channels || filters > 32) continue;
    const [a, b] = [before, x].map(
      (each) => c.node('DequantizeLinear', [each.name, c.scalar('fp32', each.scale), zero(c)])[0]!,
    );
    const sum = c.node('Add', [a!, b!])[0]!;
    x = { ...x, name: c.node('QuantizeLinear', [sum, c.scalar('fp32', x.scale), zero(c)])[0]! };
  }
  c.output(style.classify(c, x, 100), 'uint8');
  return c;
}
