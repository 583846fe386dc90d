import { describe, expect, it } from 'vitest';
import { apply } from '#core/document/apply.ts';
import { blocksIn } from '#core/document/block-uses.ts';
import type { Command } from '#core/document/command.ts';
import { type Document, type DocumentNode, emptyDocument, GROUP_TYPE } from '#core/document/document.ts';
import { blocksOf } from '../canvas/blocks.ts';
import { clipOf, pasteClip } from '../canvas/clipboard.ts';
import { blockAround, blockOfSelection, joining } from './block-edits.ts';

const node = (id: string, parent: string | null = null, type = 'activation'): DocumentNode => ({
  id,
  type,
  name: id,
  x: 0,
  y: 0,
  parent,
  parameters: {},
});
const chosen = (...nodes: readonly string[]) => ({ nodes: new Set(nodes), links: new Set<string>() });
const done = (document: Document, command: Command | null | undefined): Document => {
  if (!command) throw new Error('nothing to do');
  const applied = apply(document, command);
  if (!applied.ok) throw new Error(applied.error.message);
  return applied.value.document;
};
const start = done(emptyDocument('d', 'model', 'D'), {
  type: 'nodes.insert',
  nodes: [node('a'), node('b'), node('c'), node('g', null, GROUP_TYPE), node('e', 'g')],
  links: [{ id: 'ab', from: { node: 'a', port: 'out' }, to: { node: 'b', port: 'in' } }],
});
let counter = 0;
const newId = (prefix: string) => `${prefix}${counter++}`;
const pasted = (from: Document, ...ids: readonly string[]) =>
  pasteClip(clipOf(from, ids)!, { x: 900, y: 900 }, null, newId).command;

describe('blocks in the editor', () => {
  it('are made of nodes of one level or of a group, in one step', () => {
    const made = blockOfSelection(start, chosen('b', 'a'))!;
    const document = done(start, made.command);
    expect(blocksIn(document).map(({ name, uses }) => [name, ...uses[0]!.slotOf.keys()])).toEqual([
      ['Block', 'a', 'b'],
    ]);
    expect(document.nodes.get(made.group)?.name).toBe('Block');
    const group = blockOfSelection(start, chosen('g'))!;
    expect(blocksIn(done(start, group.command)).map(({ name }) => name)).toEqual(['g']);
    expect(blockOfSelection(document, chosen(made.group))).toBeNull();
    expect(blockOfSelection(start, chosen('a', 'e'))).toBeNull();
  });

  it('are offered where things are added, and known around what is selected', () => {
    let document = done(start, blockOfSelection(start, chosen('a', 'b'))!.command);
    const [own] = blocksOf(document);
    expect(own?.label).toBe('Block');
    const made = own!.build({ x: 400, y: 0 }, null);
    document = done(document, { type: 'nodes.insert', ...made });
    expect(blocksIn(document)[0]?.uses).toHaveLength(2);
    const roots = blocksIn(document)[0]!.uses.map(({ root }) => root.id);
    expect(blockAround(document, ['a'])?.map(({ root }) => root.id)).toEqual([roots[0]]);
    expect(blockAround(document, roots)).toHaveLength(2);
    expect(blockAround(document, ['a', 'c'])).toBeNull();
  });

  it('come along with a copy: into their block while it is the same, else under a free name', () => {
    const document = done(start, blockOfSelection(start, chosen('a', 'b'))!.command);
    const root = blocksIn(document)[0]!.uses[0]!.root.id;
    const clip = pasted(document, root);
    expect(blocksIn(done(document, joining(document, clip)))[0]?.uses).toHaveLength(2);
    const edited = done(document, { type: 'nodes.insert', nodes: [node('new', root)], links: [] });
    const late = done(edited, joining(edited, clip));
    expect(blocksIn(late).map(({ name, uses }) => [name, uses.length, uses[0]?.slotOf.size])).toEqual([
      ['Block', 1, 3],
      ['Block 2', 1, 2],
    ]);
    const elsewhere = emptyDocument('e', 'model', 'E');
    expect(blocksIn(done(elsewhere, joining(elsewhere, clip)))).toHaveLength(1);
  });

  it('pasted into a use of itself is a plain group', () => {
    const document = done(start, blockOfSelection(start, chosen('a', 'b'))!.command);
    const root = blocksIn(document)[0]!.uses[0]!.root.id;
    const command = pasteClip(clipOf(document, [root])!, { x: 0, y: 0 }, root, newId).command;
    const after = done(document, joining(document, command));
    expect(blocksIn(after).map(({ uses }) => uses.map(({ slotOf }) => slotOf.size))).toEqual([[5]]);
  });
});
