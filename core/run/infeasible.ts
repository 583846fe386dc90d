/** Why a run has no schedule, told where it can be mended: at the drawn scratchpad, with the capacity it would take. */
import type { Machine } from '#core/architecture/machine.ts';
import type { Fix, Problem } from '#core/base/problem.ts';
import { formatQuantity } from '#core/base/quantity.ts';
import type { RunInputs } from './result.ts';

const GRAIN = 1024;

/** Other problems come back as they are. */
export function atScratchpad(found: Problem, { architecture, settings }: RunInputs, machine: Machine): Problem {
  const { demand } = found.facts;
  if (found.code !== 'schedule.infeasible' || typeof demand !== 'number') return found;
  const { node } = machine.scratchpad;
  const enough = Math.ceil(demand / GRAIN) * GRAIN;
  const fix: Fix = {
    title: `Set the scratchpad to ${formatQuantity(enough, 'B')}`,
    edits: [{ type: 'set-parameter', node, parameter: 'capacityBytes', value: enough }],
  };
  return {
    ...found,
    where: { document: architecture.id, node },
    // An override in the settings hides what is drawn.
    fixes: settings.scratchpadBytes === null ? [...found.fixes, fix] : found.fixes,
  };
}
