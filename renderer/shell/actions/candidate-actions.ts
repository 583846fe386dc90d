/** Candidate kernels: from the operator selected in a drawing or in a run to where its lowering is written. */
import { ScrollText } from 'lucide-vue-next';
import { withDistinctNames } from '#core/document/distinct-names.ts';
import { useEstimate } from '../../editor/estimate-store.ts';
import { useCandidates } from '../../workbench/candidates-store.ts';
import { useRuns } from '../../workbench/runs-store.ts';
import type { Action } from '../actions.ts';
import { useWorkspace } from '../workspace-store.ts';
import { useActiveDocument } from './active-document.ts';

/** Room for a text, a result beside it, and the drawing above. */
const LEAST_HEIGHT = 400;

export function candidateActions(): readonly Action[] {
  const workspace = useWorkspace();
  const live = useEstimate();
  const { selected, state } = useActiveDocument();

  /** The operator of what is selected on screen; null where nothing is. */
  function site() {
    const runs = useRuns();
    const { active } = workspace;
    if (active?.kind === 'run' && runs.active) {
      const operator = runs.selectedOperator === null ? null : runs.activeData?.result.operators[runs.selectedOperator];
      const node = operator?.nodes[0];
      const { model, architecture } = runs.active;
      return operator && node !== undefined
        ? { model: model.document, architecture: architecture.document, node, operator: operator.name }
        : null;
    }
    const { model, architecture } = live.pair;
    const [kernel] = workspace.activeDocument === model ? live.kernelsOf(selected().nodes) : [];
    const node = kernel?.nodes[0];
    const drawn = state()?.document;
    if (!kernel || !drawn || node === undefined || model === null || architecture === null) return null;
    return { model, architecture, node, operator: withDistinctNames(drawn).nodes.get(node)?.name ?? kernel.name };
  }

  return [
    {
      id: 'candidate.write',
      group: 'Run',
      label: 'Write a candidate kernel…',
      icon: ScrollText,
      keywords: ['lowering', 'program', 'check', 'language model', 'text', 'operator'],
      when: () => live.pair.model !== null && (workspace.summary?.kind ?? 'model') === 'model',
      perform: () => {
        const at = site();
        if (at) useCandidates().begin(at);
        workspace.bottomHeight = Math.max(workspace.bottomHeight, LEAST_HEIGHT);
        workspace.showBottom('candidates');
      },
    },
  ];
}
