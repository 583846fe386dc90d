/** Deleting a study stops it and takes it out of sight; until the project is closed, its notice brings it back. */
import { defineStore } from 'pinia';
import type { StudyView } from '#core/study/study.ts';
import { useNotices } from '../client/notices-store.ts';
import { useStudies } from '../study/studies-store.ts';

export const useRemovedStudies = defineStore('removed-studies', () => {
  const studies = useStudies();
  const notices = useNotices();

  /** Shown again once it is back. */
  async function remove({ id, number }: StudyView): Promise<void> {
    if (!(await studies.remove(id))) return;
    notices.offer('study.removed', `Study ${number} deleted. It can be brought back until the project is closed`, {
      label: 'Undo',
      perform: async () => {
        if (!(await studies.restore(id))) return;
        studies.ask(id);
        notices.announce(`Study ${number} is back`);
      },
    });
  }

  return { remove };
});
