/** From an ONNX node to an operator of the catalog: the shape of a mapper and what mappers share. */
import type { ParameterValues } from '#core/base/value.ts';
import type { ElementType } from '#core/catalog/operator-type.ts';
import { LARGEST, product } from '#core/catalog/operators/common.ts';
import { operatorType } from '#core/catalog/operators.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { computed } from '#core/reference/stored.ts';
import type { Call } from './fold.ts';
import type { Constant, Value } from './values.ts';

export interface Mapping {
  /** Operator type of the catalog. */
  readonly type: string;
  readonly parameters: ParameterValues;
  /** By input port of the type; variadic ports in order. Constants become constant nodes. */
  readonly inputs: readonly (Value | null)[];
  /** The constant that the operator's first implied weight stands for: its extents are compared. */
  readonly weight?: Constant;
  /** Where the numbers of the operator's weights come from, by the names its type gives them. */
  readonly weights?: Readonly<Record<string, Constant | null>>;
  /** What the drawn operator leaves out, so that its numbers would differ from the file's. */
  readonly deviation?: string | null;
  /** Shown to the user once for each operator type, e.g. a legacy attribute that is not followed. */
  readonly note?: string;
}

/** Null: not expressible with what is known; the node is kept as an opaque operator. */
export type Mapper = (call: Call) => Mapping | null;
export type Mappers = Readonly<Record<string, Mapper>>;

export function constantAt(call: Call, at: number): Constant | null {
  const input = call.inputs[at];
  return input?.kind === 'constant' ? input : null;
}

export function shapeAt(call: Call, at: number): readonly number[] | null {
  return call.inputs[at]?.type?.shape ?? null;
}

export function isGiven(call: Call, at: number): boolean {
  return (call.inputs[at] ?? null) !== null;
}

/** Indices as files write them (INT64_MAX for 'to the end') into the range of parameters. */
export function bounded(values: readonly number[]): readonly number[] {
  return values.map((value) => Math.min(Math.max(Math.trunc(value), -LARGEST), LARGEST));
}

/** A real attribute or limit into the range of parameters; NaN reads as `fallback`. */
export function finite(value: number | null | undefined, fallback: number): number {
  if (value === null || value === undefined || Number.isNaN(value)) return fallback;
  return Math.min(Math.max(value, -3.4e38), 3.4e38);
}

/** A constant made from others by an operator of the catalog, e.g. a kernel transposed. */
export function derived(
  operator: string,
  parameters: ParameterValues,
  inputs: readonly [Constant, ...Constant[]],
  shape: readonly number[],
): Constant {
  const [first] = inputs;
  const complete = { ...defaultParameters(operatorType(operator)?.parameters ?? []), ...parameters };
  return {
    ...first,
    type: { shape, elementType: first.type.elementType },
    values: null,
    data: computed(operator, complete, inputs),
  };
}

/** The matrix with its axes swapped. */
export function transposed(matrix: Constant): Constant {
  const [rows = 1, columns = 1] = matrix.type.shape;
  return derived('transpose', { permutation: [1, 0] }, [matrix], [columns, rows]);
}

/** Every element times `factor`. */
export function scaled(from: Constant, factor: number): Constant {
  if (factor === 1) return from;
  const scale = filled('scale', [], from.type.elementType, factor);
  return derived('elementwise', { operation: 'mul' }, [from, scale], from.type.shape);
}

/** A single element repeated over `shape`; any other constant as it is. */
export function repeated(from: Constant | null, shape: readonly number[]): Constant | null {
  if (!from || product(from.type.shape) !== 1 || product(shape) === 1) return from;
  const single = { ...from, type: { ...from.type, shape: [] } };
  return derived('expand', { shape }, [single], shape);
}

export function filled(name: string, shape: readonly number[], elementType: ElementType, value: number): Constant {
  const data = { kind: 'series', start: value, step: 0 } as const;
  return { kind: 'constant', name, type: { shape, elementType }, values: null, data, isComputed: true };
}

/** Scales and zero points of an operator's operands or result: where they stand among the inputs, and their shape. */
export interface Quantities {
  readonly name: string;
  readonly scale?: number;
  readonly zeroPoint: number;
  readonly shape: readonly number[];
  /** Of the zero points, where the file leaves them out. */
  readonly elementType: ElementType;
}

/** The weights `<name> scale` and `<name> zero point`; one that is not a constant stays without numbers. */
export function quantities(call: Call, listed: readonly Quantities[]): Readonly<Record<string, Constant | null>> {
  const weights: Record<string, Constant | null> = {};
  for (const { name, scale, zeroPoint, shape, elementType } of listed) {
    if (scale !== undefined) weights[`${name} scale`] = repeated(constantAt(call, scale), shape);
    weights[`${name} zero point`] = isGiven(call, zeroPoint)
      ? repeated(constantAt(call, zeroPoint), shape)
      : filled('zero point', shape, elementType, 0);
  }
  return weights;
}

export function simple(type: string, parameters: (call: Call) => ParameterValues = () => ({})): Mapper {
  return (call) => ({ type, parameters: parameters(call), inputs: [call.inputs[0] ?? null] });
}
