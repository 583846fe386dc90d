import type { RunResult } from '#core/run/result.ts';

/** What the drawing calls a unit; a dash where nothing is computed. */
export function unitNameOf(result: RunResult | null): (unit: string | null) => string {
  const names = new Map(result?.inputs.architecture.nodes.map((node) => [node.id, node.name || node.id]));
  return (unit) => (unit === null ? '–' : (names.get(unit) ?? unit));
}
