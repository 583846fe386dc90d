import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '#core/base/rng.ts';
import { cases } from '../../tests/support/cases.ts';
import { aLink, aNode, randomEdit } from '../../tests/support/random-document.ts';
import { apply } from './apply.ts';
import { anotherUse, detachBlocks, makeBlock, renameBlock } from './block-commands.ts';
import { type BlockUse, blocksIn, usesOf } from './block-uses.ts';
import type { Command } from './command.ts';
import { type Document, emptyDocument, GROUP_TYPE, toFile } from './document.ts';
import { initialState, step } from './history.ts';
import { applyPatch, invert } from './patch.ts';

function must(document: Document, command: Command | null): Document {
  if (!command) throw new Error('nothing to do');
  const applied = apply(document, command);
  if (!applied.ok) throw new Error(applied.error.message);
  const { document: after, patch } = applied.value;
  expect(toFile(applyPatch(after, invert(patch)))).toEqual(toFile(document));
  return after;
}

let counter = 0;
const newId = (prefix: string) => `${prefix}${counter++}`;
const use = (document: Document, block = 'B', parent: string | null = null, at = { x: 500, y: 40 }) => {
  const made = anotherUse(document, block, at, parent, newId);
  if (!made) throw new Error('no such block');
  return { command: { type: 'nodes.insert', nodes: made.nodes, links: made.links } as const, group: made.group };
};

/** A block B of a → b with an input and a reader outside, used twice. */
function twice() {
  let document: Document = emptyDocument('d', 'model', 'D');
  const nodes = [aNode('x'), aNode('g', { type: GROUP_TYPE, name: 'G' }), aNode('a', { parent: 'g', x: 10 })];
  const inner = [aNode('b', { parent: 'g', x: 200, parameters: { units: 4 } }), aNode('y')];
  const links = [aLink('xa', 'x', 'a'), aLink('ab', 'a', 'b'), aLink('by', 'b', 'y')];
  document = must(document, { type: 'nodes.insert', nodes: [...nodes, ...inner], links });
  document = must(document, makeBlock(document, 'g', 'B'));
  const second = use(document);
  document = must(document, second.command);
  const [, other] = blocksIn(document)[0]!.uses;
  return { document, root: second.group, a: other!.nodeOf.get(0)!, b: other!.nodeOf.get(1)! };
}

/** What a use is, apart from names and ids. */
function shapeOf(document: Document, { root, slotOf }: BlockUse): unknown {
  const parts = [...slotOf].map(([id, slot]) => {
    const { type, parameters, x, y, parent } = document.nodes.get(id)!;
    const own = Object.entries(parameters).filter(([key]) => key !== 'collapsed' && key !== 'slots');
    return [slot, type, Object.fromEntries(own), x - root.x, y - root.y, slotOf.get(parent ?? '') ?? 'root'] as const;
  });
  const links = [...document.links.values()].flatMap(({ from, to }) => {
    const ends = [slotOf.get(from.node), slotOf.get(to.node)];
    return ends.includes(undefined) ? [] : [`${ends[0]}.${from.port} > ${ends[1]}.${to.port}`];
  });
  return { parts: parts.toSorted((a, b) => a[0] - b[0]), links: [...new Set(links)].sort() };
}

function expectEqualUses(document: Document): void {
  for (const { uses } of blocksIn(document)) {
    const [first, ...others] = uses.map((each) => shapeOf(document, each));
    for (const other of others) expect(other).toEqual(first);
  }
  for (const { from, to } of document.links.values()) {
    expect(document.nodes.has(from.node)).toBe(true);
    expect(document.nodes.has(to.node)).toBe(true);
  }
  for (const { parent } of document.nodes.values())
    if (parent !== null) expect(document.nodes.get(parent)?.type).toBe(GROUP_TYPE);
}

