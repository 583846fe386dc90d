/** Whose history is shown beside a tab: its document, the compared one as it is now, the model or task graph of a run. */
import { useProject } from '../client/project-store.ts';
import { useRuns } from '../workbench/runs-store.ts';
import { useComparisons } from './comparisons-store.ts';

/** Null where there is none, or it is gone. Reactive. */
export function documentOf(tab: { readonly kind: string; readonly id: string } | null): string | null {
  const found =
    tab?.kind === 'document'
      ? tab.id
      : tab?.kind === 'diff'
        ? useComparisons().get(tab.id)?.right.document
        : tab?.kind === 'run'
          ? useRuns().runs.find(({ id }) => id === tab.id)?.model.document
          : undefined;
  return useProject().documents.some(({ id }) => id === found) ? (found ?? null) : null;
}
