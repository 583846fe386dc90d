/** Operators that rename or rearrange axes: nothing is computed, and most move nothing either. */
import { err, ok } from '#core/base/result.ts';
import { booleanOf, integerOf, integersOf, textOf } from '../parameter.ts';
import {
  axesParameter,
  axisParameter,
  booleanParameter,
  defineOperator,
  elementTypeOf,
  elementTypeParameter,
  integersParameter,
  LARGEST,
  numberParameter,
  oneInput,
  oneOutput,
  product,
  required,
  resolveAxes,
  resolveAxis,
  shapeText,
  tensor,
} from './common.ts';

export const reshape = defineOperator({
  id: 'reshape',
  title: 'Reshape',
  category: 'layout',
  summary: 'The same elements in the same order under another shape.',
  source: 'ONNX operators, Reshape-21',
  keywords: ['view', 'heads'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [
    integersParameter(
      'shape',
      'Shape',
      [-1, LARGEST],
      [0, -1],
      '0 keeps the extent of the input at that place; one −1 takes what is left.',
      { unit: 'element' },
    ),
    booleanParameter('allowZero', 'Zero means zero', false, 'Reads 0 as an extent of zero, not as a copy.', {
      advanced: true,
      source: 'ONNX operators, Reshape-14, allowzero',
    }),
  ],
  infer(inputs, p) {
    const x = required(inputs);
    const wanted = integersOf(p, 'shape');
    if (booleanOf(p, 'allowZero') && wanted.includes(0)) return err('A tensor without elements cannot be computed on');
    const shape = wanted.map((extent, i) => (extent === 0 ? (x.shape[i] ?? 0) : extent));
    const asked = `${shapeText(x.shape)} cannot take the shape ${shapeText(wanted)}`;
    if (shape.includes(0)) return err(`${asked}: 0 stands where the input has no axis`);
    if (shape.indexOf(-1) !== shape.lastIndexOf(-1)) return err(`${asked}: only one extent can be −1`);
    const total = product(x.shape);
    const known = product(shape.filter((extent) => extent !== -1));
    const free = shape.indexOf(-1);
    if (free === -1 ? known !== total : total % known !== 0)
      return err(`${asked}: ${total} elements against ${free === -1 ? known : `a multiple of ${known}`}`);
    return ok([
      tensor(
        shape.map((extent) => (extent === -1 ? total / known : extent)),
        x.elementType,
      ),
    ]);
  },
  kernel: () => ({ kind: 'view' }),
});

export const flatten = defineOperator({
  id: 'flatten',
  title: 'Flatten',
  category: 'layout',
  summary: 'Joins the axes before and from a place into a matrix.',
  source: 'ONNX operators, Flatten-21',
  keywords: ['view', 'vector'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [axisParameter(1, 'First axis of the columns.')],
  infer(inputs, p) {
    const x = required(inputs);
    const given = integerOf(p, 'axis', 1);
    const axis = given < 0 ? given + x.shape.length : given;
    if (axis < 0 || axis > x.shape.length)
      return err(`Axis ${given} is outside the ${x.shape.length} dimensions of ${shapeText(x.shape)}`);
    return ok([tensor([product(x.shape, 0, axis), product(x.shape, axis)], x.elementType)]);
  },
  kernel: () => ({ kind: 'view' }),
});

export const squeeze = defineOperator({
  id: 'squeeze',
  title: 'Squeeze',
  category: 'layout',
  summary: 'Drops axes of extent 1.',
  source: 'ONNX operators, Squeeze-21',
  keywords: ['view', 'drop axis'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [axesParameter('Axes to drop; empty drops every axis of extent 1.')],
  infer(inputs, p) {
    const x = required(inputs);
    const wanted = integersOf(p, 'axes');
    const axes = resolveAxes(wanted, x.shape);
    if (!axes.ok) return axes;
    const wide = axes.value.find((axis) => x.shape[axis] !== 1);
    if (wide !== undefined) return err(`Axis ${wide} of ${shapeText(x.shape)} is ${x.shape[wide]}, not 1`);
    const kept = x.shape.filter((extent, axis) => (wanted.length === 0 ? extent !== 1 : !axes.value.includes(axis)));
    return ok([tensor(kept, x.elementType)]);
  },
  kernel: () => ({ kind: 'view' }),
});

export const unsqueeze = defineOperator({
  id: 'unsqueeze',
  title: 'Unsqueeze',
  category: 'layout',
  summary: 'Inserts axes of extent 1.',
  source: 'ONNX operators, Unsqueeze-21',
  keywords: ['view', 'new axis', 'expand dims'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [
    integersParameter(
      'axes',
      'Axes',
      [-32, 31],
      [0],
      'Where the new axes stand in the result. Negative counts from its last axis.',
    ),
  ],
  infer(inputs, p) {
    const x = required(inputs);
    const wanted = integersOf(p, 'axes');
    const rank = x.shape.length + wanted.length;
    const places = new Set<number>();
    for (const axis of wanted) {
      const place = resolveAxis(axis, rank);
      if (place === null || places.has(place))
        return err(`Axis ${axis} cannot be inserted into ${shapeText(x.shape)} beside ${wanted.join(', ')}`);
      places.add(place);
    }
    const shape: number[] = [];
    let next = 0;
    for (let i = 0; i < rank; i++) shape.push(places.has(i) ? 1 : (x.shape[next++] ?? 1));
    return ok([tensor(shape, x.elementType)]);
  },
  kernel: () => ({ kind: 'view' }),
});

/** Of the axes of an operand, in the order of the result's; nothing given reverses them. */
export function permutationOf(shape: readonly number[], given: readonly number[]): readonly number[] {
  return given.length > 0 ? given : shape.map((_, i) => shape.length - 1 - i);
}

export const transpose = defineOperator({
  id: 'transpose',
  title: 'Transpose',
  category: 'layout',
  summary: 'Permutes the axes; the elements move.',
  source: 'ONNX operators, Transpose-21',
  keywords: ['permute', 'swap axes', 'nhwc'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [
    integersParameter(
      'permutation',
      'Permutation',
      [0, 31],
      [],
      'For each axis of the result, the axis of the input; empty reverses them.',
    ),
  ],
  infer(inputs, p) {
    const x = required(inputs);
    const order = permutationOf(x.shape, integersOf(p, 'permutation'));
    if (
      order.length !== x.shape.length ||
      new Set(order).size !== order.length ||
      Math.max(-1, ...order) >= order.length
    )
      return err(`${order.join(', ')} is not an order of the ${x.shape.length} axes of ${shapeText(x.shape)}`);
    return ok([
      tensor(
        order.map((axis) => x.shape[axis] ?? 1),
        x.elementType,
      ),
    ]);
  },
  kernel(inputs, _, p) {
    const { shape } = required(inputs);
    const order = permutationOf(shape, integersOf(p, 'permutation'));
    const wide = order.filter((axis) => shape[axis] !== 1);
    // Moving axes of extent 1 about leaves memory as it is.
    const isView = wide.every((axis, i) => i === 0 || axis > (wide[i - 1] ?? 0));
    return isView ? { kind: 'view' } : { kind: 'move', elements: product(shape) };
  },
});

export const identity = defineOperator({
  id: 'identity',
  title: 'Identity',
  category: 'layout',
  summary: 'Hands its input on unchanged.',
  source: 'ONNX operators, Identity-21',
  keywords: ['copy', 'pass'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [],
  infer: (inputs) => ok([required(inputs)]),
  kernel: () => ({ kind: 'view' }),
});

export const dropout = defineOperator({
  id: 'dropout',
  title: 'Dropout',
  category: 'layout',
  summary: 'Drops elements at random while training; at inference it hands its input on unchanged.',
  source: 'ONNX operators, Dropout-22; Srivastava et al., JMLR 15, 2014',
  keywords: ['regularisation', 'training'],
  inputs: oneInput,
  outputs: [
    { id: 'out', title: 'result' },
    { id: 'mask', title: 'mask' },
  ],
  parameters: [
    numberParameter('ratio', 'Ratio', 0.5, 'Share of elements dropped while training; not used at inference.', {
      minimum: 0,
      maximum: 1,
      advanced: true,
    }),
  ],
  infer(inputs) {
    const x = required(inputs);
    return ok([x, { ...x, elementType: 'bool' }]);
  },
  kernel: () => ({ kind: 'view' }),
});

export const cast = defineOperator({
  id: 'cast',
  title: 'Cast',
  category: 'layout',
  summary: 'Changes the element type.',
  source: 'ONNX operators, Cast-21',
  keywords: ['convert', 'type', 'precision'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [elementTypeParameter('fp32', 'Element type of the result.')],
  infer: (inputs, p) => ok([tensor(required(inputs).shape, elementTypeOf(textOf(p, 'elementType'), 'fp32'))]),
  kernel: (inputs) => ({ kind: 'vector', elements: product(required(inputs).shape), operationsPerElement: 1 }),
});
