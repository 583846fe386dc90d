/** Deleting a document takes it out of sight; until the project is closed a notice or a command brings it back whole. */
import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { DocumentSummary } from '#core/contract/views.ts';
import { useNotices } from '../client/notices-store.ts';
import { useProject } from '../client/project-store.ts';
import { useSession } from '../client/session-store.ts';

interface Removed {
  readonly project: string | null;
  readonly document: DocumentSummary;
}

export const useRemovedDocuments = defineStore('removed-documents', () => {
  const session = useSession();
  const project = useProject();
  const notices = useNotices();
  const all = shallowRef<readonly Removed[]>([]);
  const pathNow = () => project.view?.path ?? null;
  /** Deleted last, and not brought back; of the open project. */
  const last = computed(() => all.value.findLast((each) => each.project === pathNow())?.document ?? null);

  async function remove(document: DocumentSummary): Promise<void> {
    const path = pathNow();
    if (!(await project.removeDocument(document.id))) return;
    all.value = [...all.value, { project: path, document }];
    notices.offer(
      'document.removed',
      `'${document.title}' deleted. It can be brought back until the project is closed`,
      {
        label: 'Undo',
        perform: () => restore(document),
      },
    );
  }

  /** With its history and checkpoints. */
  async function restore({ id, title }: DocumentSummary): Promise<void> {
    const back = await notices.attempt(() => session.api().documents.restore({ document: id }));
    if (!back) return;
    all.value = all.value.filter((each) => each.document.id !== id);
    notices.announce(`${title} is back`);
  }

  return { last, remove, restore };
});
