/** The layout under way, if any: one at a time, cancellable, one undoable command at its end. */
import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import { useCanvases } from '../canvas/canvases-store.ts';
import { useDocuments } from '../client/documents-store.ts';
import { useNotices } from '../client/notices-store.ts';
import { type Layout, startLayout } from './layout.ts';

export const useLayout = defineStore('layout', () => {
  const running = shallowRef<{ readonly document: string; readonly cancel: () => void } | null>(null);

  async function layOut(id: string): Promise<void> {
    const documents = useDocuments();
    const notices = useNotices();
    const controller = useCanvases().controllers.get(id);
    const before = documents.get(id)?.state.document;
    if (!before || !controller || running.value) return;
    const layout: Layout = startLayout(
      before,
      controller.scene(),
      () => new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' }),
    );
    running.value = { document: id, cancel: layout.cancel };
    const command = await layout.done;
    running.value = null;
    if (documents.get(id)?.state.document !== before) {
      notices.tell('layout.overtaken', 'The drawing changed while it was laid out; nothing was moved');
      return;
    }
    if (!command) return;
    if (documents.run(id, command).ok) requestAnimationFrame(() => controller.begin());
  }

  return { running, layOut };
});
