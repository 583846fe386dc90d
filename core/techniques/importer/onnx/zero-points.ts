/**
 * Products of integers whose zero points are computed (behind DynamicQuantizeLinear): operators of the catalog know theirs
 * beforehand, so the operand is drawn less its zero point, in 16 bits, which hold every difference of 8-bit numbers. Padding by
 * zeros is then padding by the zero point, as ConvInteger has it. Source: ONNX operators, MatMulInteger-10, ConvInteger-10.
 */
import { product } from '#core/catalog/operators/common.ts';
import type { AttributeRecord, NodeRecord } from './proto.ts';
import type { Value } from './values.ts';

const PRODUCTS = new Set(['MatMulInteger', 'ConvInteger']);
const INT16 = 5;

/** The nodes that stand for `node`, in order; null where it stands for itself. */
export function withKnownZeroPoints(node: NodeRecord, inputs: readonly (Value | null)[]): readonly NodeRecord[] | null {
  if (!PRODUCTS.has(node.operator) || node.domain !== '') return null;
  const made: NodeRecord[] = [];
  const names = [...node.inputs];
  for (const [operand, point] of [
    [0, 2],
    [1, 3],
  ] as const) {
    const [value, zero] = [inputs[operand], inputs[point]];
    // One for each row or filter has axes of its own.
    if (value?.kind !== 'flow' || zero?.kind !== 'flow' || !zero.type || product(zero.type.shape) !== 1) continue;
    const name = (what: string) => `${node.outputs[0]} ${what} of operand ${operand}`;
    const scalar = name('zero point');
    made.push(
      plain(node, 'Cast', [names[operand]!], name('numbers'), [integerAttribute('to', INT16)]),
      plain(node, 'Cast', [names[point]!], scalar, [integerAttribute('to', INT16)]),
      plain(node, 'Sub', [name('numbers'), scalar], name('difference'), []),
    );
    names[operand] = name('difference');
    names[point] = '';
  }
  return made.length === 0 ? null : [...made, { ...node, inputs: names }];
}

function plain(
  of: NodeRecord,
  operator: string,
  inputs: string[],
  output: string,
  attributes: AttributeRecord[],
): NodeRecord {
  const name = `${of.name || of.operator} ${operator.toLowerCase()}`;
  return { byteOffset: of.byteOffset, name, operator, domain: '', inputs, outputs: [output], attributes };
}

function integerAttribute(name: string, integer: number): AttributeRecord {
  return {
    name,
    reference: '',
    integer,
    float: null,
    text: null,
    tensor: null,
    graph: null,
    integers: [],
    floats: [],
    texts: [],
  };
}
