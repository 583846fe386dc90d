/** From a run back to the drawing: show what a finding is about, or apply the mend it offers as one undoable step. */
import type { Fix } from '#core/base/problem.ts';
import type { Lever } from '#core/stalls/lever.ts';
import { useCanvases } from '../canvas/canvases-store.ts';
import { useDocuments } from '../client/documents-store.ts';
import { useNotices } from '../client/notices-store.ts';
import { useSelection } from '../client/selection-store.ts';
import { fixCommand } from '../editor/edits.ts';
import { useRuns } from '../workbench/runs-store.ts';
import { useSimulation } from '../workbench/simulation-store.ts';
import { simulate } from './run-action.ts';
import { useWorkspace } from './workspace-store.ts';

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
/** A document opens from the host and its canvas mounts a few frames later. */
const FRAMES_TO_OPEN = 120;

export async function revealNode(document: string, node: string): Promise<void> {
  const canvases = useCanvases();
  useWorkspace().show({ kind: 'document', id: document });
  for (let frame = 0; frame < FRAMES_TO_OPEN && !canvases.controllers.has(document); frame++) await nextFrame();
  // The canvas first takes its size, and the view it was left with.
  await nextFrame();
  await nextFrame();
  if (!useDocuments().get(document)?.state.document.nodes.has(node)) {
    useNotices().tell('run.node-gone', 'What this finding is about is no longer in the drawing');
    return;
  }
  useSelection().set(document, [node], []);
  canvases.controllers.get(document)?.reveal(node);
}

export async function applyFix(document: string, fix: Fix): Promise<void> {
  const documents = useDocuments();
  if (!(await documents.open(document))) return;
  const done = documents.run(document, fixCommand(fix.title, fix.edits));
  if (done.ok)
    useNotices().tell('run.fix-applied', `${fix.title}: done, and can be undone. Run again to see what it brings`);
  else useNotices().show(done.error);
}

/** Simulates the drawing as it is now, with the run's own settings, and remembers what the lever promised. */
export async function verifyLever(run: string, lever: Lever): Promise<void> {
  const loaded = useRuns().loaded(run);
  if (loaded?.state !== 'simulated') return;
  const { tasks, fabric, settings } = loaded.data.result.inputs;
  const made = await simulate(tasks.id, fabric.id, settings);
  if (made) useSimulation().verifying(lever, run, made.id);
}
