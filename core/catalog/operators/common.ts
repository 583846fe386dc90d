/**
 * What the operator families share: parameter builders, shape arithmetic (broadcasting, axes) and
 * `defineOperator`, which fills in what most operators do not have (weights, MACs).
 */
import type { Unit } from '#core/base/quantity.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { ELEMENT_TYPES, type ElementType, type OperatorType, type TensorType } from '../operator-type.ts';
import type { ParameterSpec } from '../parameter.ts';

export type Shape = readonly number[];
export type Inputs = readonly (TensorType | null)[];
export type Inferred = Result<readonly TensorType[], string>;

type Defaulted = 'fusion' | 'inPalette' | 'weights' | 'macs';

export function defineOperator(
  declaration: Omit<OperatorType, Defaulted> & Partial<Pick<OperatorType, Defaulted>>,
): OperatorType {
  return { fusion: 'none', inPalette: true, weights: () => [], macs: () => 0, ...declaration };
}

export const oneInput = [{ id: 'in', title: 'input' }] as const;
export const oneOutput = [{ id: 'out', title: 'result' }] as const;

/** The largest extent, index or count a parameter takes; products of extents stay exact integers. */
export const LARGEST = 2 ** 31 - 1;

interface More {
  readonly source?: string;
  readonly advanced?: boolean;
}

export function integerParameter(
  id: string,
  title: string,
  range: readonly [minimum: number, maximum: number],
  standard: number,
  help: string,
  more: More & { readonly unit?: Unit } = {},
): ParameterSpec {
  return {
    id,
    title,
    kind: 'integer',
    unit: '',
    minimum: range[0],
    maximum: range[1],
    default: standard,
    help,
    ...more,
  };
}

export function numberParameter(
  id: string,
  title: string,
  standard: number,
  help: string,
  more: More & { readonly minimum?: number; readonly maximum?: number } = {},
): ParameterSpec {
  return { id, title, kind: 'number', unit: '', minimum: -3.5e38, maximum: 3.5e38, default: standard, help, ...more };
}

export function booleanParameter(
  id: string,
  title: string,
  standard: boolean,
  help: string,
  more: More = {},
): ParameterSpec {
  return { id, title, kind: 'boolean', default: standard, help, ...more };
}

/** `choices` maps value → title; the first is the default unless given. */
export function choiceParameter(
  id: string,
  title: string,
  choices: Readonly<Record<string, string>>,
  help: string,
  more: More & { readonly default?: string } = {},
): ParameterSpec {
  const listed = Object.entries(choices).map(([value, label]) => ({ value, title: label }));
  return { id, title, kind: 'choice', choices: listed, default: listed[0]?.value ?? '', help, ...more };
}

export function integersParameter(
  id: string,
  title: string,
  range: readonly [minimum: number, maximum: number],
  standard: readonly number[],
  help: string,
  more: More & { readonly unit?: Unit; readonly length?: number } = {},
): ParameterSpec {
  return {
    id,
    title,
    kind: 'integers',
    unit: '',
    minimum: range[0],
    maximum: range[1],
    default: standard,
    help,
    ...more,
  };
}

export function axisParameter(standard: number, help: string): ParameterSpec {
  return integerParameter('axis', 'Axis', [-32, 31], standard, `${help} Negative counts from the last axis.`);
}

export function axesParameter(help: string): ParameterSpec {
  return integersParameter('axes', 'Axes', [-32, 31], [], `${help} Negative counts from the last axis.`);
}

export function elementTypeParameter(standard: ElementType, help: string): ParameterSpec {
  const choices = Object.fromEntries(ELEMENT_TYPES.map((type) => [type, type]));
  return choiceParameter('elementType', 'Element type', choices, help, { default: standard });
}

/** For operators whose accumulator may be stored in another type than the operands (quantised products). */
export const outputTypeParameter = choiceParameter(
  'outputType',
  'Result type',
  { same: 'as the input', ...Object.fromEntries(ELEMENT_TYPES.map((type) => [type, type])) },
  'Element type of the result; int32 for the accumulators of integer products.',
  { advanced: true, source: 'ONNX operators, ConvInteger-10, QLinearConv-10' },
);

const elementTypes = new Map<string, ElementType>(ELEMENT_TYPES.map((type) => [type, type]));

/** The element type called `text`, or `fallback`. */
export function elementTypeOf(text: unknown, fallback: ElementType): ElementType {
  return typeof text === 'string' ? (elementTypes.get(text) ?? fallback) : fallback;
}

/** `1×3×224×224`; a tensor without dimensions is a `scalar`. */
export function shapeText(shape: Shape): string {
  return shape.length === 0 ? 'scalar' : shape.join('×');
}

/** Multidirectional broadcasting (ONNX Broadcasting.md, after NumPy); null when the shapes do not fit. */
export function broadcast(a: Shape, b: Shape): Shape | null {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return null;
    shape.push(x === 1 ? y : x);
  }
  return shape;
}

export function broadcastAll(operands: readonly TensorType[]): Result<Shape, string> {
  let shape: Shape = [];
  for (const operand of operands) {
    const wider = broadcast(shape, operand.shape);
    if (!wider) {
      return err(`Shapes ${operands.map((each) => shapeText(each.shape)).join(' and ')} do not broadcast`);
    }
    shape = wider;
  }
  return ok(shape);
}

/** The axis in 0 … rank − 1, or null when out of range. */
export function resolveAxis(axis: number, rank: number): number | null {
  const resolved = axis < 0 ? axis + rank : axis;
  return resolved >= 0 && resolved < rank ? resolved : null;
}

export function axisFault(axis: number, shape: Shape): string {
  return `Axis ${axis} is outside the ${shape.length} dimensions of ${shapeText(shape)}`;
}

/** Every axis resolved, ascending and without repetition, or one sentence. */
export function resolveAxes(axes: readonly number[], shape: Shape): Result<readonly number[], string> {
  const resolved = new Set<number>();
  for (const axis of axes) {
    const each = resolveAxis(axis, shape.length);
    if (each === null) return err(axisFault(axis, shape));
    resolved.add(each);
  }
  return ok([...resolved].sort((a, b) => a - b));
}

/** Of the extents from one place to another; places outside the shape (a damaged file's axis) count as 1. */
export function product(extents: Shape, from = 0, to = extents.length): number {
  let total = 1;
  for (let i = Math.max(from, 0); i < Math.min(to, extents.length); i++) total *= extents[i] ?? 1;
  return total;
}

export function tensor(shape: Shape, elementType: ElementType): TensorType {
  return { shape, elementType };
}

/** The input at `index`; operators are only asked after their required inputs are known to be there. */
export function required(inputs: Inputs, index = 0): TensorType {
  const input = inputs[index];
  if (!input) throw new Error(`input ${index} of an operator was not given`);
  return input;
}

export function given(inputs: Inputs): readonly TensorType[] {
  return inputs.filter((input) => input !== null);
}

export function totalElements(tensors: readonly TensorType[]): number {
  return tensors.reduce((sum, each) => sum + product(each.shape), 0);
}

/** The kernel of operators that copy what they are given to where it is wanted. */
export const moved: OperatorType['kernel'] = (_, outputs) => ({ kind: 'move', elements: totalElements(outputs) });
