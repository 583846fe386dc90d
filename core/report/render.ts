/** A run as files: a report to read, tables, the whole run (JSON, re-imports), its schedule, its trace. */
import { canonicalJson } from '#core/base/canonical.ts';
import type { RunResult } from '#core/run/result.ts';
import type { ScheduleCurve } from '#core/schedule/curve.ts';
import { chosenSections, type Report } from './blocks.ts';
import { buildReport } from './build.ts';
import { toCsv } from './csv.ts';
import { toHtml } from './html.ts';
import { type ReportFile, toMarkdown } from './markdown.ts';
import { runTrace } from './perfetto.ts';
import { toTables } from './tables.ts';

export const REPORT_FORMATS = ['html', 'markdown', 'json', 'csv', 'tables', 'schedule', 'perfetto'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** What a format makes: one text, one text in pieces (it may be longer than a string), or files that go into an archive. */
export type Rendered =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'pieces'; readonly pieces: Iterable<string> }
  | { readonly kind: 'files'; readonly files: readonly ReportFile[] };

export interface RenderChoices {
  /** Of the scratchpad, where it was computed. */
  readonly curve?: ScheduleCurve | null;
  /** Ids of the sections that are wanted, in their order; all of them where it is null. */
  readonly sections?: readonly string[] | null;
}

/** Equal results and choices give equal bytes, key order included; a re-imported run keeps the values. */
export function renderRun(result: RunResult, format: ReportFormat, choices: RenderChoices = {}): Rendered {
  const report = (): Report => chosenSections(buildReport(result, choices.curve), choices.sections ?? null);
  switch (format) {
    case 'html':
      return { kind: 'text', text: toHtml(report()) };
    case 'markdown':
      return { kind: 'files', files: toMarkdown(report()) };
    case 'csv':
      return { kind: 'text', text: toCsv(result) };
    case 'tables':
      return {
        kind: 'files',
        files: toTables(report(), result.totals, { name: 'all-operators.csv', text: toCsv(result) }),
      };
    case 'json':
      return { kind: 'text', text: runFile(result) };
    case 'schedule':
      return { kind: 'text', text: `${JSON.stringify(result.schedule.answer, null, 1)}\n` };
    case 'perfetto':
      return { kind: 'pieces', pieces: runTrace(result) };
  }
}

/** The formats that are one text, as that text. */
export function renderReport(
  result: RunResult,
  format: 'html' | 'csv' | 'json' | 'schedule',
  curve: ScheduleCurve | null = null,
): string {
  const made = renderRun(result, format, { curve });
  return made.kind === 'text' ? made.text : '';
}

/** Canonical JSON but for one thing: the format comes first, so that a file can be told by its head. */
function runFile({ format, ...rest }: RunResult): string {
  return `{"format":${JSON.stringify(format)},${canonicalJson(rest).slice(1)}\n`;
}
