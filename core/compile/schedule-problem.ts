/** The scheduling problem of a kernel graph: one operator a step, whole tensors, bytes in the run's format. */

import { ELEMENT_BYTES, type ElementType } from '#core/catalog/operator-type.ts';
import { operatorType } from '#core/catalog/operators.ts';
import type { RunSettings } from '#core/run/settings.ts';
import type { ScheduleProblem } from '#core/schedule/problem.ts';
import type { KernelGraph, KernelOperator, KernelTensor } from './kernel-graph.ts';

/** Taken for element types of no fixed width (text, what a file does not name). */
const UNKNOWN_WIDTH_BYTES = 4;
const FORMAT_BYTES: Readonly<Record<Exclude<RunSettings['format'], 'model'>, number>> = {
  int8: 1,
  int16: 2,
  fp16: 2,
  fp32: 4,
};
/** Accumulators, biases: 32 bits in every format. */
export const ACCUMULATOR_BYTES = 4;

/** Bytes an element of a tensor takes; 'model' keeps the file's element types. */
export function bytesPerElement(format: RunSettings['format'], elementType: ElementType): number {
  return format === 'model' ? (ELEMENT_BYTES[elementType] ?? UNKNOWN_WIDTH_BYTES) : FORMAT_BYTES[format];
}

export function tensorBytes(tensor: KernelTensor, format: RunSettings['format']): number {
  return tensor.elements * bytesPerElement(format, tensor.elementType);
}

/** Weights in the operand format (that of the result where it is 'model'), biases as accumulators. */
export function weightBytes(operator: KernelOperator, graph: KernelGraph, format: RunSettings['format']): number {
  const result = graph.tensors[operator.outputs[0]!];
  return (
    operator.weightElements * bytesPerElement(format, result?.elementType ?? 'fp32') +
    operator.biasElements * ACCUMULATOR_BYTES
  );
}

/** Types that make each element of the result from the elements at the same place, beside whole categories of them. */
const BY_ELEMENT: ReadonlySet<string> = new Set([
  'batch-norm',
  'identity',
  'dropout',
  'cast',
  'quantize',
  'dequantize',
]);

/** Each element of the result is made of the elements at the same place of operands as large as it. */
export function worksByElement(type: string): boolean {
  const category = operatorType(type)?.category;
  return category === 'elementwise' || category === 'activation' || BY_ELEMENT.has(type);
}

/**
 * Operands whose place the result may take: of as many elements and bytes as the result, where every type of the
 * kernel works element by element. An element is then overwritten only where it has just been read.
 */
function inPlaceOperands(operator: KernelOperator, graph: KernelGraph, format: RunSettings['format']) {
  const result = graph.tensors[operator.outputs[0] ?? -1];
  if (!result || operator.outputs.length !== 1 || !operator.types.every(worksByElement)) return [];
  return operator.inputs.filter((id) => {
    const operand = graph.tensors[id]!;
    return operand.elements === result.elements && tensorBytes(operand, format) === tensorBytes(result, format);
  });
}

export function scheduleProblemOf(name: string, graph: KernelGraph, format: RunSettings['format']): ScheduleProblem {
  return {
    name,
    bytesPerElement: bytesPerElement(format, 'fp32'),
    tensors: graph.tensors.map((tensor) => ({
      id: tensor.id,
      name: tensor.name,
      shape: tensor.shape,
      bytes: tensorBytes(tensor, format),
      kind: tensor.kind,
    })),
    ops: graph.operators.map((operator, id) => {
      const inPlace = inPlaceOperands(operator, graph, format);
      return {
        id,
        name: operator.name,
        type: operator.types.join(' + '),
        inputs: operator.inputs,
        outputs: operator.outputs,
        weightBytes: weightBytes(operator, graph, format),
        ...(inPlace.length > 0 && { inPlace }),
      };
    }),
  };
}
