/** Files made for the user of reports: of a run, of two runs compared, of a study; as PDF where this host can print. */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { ExportFormat } from '#core/contract/contract.ts';
import type { DerivedExport } from '#core/contract/reports.ts';
import type { ExportView } from '#core/contract/views.ts';
import type { StudyInputs } from '#core/report/study.ts';
import { fileSlug } from '#projects/id.ts';
import type { Project } from '#projects/project.ts';
import { studyMissing } from '#projects/study-store.ts';
import type { ReportPieces } from './files/rendered.ts';
import type { TempStore } from './files/temp-store.ts';
import type { DerivedReport } from './jobs/derived-reports.ts';
import type { Lane } from './jobs/lane.ts';

type Sections = readonly string[] | undefined;

export interface Reports {
  run(id: string, format: ExportFormat, sections: Sections): Promise<Result<ExportView, Problem>>;
  /** `run` against `base`. */
  comparison(
    run: string,
    base: string,
    format: DerivedExport,
    sections: Sections,
  ): Promise<Result<ExportView, Problem>>;
  study(id: string, format: DerivedExport, sections: Sections): Promise<Result<ExportView, Problem>>;
}

export interface ReportsHost {
  readonly lane: Lane;
  readonly temp: TempStore;
  readonly appVersion: string;
  readonly project: () => Result<Project, Problem>;
  /** HTML to PDF, when this host can print. */
  readonly printPdf: ((html: string) => Promise<Result<Uint8Array, Problem>>) | undefined;
}

const MEDIA_TYPES: Readonly<Record<ExportFormat, { readonly type: string; readonly ending: string }>> = {
  html: { type: 'text/html; charset=utf-8', ending: 'html' },
  json: { type: 'application/json', ending: 'run.json' },
  csv: { type: 'text/csv; charset=utf-8', ending: 'csv' },
  pdf: { type: 'application/pdf', ending: 'pdf' },
  schedule: { type: 'application/json', ending: 'schedule.json' },
  markdown: { type: 'application/zip', ending: 'report.zip' },
  tables: { type: 'application/zip', ending: 'tables.zip' },
  perfetto: { type: 'application/json', ending: 'trace.json' },
};

export function createReports({ lane, temp, appVersion, project, printPdf }: ReportsHost): Reports {
  /** The file of a format, under a name without its ending. */
  async function made(
    slug: string,
    format: ExportFormat,
    render: () => Promise<Result<ReportPieces, Problem>>,
  ): Promise<Result<ExportView, Problem>> {
    if (format === 'pdf' && !printPdf) return err(problem('export.no-printer', 'This host cannot print to PDF'));
    const report = await render();
    if (!report.ok) return report;
    let data = report.value.pieces;
    if (format === 'pdf' && printPdf) {
      const printed = await printPdf(Buffer.concat(data).toString('utf8'));
      if (!printed.ok) return printed;
      data = [printed.value];
    }
    const { type: mediaType, ending } = MEDIA_TYPES[format];
    const name = `${slug}.${ending}`;
    return ok({ blob: temp.put(name, mediaType, data), name, mediaType, sections: report.value.outline });
  }

  const derived = (slug: string, of: DerivedReport['of'], format: DerivedExport, sections: Sections) =>
    made(
      slug,
      format,
      () => lane.run('derived-report', { of, format: unprinted(format), sections: sections ?? null }).answer,
    );

  return {
    run: async (id, format, sections) => {
      const current = project();
      if (!current.ok) return current;
      const { runs } = current.value;
      const run = runs.get(id);
      const result = runs.result(id);
      if (!run || !result) return err(problem('run.no-result', 'This run has no result to export'));
      return made(`${fileSlug(run.title)}-${run.number}`, format, () => {
        const curve = runs.curve(id);
        return lane.run('report', { result, format: unprinted(format), curve, sections: sections ?? null }).answer;
      });
    },
    comparison: async (runId, baseId, format, sections) => {
      const current = project();
      if (!current.ok) return current;
      const { runs } = current.value;
      const [base, run] = [runs.get(baseId), runs.get(runId)];
      const [first, second] = [runs.result(baseId), runs.result(runId)];
      if (!base || !run || !first || !second)
        return err(problem('run.no-result', 'One of these runs has no result to compare'));
      const slug = `${fileSlug(run.title)}-${run.number}-against-${base.number}`;
      return derived(slug, { kind: 'comparison', first, second }, format, sections);
    },
    study: async (id, format, sections) => {
      const current = project();
      const inputs = current.ok ? studyInputs(current.value, id, appVersion) : current;
      if (!inputs.ok) return inputs;
      const { study } = inputs.value;
      const slug = `${fileSlug(study.spec.title)}-study-${study.number}`;
      return derived(slug, { kind: 'study', inputs: inputs.value }, format, sections);
    },
  };
}

/** A PDF is the page, printed. */
function unprinted<F extends string>(format: F | 'pdf'): F | 'html' {
  return format === 'pdf' ? 'html' : format;
}

/** What the report of a study is made of: the points there are, and the titles its documents had. */
export function studyInputs({ studies }: Project, id: string, appVersion: string): Result<StudyInputs, Problem> {
  const study = studies.get(id);
  const frozen = studies.inputs(id);
  if (!study || !frozen) return err(studyMissing());
  return ok({
    study,
    points: studies.points(id, 0, Number.MAX_SAFE_INTEGER),
    model: frozen.model.title,
    architecture: frozen.architecture.title,
    appVersion,
  });
}
