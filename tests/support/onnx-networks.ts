/** Seeded random ONNX networks of several operators, as exporters and quantisers write them, with shapes known throughout. */
import type { ElementType } from '#core/catalog/operator-type.ts';
import { tensorOf } from '#core/reference/values.ts';
import { type Attributes, type CaseBuilder, real } from './onnx-cases.ts';

type Shape = readonly number[];

interface Live {
  readonly name: string;
  readonly shape: Shape;
}

interface Window {
  readonly attributes: Record<string, number | string | readonly number[]>;
  readonly kernel: Shape;
  readonly out: Shape;
}

/** A window over two axes: pads that differ on every side or automatic ones, dilations together with strides. */
function windowOver(c: CaseBuilder, [height, width]: Shape, isDilated: boolean, isPool = false): Window {
  const extents = [height!, width!];
  const kernel = extents.map((extent) => Math.min(extent, c.between(1, 3)));
  const dilations = kernel.map((k, i) => (isDilated && (k - 1) * 2 + 1 <= extents[i]! ? c.between(1, 2) : 1));
  const reach = kernel.map((k, i) => (k - 1) * dilations[i]! + 1);
  const strides = reach.map((r) => c.between(1, Math.min(2, r)));
  const attributes: Window['attributes'] = { kernel_shape: kernel, strides };
  if (isDilated) attributes.dilations = dilations;
  const style = c.pick(['pads', 'pads', 'SAME_UPPER', 'SAME_LOWER', 'VALID']);
  if (style.startsWith('SAME') && dilations.every((each) => each === 1)) {
    attributes.auto_pad = style;
    return { attributes, kernel, out: extents.map((extent, i) => Math.ceil(extent / strides[i]!)) };
  }
  const most = (k: number) => (isPool ? k - 1 : k);
  const pads = style === 'pads' ? [...kernel, ...kernel].map((k) => c.between(0, most(k))) : [0, 0, 0, 0];
  if (style === 'pads') attributes.pads = pads;
  else if (style === 'VALID') attributes.auto_pad = style;
  const rooms = extents.map((extent, i) => extent + pads[i]! + pads[i + 2]! - reach[i]!);
  // Where the last window would begin behind the image, ONNX's shapes and ONNX Runtime's results differ before opset 22.
  const isCeil =
    isPool &&
    style === 'pads' &&
    c.isHeads() &&
    rooms.every((room, i) => Math.ceil(room / strides[i]!) * strides[i]! < extents[i]! + pads[i]!);
  if (isCeil) attributes.ceil_mode = 1;
  const out = rooms.map((room, i) => Math[isCeil ? 'ceil' : 'floor'](room / strides[i]!) + 1);
  return { attributes, kernel, out };
}

const small = (c: CaseBuilder, shape: Shape) => c.constant(c.values('fp32', shape, -0.6, 0.6));

/** Images through convolutions of every kind, pools, resizes, branches, views; then a product or a recurrence. */
export function floatNetwork(c: CaseBuilder): void {
  const opset = c.pick([9, 11, 13, 17, 18]);
  c.opset = opset;
  const first = [c.between(1, 3), c.pick([2, 4, 6]), c.between(6, 11), c.between(6, 11)];
  let live: Live = { name: c.flow(c.values('fp32', first)), shape: first };
  for (let step = 0, steps = c.between(3, 6); step < steps; step++) live = floatStep(c, live, opset);
  head(c, live, opset);
}

