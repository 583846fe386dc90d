/** Pools, softmax, reductions, normalisations, recurrent layers and quantisation. */
import { elementCount } from '#core/catalog/operator-type.ts';
import { booleanOf, integerOf, integersOf, textOf } from '#core/catalog/parameter.ts';
import type { AttributeToWrite } from '../writer.ts';
import {
  axis,
  type Encoder,
  epsilon,
  first,
  flag,
  integer,
  isPlain,
  isRequantised,
  node,
  p,
  quantised,
  type Site,
  shapeOf,
  text,
  windowed,
} from './site.ts';

export const POOLS: Readonly<Record<string, readonly [sliding: string, global: string]>> = {
  max: ['MaxPool', 'GlobalMaxPool'],
  average: ['AveragePool', 'GlobalAveragePool'],
  norm: ['LpPool', 'GlobalLpPool'],
};

export const pool: Encoder = (site) => {
  const operation = textOf(p(site), 'operation', 'max');
  const names = POOLS[operation];
  if (isRequantised(site) && operation === 'average' && booleanOf(p(site), 'global'))
    return quantised(site, 'QLinearGlobalAveragePool', ['input']);
  if (!names || !isPlain(site)) return null;
  const order = operation === 'norm' ? [integer('p', integerOf(p(site), 'order', 2))] : [];
  if (booleanOf(p(site), 'global'))
    return [node(site, names[1], { outputs: site.results.slice(0, 1), attributes: order })];
  const ceilMode = booleanOf(p(site), 'ceilMode');
  const attributes = windowed(site, ceilMode);
  if (!attributes) return null;
  return [
    node(site, names[0], {
      outputs: operation === 'max' ? site.results : site.results.slice(0, 1),
      attributes: [
        ...attributes,
        flag('ceil_mode', ceilMode),
        ...(operation === 'average' ? [flag('count_include_pad', booleanOf(p(site), 'countPadding'))] : []),
        ...order,
      ],
    }),
  ];
};

export const normalised =
  (
    operator: string,
    weights: readonly string[],
    attributes: (site: Site) => readonly AttributeToWrite[] = () => [],
  ): Encoder =>
  (site) => {
    const has = new Set(site.operator.weights.map(({ name }) => name));
    return [
      node(site, operator, {
        inputs: [first(site), ...weights.filter((name) => has.has(name)).map((name) => site.weight(name))],
        attributes: [epsilon(site), ...attributes(site)],
      }),
    ];
  };

export const softmax: Encoder = (site) => {
  const shape = shapeOf(site);
  const at = integerOf(p(site), 'axis', -1);
  const after = shape.slice((at < 0 ? at + shape.length : at) + 1);
  if (booleanOf(p(site), 'trailing') && elementCount(after) > 1) return null;
  return [
    node(site, booleanOf(p(site), 'logarithm') ? 'LogSoftmax' : 'Softmax', { attributes: [integer('axis', at)] }),
  ];
};

export const REDUCE: Readonly<Record<string, string>> = {
  mean: 'ReduceMean',
  sum: 'ReduceSum',
  max: 'ReduceMax',
  min: 'ReduceMin',
  prod: 'ReduceProd',
  l1: 'ReduceL1',
  l2: 'ReduceL2',
  'sum-square': 'ReduceSumSquare',
  'log-sum': 'ReduceLogSum',
  'log-sum-exp': 'ReduceLogSumExp',
};

export const reduce: Encoder = (site) => {
  const operator = REDUCE[textOf(p(site), 'operation', 'mean')];
  if (!operator) return null;
  const axes = integersOf(p(site), 'axes');
  return [
    node(site, operator, {
      inputs: [first(site), ...(axes.length > 0 ? [site.integers(axes)] : [])],
      attributes: [flag('keepdims', booleanOf(p(site), 'keepDims', true))],
    }),
  ];
};

export const recurrent =
  (operator: 'LSTM' | 'GRU' | 'RNN'): Encoder =>
  (site) => {
    const [x = '', hidden = '', cell = ''] = site.operands;
    const direction = textOf(p(site), 'direction', 'forward');
    const activationOf =
      { tanh: 'Tanh', relu: 'Relu', sigmoid: 'Sigmoid' }[textOf(p(site), 'function', 'tanh')] ?? 'Tanh';
    const twice = direction === 'bidirectional' ? 2 : 1;
    return [
      node(site, operator, {
        inputs: [
          x,
          site.weight('input weight'),
          site.weight('recurrent weight'),
          booleanOf(p(site), 'bias', true) ? site.weight('bias') : '',
          '',
          hidden,
          ...(operator === 'LSTM' ? [cell] : []),
        ],
        attributes: [
          integer('hidden_size', integerOf(p(site), 'hidden', 1)),
          text('direction', direction),
          flag('layout', booleanOf(p(site), 'batchFirst')),
          ...(operator === 'GRU' ? [flag('linear_before_reset', booleanOf(p(site), 'resetAfter', true))] : []),
          ...(operator === 'RNN' ? [{ name: 'activations', texts: new Array<string>(twice).fill(activationOf) }] : []),
        ],
      }),
    ];
  };

/** Zero points have the integer type; scales the real one. */
export const quantisation =
  (operator: string, zeroPointType: (site: Site) => number): Encoder =>
  (site) => [
    node(site, operator, {
      inputs: [
        first(site),
        site.weight('scale', undefined, 1),
        site.weight('zero point', undefined, zeroPointType(site)),
      ],
      attributes: booleanOf(p(site), 'perChannel') ? axis(1)(site) : [],
    }),
  ];
