/** A remembered tab of a project just opened. */
import type { ProjectView } from '#core/contract/views.ts';
import { useComparisons } from '../history/comparisons-store.ts';
import { NEW_STUDY } from '../study/study-state.ts';
import type { Tab } from './tab-looks.ts';

/**
 * Null where what it showed is gone, or was never kept: a study being put together.
 * Studies, and checkpoints of comparisons, are known a moment later; their tabs close then if they are gone.
 */
export function recalledTab({ documents, runs }: ProjectView, kind: string, id: string): Tab | null {
  switch (kind) {
    case 'document':
      return documents.some((each) => each.id === id) ? { kind, id } : null;
    case 'run':
      return runs.some((run) => run.id === id) ? { kind, id } : null;
    case 'study':
      return id === NEW_STUDY ? null : { kind, id };
    case 'diff':
      return useComparisons().recall(id) ? { kind, id } : null;
    default:
      return null;
  }
}
