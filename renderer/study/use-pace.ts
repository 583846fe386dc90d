/** The expectation of a study's time: measured in a worker a moment after the last change; of runs, as earlier runs took. */
import { onBeforeUnmount, type Ref, shallowRef, watch } from 'vue';
import type { PaceAnswer, PaceQuestion } from './pace.ts';

const AFTER_MS = 400;

/** @param question null where there is nothing to measure. */
export function usePace(question: () => PaceQuestion | null): Readonly<Ref<PaceAnswer | null>> {
  const answer = shallowRef<PaceAnswer | null>(null);
  let worker: Worker | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function end(): void {
    clearTimeout(timer);
    worker?.terminate();
    worker = null;
  }

  function measure(asked: PaceQuestion): void {
    if (typeof Worker === 'undefined') return;
    worker = new Worker(new URL('./pace.worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<PaceAnswer>) => {
      answer.value = data;
      end();
    };
    worker.onerror = end;
    worker.postMessage(asked);
  }

  watch(
    question,
    (asked) => {
      end();
      answer.value = null;
      if (asked) timer = setTimeout(() => measure(asked), AFTER_MS);
    },
    { immediate: true },
  );
  onBeforeUnmount(end);
  return answer;
}

/** `about 12 s`, `about 3 min`, `about 2 h`. */
export function aboutTime(seconds: number): string {
  if (seconds < 1) return 'less than a second';
  if (seconds < 90) return `about ${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} min`;
  return `about ${Math.round(seconds / 3600)} h`;
}
