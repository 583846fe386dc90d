/** Figures of a study's point, taken apart: by the run it is where that is loaded; estimates are made again to be followed. */

import { type Document, toFile } from '#core/document/document.ts';
import type { ExplainedFigure } from '#core/explain/number/explained.ts';
import { explainStudyMetric } from '#core/explain/number/study.ts';
import { type PointEstimate, ProgramPoints } from '#core/study/program-points.ts';
import type { StudyPoint, StudyView } from '#core/study/study.ts';
import { useDocuments } from '../client/documents-store.ts';
import { useRuns } from '../workbench/runs-store.ts';

/** What points of one study on two drawings have in common is worked out once; another drawing begins anew. */
interface Kept {
  readonly model: Document;
  readonly architecture: Document;
  readonly points: ProgramPoints;
}

export function useExplainedPoint() {
  const documents = useDocuments();
  const runs = useRuns();
  const kept = new WeakMap<StudyView['spec'], Kept>();

  function estimatorOf(spec: StudyView['spec']): ProgramPoints | null {
    const [model, architecture] = [spec.model, spec.architecture].map((id) => documents.get(id)?.state.document);
    if (spec.kind !== 'program' || spec.fidelity !== 'estimate' || !model || !architecture) return null;
    const known = kept.get(spec);
    if (known?.model === model && known.architecture === architecture) return known.points;
    const points = new ProgramPoints(spec, { model: toFile(model), architecture: toFile(architecture) });
    kept.set(spec, { model, architecture, points });
    return points;
  }

  /** On the drawings as they are now; null where they are not open or the point has no figures on them. */
  function estimated({ spec }: StudyView, { choice }: StudyPoint): PointEstimate | null {
    const made = estimatorOf(spec)?.estimated(choice);
    return made?.ok ? made.value : null;
  }

  function resultOf({ run }: StudyPoint) {
    const loaded = run === null ? null : runs.loaded(run);
    return loaded?.state === 'ready' || loaded?.state === 'simulated' ? loaded.data.result : null;
  }

  /** Null where the point has no such figure. */
  return (study: StudyView, point: StudyPoint, metric: string): (() => ExplainedFigure) | null => {
    if (point.failure !== null || point.metrics[metric] === undefined) return null;
    return () =>
      explainStudyMetric({ study, point, run: resultOf(point), estimated: () => estimated(study, point) }, metric)!;
  };
}
