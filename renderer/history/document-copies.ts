/** A document as a copy of its own, opened by whoever asks; its notice deletes it again. */
import { defineStore } from 'pinia';
import type { DocumentSummary } from '#core/contract/views.ts';
import { useNotices } from '../client/notices-store.ts';
import { areSaved } from '../client/saved.ts';
import { useSession } from '../client/session-store.ts';
import { useRemovedDocuments } from './removed-documents.ts';

export const useDocumentCopies = defineStore('document-copies', () => {
  const session = useSession();
  const notices = useNotices();
  const removed = useRemovedDocuments();

  /** As it is on screen: what is on its way to the host is waited for. Null where it could not be made, which is told. */
  async function copy(document: string): Promise<DocumentSummary | null> {
    if (!(await areSaved([document]))) {
      notices.tell(
        'document.not-saved',
        'The last changes are not saved yet; try again once the title bar says they are',
      );
      return null;
    }
    const made = await notices.attempt(() => session.api().documents.copy({ document }));
    if (made)
      notices.offer('document.copied', `‘${made.title}’ was added to the project`, {
        label: 'Undo',
        perform: () => removed.remove(made),
      });
    return made;
  }

  return { copy };
});
