/** A simulation as a file: report (HTML), table of tasks (CSV), the whole run (JSON, re-imports). */
import { canonicalJson } from '#core/base/canonical.ts';
import type { SimulationResult } from '#core/run/fabric/result.ts';
import { toHtml } from '../html.ts';
import { buildSimulationReport } from './build.ts';
import { simulationCsv } from './csv.ts';

/** Equal results give equal bytes; the format comes first in the JSON, so that a file can be told by its head. */
export function renderSimulation(result: SimulationResult, format: 'html' | 'csv' | 'json'): string {
  switch (format) {
    case 'html':
      return toHtml(buildSimulationReport(result));
    case 'csv':
      return simulationCsv(result);
    case 'json': {
      const { format: name, ...rest } = result;
      return `{"format":${JSON.stringify(name)},${canonicalJson(rest).slice(1)}\n`;
    }
  }
}
