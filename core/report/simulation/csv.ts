/** The tasks of a simulation as RFC 4180 text: one header row, one row a task, numbers with every digit. */
import type { SimulationResult } from '#core/run/fabric/result.ts';
import { csvTable } from '../csv.ts';

export function simulationCsv({ tasks }: SimulationResult): string {
  return csvTable([
    [
      'task',
      'stage',
      'cores',
      'busy [cycles]',
      'stallIn [cycles]',
      'stallOut [cycles]',
      'reconfigure [cycles]',
      'start [cycles]',
      'end [cycles]',
      'utilisation [ratio]',
      'work [op]',
      'energy [J]',
    ],
    ...tasks.map((task) => [
      task.name,
      task.stage,
      task.cores.map(({ node, lanes }) => `${node}:${lanes}`).join(' '),
      task.busy,
      task.stallIn,
      task.stallOut,
      task.reconfigure,
      task.start,
      task.end,
      task.utilisation,
      task.work,
      task.energy,
    ]),
  ]);
}
