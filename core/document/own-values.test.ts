import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '#core/base/rng.ts';
import { diffDocuments } from '#core/diff/diff.ts';
import { cases } from '../../tests/support/cases.ts';
import { aLink, aNode, randomEdit } from '../../tests/support/random-document.ts';
import { apply } from './apply.ts';
import { anotherUse, detachBlocks, makeBlock, renameBlock } from './block-commands.ts';
import { blockOf, blocksIn, groupsAround, usesOf } from './block-uses.ts';
import type { Command } from './command.ts';
import { type Document, emptyDocument, fromFile, GROUP_TYPE, toFile } from './document.ts';
import { initialState, step } from './history.ts';
import { followerOf, indexUses, isOwn, ownCounts, ownValuesIn, setOwn } from './own-values.ts';

let counter = 0;
const newId = (prefix: string) => `${prefix}${counter++}`;
const must = (document: Document, ...commands: readonly (Command | null)[]): Document =>
  commands.reduce<Document>((now, command) => {
    if (!command) throw new Error('nothing to do');
    const applied = apply(now, command);
    if (!applied.ok) throw new Error(applied.error.message);
    return applied.value.document;
  }, document);
const units = (document: Document, ...ids: readonly string[]) =>
  ids.map((id) => document.nodes.get(id)?.parameters.units);
const set = (node: string, value: number, parameter = 'units') =>
  ({ type: 'node.set-parameter', node, parameter, value }) as const;
const own = (node: string, isOwnValue = true, parameter = 'units') =>
  ({ type: 'node.set-own', node, parameter, own: isOwnValue }) as const;
const use = (document: Document, block: string, parent: string | null = null) => {
  const made = anotherUse(document, block, { x: 500, y: 40 }, parent, newId);
  if (!made) throw new Error('no such block');
  return { command: { type: 'nodes.insert', nodes: made.nodes, links: made.links } as const, group: made.group };
};

/** A block B of a → b, used three times; the node that is `b` in each. */
function thrice() {
  let document = must(emptyDocument('d', 'model', 'D'), {
    type: 'nodes.insert',
    nodes: [
      aNode('g', { type: GROUP_TYPE, name: 'G' }),
      aNode('a', { parent: 'g', parameters: { units: 4 } }),
      aNode('b', { parent: 'g', x: 200, parameters: { units: 512, bias: true } }),
    ],
    links: [aLink('ab', 'a', 'b')],
  });
  document = must(document, makeBlock(document, 'g', 'B'));
  for (let at = 0; at < 2; at++) document = must(document, use(document, 'B').command);
  const [b1, b2, b3] = blocksIn(document)[0]!.uses.map(({ nodeOf }) => nodeOf.get(1)!);
  return { document, b1: b1!, b2: b2!, b3: b3! };
}

