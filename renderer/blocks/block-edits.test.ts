import { describe, expect, it } from 'vitest';
import { apply } from '#core/document/apply.ts';
import { asUse } from '#core/document/block-commands.ts';
import { blocksIn } from '#core/document/block-uses.ts';
import type { Command } from '#core/document/command.ts';
import { type Document, type DocumentNode, emptyDocument, GROUP_TYPE } from '#core/document/document.ts';
import { blocksOf } from '../canvas/blocks.ts';
import { clipOf, pasteClip, readClip, writeClip } from '../canvas/clipboard.ts';
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

  it('are one block again in another project, with what each use has of its own; only what differs is renamed', () => {
    // A block within a block, both used twice; one value kept to its use.
    let document = done(start, blockOfSelection(start, chosen('a', 'b'))!.command);
    const inner = blocksIn(document)[0]!.uses[0]!.root.id;
    document = done(document, blockOfSelection(document, chosen(inner, 'c'))!.command);
    const outerUses = (of: Document) => blocksIn(of).find(({ name }) => name === 'Block 2')!.uses;
    const outer = outerUses(document)[0]!.root.id;
    document = done(document, joining(document, pasted(document, outer)));
    const [, second] = outerUses(document);
    const [part] = [...second!.slotOf.keys()].filter((id) => document.nodes.get(id)?.name === 'a');
    document = done(document, { type: 'node.set-own', node: part!, parameter: 'units', own: true });
    document = done(document, { type: 'node.set-parameter', node: part!, parameter: 'units', value: 256 });

    const text = writeClip(clipOf(document, [outer, second!.root.id])!);
    const paste = (into: Document) => {
      const read = readClip(text, 'model');
      if (!read.ok) throw new Error(read.error.message);
      return done(into, joining(into, pasteClip(read.value, { x: 9, y: 9 }, null, newId).command));
    };
    const blocks = (of: Document) => blocksIn(of).map(({ name, uses }) => [name, uses.length]);
    const valuesOf = (of: Document) =>
      [...of.nodes.values()].flatMap(({ name, parameters, own }) =>
        name === 'a' ? [`${parameters.units ?? '-'}${own ? ' own' : ''}`] : [],
      );
    const project = paste(emptyDocument('e', 'model', 'E'));
    expect(blocks(project)).toEqual([
      ['Block', 2],
      ['Block 2', 2],
    ]);
    expect(valuesOf(project)).toEqual(['-', '256 own']);
    expect(blocks(paste(project))).toEqual([
      ['Block', 4],
      ['Block 2', 4],
    ]);

    const first = [...project.nodes.values()].find(({ name }) => name === 'a')!;
    const edited = done(project, { type: 'node.set-parameter', node: first.id, parameter: 'units', value: 1024 });
    expect(valuesOf(edited)).toEqual(['1024', '256 own']);
    expect(blocks(paste(edited))).toEqual([
      ['Block', 2],
      ['Block 2', 2],
      ['Block 3', 2],
      ['Block 4', 2],
    ]);

    // Another block of the inner one's name: that one comes under a free name, what holds it keeps its own.
    let other = done(emptyDocument('o', 'model', 'O'), {
      type: 'nodes.insert',
      nodes: [node('g', null, GROUP_TYPE), node('x', 'g', 'pool')],
      links: [],
    });
    other = done(other, { type: 'batch', label: 'Block', commands: asUse('g', 'Block', [0]) });
    expect(blocks(paste(other))).toEqual([
      ['Block', 1],
      ['Block 3', 2],
      ['Block 2', 2],
    ]);
  });

  it('pasted into a use of itself is a plain group', () => {
    const document = done(start, blockOfSelection(start, chosen('a', 'b'))!.command);
    const root = blocksIn(document)[0]!.uses[0]!.root.id;
    const command = pasteClip(clipOf(document, [root])!, { x: 0, y: 0 }, root, newId).command;
    const after = done(document, joining(document, command));
    expect(blocksIn(after).map(({ uses }) => uses.map(({ slotOf }) => slotOf.size))).toEqual([[5]]);
  });
});
