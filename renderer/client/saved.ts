/** Waits a moment for changes of documents that are on their way to the host. */
import { useDocuments } from './documents-store.ts';

const PATIENCE_MS = 5000;
const STEP_MS = 50;

/** False where the host still does not have all of them. */
export async function areSaved(ids: readonly string[]): Promise<boolean> {
  const documents = useDocuments();
  const isDone = () => ids.every((id) => documents.isSaved(id));
  for (let waited = 0; !isDone() && waited < PATIENCE_MS; waited += STEP_MS)
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  return isDone();
}
