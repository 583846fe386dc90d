/** What the drawn model alone decides, taken apart: multiply-accumulates and elements of weights, operator by operator. */
import { elementCount } from '#core/catalog/operator-type.ts';
import { COMPILER } from '#core/compile/compile.ts';
import type { Document } from '#core/document/document.ts';
import type { ModelGraph, Operator } from '#core/model/graph.ts';
import { distinctName } from './distinct-name.ts';
import { amount, drawn, type ExplainedFigure, explained, explainedSum, largest, type Term, word } from './explained.ts';

/** Multiply-accumulates of one inference of these operators of a document. */
export function explainMacs(operators: readonly Operator[], document: Document): ExplainedFigure {
  const [only] = operators;
  if (only && operators.length === 1) return macsOf(only, document);
  return explainedSum(
    {
      title: `MACs of ${operators.length} operators`,
      value: total(operators, ({ macs }) => macs),
      unit: 'MAC',
      badge: 'counted',
    },
    { formula: 'Σ over operators', source: 'definition', technique: COMPILER },
    largest(operators, 'MAC', {
      value: ({ macs }) => macs,
      name: (operator) => nameOf(operator, document),
      explain: (operator) => macsOf(operator, document),
    }),
  );
}

function macsOf(operator: Operator, document: Document): ExplainedFigure {
  const { macs, kernel } = operator;
  const name = nameOf(operator, document);
  const head = { title: `MACs of ${name}`, value: macs, unit: 'MAC', badge: 'counted' } as const;
  const place = placeOf(operator, document);
  const isProduct = kernel.kind === 'gemm' && kernel.groups * kernel.m * kernel.n * kernel.k === macs;
  if (!isProduct)
    return explained(head, { formula: 'counted from its shapes', source: operator.type.source, technique: COMPILER }, [
      place,
    ]);
  return explained(head, { formula: 'groups × M × N × K', source: operator.type.source, technique: COMPILER }, [
    amount('groups', kernel.groups, ''),
    amount('M', kernel.m, ''),
    amount('N', kernel.n, ''),
    amount('K', kernel.k, ''),
    place,
  ]);
}

/** Elements of weights of these operators: kernels, biases, scales, statistics. */
export function explainWeights(operators: readonly Operator[], document: Document): ExplainedFigure {
  const [only] = operators;
  if (only && operators.length === 1) return weightsOf(only, document, only.weights);
  return explainedSum(
    {
      title: `Weights of ${operators.length} operators`,
      value: total(operators, ({ weights }) => elements(weights)),
      unit: 'element',
      badge: 'counted',
    },
    { formula: 'Σ over operators', source: 'definition', technique: COMPILER },
    largest(operators, 'element', {
      value: ({ weights }) => elements(weights),
      name: (operator) => nameOf(operator, document),
      explain: (operator) => weightsOf(operator, document, operator.weights),
    }),
  );
}

/** Elements of what is trained of a whole model: weights without running statistics, and constants that are trained. */
export function explainParameters({ operators, tensors }: ModelGraph, document: Document): ExplainedFigure {
  const trained = ({ weights }: Operator) => weights.filter((weight) => weight.trained !== false);
  const owners = [
    ...operators.map((operator) => ({
      name: nameOf(operator, document),
      value: elements(trained(operator)),
      explain: () => weightsOf(operator, document, trained(operator)),
    })),
    ...tensors
      .filter((tensor) => tensor.trained)
      .map(({ name, node, type }) => ({
        name,
        value: elementCount(type.shape),
        explain: () => elementsOf(name, type.shape, [drawn('constant', document.id, { id: node, name })]),
      })),
  ];
  return explainedSum(
    { title: 'Parameters', value: total(owners, ({ value }) => value), unit: 'element', badge: 'counted' },
    { formula: 'Σ over operators and constants of trained elements', source: 'definition', technique: COMPILER },
    largest(owners, 'element', {
      value: ({ value }) => value,
      name: ({ name }) => name,
      explain: ({ explain }) => explain(),
    }),
  );
}

function weightsOf(operator: Operator, document: Document, weights: Operator['weights']): ExplainedFigure {
  const name = nameOf(operator, document);
  const place = placeOf(operator, document);
  return explainedSum(
    { title: `Weights of ${name}`, value: elements(weights), unit: 'element', badge: 'counted' },
    { formula: 'Σ over tensors of elements', source: operator.type.source, technique: COMPILER },
    largest(weights, 'element', {
      value: ({ shape }) => elementCount(shape),
      name: (weight) => weight.name,
      explain: (weight) => elementsOf(`${weight.name} of ${name}`, weight.shape, [place]),
    }),
    [place],
  );
}

const EXTENTS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'];

/** The product of extents; of more of them than have names the product is told alone. */
function elementsOf(name: string, shape: readonly number[], places: readonly Term[]): ExplainedFigure {
  const head = { title: `Elements of ${name}`, value: elementCount(shape), unit: 'element', badge: 'counted' } as const;
  const symbols = EXTENTS.slice(0, shape.length);
  const isNamed = shape.length > 0 && shape.length <= EXTENTS.length;
  return explained(
    head,
    { formula: isNamed ? symbols.join(' × ') : 'product of extents', source: 'definition', technique: COMPILER },
    [
      ...(isNamed ? shape.map((extent, at) => amount(symbols[at]!, extent, '')) : []),
      word('shape', shape.join(' × ') || 'scalar'),
      ...places,
    ],
  );
}

const nameOf = ({ node, name }: Operator, document: Document): string => distinctName(document, node, name);
const placeOf = (operator: Operator, document: Document): Term =>
  drawn('operator', document.id, { id: operator.node, name: nameOf(operator, document) });

const elements = (weights: Operator['weights']) => total(weights, ({ shape }) => elementCount(shape));

function total<T>(all: readonly T[], value: (of: T) => number): number {
  return all.reduce((sum, one) => sum + value(one), 0);
}