function floatStep(c: CaseBuilder, { name, shape }: Live, opset: number): Live {
  const [n, channels, height, width] = shape as readonly [number, number, number, number];
  const groups = channels % 2 === 0 && c.isHeads() ? 2 : 1;
  switch (
    c.pick(['conv', 'conv', 'conv', 'depthwise', 'transposed', 'pool', 'pool', 'resize', 'norm', 'join', 'view'])
  ) {
    case 'conv': {
      const { attributes, kernel, out } = windowOver(c, [height, width], true);
      const filters = groups * c.between(1, 4);
      const weights = small(c, [filters, channels / groups, ...kernel]);
      const inputs = c.isHeads() ? [name, weights, small(c, [filters])] : [name, weights];
      const [made] = c.node('Conv', inputs, { ...attributes, group: groups });
      return { name: activated(c, made!, opset), shape: [n, filters, ...out] };
    }
    case 'depthwise': {
      const { attributes, kernel, out } = windowOver(c, [height, width], true);
      const [made] = c.node('Conv', [name, small(c, [channels, 1, ...kernel])], { ...attributes, group: channels });
      return { name: activated(c, made!, opset), shape: [n, channels, ...out] };
    }
    case 'transposed': {
      if (height * width > 200) return { name, shape };
      const kernel = [c.between(1, 3), c.between(1, 3)];
      const strides = [c.between(1, 2), c.between(1, 2)];
      const extra = strides.map((stride) => c.between(0, stride - 1));
      const pads = [...kernel, ...kernel].map((k) => c.between(0, Math.floor((k - 1) / 2)));
      const perGroup = c.between(1, 3);
      const [made] = c.node('ConvTranspose', [name, small(c, [channels, perGroup, ...kernel])], {
        kernel_shape: kernel,
        strides,
        pads,
        output_padding: extra,
        group: groups,
      });
      const out = [height, width].map(
        (extent, i) => (extent - 1) * strides[i]! + kernel[i]! - pads[i]! - pads[i + 2]! + extra[i]!,
      );
      if (out.some((extent) => extent < 1)) return { name, shape };
      return { name: made!, shape: [n, perGroup * groups, ...out] };
    }
    case 'pool': {
      // ceil_mode and automatic pads of averages are settled from opset 19 on; their maximum always was.
      const isMaximum = opset < 11 || c.isHeads();
      const { attributes, out } = windowOver(c, [height, width], false, true);
      if (opset < 10) delete attributes.ceil_mode;
      if (opset < 10 || !isMaximum) {
        const plain = { kernel_shape: [1, 2].map((_, i) => Math.min(2, shape[2 + i]!)), strides: [1, 1] };
        const [made] = c.node(isMaximum ? 'MaxPool' : 'AveragePool', [name], {
          ...plain,
          ...(isMaximum ? {} : { count_include_pad: 1 }),
        });
        return {
          name: made!,
          shape: [n, channels, height - plain.kernel_shape[0]! + 1, width - plain.kernel_shape[1]! + 1],
        };
      }
      const [made] = c.node('MaxPool', [name], attributes);
      return { name: made!, shape: [n, channels, ...out] };
    }
    case 'resize': {
      if (opset < 11 || height * width > 60) return { name, shape };
      const mode = c.pick(['nearest', 'linear', 'cubic']);
      const attributes: Attributes = {
        mode,
        coordinate_transformation_mode: c.pick(['half_pixel', 'asymmetric', 'align_corners', 'pytorch_half_pixel']),
        ...(mode === 'nearest' ? { nearest_mode: c.pick(['floor', 'round_prefer_floor', 'ceil']) } : {}),
      };
      const region = opset < 13 ? c.constant(tensorOf('fp32', [0], [])) : '';
      const scales = c.constant(tensorOf('fp32', [4], [1, 1, 2, 2]));
      const [made] = c.node('Resize', [name, region, scales], attributes);
      return { name: made!, shape: [n, channels, 2 * height, 2 * width] };
    }
    case 'norm': {
      const positive = () => c.constant(c.values('fp32', [channels], 0.5, 1.5));
      const of = () => small(c, [channels]);
      const [made] = c.isHeads()
        ? c.node('BatchNormalization', [name, positive(), of(), of(), positive()], { epsilon: real(1e-4) })
        : c.node('Mul', [name, c.constant(c.values('fp32', [channels, 1, 1]))]);
      return { name: made!, shape };
    }
    case 'join': {
      const [branch] = c.node('Conv', [name, small(c, [channels, channels, 1, 1])]);
      if (c.isHeads()) return { name: c.node('Add', [branch!, name])[0]!, shape };
      const [made] = c.node('Concat', [name, branch!], { axis: c.pick([1, -3]) });
      const [left, right] = c.node(
        'Split',
        opset < 13 ? [made!] : [made!, c.list([1, 2 * channels - 1])],
        {
          axis: 1,
          ...(opset < 13 ? { split: [1, 2 * channels - 1] } : {}),
        },
        2,
      );
      const [mixed] = c.node('Mul', [right!, left!]);
      return { name: mixed!, shape: [n, 2 * channels - 1, height, width] };
    }
    default: {
      const order = c.pick([
        [0, 1, 3, 2],
        [0, 2, 1, 3],
        [0, 3, 1, 2],
      ]);
      const [made] = c.node('Transpose', [name], { perm: order });
      return { name: made!, shape: order.map((axis) => shape[axis]!) };
    }
  }
}

