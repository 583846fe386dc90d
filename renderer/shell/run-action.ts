/** Run: saves first, supplies an architecture when there is none, and says what stands in the way. */
import { useDocuments } from '../client/documents-store.ts';
import { useNotices } from '../client/notices-store.ts';
import { useProject } from '../client/project-store.ts';
import { useAnalysis } from '../editor/analysis-store.ts';
import { counted } from '../widgets/format.ts';
import { useRuns } from '../workbench/runs-store.ts';
import { useWorkspace } from './workspace-store.ts';

const FIRST_ARCHITECTURE = { preset: 'systolic-32x32', title: 'Systolic 32 × 32' } as const;
const SAVE_PATIENCE_MS = 5000;

export async function startRun(): Promise<void> {
  const project = useProject();
  const workspace = useWorkspace();
  const notices = useNotices();
  const model = workspace.runModel;
  if (!model) {
    notices.tell('run.no-model', 'There is no model to run: drop an .onnx file, or draw one');
    return;
  }
  let architecture: { readonly id: string } | null = workspace.runArchitecture;
  if (!architecture) {
    architecture = await project.createDocument('architecture', FIRST_ARCHITECTURE.title, FIRST_ARCHITECTURE.preset);
    if (!architecture) return;
    workspace.chosenArchitecture = architecture.id;
    notices.tell('run.architecture-added', `The project had no architecture: '${FIRST_ARCHITECTURE.title}' was added`);
  }
  for (const id of [model.id, architecture.id]) {
    if (!(await isSaved(id))) {
      notices.tell('run.not-saved', 'The last changes are not saved yet; run again once they are');
      return;
    }
    const errors =
      useAnalysis()
        .get(id)
        ?.problems.filter((problem) => problem.severity === 'error') ?? [];
    if (errors.length > 0) {
      workspace.show({ kind: 'document', id });
      workspace.showBottom('problems');
      notices.tell('run.errors', `${counted(errors.length, 'error')} to mend first: see Problems below`);
      return;
    }
  }
  await useRuns().start(model.id, architecture.id);
}

/** Waits a moment for changes under way. */
async function isSaved(id: string): Promise<boolean> {
  const documents = useDocuments();
  for (let waited = 0; !documents.isSaved(id) && waited < SAVE_PATIENCE_MS; waited += 50)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return documents.isSaved(id);
}
