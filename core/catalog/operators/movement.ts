/** Operators that copy elements to other places: joining, cutting, padding, repeating, resampling, looking up. */
import { err, ok } from '#core/base/result.ts';
import { integerOf, integersOf, textOf } from '../parameter.ts';
import {
  axisFault,
  axisParameter,
  broadcast,
  choiceParameter,
  defineOperator,
  given,
  integerParameter,
  integersParameter,
  LARGEST,
  moved,
  numberParameter,
  oneInput,
  oneOutput,
  product,
  required,
  resolveAxis,
  shapeText,
  tensor,
} from './common.ts';

export const concat = defineOperator({
  id: 'concat',
  title: 'Concatenate',
  category: 'layout',
  summary: 'Joins tensors along one axis; the other extents agree.',
  source: 'ONNX operators, Concat-13',
  keywords: ['join', 'append', 'stack', 'inception', 'dense'],
  inputs: [{ id: 'in', title: 'part', variadic: true }],
  outputs: oneOutput,
  parameters: [axisParameter(1, 'Axis along which the parts follow one another.')],
  infer(inputs, p) {
    const parts = given(inputs);
    const first = required(parts);
    const axis = resolveAxis(integerOf(p, 'axis', 1), first.shape.length);
    if (axis === null) return err(axisFault(integerOf(p, 'axis', 1), first.shape));
    const shape = [...first.shape];
    for (const part of parts.slice(1)) {
      const fits =
        part.shape.length === shape.length && part.shape.every((extent, i) => i === axis || extent === shape[i]);
      if (!fits) return err(`${parts.map((each) => shapeText(each.shape)).join(' and ')} differ beside axis ${axis}`);
      shape[axis] = (shape[axis] ?? 0) + (part.shape[axis] ?? 0);
    }
    return ok([tensor(shape, first.elementType)]);
  },
  kernel: moved,
});

export const split = defineOperator({
  id: 'split',
  title: 'Split',
  category: 'layout',
  summary: 'Cuts a tensor into parts along one axis.',
  source: 'ONNX operators, Split-18',
  keywords: ['chunk', 'cut', 'heads'],
  inputs: oneInput,
  outputs: [{ id: 'out', title: 'part', variadic: true }],
  parameters: [
    integerParameter(
      'outputs',
      'Parts',
      [1, 4096],
      2,
      'How many parts; the last is smaller when they do not come out even.',
    ),
    axisParameter(1, 'Axis that is cut.'),
    integersParameter('sizes', 'Sizes', [1, LARGEST], [], 'Extent of each part along the axis; empty cuts evenly.', {
      unit: 'element',
    }),
  ],
  infer(inputs, p) {
    const x = required(inputs);
    const axis = resolveAxis(integerOf(p, 'axis', 1), x.shape.length);
    if (axis === null) return err(axisFault(integerOf(p, 'axis', 1), x.shape));
    const extent = x.shape[axis] ?? 1;
    const parts = integerOf(p, 'outputs', 2);
    const listed = integersOf(p, 'sizes');
    const chunk = Math.ceil(extent / parts);
    const sizes =
      listed.length > 0
        ? listed
        : Array.from({ length: parts }, (_, i) => (i < parts - 1 ? chunk : extent - chunk * (parts - 1)));
    if (sizes.length !== parts) return err(`${sizes.length} sizes are given for ${parts} parts`);
    if (sizes.some((size) => size < 1) || sizes.reduce((sum, size) => sum + size, 0) !== extent)
      return err(`Parts of ${sizes.join(', ')} do not make up axis ${axis} of ${shapeText(x.shape)}`);
    return ok(sizes.map((size) => tensor(x.shape.with(axis, size), x.elementType)));
  },
  kernel: moved,
});

