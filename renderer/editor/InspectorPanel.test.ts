// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, expect, it, vi } from 'vitest';
import { nextTick } from 'vue';
import { type Document, emptyDocument } from '#core/document/document.ts';
import { aNode } from '../../tests/support/random-document.ts';
import { useDocuments } from '../client/documents-store.ts';
import { fakeHost } from '../client/fake/fake-host.ts';
import { useSelection } from '../client/selection-store.ts';
import { useSession } from '../client/session-store.ts';
import InspectorPanel from './InspectorPanel.vue';

const now = () => useDocuments().get('d')!.state;
async function select(node: string) {
  useSelection().set('d', [node]);
  await nextTick();
}

beforeEach(async () => {
  setActivePinia(createPinia());
  const nodes = ['a', 'b'].map((id) => aNode(id, { type: 'dense', name: id, parameters: { units: 512 } }));
  const document: Document = {
    ...emptyDocument('d', 'model', 'D'),
    nodes: new Map(nodes.map((node) => [node.id, node])),
  };
  const host = fakeHost([document]);
  useSession().attach(host);
  host.connect();
  await useDocuments().open('d');
});

it('fields of another node begin anew, and steps of one are no step of the other', async () => {
  const panel = mount(InspectorPanel, { props: { documentId: 'd' } });
  await select('a');
  const units = () => panel.findAll('input').find(({ element }) => /^5\d\d$|^many$/.test(element.value))!;
  await units().setValue('many');
  expect(panel.find('[role="alert"]').exists()).toBe(true);
  await select('b');
  expect(units().element.value).toBe('512');
  expect(panel.find('[role="alert"]').exists()).toBe(false);
  const step = () => units().trigger('keydown', { key: 'ArrowUp' });
  await step();
  await step();
  await select('a');
  await step();
  expect(now().entries).toHaveLength(2);
  await vi.waitFor(() => expect(useDocuments().isSaved('d')).toBe(true));
  panel.unmount();
});

it('a name cannot be emptied', async () => {
  const panel = mount(InspectorPanel, { props: { documentId: 'd' } });
  await select('a');
  const name = panel.get<HTMLInputElement>('input.name');
  await name.setValue(' ');
  await name.trigger('change');
  await nextTick();
  expect(name.element.value).toBe('a');
  expect(now().entries).toHaveLength(0);
  panel.unmount();
});