describe('uses of a block', () => {
  it('have the same parameters, types and places, and names where they were equal', () => {
    const { document, a, b } = twice();
    let now = must(document, { type: 'node.set-parameter', node: 'b', parameter: 'units', value: 8 });
    expect(now.nodes.get(b)?.parameters.units).toBe(8);
    now = must(now, { type: 'node.set-parameter', node: b, parameter: 'units', value: 9 });
    expect(now.nodes.get('b')?.parameters.units).toBe(9);
    now = must(now, { type: 'nodes.move', positions: [{ node: 'a', x: 30, y: 60 }] });
    expect([now.nodes.get(a)?.x, now.nodes.get(a)?.y]).toEqual([530, 100]);
    now = must(now, { type: 'node.rename', node: a, name: 'first' });
    expect(now.nodes.get('a')?.name).toBe('first');
    expectEqualUses(now);
  });

  it('names that differ stay their own', () => {
    const { document, root, a } = twice();
    let now = must(document, { type: 'node.rename', node: 'g', name: 'Layer 1' });
    expect(now.nodes.get(root)?.name).toBe('G');
    now = must(now, detachBlocks(now, [root]));
    now = must(now, { type: 'node.rename', node: a, name: 'other' });
    expect(now.nodes.get('a')?.name).toBe('a');
    expect(usesOf(now).size).toBe(1);
  });

  it('gain and lose nodes and links together; links across the border are each one’s own', () => {
    const { document, a, b } = twice();
    let now = must(document, {
      type: 'nodes.insert',
      nodes: [aNode('c', { parent: 'g', x: 400, parameters: { units: 2 } })],
      links: [aLink('bc', 'b', 'c'), aLink('cy', 'c', 'y', 'second')],
    });
    const added = [...usesOf(now).values()][1]!.nodeOf.get(2)!;
    expect(now.nodes.get(added)).toMatchObject({ name: 'c', type: 'conv', x: 900, parameters: { units: 2 } });
    expect([...now.links.values()].some(({ from, to }) => from.node === b && to.node === added)).toBe(true);
    expect([...now.links.values()].filter(({ from }) => from.node === added)).toEqual([]);
    now = must(now, { type: 'nodes.remove', nodes: [a] });
    expect(now.nodes.has('a')).toBe(false);
    expect(now.links.has('xa')).toBe(false);
    const [joined] = [...now.links.values()].filter(({ to }) => to.node === added);
    now = must(now, { type: 'links.remove', links: [joined!.id] });
    expect(now.links.has('bc')).toBe(false);
    expect(now.links.has('by')).toBe(true);
    expectEqualUses(now);
  });

  it('a link inside takes the place of what entered that port elsewhere', () => {
    const { document, a } = twice();
    let now = must(document, { type: 'links.insert', links: [aLink('xa2', 'x', a)] });
    expect(now.links.has('xa')).toBe(true);
    now = must(now, { type: 'nodes.reparent', nodes: ['x'], parent: 'g' });
    expect(now.links.has('xa2')).toBe(false);
    expect([...now.links.values()].filter(({ to }) => to.node === a)).toHaveLength(1);
    expectEqualUses(now);
  });

  it('what is taken out of one is taken out of all, with its links', () => {
    const { document, a, b, root } = twice();
    const before = document.links.size;
    const now = must(document, { type: 'nodes.reparent', nodes: ['a'], parent: null });
    expect(now.nodes.get(a)?.parent).toBe(null);
    expect(now.nodes.get(b)?.parent).toBe(root);
    expect(now.links.size).toBe(before);
    expectEqualUses(now);
  });

  it('can hold uses of other blocks, which stay equal everywhere; never of themselves', () => {
    const { document, root } = twice();
    let now = must(document, {
      type: 'nodes.group',
      group: aNode('h', { type: GROUP_TYPE, parent: 'g', name: 'H' }),
      members: ['b'],
    });
    now = must(now, makeBlock(now, 'h', 'Inner'));
    expect(blocksIn(now).map(({ name, uses }) => [name, uses.length])).toEqual([
      ['B', 2],
      ['Inner', 2],
    ]);
    const third = use(now, 'Inner', null, { x: 0, y: 900 });
    now = must(now, third.command);
    const inserted = aNode('c', { parent: third.group, x: 50, y: 950 });
    now = must(now, { type: 'nodes.insert', nodes: [inserted], links: [] });
    expectEqualUses(now);
    const sizes = blocksIn(now).map(({ name, uses }) => [name, ...uses.map(({ slotOf }) => slotOf.size)]);
    expect(sizes).toEqual([
      ['B', 4, 4],
      ['Inner', 2, 2, 2],
    ]);
    now = must(now, { type: 'nodes.remove', nodes: ['c'] });
    expectEqualUses(now);
    const inside = use(now, 'B', root);
    const refused = apply(now, inside.command);
    expect(refused.ok ? '' : refused.error.code).toBe('command.block-in-itself');
  });

  it('a group of another structure is no use, a detached one is itself', () => {
    const { document, root, b } = twice();
    const torn = use(document);
    const nodes = torn.command.nodes.map((each) => (each.name === 'b' ? { ...each, type: 'pool' } : each));
    const refused = apply(document, { ...torn.command, nodes });
    expect(refused.ok ? '' : refused.error.code).toBe('command.other-block');
    let now = must(document, detachBlocks(document, [root]));
    now = must(now, { type: 'node.set-parameter', node: b, parameter: 'units', value: 1 });
    expect(now.nodes.get('b')?.parameters.units).toBe(4);
    now = must(document, { type: 'nodes.ungroup', group: root });
    now = must(now, { type: 'node.set-parameter', node: b, parameter: 'units', value: 1 });
    expect(now.nodes.get('b')?.parameters.units).toBe(4);
  });

  it('follow a new name of their block', () => {
    const { document } = twice();
    const now = must(document, renameBlock(document, 'B', 'Residual'));
    expect(blocksIn(now).map(({ name, uses }) => [name, uses.length])).toEqual([['Residual', 2]]);
    expect(renameBlock(now, 'Residual', 'Residual')).toBeNull();
  });

  it('groups put into each other in two uses at once do not go in a circle', () => {
    const { document } = twice();
    const grouped: Command[] = [
      { type: 'nodes.group', group: aNode('p', { type: GROUP_TYPE, parent: 'g' }), members: ['a'] },
      { type: 'nodes.group', group: aNode('q', { type: GROUP_TYPE, parent: 'g' }), members: ['b'] },
    ];
    const now = must(document, { type: 'batch', label: 'Two groups', commands: grouped });
    const [, other] = blocksIn(now)[0]!.uses;
    const nodeOf = (id: string) => other!.nodeOf.get(blocksIn(now)[0]!.uses[0]!.slotOf.get(id)!)!;
    const both = must(now, {
      type: 'batch',
      label: 'Each into the other',
      commands: [
        { type: 'nodes.reparent', nodes: ['p'], parent: 'q' },
        { type: 'nodes.reparent', nodes: [nodeOf('q')], parent: nodeOf('p') },
      ],
    });
    expectEqualUses(both);
    expect(usesOf(both).size).toBe(2);
  });

  it('deletions in two uses at once both hold', () => {
    const { document, b } = twice();
    const now = must(document, { type: 'nodes.remove', nodes: ['a', b] });
    expect([...now.nodes.values()].filter(({ type }) => type !== GROUP_TYPE).map(({ id }) => id)).toEqual(['x', 'y']);
  });
});

