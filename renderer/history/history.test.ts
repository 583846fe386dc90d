// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Command } from '#core/document/command.ts';
import { type DocumentNode, emptyDocument } from '#core/document/document.ts';
import { useDocuments } from '../client/documents-store.ts';
import { type FakeHost, fakeHost } from '../client/fake/fake-host.ts';
import { useNotices } from '../client/notices-store.ts';
import { useProject } from '../client/project-store.ts';
import { useSession } from '../client/session-store.ts';
import CompareDialog from './CompareDialog.vue';
import { useCheckpoints } from './checkpoints-store.ts';
import { useComparisons } from './comparisons-store.ts';
import DiffTab from './DiffTab.vue';
import HistoryPanel from './HistoryPanel.vue';
import { useRemovedDocuments } from './removed-documents.ts';

const node = (id: string, units: number): DocumentNode => ({
  id,
  type: 'dense',
  name: id,
  x: 0,
  y: 0,
  parent: null,
  parameters: { units },
});
const insert = (id: string): Command => ({ type: 'nodes.insert', nodes: [node(id, 64)], links: [] });

let host: FakeHost;
beforeEach(async () => {
  setActivePinia(createPinia());
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      disconnect() {}
    },
  );
  HTMLDialogElement.prototype.showModal ??= () => {};
  host = fakeHost([emptyDocument('m', 'model', 'Model'), emptyDocument('n', 'model', 'Other')]);
  useSession().attach(host);
  useProject();
  host.connect();
  await vi.waitFor(() => expect(useProject().view).not.toBeNull());
  await useDocuments().open('m');
});
// What is still being sent would make this test's stores those of the next.
afterEach(() => vi.waitFor(() => expect(useDocuments().isSaved('m')).toBe(true)));
const nodes = () => [...(useDocuments().get('m')?.state.document.nodes.keys() ?? [])];

describe('a comparison of an earlier session', () => {
  it('is known again by its id, as long as what it compares is there', async () => {
    const now = { kind: 'now', document: 'm' } as const;
    await useCheckpoints().make('m', 'First');
    const kept = { kind: 'checkpoint', document: 'm', checkpoint: 'checkpoint-1' } as const;
    const state = useDocuments().get('m')!.state.document;
    const ids = [kept, { kind: 'revision', document: 'm', label: 'before ‘Add a’', done: 0, state } as const].map(
      (left) => {
        useComparisons().compare(left, now);
        return useComparisons().opened!.id;
      },
    );
    // Another window, and the same project.
    setActivePinia(createPinia());
    useSession().attach(host);
    useProject();
    host.connect();
    await vi.waitFor(() => expect(useProject().view).not.toBeNull());
    await useDocuments().open('m');
    const comparisons = useComparisons();
    expect(ids.map((id) => comparisons.get(id))).toEqual([null, null]);
    expect(ids.map((id) => comparisons.recall(id))).toEqual([true, true]);
    expect(comparisons.get(ids[0]!)).toEqual({ id: ids[0], left: kept, right: now });
    const step = comparisons.get(ids[1]!)!.left;
    expect(comparisons.documentOf(step)).toEqual({ state: 'ready', value: state });
    expect(comparisons.titleOf(step).note).toMatch(/^before ‘/);
    // Held, though the history goes on; one that is not in it is said to be gone.
    useDocuments().run('m', insert('c'));
    expect(comparisons.documentOf(step)).toEqual({ state: 'ready', value: state });
    const other = `step m 1@${'0'.repeat(16)} | now m`;
    expect(comparisons.recall(other)).toBe(true);
    expect(comparisons.documentOf(comparisons.get(other)!.left)).toMatchObject({
      state: 'failed',
      code: 'step.missing',
    });
    expect(comparisons.recall('now m | run m gone')).toBe(true);
    expect(comparisons.get('now m | run m gone')).toBeNull();
    expect(comparisons.recall('now gone | now m')).toBe(true);
    expect(comparisons.get('now gone | now m')).toBeNull();
    for (const nonsense of ['', '|', 'now | now', 'checkpoint m | now m', 'x m y | now m'])
      expect(comparisons.recall(nonsense)).toBe(false);
  });
});

