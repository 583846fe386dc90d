/** Convolutions and matrix products, plain and of integers. */
import { perAxis } from '#core/catalog/operators/window.ts';
import { booleanOf, integerOf, integersOf, textOf } from '#core/catalog/parameter.ts';
import { dataTypeOf } from '../element-types.ts';
import {
  type Encoder,
  first,
  flag,
  float,
  integer,
  integers,
  isPlain,
  node,
  p,
  resultType,
  type Site,
  scaleOf,
  shapeOf,
  text,
  typeAt,
  type Written,
  windowed,
  zeroPoint,
} from './site.ts';

export const convolution: Encoder = (site) => {
  const attributes = windowed(site);
  const { kernel, parameters } = site.operator;
  if (!attributes || kernel.kind !== 'gemm') return null;
  const group = integer('group', kernel.groups);
  const bias = booleanOf(parameters, 'bias', true);
  const x = first(site);
  switch (textOf(parameters, 'arithmetic', 'plain')) {
    case 'integer':
      if (bias) return null;
      return [
        node(site, 'ConvInteger', {
          inputs: [
            x,
            site.weight('weight', undefined, 3),
            site.weight('input zero point', undefined, zeroPoint(site)),
            // ONNX Runtime takes one zero point for all filters here.
            site.weight('weight zero point', [], 3),
          ],
          attributes: [...attributes, group],
        }),
      ];
    case 'requantised':
      return [
        node(site, 'QLinearConv', {
          inputs: [
            x,
            site.weight('input scale'),
            site.weight('input zero point', undefined, zeroPoint(site)),
            site.weight('weight', undefined, 3),
            site.weight('weight scale'),
            site.weight('weight zero point', undefined, 3),
            site.weight('output scale'),
            site.weight('output zero point', undefined, dataTypeOf(site.outputs[0]!.type.elementType) ?? 2),
            ...(bias ? [site.weight('bias', undefined, 6)] : []),
          ],
          attributes: [...attributes, group],
        }),
      ];
    default:
      return [
        node(site, 'Conv', {
          inputs: [x, site.weight('weight'), ...(bias ? [site.weight('bias')] : [])],
          attributes: [...attributes, group],
        }),
      ];
  }
};

/** Products of integers: the right operand is a weight of int8 where it is no tensor of the model. */
export function integerProduct(site: Site, left: string, right: string, b: string, bType: number): Written {
  const [a, aType] = [first(site), typeAt(site, 0)];
  const bias = booleanOf(p(site), 'bias', false);
  if (textOf(p(site), 'arithmetic') === 'integer') {
    if (bias) return null;
    const points = [
      site.weight(`${left} zero point`, undefined, aType),
      site.weight(`${right} zero point`, undefined, bType),
    ];
    return [node(site, 'MatMulInteger', { inputs: [a, b, ...points] })];
  }
  const scales = [a, ...scaleOf(site, left, aType), b, ...scaleOf(site, right, bType)];
  const result = scaleOf(site, 'output', resultType(site));
  if (!bias) return [node(site, 'QLinearMatMul', { inputs: [...scales, ...result] })];
  if (shapeOf(site).length !== 2) return null;
  return [
    node(site, 'QGemm', { inputs: [...scales, site.weight('bias', undefined, 6), ...result], domain: 'com.microsoft' }),
  ];
}

export const AUTO_PAD: Readonly<Record<string, string>> = {
  'same-upper': 'SAME_UPPER',
  'same-lower': 'SAME_LOWER',
  valid: 'VALID',
};

export const transposedConvolution: Encoder = (site) => {
  const rank = shapeOf(site).length - 2;
  const list = (id: string, fallback: number, length = rank) => {
    const made = perAxis(p(site), id, length, fallback);
    return made.ok ? made.value : [];
  };
  const shape = integersOf(p(site), 'outputShape');
  const autoPad = AUTO_PAD[textOf(p(site), 'autoPad', 'explicit')];
  return [
    node(site, 'ConvTranspose', {
      inputs: [first(site), site.weight('weight'), ...(booleanOf(p(site), 'bias', true) ? [site.weight('bias')] : [])],
      attributes: [
        integers('kernel_shape', list('kernel', 1)),
        integers('strides', list('strides', 1)),
        integers('dilations', list('dilations', 1)),
        integers('output_padding', list('outputPadding', 0)),
        integer('group', Math.max(1, integerOf(p(site), 'groups', 1))),
        ...(autoPad ? [text('auto_pad', autoPad)] : [integers('pads', list('pads', 0, 2 * rank))]),
        ...(shape.length > 0 ? [integers('output_shape', shape)] : []),
      ],
    }),
  ];
};

export const dense: Encoder = (site) => {
  if (!isPlain(site)) return integerProduct(site, 'input', 'weight', site.weight('weight', undefined, 3), 3);
  const inputs = [first(site), site.weight('weight')];
  if (!booleanOf(p(site), 'bias', true)) return [node(site, 'MatMul', { inputs })];
  const bias = site.weight('bias');
  if (shapeOf(site).length === 2) return [node(site, 'Gemm', { inputs: [...inputs, bias] })];
  const made = site.between();
  return [node(site, 'MatMul', { inputs, outputs: [made] }), node(site, 'Add', { inputs: [made, bias] })];
};

export const matmul: Encoder = (site) =>
  isPlain(site)
    ? [node(site, 'MatMul')]
    : integerProduct(site, 'left', 'right', site.operands[1] ?? '', typeAt(site, 1));

export const gemm: Encoder = (site) => {
  const transposes = [
    flag('transA', booleanOf(p(site), 'transposeA')),
    flag('transB', booleanOf(p(site), 'transposeB')),
  ];
  const alpha = float('alpha', integerOf(p(site), 'alpha', 1));
  if (shapeOf(site, 0).length === 2 && shapeOf(site, 1).length === 2)
    return [node(site, 'Gemm', { attributes: [...transposes, alpha, float('beta', integerOf(p(site), 'beta', 1))] })];
  if (site.inputs[2]) return null;
  return [
    node(site, 'FusedMatMul', {
      inputs: site.operands.slice(0, 2),
      attributes: [...transposes, alpha],
      domain: 'com.microsoft',
    }),
  ];
};