describe('values of one use', () => {
  it('differ from the block’s, survive its edits, and go back to what it says by then', () => {
    const { document, b1, b2, b3 } = thrice();
    let now = must(document, own(b2), set(b2, 256));
    expect(units(now, b1, b2, b3)).toEqual([512, 256, 512]);
    now = must(now, set(b1, 1024), set(b1, 3, 'bias'));
    expect(units(now, b1, b2, b3)).toEqual([1024, 256, 1024]);
    expect(now.nodes.get(b2)?.parameters.bias).toBe(3);
    // Another parameter of the same node is the block's all the same.
    now = must(now, set(b2, 7, 'bias'), { type: 'nodes.move', positions: [{ node: b2, x: 900, y: 9 }] });
    expect(now.nodes.get(b1)?.parameters).toEqual({ units: 1024, bias: 7 });
    expect(now.nodes.get(b1)?.x).toBe(400);
    const index = indexUses(usesOf(now));
    expect(followerOf(now, index, b2, 'units')?.parameters.units).toBe(1024);
    expect(ownValuesIn(now, usesOf(now).get(now.nodes.get(b2)!.parent!)!)).toMatchObject([
      { parameter: 'units', value: 256 },
    ]);
    now = must(now, own(b2, false));
    expect(units(now, b1, b2, b3)).toEqual([1024, 1024, 1024]);
    expect(now.nodes.get(b2)).not.toHaveProperty('own');
  });

  it('in one command: two uses changed in different parameters of the same part, one of them its own', () => {
    const { document, b1, b2, b3 } = thrice();
    const both = {
      type: 'batch',
      label: 'both',
      commands: [own(b1), set(b1, 1), set(b1, 2, 'bias'), set(b2, 9)],
    } as const;
    const now = must(document, both);
    expect(units(now, b1, b2, b3)).toEqual([1, 9, 9]);
    expect([b1, b2, b3].map((id) => now.nodes.get(id)?.parameters.bias)).toEqual([2, 2, 2]);
    // Of two the first holds; what is given up is what the block says, whatever it was set to.
    expect(units(must(now, { type: 'batch', label: 'two', commands: [set(b3, 3), set(b2, 2)] }), b1, b2, b3)).toEqual([
      1, 2, 2,
    ]);
    const reset = { type: 'batch', label: 'back', commands: [set(b1, 5), own(b1, false)] } as const;
    expect(units(must(now, reset), b1, b2, b3)).toEqual([9, 9, 9]);
  });

  it('may be all there are: then the first to go back says what the block says', () => {
    const { document, b1, b2, b3 } = thrice();
    const ids = [b1, b2, b3];
    let now = must(document, setOwn(document, usesOf(document), ids, ['units'], true));
    now = must(now, set(b1, 1), set(b2, 2), set(b3, 3));
    expect(units(now, ...ids)).toEqual([1, 2, 3]);
    expect(followerOf(now, indexUses(usesOf(now)), b1, 'units')).toBeNull();
    const later = must(now, own(b2, false));
    expect(units(later, ...ids)).toEqual([1, 2, 3]);
    expect(units(must(later, own(b3, false)), ...ids)).toEqual([1, 2, 2]);
    expect(units(must(now, setOwn(now, usesOf(now), ids, ['units'], false)), ...ids)).toEqual([1, 1, 1]);
  });

  it('stay with a copy of the use; a further use is as the block says', () => {
    const { document, b1, b2 } = thrice();
    const now = must(document, own(b1), set(b1, 256));
    const added = must(now, use(now, 'B').command);
    expect(added.nodes.size).toBe(now.nodes.size + 3);
    const made = [...added.nodes.values()].slice(-3);
    expect(made.find(({ x }) => x === 700)).toMatchObject({ parameters: { units: 512 } });
    expect(made.some((node) => 'own' in node)).toBe(false);
    const [first, second] = blocksIn(now)[0]!.uses;
    const copies = [first!.root.id, ...first!.slotOf.keys()].map((id) => ({ ...now.nodes.get(id)!, id: `copy-${id}` }));
    const nodes = copies.map((node) => (node.parent ? { ...node, parent: `copy-${node.parent}` } : node));
    const links = [aLink('copied', 'copy-a', `copy-${b1}`)];
    const pasted = must(now, { type: 'nodes.insert', nodes, links });
    expect(blocksIn(pasted)).toMatchObject([{ uses: { length: 4 } }]);
    expect(units(must(pasted, set(b2, 64)), b1, b2, `copy-${b1}`)).toEqual([256, 64, 256]);
    // Without the mark it would be another block.
    const bare = nodes.map(({ own: _, ...node }) => node);
    const refused = apply(now, { type: 'nodes.insert', nodes: bare, links });
    expect(refused.ok ? '' : refused.error.code).toBe('command.other-block');
    // A part that comes into a use alone is the block's.
    const alone = must(now, {
      type: 'nodes.insert',
      nodes: [{ ...now.nodes.get(b1)!, id: 'new', parent: second!.root.id }],
      links: [],
    });
    expect([...alone.nodes.values()].filter((node) => 'own' in node).map(({ id }) => id)).toEqual([b1]);
    expect([...alone.nodes.values()].filter(({ parameters }) => parameters.units === 256)).toHaveLength(4);
  });

  it('are nobody’s own outside a use; in a block inside a block they stay while one is left around', () => {
    const { document, b1 } = thrice();
    const marked = must(document, own(b1), set(b1, 1));
    const { root } = blocksIn(marked)[0]!.uses[0]!;
    expect(must(marked, detachBlocks(marked, [root.id])).nodes.get(b1)).not.toHaveProperty('own');
    expect(must(marked, { type: 'nodes.ungroup', group: root.id }).nodes.get(b1)).not.toHaveProperty('own');
    expect(
      must(document, { type: 'nodes.insert', nodes: [aNode('z', { own: ['units'] })], links: [] }).nodes.get('z'),
    ).not.toHaveProperty('own');

    // Outer holds a use of B; a value kept to one Outer is kept to its B as well.
    let now = must(document, { type: 'nodes.group', group: aNode('o', { type: GROUP_TYPE }), members: [root.id] });
    now = must(now, makeBlock(now, 'o', 'Outer'));
    now = must(now, use(now, 'Outer').command);
    const [, outer] = blocksIn(now).find(({ name }) => name === 'Outer')!.uses;
    const inner = [...outer!.slotOf.keys()].find((id) => blockOf(now.nodes.get(id)!) === 'B')!;
    const part = usesOf(now).get(inner)!.nodeOf.get(1)!;
    now = must(now, own(part), set(part, 1));
    expect(units(now, b1, part)).toEqual([512, 1]);
    const kept = must(now, detachBlocks(now, [outer!.root.id]), set(b1, 8));
    expect(units(kept, b1, part)).toEqual([8, 1]);
    expect(units(must(kept, own(part, false)), part)).toEqual([8]);
    const apart = must(now, detachBlocks(now, [inner]));
    expect(apart.nodes.get(part)?.own).toEqual(['units']);
    expect(units(must(apart, set(b1, 8)), b1, part)).toEqual([8, 1]);
    expect(must(now, { type: 'nodes.remove', nodes: [outer!.root.id] }).nodes.has(part)).toBe(false);
  });

  it('are in the text form, and differences are of the one use alone', () => {
    const { document, b2 } = thrice();
    const now = must(document, own(b2), set(b2, 256));
    const read = fromFile(JSON.parse(JSON.stringify(toFile(now))));
    expect(read).toEqual(now);
    expect(units(must(read, set(b2, 3)), 'b')).toEqual([512]);
    const { changed } = diffDocuments(document, now);
    expect(changed.map(({ to, parameters }) => [to.id, parameters.map(({ id }) => id)])).toEqual([[b2, ['units']]]);
    expect(diffDocuments(document, must(document, own(b2))).rewritten).toHaveLength(1);
  });

  it('survive a new name of the block', () => {
    const { document, b1, b2 } = thrice();
    const now = must(document, own(b1), set(b1, 1));
    expect(units(must(now, renameBlock(now, 'B', 'C'), set(b2, 2)), b1, b2)).toEqual([1, 2]);
  });
});

