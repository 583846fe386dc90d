/** A study's specification checked whole, with what it will be: its explorer, its metrics, how many points. */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { Json, ParameterValues } from '#core/base/value.ts';
import { defaultParameters, parameterFault } from '#core/catalog/parameter.ts';
import type { Exploration, Explorer } from '#core/technique/explorer.ts';
import { techniques } from '#core/technique/registry.ts';
import { checkObjectives, studyMetrics } from './metrics.ts';
import { objectiveMetrics } from './pareto.ts';
import { checkAxes, type StudyDocuments, spaceOf } from './space.ts';
import type { StudyMetric, StudySpec } from './study.ts';

/** Points of one study: of estimates, and of runs. */
export const MOST_POINTS: Readonly<Record<StudySpec['fidelity'], number>> = { estimate: 200_000, run: 2000 };

export const explorers: readonly Explorer[] = techniques.explorer;

export interface PlannedStudy {
  readonly metrics: readonly StudyMetric[];
  readonly objectives: readonly StudyMetric[];
  readonly planned: number;
  explore(state: Json): Exploration;
}

/**
 * Codes: `study.documents`, `study.settings`, `study.axis` (names the axis), `study.objectives`, `study.explorer`,
 * `study.too-large`.
 */
export function planStudy(spec: StudySpec, documents: StudyDocuments): Result<PlannedStudy, Problem> {
  const fault = checkAxes(spec, documents) ?? checkObjectives(spec);
  if (fault) return err(fault);
  const explorer = explorers.find(({ manifest }) => manifest.id === spec.explorer.id);
  if (!explorer) {
    const known = explorers.map(({ manifest }) => manifest.id).join(', ');
    return err(problem('study.explorer', `There is no explorer ${spec.explorer.id}; there are: ${known}`));
  }
  const wrong = explorerFault(explorer, spec.explorer.parameters);
  if (wrong) return err(wrong);
  const parameters = { ...defaultParameters(explorer.manifest.parameters), ...spec.explorer.parameters };
  const space = spaceOf(spec);
  const planned = explorer.planned(space, parameters);
  const most = MOST_POINTS[spec.fidelity];
  if (planned > most)
    return err(
      problem(
        'study.too-large',
        `The study would have ${planned.toLocaleString('en-GB')} points; ${spec.fidelity === 'run' ? 'runs' : 'estimates'} are at most ${most.toLocaleString('en-GB')}: take fewer values, or an explorer that draws some`,
        { facts: { points: planned, limit: most } },
      ),
    );
  const metrics = studyMetrics(spec.kind, spec.fidelity);
  return ok({
    metrics,
    objectives: objectiveMetrics(metrics, spec.objectives),
    planned,
    explore: (state) => explorer.explore(space, parameters, state),
  });
}

function explorerFault({ manifest }: Explorer, parameters: ParameterValues): Problem | null {
  for (const [id, value] of Object.entries(parameters)) {
    const spec = manifest.parameters.find((one) => one.id === id);
    const message = spec ? parameterFault(spec, value) : `${manifest.title} has no parameter ${id}`;
    if (message !== null) return problem('study.explorer', message, { where: { parameter: id } });
  }
  return null;
}
