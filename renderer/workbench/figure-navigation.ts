/**
 * Wheel zooms at the pointer, drag pans, W/S zoom, A/D pan, F fits (Perfetto's keys, unless others were chosen), for a
 * figure whose x axis is a range. A press that did not move is a click.
 */
import { onBeforeUnmount, type Ref, shallowRef } from 'vue';
import { figureVerbFor } from '../widgets/bindings.ts';
import { keyOf } from '../widgets/keys.ts';
import { panRange, type Range, zoomRange } from './range.ts';

export interface NavigationOptions {
  readonly range: Ref<Range>;
  readonly limits: () => Range;
  /** The narrowest range worth looking at. */
  readonly smallest: () => number;
  /** Pixels the plot begins at and ends at. */
  readonly plot: () => { readonly left: number; readonly right: number };
  readonly onClick: (x: number, y: number) => void;
  /** A span being measured; absent where nothing is. */
  readonly measure?: { readonly isOn: () => boolean; readonly onSpan: (span: Range) => void };
}

/** Pixels of movement that make a press a drag. */
const DRAG = 3;
const KEY_ZOOM = 1.4;
const KEY_PAN = 0.15;
/** Beside what is zoomed to, of its width. */
const ROOM = 0.1;

export const isMac = typeof navigator === 'object' && /mac/i.test(navigator.userAgent);

export interface Pointer {
  readonly x: number;
  readonly y: number;
}

export function useFigureNavigation(options: NavigationOptions) {
  const { range, limits, smallest, plot } = options;
  /** Where the pointer is over the figure; null while outside or dragging. */
  const pointer = shallowRef<Pointer | null>(null);
  const isDragging = shallowRef(false);
  let pressed: { x: number; y: number; range: Range; from: number; isMeasuring: boolean } | null = null;
  let leave = () => {};

  const valueAt = (x: number): number => {
    const { left, right } = plot();
    const share = right > left ? (x - left) / (right - left) : 0;
    return range.value.from + Math.min(1, Math.max(0, share)) * (range.value.to - range.value.from);
  };
  const middle = () => (range.value.from + range.value.to) / 2;

  function zoom(factor: number, anchor = middle()): void {
    range.value = zoomRange(range.value, limits(), anchor, factor, smallest());
  }
  function pan(share: number): void {
    range.value = panRange(range.value, limits(), share * (range.value.to - range.value.from));
  }
  function fit(): void {
    range.value = limits();
  }

  /** Zooms with the wheel alone; Shift+wheel or a sideways wheel pans; at full size the wheel scrolls the page on. */
  function onWheel(event: WheelEvent): void {
    const sideways = event.shiftKey ? event.deltaY : event.deltaX;
    const before = range.value;
    if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) pan(sideways / 800);
    else zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) / 200), valueAt(event.offsetX));
    if (range.value.from !== before.from || range.value.to !== before.to) event.preventDefault();
  }

  function onPointerDown(event: PointerEvent): void {
    if (event.button !== 0 || !(event.currentTarget instanceof HTMLElement)) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const isMeasuring = options.measure !== undefined && (event.shiftKey || options.measure.isOn());
    pressed = { x: event.offsetX, y: event.offsetY, range: range.value, from: valueAt(event.offsetX), isMeasuring };
  }
  function onPointerMove(event: PointerEvent): void {
    if (pressed && (isDragging.value || Math.abs(event.offsetX - pressed.x) > DRAG)) {
      isDragging.value = true;
      pointer.value = null;
      if (pressed.isMeasuring) {
        const at = valueAt(event.offsetX);
        options.measure?.onSpan({ from: Math.min(pressed.from, at), to: Math.max(pressed.from, at) });
        return;
      }
      const { left, right } = plot();
      const perPixel = (pressed.range.to - pressed.range.from) / Math.max(1, right - left);
      range.value = panRange(pressed.range, limits(), (pressed.x - event.offsetX) * perPixel);
    } else pointer.value = { x: event.offsetX, y: event.offsetY };
  }
  function onPointerUp(event: PointerEvent): void {
    if (pressed && !isDragging.value) options.onClick(event.offsetX, event.offsetY);
    pressed = null;
    isDragging.value = false;
  }
  /** The press was taken away: it is neither a click nor a drag any more. */
  function onPointerCancel(): void {
    pressed = null;
    isDragging.value = false;
  }
  function onPointerLeave(): void {
    pointer.value = null;
  }

  /** True when the key was one of ours. */
  function onKey(event: KeyboardEvent): void {
    switch (figureVerbFor(keyOf(event, isMac))) {
      case 'figure.zoom-in':
        zoom(1 / KEY_ZOOM);
        break;
      case 'figure.zoom-out':
        zoom(KEY_ZOOM);
        break;
      case 'figure.left':
        pan(-KEY_PAN);
        break;
      case 'figure.right':
        pan(KEY_PAN);
        break;
      case 'figure.fit':
        fit();
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** A wheel listener has to be told that it may prevent scrolling; templates cannot say so for a late element. */
  function attach(element: HTMLElement | null): void {
    leave();
    if (!element) return;
    element.addEventListener('wheel', onWheel, { passive: false });
    leave = () => element.removeEventListener('wheel', onWheel);
  }
  onBeforeUnmount(() => leave());

  /** This part of the axis, with some room beside it. */
  function show({ from, to }: Range): void {
    const [low, high] = [Math.max(limits().from, from), Math.min(limits().to, to)];
    const wide = Math.min(limits().to - limits().from, Math.max(smallest(), (high - low) * (1 + 2 * ROOM)));
    range.value = panRange({ from: 0, to: wide }, limits(), (low + high - wide) / 2);
  }

  return {
    pointer,
    isDragging,
    attach,
    zoom,
    fit,
    show,
    onPointerDown,
    onPointerMove,
    onPointerUp,
    onPointerCancel,
    onPointerLeave,
    onKey,
  };
}
