/** Adding, joining, copying and removing. */
import {
  Cable,
  ClipboardPaste,
  Copy,
  CopyPlus,
  Plus,
  Redo2,
  Scissors,
  StickyNote,
  TextCursorInput,
  Trash2,
  Undo2,
} from 'lucide-vue-next';
import { joining } from '../../blocks/block-edits.ts';
import { clipOf, pasteClip } from '../../canvas/clipboard.ts';
import { useClipboard } from '../../canvas/use-clipboard.ts';
import { useDocuments } from '../../client/documents-store.ts';
import { useNotices } from '../../client/notices-store.ts';
import { useSelection } from '../../client/selection-store.ts';
import { removeSelection } from '../../editor/edits.ts';
import { newId } from '../../widgets/ids.ts';
import type { Action } from '../actions.ts';
import { useActiveDocument } from './active-document.ts';

const PASTE_SHIFT = 24;
export function editActions(): readonly Action[] {
  const documents = useDocuments();
  const selection = useSelection();
  const notices = useNotices();
  const clipboard = useClipboard();
  const { id, state, hasDocument, selected, canvas, hasNodes, hasAny } = useActiveDocument();

  async function copy(): Promise<boolean> {
    const text = clipboard.copied(id());
    if (text === null) return false;
    await navigator.clipboard.writeText(text);
    return true;
  }

  /** From the menu; the key is the browser's own paste, which needs no permission (GraphCanvas). */
  async function paste(): Promise<void> {
    let text: string;
    try {
      text = await navigator.clipboard.readText();
    } catch {
      notices.tell('edit.paste', 'This window is not allowed to read the clipboard: press Ctrl V (⌘V) on the drawing');
      return;
    }
    clipboard.paste(id(), text);
  }

  function duplicate(): void {
    const document = state()?.document;
    const clip = document && clipOf(document, selected().nodes);
    if (!document || !clip) return;
    const first = document.nodes.get([...selected().nodes][0] ?? '');
    const at = {
      x: Math.min(...clip.nodes.map((node) => node.x)) + PASTE_SHIFT,
      y: Math.min(...clip.nodes.map((node) => node.y)) + PASTE_SHIFT * 3,
    };
    const pasting = pasteClip(clip, at, first?.parent ?? null, newId);
    if (documents.run(id(), joining(document, pasting.command)).ok) selection.set(id(), pasting.top);
  }

  function remove(): void {
    const document = state()?.document;
    const command = document && removeSelection(document, selected());
    if (command && documents.run(id(), command).ok) selection.clear(id());
  }

  return [
    {
      id: 'edit.undo',
      group: 'Edit',
      get label() {
        const now = state();
        const entry = now?.entries[now.cursor - 1];
        return entry ? `Undo ${entry.label}` : 'Undo';
      },
      icon: Undo2,
      keys: ['Mod+Z'],
      when: () => (state()?.cursor ?? 0) > 0,
      perform: () => void documents.undo(id()),
    },
    {
      id: 'edit.redo',
      group: 'Edit',
      get label() {
        const now = state();
        const entry = now?.entries[now.cursor];
        return entry ? `Redo ${entry.label}` : 'Redo';
      },
      icon: Redo2,
      keys: ['Mod+Shift+Z', 'Mod+Y'],
      when: () => {
        const now = state();
        return now !== undefined && now.cursor < now.entries.length;
      },
      perform: () => void documents.redo(id()),
    },
    {
      id: 'edit.insert',
      group: 'Edit',
      label: 'Add…',
      icon: Plus,
      keys: ['Space'],
      inCanvas: true,
      keywords: ['insert', 'operator', 'component', 'quick'],
      when: () => canvas() !== undefined,
      perform: () => canvas()?.quickInsert(),
    },
    {
      id: 'edit.note',
      group: 'Edit',
      label: 'Add a note',
      icon: StickyNote,
      keys: ['N'],
      inCanvas: true,
      keywords: ['sticky', 'comment', 'remark', 'text'],
      when: () => canvas() !== undefined,
      perform: () => canvas()?.addNote(),
    },
    {
      id: 'edit.connect',
      group: 'Edit',
      label: 'Connect…',
      icon: Cable,
      keys: ['C'],
      inCanvas: true,
      keywords: ['link', 'wire'],
      when: () => hasNodes() && canvas() !== undefined,
      perform: () => canvas()?.connect(),
    },
    {
      id: 'edit.rename',
      group: 'Edit',
      label: 'Rename',
      icon: TextCursorInput,
      keys: ['F2'],
      inCanvas: true,
      keywords: ['name', 'title'],
      when: () => hasDocument() && canvas() !== undefined,
      perform: () => canvas()?.rename(),
    },
    {
      id: 'edit.copy',
      group: 'Edit',
      label: 'Copy',
      icon: Copy,
      keys: ['Mod+C'],
      when: hasNodes,
      perform: async () => void (await copy()),
    },
    {
      id: 'edit.cut',
      group: 'Edit',
      label: 'Cut',
      icon: Scissors,
      keys: ['Mod+X'],
      when: hasNodes,
      perform: async () => {
        if (await copy()) remove();
      },
    },
    {
      id: 'edit.paste',
      group: 'Edit',
      label: 'Paste',
      icon: ClipboardPaste,
      keys: ['Mod+V'],
      isNative: true,
      when: hasDocument,
      perform: paste,
    },
    {
      id: 'edit.duplicate',
      group: 'Edit',
      label: 'Duplicate',
      icon: CopyPlus,
      keys: ['Mod+D'],
      when: hasNodes,
      perform: duplicate,
    },
    {
      id: 'edit.delete',
      group: 'Edit',
      label: 'Delete',
      icon: Trash2,
      keys: ['Delete', 'Backspace'],
      inCanvas: true,
      keywords: ['remove'],
      when: hasAny,
      perform: remove,
    },
  ];
}