function activated(c: CaseBuilder, name: string, opset: number): string {
  switch (c.pick(['none', 'Relu', 'Sigmoid', 'LeakyRelu', 'Clip', 'swish'])) {
    case 'none':
      return name;
    case 'LeakyRelu':
      return c.node('LeakyRelu', [name], { alpha: real(0.1) })[0]!;
    case 'Clip':
      return opset < 11
        ? c.node('Clip', [name], { min: real(-1), max: real(6) })[0]!
        : c.node('Clip', [name, c.scalar('fp32', -1), c.scalar('fp32', 6)])[0]!;
    case 'swish':
      return c.node('Mul', [name, c.node('Sigmoid', [name])[0]!])[0]!;
    case 'Sigmoid':
      return c.node('Sigmoid', [name])[0]!;
    default:
      return c.node('Relu', [name])[0]!;
  }
}

function head(c: CaseBuilder, { name, shape }: Live, opset: number): void {
  const [n, channels, height, width] = shape as readonly [number, number, number, number];
  const inner = height * width;
  const hidden = c.between(2, 4);
  const style = c.pick(['Gemm', 'LSTM', 'GRU', 'map']);
  if (style === 'map') {
    // Softmax of opset 12 and before takes all axes from its own on as one.
    c.output(c.node('Softmax', [name], { axis: opset < 13 ? c.between(1, 3) : c.pick([1, -1]) })[0]!);
    return;
  }
  if (style === 'Gemm') {
    const [pooled] = c.node('GlobalAveragePool', [name]);
    const [flat] = c.node('Flatten', [pooled!], { axis: 1 });
    const transA = c.rng.below(2);
    const left = transA === 1 ? c.node('Transpose', [flat!], { perm: [1, 0] })[0]! : flat!;
    const transB = c.rng.below(2);
    const weights = small(c, transB === 1 ? [hidden, channels] : [channels, hidden]);
    const addend = small(c, c.pick([[hidden], [1, hidden], [n, 1], [1]]));
    c.output(
      c.node('Gemm', [left, weights, addend], {
        transA,
        transB,
        alpha: real(0.5),
        beta: real(c.pick([0, 0.25, 2])),
      })[0]!,
    );
    return;
  }
  const [rows] = c.node('Reshape', [name, c.list([n, channels, inner])]);
  const [steps] = c.node('Transpose', [rows!], { perm: [1, 0, 2] });
  const direction = c.pick(['forward', 'reverse', 'bidirectional']);
  const directions = direction === 'bidirectional' ? 2 : 1;
  const gates = style === 'LSTM' ? 4 : 3;
  const weights = c.constant(c.values('fp32', [directions, gates * hidden, inner], -0.2, 0.2));
  const [sequence, last] = c.node(
    style,
    [steps!, weights, small(c, [directions, gates * hidden, hidden]), small(c, [directions, 2 * gates * hidden])],
    { hidden_size: hidden, direction, ...(style === 'GRU' ? { linear_before_reset: c.rng.below(2) } : {}) },
    2,
  );
  c.output(sequence!);
  c.output(last!);
}

/** A power of two: products and sums of such steps are exact in single precision. */
const step = (exponent: number) => 2 ** -exponent;

/**
 * An 8-bit network in QDQ form: every tensor through QuantizeLinear and DequantizeLinear, weights an 8-bit constant behind
 * DequantizeLinear (one step a channel), biases 32-bit. Results are the 8-bit numbers.
 */
