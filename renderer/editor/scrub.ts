/** A number changed by dragging its name sideways: the whole drag is one step of history, Shift goes ten times as far. */
import type { ParameterSpec } from '#core/catalog/parameter.ts';
import { newId } from '../widgets/ids.ts';

export type NumberSpec = Extract<ParameterSpec, { readonly kind: 'integer' | 'number' }>;

/** Pixels for one step, and those from which a press is a drag. */
const PIXELS = 6;
const DRAG = 3;

export function isScrubbed(spec: ParameterSpec): spec is NumberSpec {
  return spec.kind === 'integer' || spec.kind === 'number';
}

/**
 * The value `steps` further: bytes double and halve (from none, they are counted), counts below 100 go by ones, larger
 * ones by about a hundredth of what they are. Inside the declared range.
 */
export function scrubbed({ kind, unit, minimum, maximum }: NumberSpec, value: number, steps: number): number {
  const size = Math.abs(value);
  const grain = size > 0 ? 10 ** (Math.floor(Math.log10(size)) - 1) : 1;
  const step = kind === 'integer' ? Math.max(1, grain) : grain;
  const moved = unit === 'B' && value > 0 ? value * 2 ** steps : (Math.round(value / step) + steps) * step;
  const whole = kind === 'integer' ? Math.round(moved) : Number(moved.toPrecision(6));
  return Math.min(maximum, Math.max(minimum, whole));
}

export interface ScrubOptions {
  /** Null while there is no one number. */
  readonly value: () => number | null;
  readonly spec: () => NumberSpec | null;
  readonly change: (value: number, gesture: string) => void;
}

export function useScrub({ value, spec, change }: ScrubOptions) {
  let pressed: { readonly x: number; readonly from: number; readonly gesture: string } | null = null;
  let isDragging = false;
  let last = 0;

  function onPointerDown(event: PointerEvent): void {
    const from = value();
    if (event.button !== 0 || from === null || spec() === null) return;
    pressed = { x: event.clientX, from, gesture: newId('scrub') };
    isDragging = false;
    last = from;
  }

  function onPointerMove(event: PointerEvent): void {
    const declared = spec();
    // Let go where it was not heard.
    if ((event.buttons & 1) === 0) pressed = null;
    if (!pressed || !declared) return;
    const by = event.clientX - pressed.x;
    if (!isDragging && Math.abs(by) < DRAG) return;
    if (!isDragging && event.currentTarget instanceof Element) event.currentTarget.setPointerCapture(event.pointerId);
    isDragging = true;
    // A doubling takes further than a step of one.
    const steps = Math.trunc(by / (declared.unit === 'B' ? 5 * PIXELS : PIXELS)) * (event.shiftKey ? 10 : 1);
    const next = scrubbed(declared, pressed.from, steps);
    if (next === last) return;
    last = next;
    change(next, pressed.gesture);
  }

  function onPointerUp(): void {
    pressed = null;
  }

  /** A drag does not end in the field, as a click on its name does. */
  function onClick(event: MouseEvent): void {
    if (isDragging) event.preventDefault();
    isDragging = false;
  }

  return { onPointerDown, onPointerMove, onPointerUp, onClick };
}
