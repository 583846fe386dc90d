/** A run as files: a report to read, tables, the whole run (JSON, re-imports), its schedule, its trace. */
import { canonicalJson } from '#core/base/canonical.ts';
import type { Metric } from '#core/base/metric.ts';
import type { RunResult } from '#core/run/result.ts';
import type { ScheduleCurve } from '#core/schedule/curve.ts';
import { chosenSections, type Report, type SectionOutline } from './blocks.ts';
import { buildReport } from './build.ts';
import { toCsv } from './csv.ts';
import { outlineOf } from './figures/figure-blocks.ts';
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

/** `outline`: sections there are, of formats that have them. */
export interface RenderedRun {
  readonly rendered: Rendered;
  readonly outline: readonly SectionOutline[];
}

export interface RenderChoices {
  /** Of the scratchpad, where it was computed. */
  readonly curve?: ScheduleCurve | null;
  /** Ids of the sections that are wanted, in their order; all of them where it is null. */
  readonly sections?: readonly string[] | null;
}

/** Equal results and choices give equal bytes, key order included; a re-imported run keeps the values. */
export function renderRun(result: RunResult, format: ReportFormat, choices: RenderChoices = {}): RenderedRun {
  switch (format) {
    case 'html':
    case 'markdown':
    case 'tables':
      return renderedReport(buildReport(result, choices.curve), format, choices, () => ({
        totals: result.totals,
        first: { name: 'all-operators.csv', text: toCsv(result) },
      }));
    case 'csv':
      return bare(toCsv(result));
    case 'json':
      return bare(runFile(result));
    case 'schedule':
      return bare(`${JSON.stringify(result.schedule.answer, null, 1)}\n`);
    case 'perfetto':
      return { rendered: { kind: 'pieces', pieces: runTrace(result) }, outline: [] };
  }
}

/** @param sources what the tables begin with. */
export function renderedReport(
  report: Report,
  format: 'html' | 'markdown' | 'tables',
  { sections = null }: Pick<RenderChoices, 'sections'>,
  sources: () => { readonly totals: readonly Metric[]; readonly first: ReportFile },
): RenderedRun {
  const outline = outlineOf(report);
  const chosen = chosenSections(report, sections);
  switch (format) {
    case 'html':
      return { ...bare(toHtml(chosen)), outline };
    case 'markdown':
      return { rendered: { kind: 'files', files: toMarkdown(chosen) }, outline };
    case 'tables': {
      const { totals, first } = sources();
      return { rendered: { kind: 'files', files: toTables(chosen, totals, first) }, outline };
    }
  }
}

/** One text, without sections. */
export function bare(text: string): RenderedRun {
  return { rendered: { kind: 'text', text }, outline: [] };
}

/** The formats that are one text, as that text. */
export function renderReport(
  result: RunResult,
  format: 'html' | 'csv' | 'json' | 'schedule',
  curve: ScheduleCurve | null = null,
): string {
  const { rendered } = renderRun(result, format, { curve });
  return rendered.kind === 'text' ? rendered.text : '';
}

/** Canonical JSON but for one thing: the format comes first, so that a file can be told by its head. */
export function runFile({ format, ...rest }: { readonly format: string }): string {
  return `{"format":${JSON.stringify(format)},${canonicalJson(rest).slice(1)}\n`;
}
