/**
 * Why a run has no schedule, told where it can be mended: at the drawn scratchpad, with the capacity it would take,
 * and with the settings under which the same model runs.
 */
import type { Machine } from '#core/architecture/machine.ts';
import type { Fix, Problem, RunLever } from '#core/base/problem.ts';
import { formatQuantity } from '#core/base/quantity.ts';
import { explainInfeasible, type Lever } from '#core/schedule/explain/infeasible.ts';
import { targetOf } from '#core/schedule/flags.ts';
import type { ScheduleProblem } from '#core/schedule/problem.ts';
import type { RunInputs } from './result.ts';
import type { ScheduleRequest } from './schedule-request.ts';

const GRAIN = 1024;

/** Other problems come back as they are. */
export function atScratchpad(
  found: Problem,
  instance: ScheduleProblem,
  { mode, parameters, scheduler }: ScheduleRequest,
  { architecture, settings }: RunInputs,
  machine: Machine,
): Problem {
  if (found.code !== 'schedule.infeasible') return found;
  const { node, capacityBytes } = machine.scratchpad;
  const why = explainInfeasible(instance, targetOf(instance, { mode, S: capacityBytes, parameters }));
  if (!why) return found;
  const room = why.levers.find(({ change }) => change.S !== undefined)?.change.S ?? why.demand;
  const enough = Math.ceil(room / GRAIN) * GRAIN;
  const fix: Fix = {
    title: `Set the scratchpad to ${formatQuantity(enough, 'B')}`,
    edits: [{ type: 'set-parameter', node, parameter: 'capacityBytes', value: enough }],
  };
  const known = new Set(scheduler.manifest.parameters.map(({ id }) => id));
  // The levers are there as data.
  const { levers: _told, ...facts } = found.facts;
  return {
    ...found,
    facts,
    where: { document: architecture.id, node },
    // An override in the settings hides what is drawn.
    fixes: settings.scratchpadBytes === null ? [...found.fixes, fix] : found.fixes,
    levers: why.levers.flatMap((lever) => leverOf(lever, known) ?? []),
  };
}

const FORMATS: Readonly<Record<number, string>> = { 1: 'int8', 2: 'fp16' };

/** Null where no setting of a run does it, or the technique has no such parameter. */
function leverOf({ title, change }: Lever, known: ReadonlySet<string>): RunLever | null {
  const { S, mode, parameters, format } = change;
  if (S !== undefined) return { title, scratchpadBytes: S };
  const asked = { ...parameters, ...(mode !== undefined && { mode }) };
  const ids = Object.keys(asked);
  if (ids.length > 0) return ids.every((id) => known.has(id)) ? { title, parameters: asked } : null;
  const narrower = format && FORMATS[format.bytesPerElement];
  return narrower === undefined ? null : { title, format: narrower };
}
