/** Studies: parameters of what Run would run, swept. */
import { ChartScatter } from 'lucide-vue-next';
import { useProject } from '../../client/project-store.ts';
import { useSelection } from '../../client/selection-store.ts';
import { type StudySubject, useStudyDraft } from '../../study/draft-store.ts';
import { NEW_STUDY } from '../../study/study-state.ts';
import type { Action } from '../actions.ts';
import { useWorkspace } from '../workspace-store.ts';

export function studyActions(): readonly Action[] {
  const project = useProject();
  const workspace = useWorkspace();
  const selection = useSelection();
  const draft = useStudyDraft();

  const subject = (): StudySubject =>
    workspace.runKind === 'simulation'
      ? { kind: 'simulation', model: workspace.runTasks?.id ?? null, architecture: workspace.runFabric?.id ?? null }
      : { kind: 'program', model: workspace.runModel?.id ?? null, architecture: workspace.runArchitecture?.id ?? null };
  const selected = () => [...selection.of(workspace.activeDocument).nodes];
  const canStudy = () => project.view !== null && !project.view.readOnly;

  return [
    {
      id: 'study',
      group: 'Run',
      label: 'Study…',
      icon: ChartScatter,
      keywords: ['sweep', 'explore', 'pareto', 'front', 'design space', 'parameters', 'grid', 'NSGA', 'optimise'],
      when: canStudy,
      perform: () => {
        draft.begin(subject());
        workspace.show({ kind: 'study', id: NEW_STUDY });
      },
    },
    {
      id: 'study.sweep-selection',
      group: 'Run',
      label: 'Sweep the selected nodes…',
      icon: ChartScatter,
      keywords: ['study', 'explore', 'parameter'],
      when: () => canStudy() && selected().length > 0,
      perform: () => {
        draft.begin(subject(), selected());
        workspace.show({ kind: 'study', id: NEW_STUDY });
      },
    },
  ];
}
