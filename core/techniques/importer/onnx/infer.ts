/** Types of results as the catalog infers them, asked for while a graph is walked. */
import type { ParameterValues } from '#core/base/value.ts';
import type { OperatorType, TensorType } from '#core/catalog/operator-type.ts';
import { defaultParameters, parameterFault } from '#core/catalog/parameter.ts';

/** Result types; null where a needed operand or a possible parameter is missing. */
export function infer(type: OperatorType, parameters: ParameterValues, inputs: readonly (TensorType | null)[]) {
  const isIncomplete = type.inputs.some(
    (spec, i) => !spec.optional && (spec.variadic ? inputs.every((each) => each === null) : !inputs[i]),
  );
  if (isIncomplete || type.parameters.some((spec) => parameterFault(spec, parameters[spec.id]) !== null)) return null;
  return type.infer(inputs, parameters);
}

/** The given parameters, and defaults for the others. */
export function complete(type: OperatorType, parameters: ParameterValues): ParameterValues {
  return { ...defaultParameters(type.parameters), ...parameters };
}
