/** The pace of a study's estimates, measured in a worker a moment after the last change; and how a time is told. */
import { onBeforeUnmount, type Ref, shallowRef, watch } from 'vue';
import { ok } from '#core/base/result.ts';
import { type Asked, askWorker } from '../client/answering-worker.ts';
import type { PaceAnswer, PaceQuestion } from './pace.ts';

const AFTER_MS = 400;
/** The first point of a large model is the longest it works without a word. */
const LONGEST_SILENCE_MS = 120_000;
const UNKNOWN: PaceAnswer = { pointsASecond: null, firstSeconds: 0, failure: null };

/** Null while it is being measured. @param question null where there is nothing to measure. */
export function usePace(question: () => PaceQuestion | null): Readonly<Ref<PaceAnswer | null>> {
  const answer = shallowRef<PaceAnswer | null>(null);
  let asking: Asked<PaceAnswer> | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function end(): void {
    clearTimeout(timer);
    asking?.cancel();
    asking = null;
  }

  function measure(asked: PaceQuestion): void {
    if (typeof Worker === 'undefined') return;
    const worker = new Worker(new URL('./pace.worker.ts', import.meta.url), { type: 'module' });
    const mine = askWorker<PaceAnswer, PaceAnswer>(worker, asked, {
      what: 'The measurement of the pace',
      silenceMs: LONGEST_SILENCE_MS,
      read: ok,
    });
    asking = mine;
    void mine.done.then((found) => {
      if (asking === mine) answer.value = found.ok ? found.value : UNKNOWN;
    });
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
