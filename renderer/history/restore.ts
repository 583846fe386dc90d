/** Back to an older state: as a step of its own, or along the undo history. */
import type { Document } from '#core/document/document.ts';
import { useDocuments } from '../client/documents-store.ts';
import { useNotices } from '../client/notices-store.ts';

/** Makes the document equal to the state, in one step that can be undone. */
export function restoreState(document: string, state: Document, label: string): boolean {
  const { title, nodes, links } = state;
  const done = useDocuments().run(document, {
    type: 'document.restore',
    label: `Restore ‘${label}’`,
    title,
    nodes: [...nodes.values()],
    links: [...links.values()],
  });
  return done.ok;
}

/** Undoes or redoes until `done` entries are done. */
export function stepTo(document: string, done: number): void {
  const documents = useDocuments();
  const cursor = () => documents.get(document)?.state.cursor ?? done;
  const from = cursor();
  while (cursor() > done && documents.undo(document).ok);
  while (cursor() < done && documents.redo(document).ok);
  const count = Math.abs(cursor() - from);
  if (count > 1) useNotices().announce(`${count} steps ${cursor() < from ? 'undone' : 'redone'}`);
}
