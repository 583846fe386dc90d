/** Studies of the task graph and the fabric that Run would simulate. */
import { Grid3x3 } from 'lucide-vue-next';
import { useCrossovers } from '../../workbench/crossover-store.ts';
import { useRuns } from '../../workbench/runs-store.ts';
import type { Action } from '../actions.ts';
import { useWorkspace } from '../workspace-store.ts';

/** Room for the map, a point beside it, and the drawing above. */
const LEAST_HEIGHT = 340;

export function simulationActions(): readonly Action[] {
  const workspace = useWorkspace();
  return [
    {
      id: 'simulation.crossover',
      group: 'Run',
      label: 'Crossover map: best mode by memory and bandwidth',
      icon: Grid3x3,
      keywords: ['study', 'heat map', 'sequential', 'dataflow', 'reconfigurable', 'simulate', 'sweep', 'fabric'],
      when: () => workspace.runKind === 'simulation' && workspace.runTasks !== null && workspace.runFabric !== null,
      perform: async () => {
        const runs = useRuns();
        const crossovers = useCrossovers();
        // The panels of a program's run would stand in its place.
        if (runs.active?.kind === 'program') runs.open(null);
        workspace.bottomHeight = Math.max(workspace.bottomHeight, LEAST_HEIGHT);
        workspace.showBottom('crossover');
        // A map that is there is shown; it says itself whether it is stale.
        await crossovers.look();
        if (!crossovers.view?.found && !crossovers.view?.isRunning) await crossovers.start();
      },
    },
  ];
}
