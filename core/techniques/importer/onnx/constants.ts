/**
 * Constants for the results of a node that computes on nothing but constants or shapes: values where they serve shapes, else
 * what is to be computed from what when somebody asks for the numbers.
 */
import type { ParameterValues } from '#core/base/value.ts';
import { operatorType } from '#core/catalog/operators.ts';
import { computed, type StoredData } from '#core/reference/stored.ts';
import type { ByteSource } from '#core/technique/importer.ts';
import type { Attributes } from './attributes.ts';
import { type Call, fold } from './fold.ts';
import { complete, infer } from './infer.ts';
import type { Mapping } from './mapping.ts';
import { mapperOf } from './operators/index.ts';
import type { NodeRecord } from './proto.ts';
import { type Constant, constant, constantOf } from './values.ts';

const RANDOM = new Set([
  'RandomNormal',
  'RandomUniform',
  'RandomNormalLike',
  'RandomUniformLike',
  'Multinomial',
  'Bernoulli',
]);

/** Constants for the node's results; null where it computes on anything else. */
export function folded(node: NodeRecord, call: Call): readonly Constant[] | null {
  if (node.domain !== '' && node.domain !== 'com.microsoft') return null;
  if (node.operator === 'Constant') return [literal(node, call.attributes, call.source)];
  const values = fold(call);
  if (values) return values;
  const operands = call.inputs.filter((input) => input !== null);
  const constants = operands.filter((input): input is Constant => input.kind === 'constant');
  if (constants.length === 0 || constants.length < operands.length || RANDOM.has(node.operator)) return null;
  const mapping = mapperOf(node.domain, node.operator)?.(call);
  const type = mapping && operatorType(mapping.type);
  if (!mapping || !type || constants.some((each) => each.type.shape.includes(0))) return null;
  const parameters = complete(type, mapping.parameters);
  const inferred = infer(
    type,
    parameters,
    mapping.inputs.map((input) => input?.type ?? null),
  );
  if (!inferred?.ok) return null;
  return inferred.value.slice(0, node.outputs.length).map((made, i) => ({
    kind: 'constant',
    name: node.outputs[i] || node.name,
    type: made,
    values: null,
    data: foldedData(mapping, parameters, i),
    isComputed: constants.every((each) => each.isComputed),
  }));
}

function literal(node: NodeRecord, attributes: Attributes, source: ByteSource): Constant {
  const name = node.outputs[0] ?? node.name;
  const tensor = attributes.tensor('value');
  if (tensor) return constantOf(tensor, name, source);
  const list = (values: readonly number[], elementType: 'int64' | 'fp32', isScalar: boolean) =>
    constant(name, { shape: isScalar ? [] : [values.length], elementType }, values);
  const record = (id: string) => attributes.record(id);
  if (record('value_int')) return list([attributes.integer('value_int', 0)], 'int64', true);
  if (record('value_float')) return list([attributes.float('value_float', 0)], 'fp32', true);
  if (record('value_ints')) return list(attributes.integers('value_ints') ?? [], 'int64', false);
  if (record('value_floats')) return list(attributes.floats('value_floats') ?? [], 'fp32', false);
  return constant(name, { shape: [], elementType: 'other' }, null);
}

/** Result `output` of a mapped operator on constants. */
function foldedData(mapping: Mapping, parameters: ParameterValues, output: number): StoredData {
  if (mapping.deviation) return { kind: 'absent', reason: mapping.deviation };
  const inputs = mapping.inputs.map((input) => (input?.kind === 'constant' ? input : null));
  const weights = Object.entries(mapping.weights ?? {}).flatMap(([name, each]) =>
    each ? [[name, each] as const] : [],
  );
  return computed(mapping.type, parameters, inputs, Object.fromEntries(weights), output);
}
