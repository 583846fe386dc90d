/** How searches of runs go or went, and studies of scratchpads: asked for once, then told by events. */
import { shallowReactive } from 'vue';
import type { CurveView, RunView } from '#core/contract/views.ts';
import { type ConvergenceSample, withReport } from '#core/run/convergence.ts';
import type { CurveRange } from '#core/schedule/curve.ts';
import { hasResult, secondsOf } from './run-state.ts';
import type { Attempt } from './runs-host.ts';

export function useRunCourses(attempt: Attempt) {
  const courses = shallowReactive(new Map<string, readonly ConvergenceSample[]>());
  /** By every run of the family. */
  const curves = shallowReactive(new Map<string, CurveView>());

  /** What a run says of its search on the way. */
  function told(run: RunView): void {
    const before = courses.get(run.id);
    if (before && run.progress) courses.set(run.id, withReport(before, run.progress, secondsOf(run)));
    // What was kept of a finished run is finer than what was told on the way.
    else if (hasResult(run)) courses.delete(run.id);
  }

  /** The course of a run's search so far, asked for on first use; reactive. */
  function course(run: string): readonly ConvergenceSample[] {
    const known = courses.get(run);
    if (known) return known;
    void attempt(({ runs: api }) => api.convergence({ run })).then((samples) => {
      // What was told meanwhile is newer than what was asked for.
      if (samples && (courses.get(run)?.length ?? 0) <= samples.length) courses.set(run, samples);
    });
    courses.set(run, []);
    return [];
  }

  function putCurve(view: CurveView): void {
    for (const run of view.runs) curves.set(run, view);
  }

  /** The study of a run's scratchpad, asked for on first use; null until it is there. Reactive. */
  function curve(run: string): CurveView | null {
    const known = curves.get(run);
    if (known) return known;
    void attempt(({ runs: api }) => api.curve({ run })).then((view) => view && putCurve(view));
    return null;
  }

  /** A run new to the family of another shares its curve. */
  function joinFamily(run: string, of: string): void {
    const known = curves.get(of);
    if (known && !curves.has(run)) putCurve({ ...known, runs: [...known.runs, run] });
  }

  async function startCurve(run: string, range: CurveRange): Promise<void> {
    const view = await attempt(({ runs: api }) => api.startCurve({ run, range }));
    if (view) putCurve(view);
  }

  /** Whether the host will stop it. */
  async function cancelCurve(run: string): Promise<boolean> {
    const view = await attempt(({ runs: api }) => api.cancelCurve({ run }));
    if (view) putCurve(view);
    return view !== null;
  }

  function forget(run: string): void {
    courses.delete(run);
    curves.delete(run);
  }

  return { told, course, curve, putCurve, joinFamily, startCurve, cancelCurve, forget };
}
