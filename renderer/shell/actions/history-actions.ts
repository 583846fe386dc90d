/** Checkpoints, the history of a document, comparisons, and what was deleted. */
import { Bookmark, CopyPlus, GitCompare, History, Undo2 } from 'lucide-vue-next';
import { useNotices } from '../../client/notices-store.ts';
import { useProject } from '../../client/project-store.ts';
import { useDocumentCopies } from '../../history/document-copies.ts';
import { useRemovedDocuments } from '../../history/removed-documents.ts';
import type { Action } from '../actions.ts';
import { useWorkspace } from '../workspace-store.ts';
import { useActiveDocument } from './active-document.ts';

export function historyActions(): readonly Action[] {
  const project = useProject();
  const workspace = useWorkspace();
  const notices = useNotices();
  const removed = useRemovedDocuments();
  const { hasDocument } = useActiveDocument();
  const isWritable = () => project.view?.readOnly === false;

  return [
    {
      id: 'document.checkpoint',
      group: 'Project',
      label: 'Save a checkpoint…',
      icon: Bookmark,
      keys: ['Mod+S'],
      inFields: true,
      keywords: ['version', 'name', 'history', 'tag', 'commit'],
      // Also where there is nothing to save: the browser would save the page.
      when: isWritable,
      perform: () => {
        if (hasDocument()) workspace.dialog = 'checkpoint';
        else notices.tell('checkpoint.no-document', 'Open a drawing first: a checkpoint keeps its state');
      },
    },
    {
      id: 'document.compare',
      group: 'Project',
      label: 'Compare with…',
      icon: GitCompare,
      keys: ['Mod+Shift+D'],
      keywords: ['diff', 'difference', 'changes', 'revision', 'checkpoint', 'document', 'run'],
      when: hasDocument,
      perform: () => {
        workspace.dialog = 'compare';
      },
    },
    {
      id: 'document.copy',
      group: 'Project',
      label: 'Open as a copy',
      icon: CopyPlus,
      keywords: ['duplicate', 'clone', 'variant', 'document', 'fork', 'save as'],
      when: () => hasDocument() && isWritable(),
      perform: async () => {
        const id = workspace.activeDocument;
        const made = id === null ? null : await useDocumentCopies().copy(id);
        if (made) workspace.show({ kind: 'document', id: made.id });
      },
    },
    {
      id: 'document.restore',
      group: 'Project',
      get label() {
        return removed.last ? `Bring back ‘${removed.last.title}’` : 'Bring back what was deleted';
      },
      icon: Undo2,
      keywords: ['undelete', 'restore', 'removed', 'document'],
      when: () => removed.last !== null && isWritable(),
      perform: async () => {
        const document = removed.last;
        if (!document) return;
        await removed.restore(document);
        if (removed.last?.id !== document.id) workspace.show({ kind: 'document', id: document.id });
      },
    },
    {
      id: 'view.history',
      group: 'View',
      label: 'Show the history',
      icon: History,
      keys: ['Mod+Shift+H'],
      keywords: ['versions', 'checkpoints', 'undo', 'revisions', 'restore'],
      when: () => project.view !== null,
      perform: () => workspace.showBottom('history'),
    },
  ];
}
