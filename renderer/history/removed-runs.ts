/** Deleting a run takes it out of sight; until the project is closed the notice brings it back with its result. */
import { defineStore } from 'pinia';
import type { RunView } from '#core/contract/views.ts';
import { useNotices } from '../client/notices-store.ts';
import { useRuns } from '../workbench/runs-store.ts';

export const useRemovedRuns = defineStore('removed-runs', () => {
  const runs = useRuns();
  const notices = useNotices();

  /** If it was on screen, it is again once it is back. */
  async function remove({ id, number }: RunView): Promise<void> {
    const wasOpen = runs.activeRun === id;
    if (!(await runs.remove(id))) return;
    notices.offer('run.removed', `Run ${number} deleted. It can be brought back until the project is closed`, {
      label: 'Undo',
      perform: async () => {
        if (!(await runs.restore(id))) return;
        if (wasOpen) runs.open(id);
        notices.announce(`Run ${number} is back`);
      },
    });
  }

  return { remove };
});
