/** Searches for FIFO depths, by run: one worker each, cancelled by ending it. Found depths are kept while the project is open. */
import { defineStore } from 'pinia';
import { shallowReactive } from 'vue';
import { type Problem, problem } from '#core/base/problem.ts';
import type { DepthsJob, FoundDepths } from './fifo-depths.ts';
import type { DepthsMessage } from './fifo-depths.worker.ts';

export type DepthsState =
  | { readonly state: 'finding'; readonly fraction: number; readonly message: string }
  | { readonly state: 'found'; readonly found: FoundDepths }
  | { readonly state: 'failed'; readonly problem: Problem };

export const useFifoDepths = defineStore('fifo-depths', () => {
  const states = shallowReactive(new Map<string, DepthsState>());
  const workers = new Map<string, Worker>();

  function find(run: string, job: DepthsJob): void {
    cancel(run);
    const worker = new Worker(new URL('./fifo-depths.worker.ts', import.meta.url), { type: 'module' });
    const end = (state: DepthsState) => {
      worker.terminate();
      workers.delete(run);
      states.set(run, state);
    };
    worker.addEventListener('message', ({ data }: MessageEvent<DepthsMessage>) => {
      if (workers.get(run) !== worker) return;
      if (data.kind === 'progress') {
        states.set(run, { state: 'finding', fraction: data.fraction, message: data.message });
        return;
      }
      end(data.found.ok ? { state: 'found', found: data.found.value } : { state: 'failed', problem: data.found.error });
    });
    worker.addEventListener('error', (event) => {
      if (workers.get(run) === worker) end({ state: 'failed', problem: problem('depths.failed', event.message) });
    });
    workers.set(run, worker);
    states.set(run, { state: 'finding', fraction: 0, message: 'unbounded FIFOs' });
    worker.postMessage(job);
  }

  function cancel(run: string): void {
    workers.get(run)?.terminate();
    workers.delete(run);
    if (states.get(run)?.state === 'finding') states.delete(run);
  }

  return { get: (run: string | null) => (run === null ? null : (states.get(run) ?? null)), find, cancel };
});
