/** From an ONNX node to an operator of the catalog: the shape of a mapper and what mappers share. */
import type { ParameterValues } from '#core/base/value.ts';
import { LARGEST } from '#core/catalog/operators/common.ts';
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

export function simple(type: string, parameters: (call: Call) => ParameterValues = () => ({})): Mapper {
  return (call) => ({ type, parameters: parameters(call), inputs: [call.inputs[0] ?? null] });
}
