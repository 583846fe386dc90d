/** What a tab is called and looks like, and whether what it shows is still there; an entry for every kind of tab. */
import { ChartGantt, ChartScatter, GitCompare } from 'lucide-vue-next';
import type { Component } from 'vue';
import { useProject } from '../client/project-store.ts';
import { useComparisons } from '../history/comparisons-store.ts';
import { useStudies } from '../study/studies-store.ts';
import { NEW_STUDY } from '../study/study-state.ts';
import { DOCUMENT_KIND_LOOKS } from '../widgets/document-kinds.ts';
import { useRuns } from '../workbench/runs-store.ts';

export interface Tab {
  readonly kind: 'document' | 'run' | 'diff' | 'study';
  readonly id: string;
}

export interface TabLook {
  readonly icon: Component;
  readonly title: string;
  readonly hint: string;
}

/** Null where what it shows is gone. Reactive. */
export function tabLook({ kind, id }: Tab): TabLook | null {
  switch (kind) {
    case 'document': {
      const found = useProject().documents.find((each) => each.id === id);
      return found ? { icon: DOCUMENT_KIND_LOOKS[found.kind].icon, title: found.title, hint: found.title } : null;
    }
    case 'run': {
      const run = useRuns().runs.find((each) => each.id === id);
      return run ? { icon: ChartGantt, title: `Run ${run.number}`, hint: run.title } : null;
    }
    case 'study': {
      if (id === NEW_STUDY) return { icon: ChartScatter, title: 'New study', hint: 'A study being put together' };
      const study = useStudies().get(id);
      return study ? { icon: ChartScatter, title: `Study ${study.number}`, hint: study.spec.title } : null;
    }
    case 'diff': {
      const comparisons = useComparisons();
      const found = comparisons.get(id);
      if (!found) return null;
      const [left, right] = [comparisons.titleOf(found.left), comparisons.titleOf(found.right)];
      const title = left.title === right.title ? `${left.title}: ${left.note}` : `${left.title} ↔ ${right.title}`;
      return { icon: GitCompare, title, hint: `${left.title}, ${left.note} → ${right.title}, ${right.note}` };
    }
  }
}
