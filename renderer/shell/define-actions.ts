/** Every verb of the studio, once. Toolbar, palette, menu, keys and help read what stands here. */
import { arrangeActions } from './actions/arrange-actions.ts';
import { blockActions } from './actions/block-actions.ts';
import { candidateActions } from './actions/candidate-actions.ts';
import { editActions } from './actions/edit-actions.ts';
import { historyActions } from './actions/history-actions.ts';
import { projectActions } from './actions/project-actions.ts';
import { queueActions } from './actions/queue-actions.ts';
import { reportActions } from './actions/report-actions.ts';
import { selectActions } from './actions/select-actions.ts';
import { simulationActions } from './actions/simulation-actions.ts';
import { studyActions } from './actions/study-actions.ts';
import { tabActions } from './actions/tab-actions.ts';
import { viewActions } from './actions/view-actions.ts';
import type { Action } from './actions.ts';

export function defineActions(): readonly Action[] {
  return [
    projectActions,
    historyActions,
    candidateActions,
    simulationActions,
    queueActions,
    reportActions,
    studyActions,
    editActions,
    arrangeActions,
    blockActions,
    selectActions,
    viewActions,
    tabActions,
  ].flatMap((define) => define());
}
