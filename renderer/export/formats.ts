/** The files runs, comparisons and studies leave as: words for each, and which has it. */
import type { ExportFormat } from '#core/contract/contract.ts';
import type { RunKind } from '#core/contract/views.ts';

export interface FormatChoice {
  readonly format: ExportFormat;
  readonly title: string;
  readonly help: string;
  /** Sections can be chosen. */
  readonly hasSections: boolean;
}

const one = (format: ExportFormat, title: string, help: string, hasSections = false): FormatChoice => ({
  format,
  title,
  help,
  hasSections,
});

const REPORTS: readonly FormatChoice[] = [
  one('html', 'Report (HTML)', 'One file, opens offline, prints', true),
  one('pdf', 'Report (PDF)', 'As the HTML prints', true),
  one('markdown', 'Report (Markdown)', 'A zip: report.md and its figures', true),
  one('tables', 'All tables (CSV)', 'A zip: a file a table, every digit', true),
];
const PAPERS = REPORTS.filter(({ format }) => format !== 'tables');
export const COMPARISON_FORMATS: readonly FormatChoice[] = [
  ...PAPERS,
  one('csv', 'Operators (CSV)', 'One row an operator, every figure of both runs'),
];
export const STUDY_FORMATS: readonly FormatChoice[] = [
  ...PAPERS,
  one('csv', 'All points (CSV)', 'One row a point, every digit'),
];
const TRACE = one('perfetto', 'Trace (Perfetto)', 'For ui.perfetto.dev and chrome://tracing');
const WHOLE = one('json', 'Run (JSON)', 'Everything; opens here again');

const OF: Readonly<Record<RunKind, readonly FormatChoice[]>> = {
  program: [
    ...REPORTS,
    one('csv', 'Operators (CSV)', 'One row an operator'),
    WHOLE,
    one('schedule', 'Schedule (JSON)', 'Order, residency, addresses, proof'),
    TRACE,
  ],
  simulation: [...REPORTS, one('csv', 'Tasks (CSV)', 'One row a task'), WHOLE, TRACE],
};

/** PDF only where the host can print. */
export function formatsOf(kind: RunKind, canPrint: boolean): readonly FormatChoice[] {
  return OF[kind].filter(({ format }) => format !== 'pdf' || canPrint);
}
