/** Copying and pasting in an open document: text out, text in, wherever it comes from. */
import { joining } from '../blocks/block-edits.ts';
import { useDocuments } from '../client/documents-store.ts';
import { useNotices } from '../client/notices-store.ts';
import { useSelection } from '../client/selection-store.ts';
import { counted } from '../widgets/format.ts';
import { newId } from '../widgets/ids.ts';
import { useCanvases } from './canvases-store.ts';
import { clipOf, pasteClip, readClip, writeClip } from './clipboard.ts';

export function useClipboard() {
  const documents = useDocuments();
  const selection = useSelection();
  const notices = useNotices();
  const canvases = useCanvases();

  /** The selected nodes as text; null when there are none. */
  function copied(id: string): string | null {
    const document = documents.get(id)?.state.document;
    const clip = document && clipOf(document, selection.of(id).nodes);
    if (!clip) return null;
    notices.announce(`${counted(clip.nodes.length, 'node')} copied`);
    return writeClip(clip);
  }

  /** Puts the nodes of the text where the pointer is, and selects them; a notice says why not. */
  function paste(id: string, text: string): void {
    const document = documents.get(id)?.state.document;
    if (!document) return;
    const read = readClip(text, document.kind);
    if (!read.ok) {
      notices.show({ ...read.error, severity: 'info' });
      return;
    }
    const place = canvases.controllers.get(id)?.place() ?? { at: { x: 0, y: 0 }, parent: null };
    const pasting = pasteClip(read.value, place.at, place.parent, newId);
    if (documents.run(id, joining(document, pasting.command)).ok) selection.set(id, pasting.top);
  }

  return { copied, paste };
}
