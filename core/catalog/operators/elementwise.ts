/** Operators that work element by element on broadcast operands: arithmetic, comparison, selection. */
import { err, ok } from '#core/base/result.ts';
import { textOf } from '../parameter.ts';
import {
  broadcastAll,
  choiceParameter,
  defineOperator,
  given,
  oneOutput,
  product,
  required,
  tensor,
} from './common.ts';
import { arithmeticParameter, arithmeticWeights } from './quantisation.ts';

const variadic = [{ id: 'in', title: 'operand', variadic: true }] as const;

/** Operations of any number of operands; the rest take exactly two. */
const MANY = new Set(['add', 'mul', 'max', 'min', 'mean']);
/** Operations whose operands may differ in element type. */
const MIXED = new Set(['pow', 'shift-left', 'shift-right']);

export const elementwise = defineOperator({
  id: 'elementwise',
  title: 'Elementwise',
  category: 'elementwise',
  summary: 'Combines operands element by element; extents of 1 and missing leading axes are repeated.',
  source: 'ONNX operators, Add-14, Sub-14, Mul-14, Div-14, Pow-15, Max-13, Min-13, Mean-13, Sum-13, Mod-13',
  keywords: ['add', 'residual', 'sum', 'subtract', 'multiply', 'scale', 'divide', 'power', 'maximum', 'minimum'],
  inputs: variadic,
  outputs: oneOutput,
  parameters: [
    choiceParameter(
      'operation',
      'Operation',
      {
        add: 'add',
        sub: 'subtract',
        mul: 'multiply',
        div: 'divide',
        max: 'maximum',
        min: 'minimum',
        mean: 'mean',
        pow: 'power',
        mod: 'remainder',
        'bit-and': 'bitwise and',
        'bit-or': 'bitwise or',
        'bit-xor': 'bitwise xor',
        'shift-left': 'shift left',
        'shift-right': 'shift right',
      },
      'What is done with the operands, first to last.',
    ),
    arithmeticParameter,
  ],
  fusion: 'bias',
  weights: (inputs, p) =>
    arithmeticWeights(
      p,
      given(inputs).map((_, i) => [`operand ${i + 1}`, []]),
    ),
  infer(inputs, p) {
    const operands = given(inputs);
    const operation = textOf(p, 'operation', 'add');
    const first = required(operands);
    if (!MANY.has(operation) && operands.length !== 2)
      return err(`'${operation}' takes two operands and has ${operands.length}`);
    const other = operands.find((each) => each.elementType !== first.elementType && each.elementType !== 'other');
    if (other && first.elementType !== 'other' && !MIXED.has(operation))
      return err(`The operands are ${first.elementType} and ${other.elementType}; put a cast between`);
    const shape = broadcastAll(operands);
    return shape.ok ? ok([tensor(shape.value, first.elementType)]) : shape;
  },
  kernel(inputs, outputs, p) {
    const elements = product(required(outputs).shape);
    const operations = Math.max(given(inputs).length - 1, 1) + (textOf(p, 'operation') === 'mean' ? 1 : 0);
    return textOf(p, 'operation') === 'pow'
      ? { kind: 'special', elements, operationsPerElement: 1, evaluations: elements }
      : { kind: 'vector', elements, operationsPerElement: operations };
  },
});

export const compare = defineOperator({
  id: 'compare',
  title: 'Compare',
  category: 'elementwise',
  summary: 'Compares or combines two operands element by element into truth values.',
  source: 'ONNX operators, Equal-19, Less-13, Greater-13, LessOrEqual-16, GreaterOrEqual-16, And-7, Or-7, Xor-7',
  keywords: ['equal', 'less', 'greater', 'and', 'or', 'xor', 'logical', 'mask'],
  inputs: [
    { id: 'a', title: 'left' },
    { id: 'b', title: 'right' },
  ],
  outputs: oneOutput,
  parameters: [
    choiceParameter(
      'operation',
      'Operation',
      {
        equal: 'equal',
        less: 'less',
        'less-or-equal': 'less or equal',
        greater: 'greater',
        'greater-or-equal': 'greater or equal',
        and: 'and',
        or: 'or',
        xor: 'exclusive or',
      },
      'The question asked of each pair of elements.',
    ),
  ],
  infer(inputs) {
    const shape = broadcastAll(given(inputs));
    return shape.ok ? ok([tensor(shape.value, 'bool')]) : shape;
  },
  kernel: (_, outputs) => ({ kind: 'vector', elements: product(required(outputs).shape), operationsPerElement: 1 }),
});

export const where = defineOperator({
  id: 'where',
  title: 'Where',
  category: 'elementwise',
  summary: 'Takes each element from the first tensor where the condition holds, else from the second.',
  source: 'ONNX operators, Where-16',
  keywords: ['select', 'mask', 'condition', 'ternary'],
  inputs: [
    { id: 'condition', title: 'condition' },
    { id: 'a', title: 'where true' },
    { id: 'b', title: 'where false' },
  ],
  outputs: oneOutput,
  parameters: [],
  infer(inputs) {
    const shape = broadcastAll(given(inputs));
    return shape.ok ? ok([tensor(shape.value, required(inputs, 1).elementType)]) : shape;
  },
  kernel: (_, outputs) => ({ kind: 'vector', elements: product(required(outputs).shape), operationsPerElement: 1 }),
});
