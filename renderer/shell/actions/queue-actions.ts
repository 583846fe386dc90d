/** The queue of runs: seen, paused, resumed. */
import { ListOrdered, Pause, Play } from 'lucide-vue-next';
import { useProject } from '../../client/project-store.ts';
import { useQueue } from '../../workbench/queue-store.ts';
import type { Action } from '../actions.ts';
import { useWorkspace } from '../workspace-store.ts';

export function queueActions(): readonly Action[] {
  const project = useProject();
  const workspace = useWorkspace();
  const queue = useQueue();
  const isOpen = () => project.view !== null && !project.view.readOnly;
  return [
    {
      id: 'runs.queue',
      group: 'Run',
      label: 'Queue of runs…',
      icon: ListOrdered,
      keywords: ['order', 'waiting', 'progress', 'reorder', 'pause'],
      when: () => project.view !== null,
      perform: () => {
        workspace.dialog = 'queue';
      },
    },
    {
      id: 'runs.pause',
      group: 'Run',
      label: 'Pause the queue of runs',
      icon: Pause,
      when: () => isOpen() && !queue.isPaused,
      perform: () => queue.pause(),
    },
    {
      id: 'runs.resume',
      group: 'Run',
      label: 'Resume the queue of runs',
      icon: Play,
      when: () => isOpen() && queue.isPaused,
      perform: () => queue.resume(),
    },
  ];
}
