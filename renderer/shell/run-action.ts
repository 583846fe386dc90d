/** Run: saves first, supplies the hardware when there is none, and says what stands in the way. */
import type { RunView } from '#core/contract/views.ts';
import type { SimulationSettings } from '#core/run/fabric/settings.ts';
import { useNotices } from '../client/notices-store.ts';
import { useProject } from '../client/project-store.ts';
import { areSaved } from '../client/saved.ts';
import { useAnalysis } from '../editor/analysis-store.ts';
import { counted } from '../widgets/format.ts';
import { useRuns } from '../workbench/runs-store.ts';
import { useWorkspace } from './workspace-store.ts';

const FIRST_ARCHITECTURE = { preset: 'systolic-32x32', title: 'Systolic 32 × 32' } as const;
const FIRST_FABRIC = { preset: 'fabric-two-cores', title: 'Two cores, one HBM channel' } as const;

export async function startRun(): Promise<void> {
  if (useWorkspace().runKind === 'simulation') await startSimulation();
  else await startProgram();
}

async function startProgram(): Promise<void> {
  const workspace = useWorkspace();
  const model = workspace.runModel;
  if (!model) {
    useNotices().tell('run.no-model', 'There is no model to run: drop an .onnx file, or draw one');
    return;
  }
  const architecture = workspace.runArchitecture ?? (await added('architecture', FIRST_ARCHITECTURE));
  if (!architecture) return;
  workspace.chosenArchitecture = architecture.id;
  if (await areReady([model.id, architecture.id])) await useRuns().start(model.id, architecture.id);
}

async function startSimulation(): Promise<void> {
  const workspace = useWorkspace();
  const tasks = workspace.runTasks;
  if (!tasks) {
    useNotices().tell('run.no-tasks', 'There is no task graph to simulate: draw one, or drop an SDF graph');
    return;
  }
  const fabric = workspace.runFabric ?? (await added('fabric', FIRST_FABRIC));
  if (!fabric) return;
  workspace.chosenFabric = fabric.id;
  await simulate(tasks.id, fabric.id, useRuns().simulationSettings);
}

/** Saves first; null, with a notice, where something stands in the way. */
export async function simulate(tasks: string, fabric: string, settings: SimulationSettings): Promise<RunView | null> {
  return (await areReady([tasks, fabric])) ? useRuns().simulate(tasks, fabric, settings) : null;
}

/** A preset in place of what the project does not have. */
async function added(
  kind: 'architecture' | 'fabric',
  { preset, title }: { readonly preset: string; readonly title: string },
): Promise<{ readonly id: string } | null> {
  const made = await useProject().createDocument(kind, title, preset);
  if (made) useNotices().tell(`run.${kind}-added`, `The project had no ${kind}: '${title}' was added`);
  return made;
}

/** Whether all is saved and none has errors; what stands in the way is shown. */
async function areReady(documents: readonly string[]): Promise<boolean> {
  const workspace = useWorkspace();
  const notices = useNotices();
  for (const id of documents) {
    if (!(await areSaved([id]))) {
      notices.tell('run.not-saved', 'The last changes are not saved yet; run again once they are');
      return false;
    }
    const errors =
      useAnalysis()
        .get(id)
        ?.problems.filter((problem) => problem.severity === 'error') ?? [];
    if (errors.length > 0) {
      workspace.show({ kind: 'document', id });
      workspace.showBottom('problems');
      notices.tell('run.errors', `${counted(errors.length, 'error')} to fix first: see Problems below`);
      return false;
    }
  }
  return true;
}