function randomCommand(document: Document, rng: Rng, fresh: () => string): Command | null {
  const nodes = [...document.nodes.values()];
  const groups = nodes.filter(({ type }) => type === GROUP_TYPE);
  const group = groups[rng.below(groups.length)];
  const parent = rng.below(3) === 0 ? null : (group?.id ?? null);
  const picked = nodes[rng.below(nodes.length)];
  const made = aNode(fresh(), { parent, x: rng.below(99) });
  switch (rng.below(12)) {
    case 0:
      return { type: 'nodes.insert', nodes: [made], links: [] };
    case 1:
      return picked ? { type: 'nodes.reparent', nodes: [picked.id], parent } : null;
    case 2:
      return group ? makeBlock(document, group.id, `Block ${rng.below(4)} of ${fresh()}`) : null;
    case 3: {
      const blocks = blocksIn(document);
      const block = blocks[rng.below(blocks.length)];
      const another = block && anotherUse(document, block.name, { x: rng.below(99), y: 7 }, parent, fresh);
      return another && nodes.length < 400
        ? { type: 'nodes.insert', nodes: another.nodes, links: another.links }
        : null;
    }
    case 4:
      return {
        type: 'batch',
        label: 'Two',
        commands: [
          ...(picked
            ? [{ type: 'node.set-parameter', node: picked.id, parameter: 'units', value: rng.below(9) } as const]
            : []),
          { type: 'nodes.insert', nodes: [made], links: [] },
        ],
      };
    default:
      return randomEdit(document, rng, fresh);
  }
}

describe('blocks over random commands (P-08)', () => {
  it('uses are equal after every command; undoing all gives the start, redoing all the end', () => {
    let shared = 0;
    for (let seed = 0; seed < cases(150, 10_000); seed++) {
      const rng = createRng(seed);
      let count = 0;
      const fresh = () => `id${count++}`;
      let state = initialState(emptyDocument('d', 'model', 'D'));
      const start = toFile(state.document);
      for (let at = 0; at < 60; at++) {
        const command = randomCommand(state.document, rng, fresh);
        if (!command) continue;
        const stepped = step(state, { type: 'do', command });
        if (!stepped.ok) {
          expect(stepped.error.code).toMatch(/^command\.(block-in-itself|inside-itself)$/);
          continue;
        }
        state = stepped.value.state;
        expectEqualUses(state.document);
      }
      shared += blocksIn(state.document).filter(({ uses }) => uses.length > 1).length;
      const end = toFile(state.document);
      while (state.cursor > 0) {
        const undone = step(state, { type: 'undo' });
        if (!undone.ok) throw new Error(undone.error.message);
        state = undone.value.state;
      }
      expect(toFile(state.document)).toEqual(start);
      while (state.cursor < state.entries.length) {
        const redone = step(state, { type: 'redo' });
        if (!redone.ok) throw new Error(redone.error.message);
        state = redone.value.state;
      }
      expect(toFile(state.document)).toEqual(end);
    }
    expect(shared).toBeGreaterThan(10);
  });
});
