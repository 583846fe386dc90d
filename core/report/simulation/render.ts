/** A simulation as files: a report to read, tables, the whole run (JSON, re-imports), its trace. */
import { canonicalJson } from '#core/base/canonical.ts';
import type { SimulationResult } from '#core/run/fabric/result.ts';
import { chosenSections, type Report } from '../blocks.ts';
import { toHtml } from '../html.ts';
import { toMarkdown } from '../markdown.ts';
import { simulationTrace } from '../perfetto.ts';
import type { RenderChoices, Rendered, ReportFormat } from '../render.ts';
import { toTables } from '../tables.ts';
import { buildSimulationReport } from './build.ts';
import { simulationCsv } from './csv.ts';

/** All but the schedule of a scratchpad, which a simulation has none of. */
export type SimulationFormat = Exclude<ReportFormat, 'schedule'>;

/** Equal results and choices give equal bytes; the format comes first in the JSON, so that a file can be told by its head. */
export function renderSimulationRun(
  result: SimulationResult,
  format: SimulationFormat,
  { sections = null }: Pick<RenderChoices, 'sections'> = {},
): Rendered {
  const report = (): Report => chosenSections(buildSimulationReport(result), sections);
  switch (format) {
    case 'html':
      return { kind: 'text', text: toHtml(report()) };
    case 'markdown':
      return { kind: 'files', files: toMarkdown(report()) };
    case 'csv':
      return { kind: 'text', text: simulationCsv(result) };
    case 'tables':
      return {
        kind: 'files',
        files: toTables(report(), result.totals, { name: 'all-tasks.csv', text: simulationCsv(result) }),
      };
    case 'json': {
      const { format: name, ...rest } = result;
      return { kind: 'text', text: `{"format":${JSON.stringify(name)},${canonicalJson(rest).slice(1)}\n` };
    }
    case 'perfetto':
      return { kind: 'pieces', pieces: simulationTrace(result) };
  }
}

/** The formats that are one text, as that text. */
export function renderSimulation(result: SimulationResult, format: 'html' | 'csv' | 'json'): string {
  const made = renderSimulationRun(result, format);
  return made.kind === 'text' ? made.text : '';
}
