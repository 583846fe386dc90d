/** A simulation as files: a report to read, tables, the whole run (JSON, re-imports), its trace. */
import type { SimulationResult } from '#core/run/fabric/result.ts';
import { simulationTrace } from '../perfetto.ts';
import { bare, type RenderChoices, type RenderedRun, type ReportFormat, renderedReport, runFile } from '../render.ts';
import { buildSimulationReport } from './build.ts';
import { simulationCsv } from './csv.ts';

/** All but the schedule of a scratchpad, which a simulation has none of. */
export type SimulationFormat = Exclude<ReportFormat, 'schedule'>;

/** Equal results and choices give equal bytes; the format comes first in the JSON, so that a file can be told by its head. */
export function renderSimulationRun(
  result: SimulationResult,
  format: SimulationFormat,
  choices: Pick<RenderChoices, 'sections'> = {},
): RenderedRun {
  switch (format) {
    case 'html':
    case 'markdown':
    case 'tables':
      return renderedReport(buildSimulationReport(result), format, choices, () => ({
        totals: result.totals,
        first: { name: 'all-tasks.csv', text: simulationCsv(result) },
      }));
    case 'csv':
      return bare(simulationCsv(result));
    case 'json':
      return bare(runFile(result));
    case 'perfetto':
      return { rendered: { kind: 'pieces', pieces: simulationTrace(result) }, outline: [] };
  }
}

/** The formats that are one text, as that text. */
export function renderSimulation(result: SimulationResult, format: 'html' | 'csv' | 'json'): string {
  const { rendered } = renderSimulationRun(result, format);
  return rendered.kind === 'text' ? rendered.text : '';
}
