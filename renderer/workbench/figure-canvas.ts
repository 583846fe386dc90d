/**
 * A canvas that draws itself when its size, the pixel ratio or anything `draw` reads changes: at most once a
 * frame, and never in between (no timer, no loop).
 */
import { computed, effect, onBeforeUnmount, onMounted, type Ref, ref, useTemplateRef, watch } from 'vue';
import type { Surface } from '#core/report/figures/surface.ts';
import { usePixelRatio } from '../widgets/pixel-ratio.ts';
import { canvasSurface } from './canvas-surface.ts';

export interface FigureCanvas {
  /** The element with ref="canvas" in the template. */
  readonly canvas: Readonly<Ref<HTMLCanvasElement | null>>;
  /** CSS pixels; height is that of the parent or of the content, whichever is more. */
  readonly width: Readonly<Ref<number>>;
  readonly height: Readonly<Ref<number>>;
}

export interface FigureOptions {
  /** Tracked: what it reads from reactive state makes it run again. */
  readonly draw: (surface: Surface, width: number, height: number) => void;
  /** Pixels the content needs; the parent scrolls when it has less. */
  readonly contentHeight?: () => number;
}

export function useFigureCanvas({ draw, contentHeight }: FigureOptions): FigureCanvas {
  const canvas = useTemplateRef<HTMLCanvasElement>('canvas');
  const width = ref(0);
  const room = ref(0);
  const height = computed(() => Math.max(room.value, contentHeight?.() ?? 0));
  const ratio = usePixelRatio();
  let frame = 0;
  let observer: ResizeObserver | null = null;
  let stop = () => {};

  function paint(): void {
    const [wide, high, scale] = [width.value, height.value, ratio.value];
    const context = canvas.value?.getContext('2d');
    if (!canvas.value || !context || wide < 2 || high < 2) return;
    canvas.value.width = Math.round(wide * scale);
    canvas.value.height = Math.round(high * scale);
    canvas.value.style.width = `${wide}px`;
    canvas.value.style.height = `${high}px`;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    draw(canvasSurface(context), wide, high);
  }

  /** The canvas may come and go with what it shows. */
  function follow(element: HTMLCanvasElement | null): void {
    observer ??= new ResizeObserver(([entry]) => {
      if (!entry) return;
      width.value = Math.floor(entry.contentRect.width);
      room.value = Math.floor(entry.contentRect.height);
    });
    observer.disconnect();
    if (element?.parentElement) observer.observe(element.parentElement);
  }

  onMounted(() => {
    watch(canvas, follow, { flush: 'post', immediate: true });
    const runner = effect(paint, {
      scheduler: () => {
        frame ||= requestAnimationFrame(() => {
          frame = 0;
          runner();
        });
      },
    });
    stop = () => runner.effect.stop();
  });
  onBeforeUnmount(() => {
    stop();
    observer?.disconnect();
    cancelAnimationFrame(frame);
  });
  return { canvas, width, height };
}
