/**
 * Sliding windows of any spatial rank, shared by convolutions and pools.
 * Source: ONNX operators, Conv-22, ConvTranspose-22, MaxPool-22 (pads are all begins, then all ends).
 */
import { err, ok, type Result } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import type { ParameterSpec } from '../parameter.ts';
import { integersOf, textOf } from '../parameter.ts';
import { choiceParameter, integersParameter, type Shape, shapeText } from './common.ts';

export interface Window {
  readonly kernel: Shape;
  readonly strides: Shape;
  readonly dilations: Shape;
  readonly begins: Shape;
  readonly ends: Shape;
  readonly result: Shape;
}

export const windowParameters = (
  kernel: readonly number[],
  strides: readonly number[],
  autoPad: string,
): readonly ParameterSpec[] => [
  integersParameter('kernel', 'Window', [1, 65_535], kernel, 'Extent of the window on each spatial axis.', {
    unit: 'element',
  }),
  integersParameter(
    'strides',
    'Strides',
    [1, 65_535],
    strides,
    'Step of the window on each spatial axis; empty is 1.',
    {
      unit: 'element',
    },
  ),
  choiceParameter(
    'autoPad',
    'Padding',
    {
      'same-upper': 'same (odd one at the end)',
      'same-lower': 'same (odd one at the begin)',
      valid: 'none',
      explicit: 'as listed',
    },
    "'Same' pads so that the result has ⌈input ÷ stride⌉ entries on each axis.",
    { default: autoPad },
  ),
  integersParameter(
    'pads',
    'Pads',
    [0, 65_535],
    [],
    "Used when padding is 'as listed': zeros before each spatial axis, then zeros after each; empty is none.",
    { unit: 'element' },
  ),
  integersParameter(
    'dilations',
    'Dilations',
    [1, 65_535],
    [],
    'Distance between neighbouring entries of the window; empty is 1.',
    { unit: 'element', advanced: true },
  ),
];

/** A list with one entry an axis: empty stands for `fallback`, one entry for all axes. */
export function perAxis(
  p: ParameterValues,
  id: string,
  rank: number,
  fallback: number,
): Result<readonly number[], string> {
  const list = integersOf(p, id);
  if (list.length === rank) return ok(list);
  if (list.length <= 1) return ok(new Array<number>(rank).fill(list[0] ?? fallback));
  return err(`${id} has ${list.length} entries for ${rank} spatial ${rank === 1 ? 'axis' : 'axes'}`);
}

/** Where the window goes over `spatial`; fails when it does not fit once. */
export function slide(spatial: Shape, p: ParameterValues, ceilMode = false): Result<Window, string> {
  const rank = spatial.length;
  const kernel = perAxis(p, 'kernel', rank, 1);
  const strides = perAxis(p, 'strides', rank, 1);
  const dilations = perAxis(p, 'dilations', rank, 1);
  const pads = perAxis(p, 'pads', 2 * rank, 0);
  if (!kernel.ok) return kernel;
  if (!strides.ok) return strides;
  if (!dilations.ok) return dilations;
  if (!pads.ok) return pads;
  const autoPad = textOf(p, 'autoPad', 'explicit');
  const begins: number[] = [];
  const ends: number[] = [];
  const result: number[] = [];
  for (const [axis, extent] of spatial.entries()) {
    const reach = dilations.value[axis]! * (kernel.value[axis]! - 1) + 1;
    const stride = strides.value[axis]!;
    let begin = autoPad === 'explicit' ? pads.value[axis]! : 0;
    let end = autoPad === 'explicit' ? pads.value[axis + rank]! : 0;
    if (autoPad === 'same-upper' || autoPad === 'same-lower') {
      const total = Math.max((Math.ceil(extent / stride) - 1) * stride + reach - extent, 0);
      begin = autoPad === 'same-upper' ? Math.floor(total / 2) : Math.ceil(total / 2);
      end = total - begin;
    }
    const steps = (extent + begin + end - reach) / stride;
    let count = (ceilMode ? Math.ceil(steps) : Math.floor(steps)) + 1;
    // A window that would start in the padding at the end is dropped (ONNX MaxPool-22, ceil_mode).
    if (ceilMode && (count - 1) * stride >= extent + begin) count--;
    if (count < 1) {
      const padded = begin + end > 0 ? ` padded by ${begin} and ${end}` : '';
      return err(`A window of ${reach} does not fit into ${extent}${padded} (spatial shape ${shapeText(spatial)})`);
    }
    begins.push(begin);
    ends.push(end);
    result.push(count);
  }
  return ok({ kernel: kernel.value, strides: strides.value, dilations: dilations.value, begins, ends, result });
}
