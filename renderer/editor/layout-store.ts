/** The layout under way, if any: one at a time, cancellable, one undoable command at its end. */
import { defineStore } from 'pinia';
import { shallowRef, watch } from 'vue';
import { useCanvases } from '../canvas/canvases-store.ts';
import { useDocuments } from '../client/documents-store.ts';
import { useNotices } from '../client/notices-store.ts';
import { useSelection } from '../client/selection-store.ts';
import { counted } from '../widgets/format.ts';
import { type LayoutStage, placedByHand, startLayout } from './layout.ts';

/** What is laid out: the chosen nodes, everything around what was placed by hand, or everything. */
export type LayoutScope = 'selection' | 'kept' | 'anew';

interface Running {
  readonly document: string;
  /** For the status line. */
  readonly words: string;
  readonly cancel: () => void;
}

export const useLayout = defineStore('layout', () => {
  const running = shallowRef<Running | null>(null);

  async function layOut(id: string, scope: LayoutScope = 'kept'): Promise<void> {
    const documents = useDocuments();
    const notices = useNotices();
    const controller = useCanvases().controllers.get(id);
    const state = documents.get(id)?.state;
    if (!state || !controller || running.value) return;
    const before = state.document;
    const scene = controller.scene();
    const chosen = scope === 'selection' ? useSelection().of(id).nodes : null;
    const pinned = scope === 'kept' ? placedByHand(state) : new Set<string>();
    const nodes = counted(chosen?.size ?? scene.nodes.length, 'node');
    const say = (stage: Exclude<LayoutStage, 'failed'>) =>
      stage === 'layered' ? `Laying out ${nodes}…` : `Laying out ${nodes} the plain, fast way…`;
    /** Stopped or failed: what there is to say is said. */
    let isOver = false;
    const layout = startLayout(
      { document: before, scene, chosen, pinned },
      {
        elk: () => new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' }),
        linear: () => new Worker(new URL('./layout-linear.worker.ts', import.meta.url), { type: 'module' }),
      },
      (stage) => {
        if (stage === 'failed') {
          isOver = true;
          notices.tell('layout.failed', 'The layout did not come to an end; nothing was moved');
        } else if (running.value) running.value = { ...running.value, words: say(stage) };
      },
    );
    const cancel = () => {
      isOver = true;
      layout.cancel();
    };
    running.value = { document: id, words: say('layered'), cancel };
    const stopWatching = watch(() => documents.slots.has(id), cancel);
    const command = await layout.done;
    stopWatching();
    running.value = null;
    if (isOver) return;
    if (documents.get(id)?.state.document !== before) {
      notices.tell('layout.overtaken', 'The drawing changed while it was laid out; nothing was moved');
      return;
    }
    if (command && !documents.run(id, command).ok) return;
    const kept = [...pinned].filter((node) => before.nodes.has(node)).length;
    if (kept > 0)
      notices.tell(
        'layout.kept',
        `${counted(kept, 'node')} you placed by hand stayed; 'Lay out everything anew' moves them too`,
      );
    else if (!command)
      notices.tell(
        'layout.same',
        chosen
          ? 'Nothing was moved: what is selected is laid out already, or stands alone on its level'
          : 'Nothing was moved: the drawing is laid out already',
      );
    if (command && scope !== 'selection') requestAnimationFrame(() => controller.begin());
  }

  return { running, layOut };
});
