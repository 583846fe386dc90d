import { expect, it } from 'vitest';
import { withDistinctNames } from './distinct-names.ts';
import { emptyDocument, fromFile, GROUP_TYPE, toFile } from './document.ts';

it('prefers the group, then the id, and leaves unique names alone', () => {
  const node = (id: string, name: string, parent: string | null = null, type = 'conv') => ({
    id,
    type,
    name,
    parent,
    x: 0,
    y: 0,
    parameters: {},
  });
  const document = fromFile({
    ...toFile(emptyDocument('d', 'model', 'D')),
    nodes: [
      node('g', 'block 1', null, GROUP_TYPE),
      node('h', 'block 2', null, GROUP_TYPE),
      node('a', 'conv', 'g'),
      node('b', 'conv', 'h'),
      node('c', 'relu', 'g'),
      node('d', 'add', 'g'),
      node('e', 'add', 'g'),
      node('f', ''),
    ],
  });
  const names = [...withDistinctNames(document).nodes.values()].map(({ name }) => name);
  expect(names).toEqual([
    'block 1',
    'block 2',
    'block 1 · conv',
    'block 2 · conv',
    'relu',
    'block 1 · add (d)',
    'block 1 · add (e)',
    '',
  ]);
});
