/**
 * An operator the catalog does not know: kept with its name, domain and the shapes of its results, so that a
 * model that uses it still opens, draws and schedules. Its work is taken as one operation a result element.
 */
import { err, ok, type Result } from '#core/base/result.ts';
import type { TensorType } from '../operator-type.ts';
import { textOf } from '../parameter.ts';
import { defineOperator, elementTypeOf, given, LARGEST, tensor, totalElements } from './common.ts';

/** Reads `1x3x224x224:fp32; 1x10; scalar:int64`; a missing element type is `fallback`'s. */
export function parseShapes(text: string, fallback: TensorType['elementType']): Result<readonly TensorType[], string> {
  const types: TensorType[] = [];
  for (const part of text.split(';')) {
    const entry = part.trim();
    if (entry === '') continue;
    const match = /^(scalar|\d{1,10}(?:[x×]\d{1,10})*)(?::(\w+))?$/.exec(entry);
    if (!match) return err(`'${entry.slice(0, 64)}' is not a shape like 1x3x224x224:fp32`);
    const shape = match[1] === 'scalar' ? [] : (match[1] ?? '').split(/[x×]/).map(Number);
    if (shape.some((extent) => extent < 1 || extent > LARGEST))
      return err(`'${entry.slice(0, 64)}' has an extent outside 1 to ${LARGEST}`);
    types.push(tensor(shape, elementTypeOf(match[2], fallback)));
  }
  return ok(types);
}

/** The inverse of `parseShapes`. */
export function formatShapes(types: readonly TensorType[]): string {
  return types
    .map(({ shape, elementType }) => `${shape.length === 0 ? 'scalar' : shape.join('x')}:${elementType}`)
    .join('; ');
}

const text = (id: string, title: string, help: string) =>
  ({ id, title, kind: 'text', default: '', maximumLength: 4096, help }) as const;

export const opaque = defineOperator({
  id: 'opaque',
  title: 'Opaque operator',
  category: 'opaque',
  summary: 'An operator known by name only. Its results have the shapes given; its work is not modelled.',
  source: 'ONNX IR, NodeProto.domain and op_type',
  keywords: ['custom', 'unknown', 'extension', 'domain'],
  inputs: [{ id: 'in', title: 'operand', variadic: true, optional: true }],
  outputs: [{ id: 'out', title: 'result', variadic: true }],
  parameters: [
    text('operator', 'Operator', 'Name of the operator in the file it came from.'),
    text('domain', 'Domain', 'Operator set the name belongs to; empty is the standard one.'),
    text('outputShapes', 'Result shapes', "Shapes and element types of the results, like '1x3x224x224:fp32; 1x10'."),
    text('weightShapes', 'Weight shapes', 'Shapes of trained operands that belong to it, written alike.'),
  ],
  infer(inputs, p) {
    const made = parseShapes(textOf(p, 'outputShapes'), given(inputs)[0]?.elementType ?? 'fp32');
    if (made.ok && made.value.length === 0)
      return err(`The results of '${textOf(p, 'operator') || 'this operator'}' have no known shape; give one`);
    return made;
  },
  weights(_, p) {
    const made = parseShapes(textOf(p, 'weightShapes'), 'fp32');
    return made.ok ? made.value.map(({ shape }, i) => ({ name: `weight ${i + 1}`, shape })) : [];
  },
  kernel: (_, outputs) => ({ kind: 'vector', elements: totalElements(outputs), operationsPerElement: 1 }),
});
