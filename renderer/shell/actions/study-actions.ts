/** Studies: parameters of what Run would run, swept. */
import { ChartScatter } from 'lucide-vue-next';
import { useProject } from '../../client/project-store.ts';
import { useSelection } from '../../client/selection-store.ts';
import { useInspected } from '../../editor/inspected-store.ts';
import { type StudySubject, useStudyDraft } from '../../study/draft-store.ts';
import { NEW_STUDY } from '../../study/study-state.ts';
import type { Action } from '../actions.ts';
import { useWorkspace } from '../workspace-store.ts';

export function studyActions(): readonly Action[] {
  const project = useProject();
  const workspace = useWorkspace();
  const selection = useSelection();
  const draft = useStudyDraft();
  const inspected = useInspected();

  const subject = (): StudySubject =>
    workspace.runKind === 'simulation'
      ? { kind: 'simulation', model: workspace.runTasks?.id ?? null, architecture: workspace.runFabric?.id ?? null }
      : { kind: 'program', model: workspace.runModel?.id ?? null, architecture: workspace.runArchitecture?.id ?? null };
  /** With a document that may be beside what Run would run: the inspector's, in the other pane. */
  function subjectWith(document: string): StudySubject {
    const kind = project.documents.find(({ id }) => id === document)?.kind;
    const isSimulation = kind === 'tasks' || kind === 'fabric';
    const isFirst = kind === 'tasks' || kind === 'model';
    const model = (isSimulation ? workspace.runTasks : workspace.runModel)?.id ?? null;
    const architecture = (isSimulation ? workspace.runFabric : workspace.runArchitecture)?.id ?? null;
    return {
      kind: isSimulation ? 'simulation' : 'program',
      model: isFirst ? document : model,
      architecture: isFirst ? architecture : document,
    };
  }
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
        draft.begin(subject(), { nodes: selected() });
        workspace.show({ kind: 'study', id: NEW_STUDY });
      },
    },
    {
      id: 'study.sweep-parameter',
      group: 'Run',
      get label() {
        return inspected.parameter ? `Sweep ‘${inspected.parameter.title}’…` : 'Sweep a parameter…';
      },
      icon: ChartScatter,
      keywords: ['study', 'explore', 'this', 'inspector', 'parameter'],
      // Of the inspector's document, and of the pair it is run with.
      when: () => canStudy() && inspected.parameter !== null,
      perform: () => {
        if (!inspected.parameter) return;
        const { document, nodes, id } = inspected.parameter;
        draft.begin(subjectWith(document), { nodes, parameter: id });
        workspace.show({ kind: 'study', id: NEW_STUDY });
      },
    },
  ];
}
