/** Every ONNX operator this importer translates, by domain; the rest become opaque. */
import type { Mapper, Mappers } from '../mapping.ts';
import { CONVOLUTION } from './convolution.ts';
import { ACTIVATION, ELEMENTWISE } from './elementwise.ts';
import { LAYOUT } from './layout.ts';
import { LINEAR, QUANTISED_LINEAR } from './linear.ts';
import { NORMALISATION } from './normalisation.ts';
import { QUANTISATION, RECURRENT, REDUCTION } from './others.ts';

const standard: ReadonlyMap<string, Mapper> = new Map(
  [CONVOLUTION, LINEAR, ELEMENTWISE, ACTIVATION, NORMALISATION, LAYOUT, REDUCTION, RECURRENT, QUANTISATION].flatMap(
    (family: Mappers) => Object.entries(family),
  ),
);
const quantised: ReadonlyMap<string, Mapper> = new Map(Object.entries(QUANTISED_LINEAR));

/** com.microsoft repeats standard operators under their names and adds fused and quantised ones. */
export function mapperOf(domain: string, operator: string): Mapper | null {
  if (domain === '') return standard.get(operator) ?? null;
  if (domain === 'com.microsoft') return quantised.get(operator) ?? standard.get(operator) ?? null;
  return null;
}

/** Operators kept opaque whose first result has the type of their first operand. */
export const TYPE_PRESERVING: ReadonlySet<string> = new Set([
  'Trilu',
  'MeanVarianceNormalization',
  'LpNormalization',
  'Hardmax',
  'BitwiseNot',
  'GeluGrad',
  'FastGeluGrad',
  'ReluGrad',
  'SigmoidGrad',
  'TanhGrad',
  'SoftmaxGrad',
  'SoftmaxGrad_13',
  'LogSoftmaxGrad',
  'LayerNormalizationGrad',
  'RequantShift',
  'SGD',
  'RotaryEmbedding',
]);
