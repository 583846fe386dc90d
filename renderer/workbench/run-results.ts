/** Results of runs: loaded when first asked for, decoded once, kept outside deep reactivity, so many of them at a time. */
import { type Ref, type ShallowRef, shallowReactive, shallowRef } from 'vue';
import { type Problem, problem } from '#core/base/problem.ts';
import { type RunData, toRunData } from '#core/report/run-data.ts';
import { type SimulationData, toSimulationData } from '#core/report/simulation/data.ts';
import type { SimulationResult } from '#core/run/fabric/result.ts';
import type { RunResult } from '#core/run/result.ts';
import { problemOf } from '../client/problem.ts';
import type { RunsHost } from './runs-host.ts';

export type LoadedResult =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly data: RunData }
  | { readonly state: 'simulated'; readonly data: SimulationData }
  | { readonly state: 'failed'; readonly problem: Problem };

/**
 * Results kept decoded at once; the one loaded longest ago goes first. As many as may be looked at together: those compared, a
 * run in the other pane and the last of a live simulation. With fewer they would put each other out without end.
 */
export const KEPT_RESULTS = 8;

/** @param activeRun whose result is never let go of. */
export function useRunResults(host: Ref<RunsHost | null>, activeRun: Ref<string | null>) {
  const results = shallowReactive(new Map<string, ShallowRef<LoadedResult>>());

  /** What is known of the result without asking for it; null when nobody has. */
  function loaded(run: string): LoadedResult | null {
    return results.get(run)?.value ?? null;
  }

  /** The decoded result, loaded on first use; reactive, so a view can ask while it renders. What failed stays so until `retry`. */
  function result(run: string): LoadedResult {
    const cached = results.get(run);
    if (cached) return cached.value;
    const slot = shallowRef<LoadedResult>({ state: 'loading' });
    load(run, slot);
    return slot.value;
  }

  function load(run: string, slot: ShallowRef<LoadedResult>): void {
    results.set(run, slot);
    for (const id of results.keys()) {
      if (results.size <= KEPT_RESULTS) break;
      if (id !== run && id !== activeRun.value) results.delete(id);
    }
    const connected = host.value;
    if (!connected) {
      slot.value = { state: 'failed', problem: problem('host.not-connected', 'The host is not connected') };
      return;
    }
    connected
      .fetchResult(run)
      .then((text) => {
        // Our own host wrote and checked it; a file from outside went through parseRun on import.
        const parsed: RunResult | SimulationResult = JSON.parse(text);
        slot.value =
          parsed.format === 'weft-simulation/1'
            ? { state: 'simulated', data: toSimulationData(parsed) }
            : { state: 'ready', data: toRunData(parsed) };
      })
      .catch((error: unknown) => {
        slot.value = { state: 'failed', problem: problemOf(error) };
      });
  }

  /** What could not be loaded is asked for again by whoever looks at it: of one run, or of all. */
  function retry(run?: string): void {
    for (const [id, { value }] of [...results])
      if (value.state === 'failed' && (run === undefined || id === run)) results.delete(id);
  }

  function keepOnly(known: ReadonlySet<string>): void {
    for (const id of [...results.keys()]) if (!known.has(id)) results.delete(id);
  }

  return { loaded, result, retry, keepOnly, forget: (run: string) => results.delete(run) };
}
