/** Checkpoints of open documents, asked of the host once and kept up by what is done here. */
import { defineStore } from 'pinia';
import { shallowReactive } from 'vue';
import type { CheckpointView } from '#core/contract/checkpoints.ts';
import { useNotices } from '../client/notices-store.ts';
import { useProject } from '../client/project-store.ts';
import { areSaved } from '../client/saved.ts';
import { useSession } from '../client/session-store.ts';

export const useCheckpoints = defineStore('checkpoints', () => {
  const session = useSession();
  const project = useProject();
  const notices = useNotices();
  const lists = shallowReactive(new Map<string, readonly CheckpointView[]>());
  const asked = new Set<string>();
  let path: string | null = null;

  /** Oldest first; empty until the host has answered. Reactive. */
  function of(document: string): readonly CheckpointView[] {
    const now = project.view?.path ?? null;
    if (now !== path) {
      path = now;
      lists.clear();
      asked.clear();
    }
    if (!asked.has(document)) {
      asked.add(document);
      void refresh(document);
    }
    return lists.get(document) ?? [];
  }

  async function refresh(document: string): Promise<void> {
    const list = await notices.attempt(() => session.api().checkpoints.list({ document }));
    if (list) lists.set(document, list);
    else asked.delete(document);
  }

  /** Of the document as it is on screen: what is on its way to the host is waited for. */
  async function make(document: string, title: string): Promise<CheckpointView | null> {
    if (!(await areSaved([document]))) {
      notices.tell(
        'checkpoint.not-saved',
        'The last changes are not saved yet; try again once the title bar says they are',
      );
      return null;
    }
    const made = await notices.attempt(() => session.api().checkpoints.make({ document, title }));
    if (made) {
      await refresh(document);
      notices.announce(`Checkpoint ${title} saved`);
    }
    return made;
  }

  async function rename({ id, document }: CheckpointView, title: string): Promise<void> {
    await notices.attempt(() => session.api().checkpoints.rename({ checkpoint: id, title }));
    await refresh(document);
  }

  /** Out of the list; the notice brings it back. */
  async function remove({ id, document, title }: CheckpointView): Promise<void> {
    const isDone = await notices.attempt(async () => {
      await session.api().checkpoints.remove({ checkpoint: id });
      return true;
    });
    if (!isDone) return;
    await refresh(document);
    notices.offer('checkpoint.removed', `Checkpoint '${title}' deleted`, {
      label: 'Undo',
      perform: async () => {
        await session.api().checkpoints.restore({ checkpoint: id });
        await refresh(document);
      },
    });
  }

  return { of, make, rename, remove };
});
