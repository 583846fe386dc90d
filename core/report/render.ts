/** A run as a file: report (HTML), table of operators (CSV), the whole run (JSON, re-imports), the schedule (its answer format, JSON). */
import { canonicalJson } from '#core/base/canonical.ts';
import type { RunResult } from '#core/run/result.ts';
import type { ScheduleCurve } from '#core/schedule/curve.ts';
import { buildReport } from './build.ts';
import { toCsv } from './csv.ts';
import { toHtml } from './html.ts';

export const REPORT_FORMATS = ['html', 'csv', 'json', 'schedule'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** `curve`, where it was computed, is in the HTML. Equal results give equal bytes, key order included; a re-imported run keeps the values. */
export function renderReport(result: RunResult, format: ReportFormat, curve: ScheduleCurve | null = null): string {
  switch (format) {
    case 'html':
      return toHtml(buildReport(result, curve));
    case 'csv':
      return toCsv(result);
    case 'json':
      return runFile(result);
    case 'schedule':
      return `${JSON.stringify(result.schedule.answer, null, 1)}\n`;
  }
}

/** Canonical JSON but for one thing: the format comes first, so that a file can be told by its head. */
function runFile({ format, ...rest }: RunResult): string {
  return `{"format":${JSON.stringify(format)},${canonicalJson(rest).slice(1)}\n`;
}
