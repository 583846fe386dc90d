/** What is put on a canvas anew: where it goes, the list to choose it from, and the node or block itself. */
import { computed, nextTick, shallowRef } from 'vue';
import type { Command } from '#core/document/command.ts';
import { type DocumentNode, NOTE_TYPE } from '#core/document/document.ts';
import { useSelection } from '../client/selection-store.ts';
import { insertNode, newNode, placeBehind } from '../editor/edits.ts';
import type { CatalogEntry } from './adapter.ts';
import type { Point } from './geometry.ts';
import { giveBack } from './give-back.ts';
import type { Insertion } from './QuickInsert.vue';
import type { SceneNode } from './scene.ts';
import type { Drawing } from './use-drawing.ts';
import type { useViewport } from './use-viewport.ts';

interface InsertingHost {
  readonly documentId: string;
  readonly drawing: Drawing;
  readonly camera: ReturnType<typeof useViewport>;
  readonly run: (command: Command) => boolean;
  /** Opens the field to write on a note. */
  readonly write: (note: SceneNode | undefined) => void;
  /** Takes the keyboard back to the canvas. */
  readonly focus: () => void;
}

export function useInserting({ documentId, drawing, camera, run, write, focus }: InsertingHost) {
  const { document, adapter, scene, index } = drawing;
  const { viewport, size, centre } = camera;
  const selection = useSelection();
  /** The list is open: where what is chosen goes, and which node it goes behind. */
  const inserting = shallowRef<{ readonly at: Point; readonly after: string | null; readonly query?: string } | null>(
    null,
  );

  /** A scene point as a document position in the group open there. */
  function placeAt(point: Point): { at: Point; parent: string | null } {
    const frames = index.value.at(point).filter((node) => node.shape === 'frame');
    const frame = frames.toSorted((a, b) => a.width - b.width)[0];
    const shift = frame?.shift ?? { x: 0, y: 0 };
    return { at: { x: point.x - shift.x, y: point.y - shift.y }, parent: frame?.id ?? null };
  }

  function insert(entry: CatalogEntry, at: Point, after: DocumentNode | null): void {
    const place = placeAt(at);
    const node = newNode(
      document.value,
      entry,
      after ? placeBehindIfOver(after, place.at) : place.at,
      after?.parent ?? place.parent,
    );
    if (!run(insertNode(document.value, adapter.value, node, after, drawing.types.value))) return;
    selection.set(documentId, [node.id]);
    if (node.type === NOTE_TYPE) nextTick().then(() => write(scene.value.byId.get(node.id)));
  }
  function placeBehindIfOver(after: DocumentNode, at: Point): Point {
    return inserting.value?.after === after.id && at.x > after.x ? at : placeBehind(document.value, after);
  }

  function onInsert(choice: Insertion): void {
    const { at, after } = inserting.value ?? { at: centre(), after: null };
    const behind = document.value.nodes.get(after ?? '') ?? null;
    if (choice.kind === 'type') insert(choice.entry, at, behind);
    else {
      const place = placeAt(at);
      const made = choice.build(place.at, place.parent);
      if (run({ type: 'nodes.insert', nodes: made.nodes, links: made.links }))
        selection.set(
          documentId,
          made.nodes.filter((node) => node.parent === place.parent).map((node) => node.id),
        );
    }
    closeQuickInsert();
  }
  function closeQuickInsert(): void {
    inserting.value = null;
    giveBack(focus);
  }

  const insertAt = computed(() => {
    const at = inserting.value?.at ?? { x: 0, y: 0 };
    const { x, y, zoom } = viewport.value;
    return {
      left: `${Math.max(8, Math.min(at.x * zoom + x, size.value.width - 328))}px`,
      top: `${Math.max(8, Math.min(at.y * zoom + y, size.value.height - 348))}px`,
    };
  });

  return { inserting, insertAt, placeAt, insert, onInsert, closeQuickInsert };
}
