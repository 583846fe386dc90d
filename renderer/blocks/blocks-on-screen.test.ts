// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, expect, it } from 'vitest';
import { defineComponent, h, nextTick } from 'vue';
import { operatorType } from '#core/catalog/operators.ts';
import { apply } from '#core/document/apply.ts';
import { makeBlock } from '#core/document/block-commands.ts';
import { blocksIn } from '#core/document/block-uses.ts';
import type { Command } from '#core/document/command.ts';
import { type Document, emptyDocument, GROUP_TYPE } from '#core/document/document.ts';
import { aNode } from '../../tests/support/random-document.ts';
import { useDocuments } from '../client/documents-store.ts';
import { fakeHost } from '../client/fake/fake-host.ts';
import { useSelection } from '../client/selection-store.ts';
import { useSession } from '../client/session-store.ts';
import BlockFacts from './BlockFacts.vue';
import BlocksList from './BlocksList.vue';
import { useBlocks } from './use-blocks.ts';
import { useOwnValues } from './use-own-values.ts';

const now = () => useDocuments().get('d')!.state.document;
const run = (command: Command) => expect(useDocuments().run('d', command).ok).toBe(true);
const uses = () => blocksIn(now()).map(({ name, uses: all }) => [name, all.length]);
const selected = () => [...useSelection().of('d').nodes];
const units = () =>
  [...now().nodes.values()].filter(({ type }) => type === 'dense').map((node) => node.parameters.units);

/** A block Layer of one dense operator, used twice. */
beforeEach(async () => {
  setActivePinia(createPinia());
  let document: Document = emptyDocument('d', 'model', 'D');
  for (const make of [
    () => {
      const dense = aNode('a', { type: 'dense', name: 'Dense', parent: 'g', parameters: { units: 512 } });
      return {
        type: 'nodes.insert',
        nodes: [aNode('g', { type: GROUP_TYPE, name: 'First' }), dense],
        links: [],
      } as const;
    },
    () => makeBlock(document, 'g', 'Layer')!,
  ]) {
    const applied = apply(document, make());
    if (!applied.ok) throw new Error(applied.error.message);
    document = applied.value.document;
  }
  const host = fakeHost([document]);
  useSession().attach(host);
  host.connect();
  await useDocuments().open('d');
  useBlocks().insert('d', 'Layer');
});

/** Follows the document as the palette does. */
const listed = () =>
  mount(defineComponent({ setup: () => () => h(BlocksList, { documentId: 'd', document: now(), query: '' }) }), {
    attachTo: document.body,
  });
const facts = () =>
  mount(
    defineComponent({ setup: () => () => h(BlockFacts, { documentId: 'd', document: now(), nodes: selected() }) }),
    { attachTo: document.body },
  );

it('the list of blocks adds a use, selects all, renames and detaches; keys reach all of it', async () => {
  const list = listed();
  expect(list.get('.entry').text()).toContain('Layer');
  expect(list.get('.count').text()).toBe('× 2');
  await list.get('.entry').trigger('click');
  expect(uses()).toEqual([['Layer', 3]]);
  expect(now().nodes.get(selected()[0] ?? '')?.type).toBe(GROUP_TYPE);
  await list.get('[aria-label="Select all uses of Layer"]').trigger('click');
  expect(selected()).toHaveLength(3);

  await list.get('.entry').trigger('keydown', { key: 'F2' });
  await nextTick();
  const field = list.get('input');
  expect(document.activeElement).toBe(field.element);
  await field.setValue('Encoder');
  await field.trigger('keydown', { key: 'Escape' });
  expect(uses()).toEqual([['Layer', 3]]);
  await list.get('[aria-label="Rename the block Layer"]').trigger('click');
  await nextTick();
  await list.get('input').setValue('Encoder');
  await list.get('input').trigger('keydown', { key: 'Enter' });
  await nextTick();
  expect(uses()).toEqual([['Encoder', 3]]);
  await nextTick();
  expect((document.activeElement as HTMLElement).dataset.block).toBe('Encoder');

  await list.get('[aria-label="Detach all uses of Encoder"]').trigger('click');
  expect(uses()).toEqual([]);
  expect(list.find('.entry').exists()).toBe(false);
  run({ type: 'node.set-parameter', node: 'a', parameter: 'units', value: 1 });
  expect(units()).toEqual([1, 512, 512]);
  list.unmount();
});

it('what a use has of its own is listed with what the block says, and goes back to it', async () => {
  const second = [...now().nodes.values()].find(({ id, type }) => id !== 'a' && type === 'dense')!.id;
  const spec = operatorType('dense')!.parameters.find(({ id }) => id === 'units')!;
  const { ownership, change } = useOwnValues(
    () => 'd',
    now,
    () => [now().nodes.get(second)!],
  );
  expect(ownership(spec)?.isOwn).toBe(false);
  change([second], ['units'], true);
  run({ type: 'node.set-parameter', node: second, parameter: 'units', value: 256 });
  expect(ownership(spec)?.isOwn).toBe(true);
  expect(units()).toEqual([512, 256]);
  useSelection().set('d', [now().nodes.get(second)!.parent!]);
  const shown = facts();
  expect(shown.get('.own').text()).toContain('1 value of its own');
  expect(shown.get('.row').text()).toMatch(/Dense · .*256.*block: 512/);
  await shown.get('[aria-label$="of Dense to the block’s value"]').trigger('click');
  expect(units()).toEqual([512, 512]);
  expect(shown.find('.own').exists()).toBe(false);

  change([second], ['units', 'bias'], true);
  run({ type: 'node.set-parameter', node: second, parameter: 'units', value: 128 });
  useBlocks().resetOwn('d');
  expect(units()).toEqual([512, 512]);
  expect(now().nodes.get(second)).not.toHaveProperty('own');
  shown.unmount();
});
