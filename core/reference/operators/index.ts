/** Every operator type that has a value, by id; the rest with the reason why not. */
import type { ParameterValues } from '#core/base/value.ts';
import { textOf } from '#core/catalog/parameter.ts';
import { ACTIVATION } from './activation.ts';
import type { Evaluate } from './call.ts';
import { CONVOLUTION } from './convolution.ts';
import { ELEMENTWISE } from './elementwise.ts';
import { LINEAR } from './linear.ts';
import { LOOKUP } from './lookup.ts';
import { MOVEMENT } from './movement.ts';
import { NORMALISATION } from './normalisation.ts';
import { POOLING } from './pooling.ts';
import { QUANTISATION } from './quantisation.ts';
import { RECURRENT } from './recurrent.ts';
import { REDUCTION } from './reduction.ts';
import { VIEWS } from './views.ts';

export const EVALUATORS: ReadonlyMap<string, Evaluate> = new Map(
  [
    ACTIVATION,
    CONVOLUTION,
    ELEMENTWISE,
    LINEAR,
    LOOKUP,
    MOVEMENT,
    NORMALISATION,
    POOLING,
    QUANTISATION,
    RECURRENT,
    REDUCTION,
    VIEWS,
  ].flatMap((family) => Object.entries(family)),
);

/** Operator types without an evaluation, and why. */
export const NOT_EVALUATED: Readonly<Record<string, string>> = {
  input: 'it is a tensor of the model, not an operation',
  output: 'it is a tensor of the model, not an operation',
  constant: 'it is a tensor of the model, not an operation',
  opaque: 'it is known by name only',
};

export function undefinedReason(id: string, parameters: ParameterValues): string {
  if (id !== 'opaque') return NOT_EVALUATED[id] ?? `operator type '${id}' is not known to the reference`;
  const operator = textOf(parameters, 'operator') || 'the operator';
  const domain = textOf(parameters, 'domain');
  return `${operator}${domain === '' ? '' : ` of ${domain}`} is known by name only`;
}