/** Of each block, part and parameter: all uses that have not their own have the same. */
function expectEqualWhereNotOwn(document: Document): void {
  for (const { uses } of blocksIn(document))
    for (const slot of uses[0]!.nodeOf.keys()) {
      const nodes = uses.map(({ nodeOf }) => document.nodes.get(nodeOf.get(slot)!)!);
      for (const id of new Set(nodes.flatMap(({ parameters }) => Object.keys(parameters)))) {
        if (id === 'slots' || id === 'collapsed') continue;
        const said = nodes.filter((node) => !isOwn(node, id)).map(({ parameters }) => JSON.stringify(parameters[id]));
        expect(new Set(said).size, `${id} of part ${slot}`).toBeLessThan(2);
      }
    }
  for (const node of document.nodes.values())
    if (node.own !== undefined) {
      expect(node.own.length).toBeGreaterThan(0);
      expect(groupsAround(document.nodes, node).some((id) => blockOf(document.nodes.get(id)!) !== '')).toBe(true);
    }
}

const PARAMETERS = ['units', 'bias', 'kernel'] as const;

function randomCommand(document: Document, rng: Rng, fresh: () => string): Command | null {
  const nodes = [...document.nodes.values()];
  const groups = nodes.filter(({ type }) => type === GROUP_TYPE);
  const group = groups[rng.below(groups.length)];
  const picked = nodes[rng.below(nodes.length)];
  const parameter = PARAMETERS[rng.below(PARAMETERS.length)]!;
  const isOwnValue = rng.below(3) > 0;
  switch (rng.below(16)) {
    case 0:
      return group ? makeBlock(document, group.id, `Block ${fresh()}`) : null;
    case 1:
    case 2: {
      const blocks = blocksIn(document);
      const block = blocks[rng.below(blocks.length)];
      const parent = rng.below(3) === 0 ? (group?.id ?? null) : null;
      const made = block && nodes.length < 120 ? anotherUse(document, block.name, { x: 3, y: 7 }, parent, fresh) : null;
      return made && { type: 'nodes.insert', nodes: made.nodes, links: made.links };
    }
    case 3:
      return group ? detachBlocks(document, [group.id]) : null;
    case 4:
      return picked ? { type: 'nodes.reparent', nodes: [picked.id], parent: group?.id ?? null } : null;
    case 5:
    case 6:
    case 7:
      return picked && picked.type !== GROUP_TYPE ? own(picked.id, isOwnValue, parameter) : null;
    case 8:
    case 9: {
      const some = nodes.filter(({ type }) => type !== GROUP_TYPE && rng.below(4) === 0).map(({ id }) => id);
      const commands = some.flatMap((id) => [own(id, rng.below(2) === 0, parameter), set(id, rng.below(9), parameter)]);
      return { type: 'batch', label: 'Several', commands };
    }
    case 10:
    case 11:
      return picked && picked.type !== GROUP_TYPE ? set(picked.id, rng.below(9), parameter) : null;
    default:
      return randomEdit(document, rng, fresh);
  }
}