export const slice = defineOperator({
  id: 'slice',
  title: 'Slice',
  category: 'layout',
  summary: 'Keeps a range of each listed axis.',
  source: 'ONNX operators, Slice-13',
  keywords: ['crop', 'range', 'strided slice'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [
    integersParameter('axes', 'Axes', [-32, 31], [0], 'Axes that are cut. Negative counts from the last axis.'),
    integersParameter(
      'starts',
      'Starts',
      [-LARGEST, LARGEST],
      [0],
      'First index kept on each axis; negative counts from the end.',
    ),
    integersParameter(
      'ends',
      'Ends',
      [-LARGEST, LARGEST],
      [LARGEST],
      'Index after the last one kept; beyond the end is the end.',
    ),
    integersParameter(
      'steps',
      'Steps',
      [-LARGEST, LARGEST],
      [],
      'Distance of kept indices; negative runs backwards; empty is 1.',
    ),
  ],
  infer(inputs, p) {
    const x = required(inputs);
    const axes = integersOf(p, 'axes');
    const starts = integersOf(p, 'starts');
    const ends = integersOf(p, 'ends');
    const steps = integersOf(p, 'steps');
    if (
      starts.length !== axes.length ||
      ends.length !== axes.length ||
      (steps.length > 0 && steps.length !== axes.length)
    )
      return err(`${axes.length} axes need as many starts and ends`);
    const shape = [...x.shape];
    for (const [i, given] of axes.entries()) {
      const axis = resolveAxis(given, shape.length);
      if (axis === null) return err(axisFault(given, x.shape));
      const extent = x.shape[axis] ?? 1;
      const step = steps[i] ?? 1;
      if (step === 0) return err('A step of 0 does not advance');
      const place = (index: number, low: number, high: number) =>
        Math.min(Math.max(index < 0 ? index + extent : index, low), high);
      const start = step > 0 ? place(starts[i]!, 0, extent) : place(starts[i]!, 0, extent - 1);
      const end = step > 0 ? place(ends[i]!, 0, extent) : place(ends[i]!, -1, extent - 1);
      const count = Math.ceil((end - start) / step);
      if (count < 1) return err(`Nothing of axis ${axis} of ${shapeText(x.shape)} lies in ${starts[i]} to ${ends[i]}`);
      shape[axis] = count;
    }
    return ok([tensor(shape, x.elementType)]);
  },
  kernel: moved,
});

export const pad = defineOperator({
  id: 'pad',
  title: 'Pad',
  category: 'layout',
  summary: 'Adds entries before and after each axis; negative amounts cut.',
  source: 'ONNX operators, Pad-21',
  keywords: ['border', 'zero', 'reflect'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [
    integersParameter(
      'pads',
      'Pads',
      [-LARGEST, LARGEST],
      [0, 0, 1, 1, 0, 0, 1, 1],
      'Entries before each axis, then entries after each axis.',
      { unit: 'element' },
    ),
    choiceParameter(
      'mode',
      'Mode',
      { constant: 'constant', reflect: 'reflect', edge: 'edge', wrap: 'wrap' },
      'What is added.',
    ),
    numberParameter('value', 'Value', 0, 'What is added in constant mode.', { advanced: true }),
  ],
  infer(inputs, p) {
    const x = required(inputs);
    const pads = integersOf(p, 'pads');
    const rank = x.shape.length;
    if (pads.length !== 2 * rank)
      return err(`${shapeText(x.shape)} needs ${2 * rank} pads (before and after each axis), not ${pads.length}`);
    const shape = x.shape.map((extent, i) => extent + pads[i]! + pads[i + rank]!);
    return shape.some((extent) => extent < 1)
      ? err(`The pads leave nothing of ${shapeText(x.shape)}`)
      : ok([tensor(shape, x.elementType)]);
  },
  kernel: moved,
});

export const expand = defineOperator({
  id: 'expand',
  title: 'Expand',
  category: 'layout',
  summary: 'Repeats axes of extent 1 until the tensor has the given shape.',
  source: 'ONNX operators, Expand-13',
  keywords: ['broadcast', 'repeat'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [
    integersParameter(
      'shape',
      'Shape',
      [1, LARGEST],
      [1],
      'Shape to broadcast with; 1 keeps the extent of the input.',
      {
        unit: 'element',
      },
    ),
  ],
  infer(inputs, p) {
    const x = required(inputs);
    const shape = broadcast(x.shape, integersOf(p, 'shape'));
    return shape
      ? ok([tensor(shape, x.elementType)])
      : err(`${shapeText(x.shape)} does not broadcast to ${shapeText(integersOf(p, 'shape'))}`);
  },
  kernel: moved,
});

export const tile = defineOperator({
  id: 'tile',
  title: 'Tile',
  category: 'layout',
  summary: 'Repeats the whole tensor along each axis.',
  source: 'ONNX operators, Tile-13',
  keywords: ['repeat', 'copy'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [
    integersParameter('repeats', 'Repeats', [1, LARGEST], [1], 'Copies along each axis; one entry an axis.'),
  ],
  infer(inputs, p) {
    const x = required(inputs);
    const repeats = integersOf(p, 'repeats');
    return repeats.length === x.shape.length
      ? ok([
          tensor(
            x.shape.map((extent, i) => extent * repeats[i]!),
            x.elementType,
          ),
        ])
      : err(`${repeats.length} repeats are given for the ${x.shape.length} axes of ${shapeText(x.shape)}`);
  },
  kernel: moved,
});

const blockSize = integerParameter('blockSize', 'Block', [1, 65_535], 2, 'Side of the square block of positions.', {
  unit: 'element',
});

export const spaceToDepth = defineOperator({
  id: 'space-to-depth',
  title: 'Space to depth',
  category: 'layout',
  summary: 'Moves square blocks of positions into channels.',
  source: 'ONNX operators, SpaceToDepth-13',
  keywords: ['focus', 'reorganise', 'patch'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [blockSize],
  infer(inputs, p) {
    const x = required(inputs);
    const block = integerOf(p, 'blockSize', 2);
    const [n, c, h, w] = x.shape;
    if (x.shape.length !== 4 || n === undefined || c === undefined || !h || !w || h % block !== 0 || w % block !== 0)
      return err(`${shapeText(x.shape)} does not divide into blocks of ${block}×${block} positions`);
    return ok([tensor([n, c * block * block, h / block, w / block], x.elementType)]);
  },
  kernel: moved,
});

export const depthToSpace = defineOperator({
  id: 'depth-to-space',
  title: 'Depth to space',
  category: 'layout',
  summary: 'Moves channels into square blocks of positions.',
  source: 'ONNX operators, DepthToSpace-13',
  keywords: ['pixel shuffle', 'super resolution', 'upsample'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [
    blockSize,
    choiceParameter(
      'mode',
      'Order',
      { DCR: 'depth, column, row', CRD: 'column, row, depth' },
      'Order of the elements.',
      {
        advanced: true,
      },
    ),
  ],
  infer(inputs, p) {
    const x = required(inputs);
    const block = integerOf(p, 'blockSize', 2);
    const [n, c, h, w] = x.shape;
    if (x.shape.length !== 4 || n === undefined || !c || !h || !w || c % (block * block) !== 0)
      return err(`The channels of ${shapeText(x.shape)} do not divide into blocks of ${block}×${block}`);
    return ok([tensor([n, c / (block * block), h * block, w * block], x.elementType)]);
  },
  kernel: moved,
});

export const resize = defineOperator({
  id: 'resize',
  title: 'Resize',
  category: 'layout',
  summary: 'Resamples the spatial axes to other extents.',
  source: 'ONNX operators, Resize-19, Upsample-9',
  keywords: ['upsample', 'interpolate', 'nearest', 'bilinear', 'scale'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [
    choiceParameter(
      'mode',
      'Mode',
      { nearest: 'nearest', linear: 'linear', cubic: 'cubic' },
      'How values between positions are made.',
    ),
    choiceParameter(
      'coordinates',
      'Coordinates',
      {
        'half-pixel': 'centres of elements',
        'half-pixel-symmetric': 'centres, symmetric',
        'pytorch-half-pixel': 'centres; one element sits at 0',
        'align-corners': 'corners meet',
        asymmetric: 'first elements meet',
      },
      'Which place of the input a place of the result stands for.',
      { advanced: true, source: 'ONNX operators, Resize-19, coordinate_transformation_mode' },
    ),
    choiceParameter(
      'rounding',
      'Rounding',
      {
        'round-prefer-floor': 'nearest, halves down',
        'round-prefer-ceil': 'nearest, halves up',
        floor: 'down',
        ceil: 'up',
      },
      'Which neighbour the nearest mode takes.',
      { advanced: true, source: 'ONNX operators, Resize-19, nearest_mode' },
    ),
    numberParameter('cubicCoefficient', 'Cubic coefficient', -0.75, 'Constant a of the cubic kernel.', {
      minimum: -4,
      maximum: 4,
      advanced: true,
      source: 'Keys, IEEE TASSP 29(6), 1981',
    }),
    numberParameter('factor', 'Factor', 2, 'Scale of every spatial axis, used when no sizes are given.', {
      minimum: 1 / 65_536,
      maximum: 65_536,
    }),
    integersParameter(
      'sizes',
      'Sizes',
      [1, LARGEST],
      [],
      'Extents of the result: all axes, or the spatial ones; empty uses the factor.',
      {
        unit: 'element',
      },
    ),
  ],
  infer(inputs, p) {
    const x = required(inputs);
    const sizes = integersOf(p, 'sizes');
    const spatial = x.shape.length - 2;
    const scale = integerOf(p, 'factor', 2);
    if (sizes.length === x.shape.length && sizes.length > 0) return ok([tensor(sizes, x.elementType)]);
    if (spatial < 1) return err(`${shapeText(x.shape)} has no spatial axes`);
    if (sizes.length !== 0 && sizes.length !== spatial)
      return err(`${sizes.length} sizes are given for the ${spatial} spatial axes of ${shapeText(x.shape)}`);
    const result = x.shape.map((extent, axis) => (axis < 2 ? extent : (sizes[axis - 2] ?? Math.floor(extent * scale))));
    return result.some((extent) => extent < 1)
      ? err(`A factor of ${scale} leaves nothing of ${shapeText(x.shape)}`)
      : ok([tensor(result, x.elementType)]);
  },
  kernel(inputs, outputs, p) {
    const elements = product(required(outputs).shape);
    const mode = textOf(p, 'mode', 'nearest');
    if (mode === 'nearest') return { kind: 'move', elements };
    const axes = required(inputs).shape.filter((extent, i) => extent !== required(outputs).shape[i]).length;
    // Separable: two (linear) or four (cubic) products and sums an axis.
    return { kind: 'vector', elements, operationsPerElement: Math.max(1, axes) * (mode === 'linear' ? 3 : 7) };
  },
});
