/** What an operator is written with, and what the families of operators share. Attributes, nodes, windows, scales. */
import { slide } from '#core/catalog/operators/window.ts';
import { integerOf, textOf } from '#core/catalog/parameter.ts';
import type { Operator, Tensor } from '#core/model/graph.ts';
import { dataTypeOf } from '../element-types.ts';
import type { AttributeToWrite, NodeToWrite } from '../writer.ts';

/** What an operator is written with: names of its operands and results, and ways to add weights and small constants. */
export interface Site {
  readonly operator: Operator;
  readonly inputs: readonly (Tensor | null)[];
  readonly outputs: readonly Tensor[];
  /** Names of operands; '' where nothing is linked. */
  readonly operands: readonly string[];
  /** Names of results by the type's output ports; '' where nobody reads one. */
  readonly results: readonly string[];
  /** A weight of the operator by its catalog name, in another shape of as many elements where one is given. */
  weight(name: string, shape?: readonly number[], dataType?: number): string;
  /** Whole numbers the graph needs to know: shapes, axes, sizes. */
  integers(values: readonly number[], isScalar?: boolean): string;
  real(value: number): string;
  /** A name for a result between two nodes of the operator. */
  between(): string;
}

export type Written = readonly NodeToWrite[] | null;
export type Encoder = (site: Site) => Written;

export const integer = (name: string, value: number): AttributeToWrite => ({ name, integer: value });
export const float = (name: string, value: number): AttributeToWrite => ({ name, float: value });
export const text = (name: string, value: string): AttributeToWrite => ({ name, text: value });
export const integers = (name: string, values: readonly number[]): AttributeToWrite => ({ name, integers: values });
export const flag = (name: string, value: boolean): AttributeToWrite => ({ name, integer: value ? 1 : 0 });

export function node(
  site: Site,
  operator: string,
  more: {
    readonly inputs?: readonly string[];
    readonly outputs?: readonly string[];
    readonly attributes?: readonly AttributeToWrite[];
    readonly domain?: string;
  } = {},
): NodeToWrite {
  // Trailing operands and results that are not there are left out.
  const trimmed = (names: readonly string[]) => names.slice(0, names.findLastIndex((name) => name !== '') + 1);
  return {
    operator,
    inputs: trimmed(more.inputs ?? site.operands),
    outputs: trimmed(more.outputs ?? site.results),
    attributes: more.attributes ?? [],
    ...(more.domain === undefined ? {} : { domain: more.domain }),
  };
}

export const one =
  (operator: string, attributes: (site: Site) => readonly AttributeToWrite[] = () => []): Encoder =>
  (site) => [node(site, operator, { attributes: attributes(site) })];

export const p = (site: Site) => site.operator.parameters;
export const shapeOf = (site: Site, at = 0): readonly number[] => site.inputs[at]?.type.shape ?? [];
export const isPlain = (site: Site) => textOf(p(site), 'arithmetic', 'plain') === 'plain';
export const first = (site: Site) => site.operands[0] ?? '';
export const linked = (site: Site) => site.operands.filter((name) => name !== '');

export function windowed(site: Site, ceilMode = false): readonly AttributeToWrite[] | null {
  const slid = slide(shapeOf(site).slice(2), p(site), ceilMode);
  if (!slid.ok) return null;
  const { kernel, strides, dilations, begins, ends } = slid.value;
  return [
    integers('kernel_shape', kernel),
    integers('strides', strides),
    integers('dilations', dilations),
    integers('pads', [...begins, ...ends]),
  ];
}

/** A scale and a zero point of an operand or of the result, by the catalog's names for them. */
export const scaleOf = (site: Site, operand: string, type: number): readonly string[] => [
  site.weight(`${operand} scale`),
  site.weight(`${operand} zero point`, undefined, type),
];

export const typeAt = (site: Site, at: number): number => dataTypeOf(site.inputs[at]?.type.elementType ?? 'int8') ?? 3;
export const resultType = (site: Site): number => dataTypeOf(site.outputs[0]!.type.elementType) ?? 2;

/** Operators of com.microsoft over quantised tensors: each operand with its scale and zero point, then the result's. */
export function quantised(
  site: Site,
  operator: string,
  operands: readonly string[],
  attributes: readonly AttributeToWrite[] = [],
): Written {
  const names = linked(site);
  const inputs = operands.flatMap((operand, i) => [names[i] ?? '', ...scaleOf(site, operand, typeAt(site, i))]);
  const result = scaleOf(site, 'output', resultType(site));
  const outputs = site.results.slice(0, 1);
  return [node(site, operator, { inputs: [...inputs, ...result], outputs, attributes, domain: 'com.microsoft' })];
}

export const isRequantised = (site: Site) => textOf(p(site), 'arithmetic', 'plain') === 'requantised';

export const zeroPoint = (site: Site): number => dataTypeOf(site.inputs[0]?.type.elementType ?? 'uint8') ?? 2;

export const epsilon = (site: Site) => float('epsilon', integerOf(p(site), 'epsilon', 1e-5));
export const axis = (fallback: number) => (site: Site) => [integer('axis', integerOf(p(site), 'axis', fallback))];

/** Lists the graph has to know come as operands in current operator sets. */
export const listed =
  (
    operator: string,
    lists: (site: Site) => readonly string[],
    attributes: (site: Site) => readonly AttributeToWrite[] = () => [],
  ): Encoder =>
  (site) => [node(site, operator, { inputs: [first(site), ...lists(site)], attributes: attributes(site) })];
