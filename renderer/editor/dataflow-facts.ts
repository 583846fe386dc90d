/** What dataflow theory says of a drawn task graph, in words for the inspector. */
import type { Problem } from '#core/base/problem.ts';
import { repetitionOf } from '#core/sdf/repetition.ts';
import { type AnalysisView, analysisView } from '#core/sdf/view.ts';
import { drawnSdf } from '#core/stages/sdf.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';

/** Firings of an iteration above which the inspector does not analyse. */
export const LIVE_FIRINGS = 20_000;

export type DataflowFacts =
  /** Left out, or failed: why. */
  | { readonly kind: 'none'; readonly note: string }
  | { readonly kind: 'known'; readonly view: AnalysisView; readonly perTick: number | null };

export function dataflowFacts(graph: TaskGraph): DataflowFacts {
  const drawn = drawnSdf(graph, true);
  if (!drawn.ok) return none(drawn.error);
  const repetition = repetitionOf(drawn.value);
  if (repetition.ok && repetition.value.firingSum > BigInt(LIVE_FIRINGS)) {
    const firings = repetition.value.firingSum.toLocaleString('en-GB');
    const most = LIVE_FIRINGS.toLocaleString('en-GB');
    return { kind: 'none', note: `${firings} firings an iteration; above ${most} weft sdf tells more` };
  }
  const { view, problem } = analysisView(drawn.value);
  return problem ? none(problem) : { kind: 'known', view, perTick: perTickOf(view.throughput) };
}

function none({ message }: Problem): DataflowFacts {
  return { kind: 'none', note: message };
}

/** As a number, of `p/q`; null where it is none. */
function perTickOf(throughput: string | null): number | null {
  const [, p, q] = /^(\d+)\/(\d+)$/.exec(throughput ?? '') ?? [];
  return p === undefined || q === undefined ? null : Number(p) / Number(q);
}
