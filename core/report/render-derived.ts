/** Reports that are of no single run: two runs compared, a study. The CSV has what their tables leave out, with every digit. */
import type { RunResult } from '#core/run/result.ts';
import { frontOf, objectiveMetrics } from '#core/study/pareto.ts';
import type { Report } from './blocks.ts';
import { matchOperators } from './compare-runs.ts';
import { buildComparison } from './comparison.ts';
import { csvTable } from './csv.ts';
import { bare, type RenderChoices, type RenderedRun, renderedReport } from './render.ts';
import { buildStudyReport, type StudyInputs, studyRows } from './study.ts';

export const DERIVED_FORMATS = ['html', 'markdown', 'csv'] as const;
export type DerivedFormat = (typeof DERIVED_FORMATS)[number];

type Choices = Pick<RenderChoices, 'sections'>;

/** The second run against the first. */
export function renderComparison(
  first: RunResult,
  second: RunResult,
  format: DerivedFormat,
  choices: Choices = {},
): RenderedRun {
  return rendered(
    format,
    choices,
    () => buildComparison(first, second),
    () => operatorRows(first, second),
  );
}

export function renderStudy(inputs: StudyInputs, format: DerivedFormat, choices: Choices = {}): RenderedRun {
  return rendered(
    format,
    choices,
    () => buildStudyReport(inputs),
    () => {
      const { study, points } = inputs;
      const front = frontOf(points, objectiveMetrics(study.metrics, study.spec.objectives));
      return studyRows(study.spec, study.metrics, points, front);
    },
  );
}

function rendered(
  format: DerivedFormat,
  choices: Choices,
  report: () => Report,
  rows: () => readonly (readonly (string | number)[])[],
): RenderedRun {
  if (format === 'csv') return bare(csvTable(rows()));
  return renderedReport(report(), format, choices, () => {
    throw new Error('a derived report has no archive of tables');
  });
}

/** Every operator of either run, each figure of A and of B and their difference; empty where it is in one alone. */
function operatorRows(first: RunResult, second: RunResult): readonly (readonly (string | number)[])[] {
  const columns = first.columns.filter(({ id }) => second.columns.some((other) => other.id === id));
  return [
    [
      'operator',
      ...columns.flatMap(({ id, unit }) => {
        const named = `${id} [${unit === '1' ? 'ratio' : unit}]`;
        return [`A ${named}`, `B ${named}`, `B − A ${named}`];
      }),
    ],
    ...matchOperators(first, second).map(({ name, a, b }) => [
      name,
      ...columns.flatMap(({ id }) => [a?.[id] ?? '', b?.[id] ?? '', a && b ? b[id] - a[id] : '']),
    ]),
  ];
}
