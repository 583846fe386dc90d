// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Command } from '#core/document/command.ts';
import { type DocumentNode, emptyDocument } from '#core/document/document.ts';
import { useDocuments } from './documents-store.ts';
import { type FakeHost, fakeHost } from './fake/fake-host.ts';
import { useNotices } from './notices-store.ts';
import { useProject } from './project-store.ts';
import { useSession } from './session-store.ts';

const node = (id: string): DocumentNode => ({ id, type: 'conv', name: id, x: 0, y: 0, parent: null, parameters: {} });
const insert = (id: string): Command => ({ type: 'nodes.insert', nodes: [node(id)], links: [] });
const rename = (id: string, name: string): Command => ({ type: 'node.rename', node: id, name });

async function opened(host: FakeHost) {
  useSession().attach(host);
  const documents = useDocuments();
  host.connect();
  expect(await documents.open('m')).toBe(true);
  return documents;
}
const settled = (check: () => void) => vi.waitFor(check, { timeout: 3000 });

describe('open documents', () => {
  beforeEach(() => setActivePinia(createPinia()));

  it('changes at once and is saved only when the host has acknowledged', async () => {
    const host = fakeHost([emptyDocument('m', 'model', 'M')]);
    const documents = await opened(host);
    documents.run('m', insert('a'));
    expect(documents.get('m')?.state.document.nodes.has('a')).toBe(true);
    expect(documents.isSaved('m')).toBe(false);
    await settled(() => expect(documents.isSaved('m')).toBe(true));
    expect(documents.get('m')?.savedAt?.toISOString()).toBe('2026-01-02T14:02:11.000Z');
  });

  it('sends operations one at a time, in the order they were made', async () => {
    const host = fakeHost([emptyDocument('m', 'model', 'M')]);
    const documents = await opened(host);
    for (const id of ['a', 'b', 'c']) documents.run('m', insert(id));
    documents.undo('m');
    await settled(() => expect(documents.isSaved('m')).toBe(true));
    expect(host.acknowledged).toEqual(['m@1', 'm@2', 'm@3', 'm@4']);
    expect([...host.stored.get('m')!.state.document.nodes.keys()]).toEqual(['a', 'b']);
  });

  it('undoes and redoes on both sides alike, and rebuilds the history from the log', async () => {
    const host = fakeHost([emptyDocument('m', 'model', 'M')]);
    const documents = await opened(host);
    documents.run('m', insert('a'));
    documents.run('m', rename('a', 'first'));
    documents.undo('m');
    documents.redo('m');
    await settled(() => expect(documents.isSaved('m')).toBe(true));
    documents.close('m');
    await documents.open('m');
    expect(documents.get('m')?.state.revision).toBe(4);
    expect(documents.get('m')?.state.cursor).toBe(2);
    documents.undo('m');
    expect(documents.get('m')?.state.document.nodes.get('a')?.name).toBe('a');
  });

  it('does not spend a revision on a command that changes nothing', async () => {
    const documents = await opened(fakeHost([emptyDocument('m', 'model', 'M')]));
    documents.run('m', insert('a'));
    documents.run('m', rename('a', 'a'));
    expect(documents.get('m')?.state.revision).toBe(1);
  });

  it('keeps changes made while disconnected and sends them at the next connection', async () => {
    const host = fakeHost([emptyDocument('m', 'model', 'M')]);
    const documents = await opened(host);
    host.disconnect();
    documents.run('m', insert('a'));
    expect(documents.isSaved('m')).toBe(false);
    host.connect();
    await settled(() => expect(documents.isSaved('m')).toBe(true));
    expect(host.stored.get('m')?.state.document.nodes.has('a')).toBe(true);
  });

  it('does not repeat an operation whose answer was lost', async () => {
    const host = fakeHost([emptyDocument('m', 'model', 'M')]);
    const documents = await opened(host);
    host.loseNextAnswer();
    documents.run('m', insert('a'));
    documents.run('m', insert('b'));
    await settled(() => expect(host.acknowledged).toHaveLength(1));
    host.connect();
    await settled(() => expect(documents.isSaved('m')).toBe(true));
    expect(host.acknowledged).toEqual(['m@1', 'm@2']);
    expect(useNotices().notices).toEqual([]);
  });

  it('loads a document that was changed elsewhere anew and says what was dropped', async () => {
    const document = emptyDocument('m', 'model', 'M');
    const host = fakeHost([document]);
    const documents = await opened(host);
    host.stored.get('m')!.state = { ...host.stored.get('m')!.state, revision: 7 };
    documents.run('m', insert('a'));
    await settled(() => expect(documents.get('m')?.acknowledged).toBe(7));
    expect(documents.get('m')?.state.document.nodes.size).toBe(0);
    expect(useNotices().notices.map((notice) => notice.problem.message)).toEqual([
      "'M' was changed elsewhere; it was loaded anew and your last change dropped",
    ]);
  });

  it('refuses changes to a project open for reading only', async () => {
    const host = fakeHost([emptyDocument('m', 'model', 'M')], true);
    const documents = await opened(host);
    await settled(() => expect(useProject().view?.readOnly).toBe(true));
    expect(documents.run('m', insert('a')).ok).toBe(false);
    expect(host.acknowledged).toEqual([]);
  });
});
