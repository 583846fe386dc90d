/** Searches for FIFO depths, by run: one worker each, cancelled by ending it. Found depths are kept while the project is open. */
import { defineStore } from 'pinia';
import { shallowReactive, watch } from 'vue';
import type { Problem } from '#core/base/problem.ts';
import type { DepthsJob, FoundDepths } from '#core/run/fabric/fifo-depths.ts';
import { type Asked, askWorker } from '../client/answering-worker.ts';
import type { DepthsMessage } from './fifo-depths.worker.ts';
import { useRuns } from './runs-store.ts';

/** One simulation of many is the longest it works without a word. */
const LONGEST_SILENCE_MS = 120_000;

export type DepthsState =
  | { readonly state: 'finding'; readonly fraction: number; readonly message: string }
  | { readonly state: 'found'; readonly found: FoundDepths }
  | { readonly state: 'failed'; readonly problem: Problem };

export const useFifoDepths = defineStore('fifo-depths', () => {
  const runs = useRuns();
  const states = shallowReactive(new Map<string, DepthsState>());
  const searches = new Map<string, Asked<FoundDepths>>();

  function find(run: string, job: DepthsJob): void {
    cancel(run);
    const worker = new Worker(new URL('./fifo-depths.worker.ts', import.meta.url), { type: 'module' });
    states.set(run, { state: 'finding', fraction: 0, message: 'unbounded FIFOs' });
    const search = askWorker<DepthsMessage, FoundDepths>(worker, job, {
      what: 'The search for FIFO depths',
      silenceMs: LONGEST_SILENCE_MS,
      read: (message) => {
        if (message.kind === 'done') return message.found;
        if (searches.get(run) === search)
          states.set(run, { state: 'finding', fraction: message.fraction, message: message.message });
        return null;
      },
    });
    searches.set(run, search);
    void search.done.then((found) => {
      if (searches.get(run) !== search) return;
      searches.delete(run);
      states.set(run, found.ok ? { state: 'found', found: found.value } : { state: 'failed', problem: found.error });
    });
  }

  function cancel(run: string): void {
    const search = searches.get(run);
    // Not its search any more: what it ends with is not shown.
    searches.delete(run);
    search?.cancel();
    if (states.get(run)?.state === 'finding') states.delete(run);
  }

  watch(
    () => runs.project,
    () => {
      for (const run of [...searches.keys()]) cancel(run);
      states.clear();
    },
    { flush: 'sync' },
  );

  return { get: (run: string | null) => (run === null ? null : (states.get(run) ?? null)), find, cancel };
});