export function qdqNetwork(c: CaseBuilder): void {
  c.opset = c.pick([13, 17, 19]);
  const type = c.pick<ElementType>(['int8', 'uint8']);
  const zeroPoint = () => c.scalar(type, type === 'int8' ? c.between(-30, 30) : c.between(98, 158));
  const first = [c.between(1, 2), c.between(1, 4), c.between(5, 9), c.between(5, 9)];
  let { name, shape }: Live = { name: c.flow(c.values('fp32', first, -6, 6)), shape: first };
  let quantised = '';
  let exponent = 5;
  const through = (real: string, bits: number) => {
    const [scale, zero] = [c.scalar('fp32', step(bits)), zeroPoint()];
    quantised = c.node('QuantizeLinear', [real, scale, zero])[0]!;
    exponent = bits;
    name = c.node('DequantizeLinear', [quantised, scale, zero])[0]!;
  };
  const weighted = (dims: Shape, axis: number) => {
    const bits = Array.from({ length: dims[axis]! }, () => c.between(6, 8));
    const scales = c.constant(tensorOf('fp32', [bits.length], bits.map(step)));
    const zeros = c.constant(c.values('int8', [bits.length], 0, 0));
    const weights = c.node('DequantizeLinear', [c.constant(c.values('int8', dims)), scales, zeros], { axis })[0]!;
    const biasScales = c.constant(
      tensorOf(
        'fp32',
        [bits.length],
        bits.map((each) => step(each + exponent)),
      ),
    );
    const biases = c.constant(c.values('int32', [bits.length], -4000, 4000));
    const bias = c.node('DequantizeLinear', [biases, biasScales], { axis: 0 })[0]!;
    return { weights, bias };
  };
  through(name, exponent);
  for (let at = 0, steps = c.between(2, 4); at < steps; at++) {
    const [n, channels, height, width] = shape as readonly [number, number, number, number];
    switch (c.pick(['conv', 'conv', 'pool', 'add', 'concat'])) {
      case 'conv': {
        const groups = c.pick([1, 1, channels]);
        const { attributes, kernel, out } = windowOver(c, [height, width], true);
        const filters = groups * c.between(1, groups > 1 ? 2 : 6);
        const { weights, bias } = weighted([filters, channels / groups, ...kernel], 0);
        const [made] = c.node('Conv', [name, weights, bias], { ...attributes, group: groups });
        through(c.isHeads() ? c.node('Relu', [made!])[0]! : made!, c.between(2, 4));
        shape = [n, filters, ...out];
        break;
      }
      case 'pool': {
        const { attributes, out } = windowOver(c, [height, width], false, true);
        through(c.node('MaxPool', [name], attributes)[0]!, exponent);
        shape = [n, channels, ...out];
        break;
      }
      case 'add':
        through(c.node('Add', [name, name])[0]!, Math.max(1, exponent - 1));
        break;
      default:
        through(c.node('Concat', [name, c.node('Relu', [name])[0]!], { axis: 1 })[0]!, exponent);
        shape = [n, 2 * channels, height, width];
    }
  }
  const [n, ...rest] = shape;
  const features = rest.reduce((total, extent) => total * extent, 1);
  if (features <= 400 && c.isHeads()) {
    const [flat] = c.node('Flatten', [name], { axis: 1 });
    const { weights, bias } = weighted([c.between(2, 6), features], 0);
    through(c.node('Gemm', [flat!, weights, bias], { transB: 1 })[0]!, 1);
    shape = [n!, 1];
  }
  c.output(quantised, type);
}

