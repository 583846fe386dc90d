/** The pace of estimates, measured on points of the study itself. Pure but for the clock it is given. */
import { analyticPoints } from '#core/study/points.ts';
import type { StudyDocuments } from '#core/study/space.ts';
import { planStudy } from '#core/study/start.ts';
import type { StudySpec } from '#core/study/study.ts';

export interface PaceQuestion {
  readonly spec: StudySpec;
  readonly documents: StudyDocuments;
}

export interface PaceAnswer {
  /** On one core; null where no point could be evaluated. */
  readonly pointsASecond: number | null;
  /** Before the second point: what all points have in common. */
  readonly firstSeconds: number;
  /** Of the points looked at: the first reason there is no figure. */
  readonly failure: string | null;
}

const BUDGET_MS = 400;
const MOST = 64;

/** The first point builds what all have in common, and is not counted unless it is the only one. */
export function measurePace({ spec, documents }: PaceQuestion, now: () => number): PaceAnswer {
  const plan = planStudy(spec, documents);
  if (!plan.ok) return { pointsASecond: null, firstSeconds: 0, failure: null };
  const points = analyticPoints(spec, documents);
  const choices = plan.value.explore(null).ask(MOST);
  let failure: string | null = null;
  const began = now();
  let counted = began;
  let done = 0;
  for (const [at, choice] of choices.entries()) {
    const outcome = points.evaluate(choice);
    failure ??= outcome.failure;
    if (at === 0) counted = now();
    else done++;
    if (now() - began > BUDGET_MS) break;
  }
  const end = now();
  if (choices.length === 0) return { pointsASecond: null, firstSeconds: 0, failure };
  const pointsASecond = done > 0 ? (done * 1000) / Math.max(0.01, end - counted) : 1000 / Math.max(0.01, end - began);
  return { pointsASecond, firstSeconds: (counted - began) / 1000, failure };
}
