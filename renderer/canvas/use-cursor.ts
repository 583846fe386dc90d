/** The keyboard's place on a canvas: it walks along links and across them, selects as it goes, and says where it is. */
import { watch } from 'vue';
import { ownCounts } from '#core/document/own-values.ts';
import { useNotices } from '../client/notices-store.ts';
import { useSelection } from '../client/selection-store.ts';
import { counted, ownValuesText } from '../widgets/format.ts';
import { useCanvases } from './canvases-store.ts';
import { type Direction, neighbourOf, type SceneNode } from './scene.ts';
import type { Drawing } from './use-drawing.ts';
import type { useLinks } from './use-links.ts';

interface CursorHost {
  readonly documentId: string;
  readonly drawing: Drawing;
  readonly links: ReturnType<typeof useLinks>;
  /** Brings a node into view. */
  readonly reveal: (node: string) => Promise<void>;
}

export function useCursor({ documentId, drawing, links, reveal }: CursorHost) {
  const { canvasId, document, scene, selected } = drawing;
  const { linkIds, linkOf, linksOf } = links;
  const canvases = useCanvases();
  const selection = useSelection();
  const notices = useNotices();

  /** Whoever else selects takes the cursor along: it is where the selection is. */
  let isByCursor = false;
  watch(
    selected,
    () => {
      if (!isByCursor) canvases.cursors.delete(canvasId);
    },
    { flush: 'sync' },
  );
  function selectAtCursor(node: string, select: () => void): void {
    isByCursor = true;
    canvases.cursors.set(canvasId, node);
    select();
    isByCursor = false;
  }
  /** Where the keyboard is: moved there, else the last node selected. */
  function atCursor(): SceneNode | undefined {
    return scene.value.standIn(canvases.cursors.get(canvasId) ?? [...selected.value.nodes].at(-1) ?? '');
  }
  function walk(direction: Direction, isSelectionKept = false): void {
    const from = atCursor();
    const next = from
      ? neighbourOf(scene.value, from, direction)
      : scene.value.nodes.find((node) => node.shape !== 'frame');
    // At the end of the way the node itself is selected, if it is not.
    const to = next ?? from;
    if (!to) return;
    if (isSelectionKept) {
      canvases.cursors.set(canvasId, to.id);
      notices.announce(`At ${to.title}, ${to.detail}${selected.value.nodes.has(to.id) ? ', selected' : ''}`);
    } else {
      selectAtCursor(to.id, () => selection.set(documentId, [to.id]));
      saySelection();
    }
    void reveal(to.id);
  }
  function toggleCursor(): void {
    const node = atCursor();
    if (!node) return;
    selectAtCursor(node.id, () => selection.toggle(documentId, node.id));
    saySelection();
  }
  /** One link of the node after the other: those that come in, then those that go out. */
  function walkLinks(by: 1 | -1): void {
    const chosen = linkOf([...selected.value.links][0] ?? '');
    const node = atCursor() ?? (chosen && scene.value.byId.get(chosen.ends[0]));
    if (!node) {
      notices.tell('canvas.link', 'Select a node first: K goes through its links');
      return;
    }
    const around = linksOf(node.id);
    const at = chosen ? around.findIndex((link) => link.id === chosen.id) : -1;
    const next = around[at < 0 ? (by > 0 ? 0 : around.length - 1) : (at + by + around.length) % around.length];
    if (!next) {
      notices.announce(`${node.title} has no links`);
      return;
    }
    selectAtCursor(node.id, () => selection.set(documentId, [], linkIds([next.id])));
    const [from, to] = next.ends.map((end) => scene.value.byId.get(end)?.title ?? '');
    notices.announce(`Link from ${from} to ${to} selected`);
  }

  function saySelection(): void {
    const { nodes } = selected.value;
    const only = nodes.size === 1 ? scene.value.byId.get([...nodes][0] ?? '') : undefined;
    notices.announce(
      only
        ? [only.title, only.detail, ownValuesText(ownCounts(document.value).get(only.id) ?? 0), 'selected']
            .filter(Boolean)
            .join(', ')
        : nodes.size === 0
          ? 'Nothing selected'
          : `${counted(nodes.size, 'node')} selected`,
    );
  }

  return { atCursor, walk, toggleCursor, walkLinks, saySelection };
}
