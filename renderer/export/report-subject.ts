/** What a report is of, and how its files are made: a run, a run against another, a study. */
import type { ExportFormat } from '#core/contract/contract.ts';
import { DERIVED_EXPORTS, type DerivedExport } from '#core/contract/reports.ts';
import type { ExportView } from '#core/contract/views.ts';
import { useNotices } from '../client/notices-store.ts';
import { useSession } from '../client/session-store.ts';
import { useStudies } from '../study/studies-store.ts';
import { useRuns } from '../workbench/runs-store.ts';
import { COMPARISON_FORMATS, type FormatChoice, formatsOf, STUDY_FORMATS } from './formats.ts';

export type ReportSubject =
  | { readonly kind: 'run'; readonly run: string }
  /** `run` against `base`. */
  | { readonly kind: 'comparison'; readonly run: string; readonly base: string }
  | { readonly kind: 'study'; readonly study: string };

export interface SubjectOfReport {
  /** Choices of format and sections are remembered by it. */
  readonly kind: string;
  readonly heading: string;
  readonly title: string;
  readonly formats: readonly FormatChoice[];
  /** The file at the host; null sections are all, as they come. Null where it failed: a notice says why. */
  make(format: ExportFormat, sections: readonly string[] | null): Promise<ExportView | null>;
  /** Made and saved. */
  save(format: ExportFormat, sections: readonly string[] | null): Promise<boolean>;
}

/** To be called in a component's setup; titles are as they are then. */
export function subjectOfReport(subject: ReportSubject): SubjectOfReport {
  const runs = useRuns();
  const session = useSession();
  const notices = useNotices();
  const canPrint = session.info?.can.printPdf === true;
  const runOf = (id: string) => runs.runs.find((run) => run.id === id) ?? null;
  if (subject.kind === 'run') {
    const run = runOf(subject.run);
    const kind = run?.kind ?? 'program';
    return {
      kind,
      heading: `Report of run ${run?.number}`,
      title: run?.title ?? '',
      formats: formatsOf(kind, canPrint),
      make: (format, sections) => runs.makeExport(subject.run, format, sections),
      save: (format, sections) => runs.exportRun(subject.run, format, sections),
    };
  }

  const ask = (format: DerivedExport, sections: readonly string[] | null) => {
    const choices = { format, ...(sections && { sections: [...sections] }) };
    const { reports } = session.api();
    return subject.kind === 'study'
      ? reports.study({ study: subject.study, ...choices })
      : reports.comparison({ run: subject.run, base: subject.base, ...choices });
  };
  async function make(format: ExportFormat, sections: readonly string[] | null): Promise<ExportView | null> {
    const known = DERIVED_EXPORTS.find((each) => each === format);
    return known ? notices.attempt(() => ask(known, sections)) : null;
  }
  async function save(format: ExportFormat, sections: readonly string[] | null): Promise<boolean> {
    const made = await make(format, sections);
    if (made) session.attached().download(made.blob, made.name);
    return made !== null;
  }
  const printable = (formats: readonly FormatChoice[]) => formats.filter(({ format }) => format !== 'pdf' || canPrint);
  if (subject.kind === 'study') {
    const spec = useStudies().get(subject.study)?.spec;
    return {
      kind: 'study',
      heading: 'Report of the study',
      title: spec?.title ?? '',
      formats: printable(STUDY_FORMATS),
      make,
      save,
    };
  }
  const [run, base] = [runOf(subject.run), runOf(subject.base)];
  return {
    kind: 'comparison',
    heading: `Report of run ${run?.number} against run ${base?.number}`,
    title: run?.title === base?.title ? (run?.title ?? '') : `${run?.title} against ${base?.title}`,
    formats: printable(COMPARISON_FORMATS),
    make,
    save,
  };
}
