/** A study's specification checked whole, with what it will be: its explorer, its metrics, how many points. */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { Json, ParameterValues } from '#core/base/value.ts';
import { defaultParameters, parameterFault } from '#core/catalog/parameter.ts';
import type { Exploration, Explorer, ExplorerSpace } from '#core/technique/explorer.ts';
import { techniques } from '#core/technique/registry.ts';
import { checkObjectives, studyMetrics } from './metrics.ts';
import { objectiveMetrics } from './pareto.ts';
import { checkAxes, type StudyDocuments, spaceOf } from './space.ts';
import type { StudyMetric, StudySpec } from './study.ts';

/** Points of one study: of estimates, and of runs. */
export const MOST_POINTS: Readonly<Record<StudySpec['fidelity'], number>> = { estimate: 200_000, run: 2000 };

export const explorers: readonly Explorer[] = techniques.explorer;

/** What is known of a study before its explorer is asked anything. */
export interface CheckedStudy {
  readonly metrics: readonly StudyMetric[];
  readonly objectives: readonly StudyMetric[];
  readonly explorer: Explorer;
  /** All it declares. */
  readonly parameters: ParameterValues;
  readonly space: ExplorerSpace;
}

export interface PlannedStudy extends CheckedStudy {
  readonly planned: number;
  explore(state: Json): Exploration;
}

/**
 * Runs nothing of the explorer's. Codes: `study.documents`, `study.settings`, `study.axis` (names the axis),
 * `study.objectives`, `study.explorer`.
 */
export function checkStudy(spec: StudySpec, documents: StudyDocuments): Result<CheckedStudy, Problem> {
  const fault = checkAxes(spec, documents) ?? checkObjectives(spec);
  if (fault) return err(fault);
  const explorer = explorers.find(({ manifest }) => manifest.id === spec.explorer.id);
  if (!explorer) {
    const known = explorers.map(({ manifest }) => manifest.id).join(', ');
    return err(problem('study.explorer', `There is no explorer ${spec.explorer.id}; there are: ${known}`));
  }
  const wrong = explorerFault(explorer, spec.explorer.parameters);
  if (wrong) return err(wrong);
  const metrics = studyMetrics(spec.kind, spec.fidelity);
  return ok({
    metrics,
    objectives: objectiveMetrics(metrics, spec.objectives),
    explorer,
    parameters: { ...defaultParameters(explorer.manifest.parameters), ...spec.explorer.parameters },
    space: spaceOf(spec),
  });
}

/** Code `study.too-large`; null where so many points are not too many. */
export function tooLarge({ fidelity }: Pick<StudySpec, 'fidelity'>, planned: number): Problem | null {
  const most = MOST_POINTS[fidelity];
  if (planned <= most) return null;
  return problem(
    'study.too-large',
    `The study would have ${planned.toLocaleString('en-GB')} points; ${fidelity === 'run' ? 'runs' : 'estimates'} are at most ${most.toLocaleString('en-GB')}: take fewer values, or an explorer that draws some`,
    { facts: { points: planned, limit: most } },
  );
}

/** With the explorer in this thread. Codes of `checkStudy` and `tooLarge`. */
export function planStudy(spec: StudySpec, documents: StudyDocuments): Result<PlannedStudy, Problem> {
  const checked = checkStudy(spec, documents);
  if (!checked.ok) return checked;
  const { explorer, parameters, space } = checked.value;
  const planned = explorer.planned(space, parameters);
  const fault = tooLarge(spec, planned);
  if (fault) return err(fault);
  return ok({ ...checked.value, planned, explore: (state) => explorer.explore(space, parameters, state) });
}

function explorerFault({ manifest }: Explorer, parameters: ParameterValues): Problem | null {
  for (const [id, value] of Object.entries(parameters)) {
    const spec = manifest.parameters.find((one) => one.id === id);
    const message = spec ? parameterFault(spec, value) : `${manifest.title} has no parameter ${id}`;
    if (message !== null) return problem('study.explorer', message, { where: { parameter: id } });
  }
  return null;
}