describe('values of uses over random commands (P-08)', () => {
  it('others are equal over all uses after every command; undoing all gives the start, redoing all the end', () => {
    let differing = 0;
    for (let seed = 0; seed < cases(100, 10_000); seed++) {
      const rng = createRng(seed);
      let count = 0;
      const fresh = () => `id${count++}`;
      let state = initialState(emptyDocument('d', 'model', 'D'));
      const start = toFile(state.document);
      for (let at = 0; at < 70; at++) {
        const command = randomCommand(state.document, rng, fresh);
        const stepped = command && step(state, { type: 'do', command });
        if (!stepped) continue;
        if (!stepped.ok) {
          expect(stepped.error.code).toMatch(/^command\.(block-in-itself|inside-itself)$/);
          continue;
        }
        const kept = [...state.document.nodes.values()].filter(({ own: ids }) => ids);
        const after = stepped.value.state.document;
        // Nobody but who edits it changes a value that is its own.
        const named = JSON.stringify(command);
        for (const node of kept)
          for (const id of node.own ?? []) {
            const now = after.nodes.get(node.id);
            if (now?.own?.includes(id) && !named.includes(`"${node.id}"`))
              expect(now.parameters[id]).toBe(node.parameters[id]);
          }
        state = stepped.value.state;
        expectEqualWhereNotOwn(state.document);
      }
      const { document } = state;
      const index = indexUses(usesOf(document));
      for (const use of index.uses.values())
        expect(ownCounts(document).get(use.root.id) ?? 0).toBe(ownValuesIn(document, use).length);
      for (const { id, own: ids = [], parameters } of document.nodes.values())
        for (const each of ids) {
          const follower = followerOf(document, index, id, each);
          if (follower && follower.parameters[each] !== parameters[each]) differing++;
        }
      const end = toFile(document);
      while (state.cursor > 0) state = moved(state, 'undo');
      expect(toFile(state.document)).toEqual(start);
      while (state.cursor < state.entries.length) state = moved(state, 'redo');
      expect(toFile(state.document)).toEqual(end);
    }
    expect(differing).toBeGreaterThan(10);
  });
});

function moved(state: ReturnType<typeof initialState>, type: 'undo' | 'redo'): ReturnType<typeof initialState> {
  const stepped = step(state, { type });
  if (!stepped.ok) throw new Error(stepped.error.message);
  return stepped.value.state;
}