describe('the history of a document', () => {
  it('marks the present, shows what has changed since a step, and goes back to it along the history', async () => {
    const documents = useDocuments();
    for (const id of ['a', 'b', 'c']) documents.run('m', insert(id));
    const panel = mount(HistoryPanel, { props: { documentId: 'm' } });
    const rows = () => panel.findAll('[role="listbox"][aria-label="History"] [role="option"]');
    expect(rows().map((row) => row.find('.label').text())).toEqual(['Add c', 'Add b', 'Add a', 'As it was made']);
    expect(rows()[0]?.text()).toContain('now');
    await rows()[2]?.trigger('click');
    expect(panel.text()).toContain('2 operators added');
    await panel
      .findAll('button')
      .find((button) => button.text() === 'Undo to here')
      ?.trigger('click');
    expect(nodes()).toEqual(['a']);
    expect(rows()[0]?.text()).toContain('undone');
  });

  it('restores a checkpoint in one step that can be undone', async () => {
    const documents = useDocuments();
    documents.run('m', insert('a'));
    await useCheckpoints().make('m', 'Only a');
    documents.run('m', insert('b'));
    documents.run('m', { type: 'document.rename', title: 'Later' });
    const panel = mount(HistoryPanel, { props: { documentId: 'm' } });
    await flushPromises();
    await panel
      .findAll('[role="option"]')
      .find((row) => row.text().startsWith('Only a'))
      ?.trigger('click');
    await vi.waitFor(() => expect(panel.text()).toContain('1 operator added; title changed'));
    await panel
      .findAll('button')
      .find((button) => button.text() === 'Restore')
      ?.trigger('click');
    expect(nodes()).toEqual(['a']);
    expect(documents.get('m')?.state.document.title).toBe('Model');
    expect(documents.get('m')?.state.entries.at(-1)?.label).toBe('Restore ‘Only a’');
    await vi.waitFor(() => expect([...(host.stored.get('m')?.state.document.nodes.keys() ?? [])]).toEqual(['a']));
    documents.undo('m');
    expect(nodes()).toEqual(['a', 'b']);
  });

  it('says what to do where no drawing is open', () => {
    expect(mount(HistoryPanel, { props: { documentId: null } }).text()).toContain('Open a drawing');
  });
});

describe('a comparison', () => {
  it('lists what differs with values before and after, and follows edits', async () => {
    const documents = useDocuments();
    documents.run('m', insert('a'));
    await useCheckpoints().make('m', 'Before');
    documents.run('m', { type: 'node.set-parameter', node: 'a', parameter: 'units', value: 128 });
    const comparisons = useComparisons();
    comparisons.compare(
      { kind: 'checkpoint', document: 'm', checkpoint: 'checkpoint-1' },
      { kind: 'now', document: 'm' },
    );
    const tab = mount(DiffTab, { props: { comparisonId: comparisons.opened!.id } });
    await vi.waitFor(() => expect(tab.text()).toContain('1 operator changed'));
    await tab.find('[role="option"]').trigger('click');
    expect(tab.find('table').text()).toMatch(/64.*→.*128/);
    documents.run('m', insert('b'));
    await flushPromises();
    expect(tab.text()).toContain('1 operator added, 1 changed');
    expect(tab.findAll('[role="application"]')).toHaveLength(2);
  });

  it('is offered with documents of the kind and with older steps', async () => {
    useDocuments().run('m', insert('a'));
    const dialog = mount(CompareDialog, { props: { documentId: 'm' }, attachTo: document.body });
    await flushPromises();
    const rows = dialog.findAll('[role="option"]');
    expect(rows.map((row) => row.find('.label').text())).toEqual(['Other', 'Before ‘Add a’']);
    await rows[1]?.trigger('click');
    const comparisons = useComparisons();
    const shown = comparisons.get(comparisons.opened!.id);
    expect(shown && comparisons.titleOf(shown.left).note).toBe('before ‘Add a’');
    expect(shown && comparisons.documentOf(shown.left)).toMatchObject({ value: { nodes: new Map() } });
    dialog.unmount();
  });

  it('is gone with the document', async () => {
    const comparisons = useComparisons();
    comparisons.compare({ kind: 'now', document: 'm' }, { kind: 'now', document: 'n' });
    const { id } = comparisons.opened!;
    expect(comparisons.get(id)).not.toBeNull();
    const project = useProject();
    project.adopt({ ...project.view!, documents: project.documents.filter((each) => each.id !== 'n') });
    expect(comparisons.get(id)).toBeNull();
  });
});

it('a deleted document comes back by the notice, once', async () => {
  const removed = useRemovedDocuments();
  const notices = useNotices();
  await removed.remove(useProject().documents[1]!);
  expect(host.stored.has('n')).toBe(false);
  expect(removed.last?.id).toBe('n');
  const [notice] = notices.notices;
  expect(notice?.action?.label).toBe('Undo');
  await notices.accept(notice!);
  expect(host.stored.has('n')).toBe(true);
  expect(removed.last).toBeNull();
  expect(notices.notices).toEqual([]);
});
