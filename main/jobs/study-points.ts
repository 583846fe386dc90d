/** Points of studies in a worker: the evaluators of the last few stay, with all that their points have in common. */
import type { Control } from '#core/base/control.ts';
import { ok, type Result } from '#core/base/result.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import type { PointOutcome } from '#core/study/driver.ts';
import { type AnalyticPoints, analyticPoints } from '#core/study/points.ts';
import type { StudyDocuments } from '#core/study/space.ts';
import type { StudySpec } from '#core/study/study.ts';
import type { Choice } from '#core/technique/explorer.ts';
import { unpackJson } from '#projects/codec.ts';

/** What a worker needs to know of a study, packed once. */
export interface StudySubject extends StudyDocuments {
  readonly spec: StudySpec;
}

export interface StudyPointsInput {
  /** Of the study; its subject is read where its evaluator is not at hand. */
  readonly study: string;
  /** Gzip JSON of a StudySubject. */
  readonly subject: Uint8Array;
  readonly choices: readonly Choice[];
}

const KEPT = 4;
const kept = new Map<string, AnalyticPoints>();

/** Outcomes of the first choices, in order; of all of them unless it was stopped. */
export async function studyPoints(
  { study, subject, choices }: StudyPointsInput,
  control: Control,
  solver: () => Promise<MipSolver>,
): Promise<Result<readonly PointOutcome[], never>> {
  let points = kept.get(study);
  if (!points) {
    const { spec, model, architecture } = unpackJson<StudySubject>(subject);
    const mip = spec.kind === 'simulation' ? await solver() : undefined;
    points = analyticPoints(spec, { model, architecture }, mip);
    if (kept.size >= KEPT) kept.delete(kept.keys().next().value ?? '');
    kept.set(study, points);
  }
  const outcomes: PointOutcome[] = [];
  for (const choice of choices) {
    if (control.cancelled()) break;
    outcomes.push(points.evaluate(choice));
  }
  return ok(outcomes);
}
