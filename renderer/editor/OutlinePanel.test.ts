// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, expect, it } from 'vitest';
import { nextTick } from 'vue';
import { type Document, emptyDocument, GROUP_TYPE } from '#core/document/document.ts';
import { aNode } from '../../tests/support/random-document.ts';
import { useDocuments } from '../client/documents-store.ts';
import { fakeHost } from '../client/fake/fake-host.ts';
import { useSelection } from '../client/selection-store.ts';
import { useSession } from '../client/session-store.ts';
import OutlinePanel from './OutlinePanel.vue';

async function outline(nodes: readonly ReturnType<typeof aNode>[]) {
  const document: Document = {
    ...emptyDocument('d', 'model', 'D'),
    nodes: new Map(nodes.map((node) => [node.id, node])),
  };
  const host = fakeHost([document]);
  useSession().attach(host);
  host.connect();
  await useDocuments().open('d');
  return mount(OutlinePanel, { props: { documentId: 'd' }, attachTo: window.document.body });
}
const focused = () => (document.activeElement as HTMLElement | null)?.dataset.row;
async function press(key: string) {
  document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  await nextTick();
  await nextTick();
}

beforeEach(() => setActivePinia(createPinia()));

it('the keyboard reaches rows that were not drawn yet, and stays at a row that has nothing around it', async () => {
  const panel = await outline(Array.from({ length: 300 }, (_, at) => aNode(`n${at}`)));
  panel.get<HTMLElement>('[data-row="n0"]').element.focus();
  await press('ArrowDown');
  expect(focused()).toBe('n1');
  await press('ArrowLeft');
  expect(focused()).toBe('n1');
  await press('End');
  expect(focused()).toBe('n299');
  await press('Home');
  expect(focused()).toBe('n0');
  panel.unmount();
});

it('a selected node is looked for in groups that hold each other to no end', async () => {
  const panel = await outline([
    aNode('g', { type: GROUP_TYPE, parent: 'h' }),
    aNode('h', { type: GROUP_TYPE, parent: 'g' }),
    aNode('a', { parent: 'g' }),
  ]);
  useSelection().set('d', ['a']);
  await nextTick();
  expect(panel.findAll('[role="treeitem"]')).toHaveLength(3);
  panel.unmount();
});