/** Integer operators as quantisers write them: quantised where the numbers arise, products in 32 bits, scaled back in fp32. */
export function integerNetwork(c: CaseBuilder): void {
  const opset = c.pick([11, 13, 17]);
  c.opset = opset;
  const [batch, features] = [c.between(1, 3), c.between(3, 20)];
  const style = c.pick(['dynamic', 'dynamic images', 'static', 'static']);
  if (style === 'dynamic images') {
    const shape = [batch, c.between(1, 4), c.between(4, 8), c.between(4, 8)];
    const [values, scale, zero] = c.node('DynamicQuantizeLinear', [c.flow(c.values('fp32', shape, -3, 5))], {}, 3);
    const { attributes, kernel } = windowOver(c, shape.slice(2), true);
    const weights = c.constant(c.values('uint8', [c.between(1, 5), shape[1]!, ...kernel]));
    const [sums] = c.node('ConvInteger', [values!, weights, zero!, c.scalar('uint8', 120)], attributes);
    c.output(c.node('Mul', [c.node('Cast', [sums!], { to: 1 })[0]!, scale!])[0]!);
    return;
  }
  if (style === 'dynamic') {
    let [name, width] = [c.flow(c.values('fp32', [batch, features], -3, 5)), features];
    for (let at = 0, steps = c.between(1, 3); at < steps; at++) {
      const [values, scale, zero] = c.node('DynamicQuantizeLinear', [name], {}, 3);
      const next = c.between(2, 12);
      const weightType = c.pick<ElementType>(['int8', 'uint8']);
      const weights = c.constant(c.values(weightType, [width, next]));
      const zeroWeight = c.scalar(weightType, weightType === 'int8' ? 0 : 128);
      const [sums] = c.node('MatMulInteger', [values!, weights, zero!, zeroWeight]);
      const [reals] = c.node('Cast', [sums!], { to: 1 });
      const [both] = c.node('Mul', [scale!, c.scalar('fp32', 0.013)]);
      const [scaled] = c.node('Mul', [reals!, both!]);
      name = c.node('Relu', [c.node('Add', [scaled!, small(c, [next])])[0]!])[0]!;
      width = next;
    }
    c.output(name);
    return;
  }
  const first = [batch, c.between(1, 4), c.between(4, 8), c.between(4, 8)];
  let { name, shape }: Live = { name: c.flow(c.values('uint8', first)), shape: first };
  const scale = (low: number, high: number, count?: number) =>
    c.constant(c.values('fp32', count === undefined ? [] : [count], low, high));
  let [xScale, xZero] = [scale(0.01, 0.05), c.scalar('uint8', c.between(100, 150))];
  for (let at = 0, steps = c.between(1, 3); at < steps; at++) {
    const [n, channels, height, width] = shape as readonly [number, number, number, number];
    const { attributes, kernel, out } = windowOver(c, [height, width], true);
    const groups = c.pick([1, channels]);
    const filters = groups * c.between(1, 3);
    const isPerChannel = c.isHeads();
    const [yScale, yZero] = [scale(0.05, 0.3), c.scalar('uint8', c.between(100, 150))];
    const inputs = [
      name,
      xScale,
      xZero,
      c.constant(c.values('int8', [filters, channels / groups, ...kernel])),
      isPerChannel ? scale(0.005, 0.03, filters) : scale(0.005, 0.03),
      isPerChannel ? c.constant(c.values('int8', [filters], 0, 0)) : c.scalar('int8', 0),
      yScale,
      yZero,
      c.constant(c.values('int32', [filters], -3000, 3000)),
    ];
    name = c.node('QLinearConv', inputs, { ...attributes, group: groups })[0]!;
    [xScale, xZero, shape] = [yScale, yZero, [n, filters, ...out]];
    if (opset >= 12 && c.isHeads()) {
      const window = windowOver(c, shape.slice(2), false, true);
      name = c.node('MaxPool', [name], window.attributes)[0]!;
      shape = [n, filters, ...window.out];
    }
  }
  const [n, ...rest] = shape;
  const size = rest.reduce((total, extent) => total * extent, 1);
  const [flat] = c.node('Reshape', [name, c.list([n!, size])]);
  const columns = c.between(2, 6);
  const inputs = [
    flat!,
    xScale,
    xZero,
    c.constant(c.values('int8', [size, columns])),
    scale(0.005, 0.03),
    c.scalar('int8', 0),
    scale(0.1, 0.5),
    c.scalar('uint8', 128),
  ];
  c.output(c.node('QLinearMatMul', inputs)[0]!, 'uint8');
}
