/** Extents of graph inputs and declared values: symbols are bound once, free ones get a sensible extent. */
import type { TensorType } from '#core/catalog/operator-type.ts';
import { LARGEST } from '#core/catalog/operators/common.ts';
import type { ValueRecord } from './proto.ts';
import { elementTypeOfData, REAL } from './values.ts';

/** Extents given to symbols so far. */
export type Symbols = Map<string, number>;

const IMAGE_SIDE = 224;
const SEQUENCE = 128;
/** Samples of a signal: 32 ms at 16 kHz, a usual frame of speech. */
const SIGNAL = 512;

const isExtent = (value: number | string): value is number =>
  typeof value === 'number' && value >= 1 && value <= LARGEST;

export interface ResolvedInput {
  readonly type: TensorType;
  /** Axes whose extent the file leaves open, beside a leading batch of 1. */
  readonly assumed: readonly number[];
  readonly hasFreeBatch: boolean;
}

/** The type of an input; free dimensions become 1 (batch), 224 (image side), 128 (tokens), 512 (samples) or 1. */
export function resolveInput(record: ValueRecord, symbols: Symbols): ResolvedInput {
  const declared = record.shape ?? [''];
  const assumed: number[] = [];
  let hasFreeBatch = false;
  const shape = declared.map((extent, axis) => {
    if (isExtent(extent)) return extent;
    const symbol = typeof extent === 'string' ? extent : '';
    const bound = symbols.get(symbol);
    if (bound !== undefined) return bound;
    const chosen = assumedExtent(record, declared, axis, symbol);
    if (axis === 0 && chosen === 1) hasFreeBatch = true;
    else assumed.push(axis);
    if (symbol !== '') symbols.set(symbol, chosen);
    return chosen;
  });
  return { type: { shape, elementType: elementTypeOfData(record.dataType) }, assumed, hasFreeBatch };
}

function assumedExtent(record: ValueRecord, shape: readonly (number | string)[], axis: number, symbol: string): number {
  if (/batch/i.test(symbol)) return 1;
  // [batch, samples] of real numbers is a signal, of integers a list of ids.
  if (axis === 1 && shape.length === 2 && REAL.has(elementTypeOfData(record.dataType))) return SIGNAL;
  if (/seq|len|time|token|past|frame/i.test(symbol)) return SEQUENCE;
  if (/height|width/i.test(symbol)) return IMAGE_SIDE;
  if (axis === 0) return 1;
  if (shape.length === 4) {
    const last = shape[3];
    const isChannelsLast = typeof last === 'number' && last >= 1 && last <= 4 && typeof shape[1] !== 'number';
    if (isChannelsLast) return IMAGE_SIDE;
    return axis === 1 ? 3 : IMAGE_SIDE;
  }
  // [layers, batch, features] is the state of a recurrent layer; [batch, sequence, …] is everything else.
  const isState = shape.length === 3 && typeof shape[0] === 'number' && shape[0] > 1;
  return axis === 1 && !isState && (shape.length === 2 || shape.length === 3) ? SEQUENCE : 1;
}

/** A declared type with every extent known, or null. */
export function declaredType(record: ValueRecord | undefined, symbols: Symbols): TensorType | null {
  if (!record?.shape || record.dataType === 0) return null;
  const shape: number[] = [];
  for (const extent of record.shape) {
    const known = isExtent(extent) ? extent : typeof extent === 'string' ? symbols.get(extent) : undefined;
    if (known === undefined) return null;
    shape.push(known);
  }
  return { shape, elementType: elementTypeOfData(record.dataType) };
}
