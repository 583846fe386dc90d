import { describe, expect, it } from 'vitest';
import { presetById } from '#core/architecture/presets.ts';
import { createRng, type Rng } from '#core/base/rng.ts';
import type { ParameterValues } from '#core/base/value.ts';
import { apply } from '#core/document/apply.ts';
import type { Command } from '#core/document/command.ts';
import {
  type Document,
  type DocumentLink,
  type DocumentNode,
  emptyDocument,
  GROUP_TYPE,
} from '#core/document/document.ts';
import { aLink, aNode, randomEdit } from '../../tests/support/random-document.ts';
import { changesOf, diffWords } from './changes.ts';
import { countChanges, type DocumentDiff, diffDocuments, isEmpty } from './diff.ts';
import { specsOf } from './parameters.ts';

/** Of a type that has nothing but its parameters. */
const node = (id: string, rest: Partial<DocumentNode> = {}) => aNode(id, { type: 'activation', ...rest });
function drawing(id: string, nodes: readonly DocumentNode[], links: readonly DocumentLink[] = []): Document {
  return {
    ...emptyDocument(id, 'model', 'M'),
    nodes: new Map(nodes.map((each) => [each.id, each])),
    links: new Map(links.map((each) => [each.id, each])),
  };
}

const TYPES = ['activation', 'dense', 'pool', 'conv'];

function randomCommand(document: Document, rng: Rng, fresh: () => string): Command {
  const type = () => TYPES[rng.below(TYPES.length)]!;
  return randomEdit(document, rng, fresh, () => node(fresh(), { type: type(), parameters: { units: rng.below(4) } }));
}

/** The document after some commands, and after some more. */
function revisions(seed: number, steps: number): readonly [Document, Document] {
  const rng = createRng(seed);
  let made = 0;
  let document = emptyDocument('d', 'model', 'Start');
  let middle = document;
  for (let i = 0; i < steps; i++) {
    const applied = apply(
      document,
      randomCommand(document, rng, () => `id${made++}`),
    );
    if (!applied.ok) throw new Error(applied.error.message);
    document = applied.value.document;
    if (i === Math.floor(steps / 2)) middle = document;
  }
  return [middle, document];
}

/** The first document with all that the difference says done to it. */
function applied(a: Document, diff: DocumentDiff): Document {
  const nodes = new Map(a.nodes);
  const links = new Map(a.links);
  for (const { id } of diff.linksRemoved) links.delete(id);
  for (const { from, to } of diff.linksRenewed) links.delete(from.id) && links.set(to.id, to);
  for (const added of diff.linksAdded) links.set(added.id, added);
  for (const { id } of diff.removed) nodes.delete(id);
  for (const { to } of [...diff.changed, ...diff.moved, ...diff.rewritten]) nodes.set(to.id, to);
  for (const added of diff.added) nodes.set(added.id, added);
  return { ...a, title: diff.title?.to ?? a.title, nodes, links };
}

const counts = (diff: DocumentDiff) => ({
  added: diff.added.length,
  removed: diff.removed.length,
  changed: diff.changed.length,
  moved: diff.moved.length,
  linksAdded: diff.linksAdded.length,
  linksRemoved: diff.linksRemoved.length,
});

/** Another drawing of the same graph: other ids, other names, another order. */
function redrawn(document: Document, rng: Rng): Document {
  const shuffled = <T>(items: Iterable<T>): readonly T[] =>
    [...items]
      .map((item) => [rng.next(), item] as const)
      .toSorted((a, b) => a[0] - b[0])
      .map(([, item]) => item);
  const ids = new Map(shuffled(document.nodes.keys()).map((id, at) => [id, `other-${at}`]));
  return drawing(
    'other',
    shuffled(document.nodes.values()).map((each) => ({
      ...each,
      id: ids.get(each.id)!,
      name: `n${rng.below(1e9)}`,
      parent: each.parent === null ? null : ids.get(each.parent)!,
    })),
    shuffled(document.links.values()).map(({ from, to }, at) => ({
      id: `l${at}`,
      from: { node: ids.get(from.node)!, port: from.port },
      to: { node: ids.get(to.node)!, port: to.port },
    })),
  );
}

/** Blocks in a row that are all alike: an input, two dense layers side by side, their sum; every block in a group. */
function alike(blocks: number, units = (_block: number): ParameterValues => ({ units: 64 })): Document {
  const nodes = [node('start', { type: 'input' })];
  const links: DocumentLink[] = [];
  let before = 'start';
  for (let block = 0; block < blocks; block++) {
    const [group, left, right, sum] = [`g${block}`, `a${block}`, `b${block}`, `s${block}`] as const;
    nodes.push(
      node(group, { type: GROUP_TYPE }),
      node(left, { type: 'dense', parent: group, parameters: units(block) }),
      node(right, { type: 'dense', parent: group, parameters: units(block) }),
      node(sum, { type: 'elementwise', parent: group }),
    );
    links.push(
      aLink(`${left}i`, before, left),
      aLink(`${right}i`, before, right),
      aLink(`${left}o`, left, sum, 'in0'),
      aLink(`${right}o`, right, sum, 'in1'),
    );
    before = sum;
  }
  return drawing('d', nodes, links);
}

describe('revisions of a document', () => {
  it('have no difference from themselves', () => {
    for (let seed = 0; seed < 50; seed++) {
      const [, b] = revisions(seed, 30);
      const diff = diffDocuments(b, { ...b, nodes: new Map(b.nodes) });
      expect(counts(diff)).toEqual({ added: 0, removed: 0, changed: 0, moved: 0, linksAdded: 0, linksRemoved: 0 });
      expect(isEmpty(diff)).toBe(true);
      expect(diff.moved).toEqual([]);
      expect(diffWords(diff)).toBe('No difference');
    }
  });

  it('become one another by their difference, and the other way round by the opposite one', () => {
    for (let seed = 0; seed < 400; seed++) {
      const [a, b] = revisions(seed, 40);
      const forth = diffDocuments(a, b);
      const back = diffDocuments(b, a);
      expect(applied(a, forth)).toEqual(b);
      expect(applied(b, back)).toEqual(a);
      const { added, removed, linksAdded, linksRemoved, ...rest } = counts(back);
      expect(counts(forth)).toEqual({
        ...rest,
        added: removed,
        removed: added,
        linksAdded: linksRemoved,
        linksRemoved: linksAdded,
      });
      expect(changesOf(forth, a, b)).toHaveLength(countChanges(forth) + forth.moved.length);
    }
  });

  it('tell parameters in their units, names, groups and places apart', () => {
    const a = drawing('d', [
      node('g', { type: GROUP_TYPE, name: 'Block' }),
      node('n1', { type: 'dense', name: 'fc', parameters: { units: 10 } }),
      node('n2', { name: 'relu' }),
      node('n3', { name: 'tanh' }),
    ]);
    const b = drawing('d', [
      node('g', { type: GROUP_TYPE, name: 'Block', parameters: { collapsed: true } }),
      node('n1', { type: 'dense', name: 'classifier', parameters: { units: 20 }, x: 5 }),
      node('n2', { name: 'relu', parent: 'g' }),
      node('n3', { name: 'tanh', x: 7 }),
    ]);
    const diff = diffDocuments(a, b);
    expect(counts(diff)).toEqual({ added: 0, removed: 0, changed: 2, moved: 1, linksAdded: 0, linksRemoved: 0 });
    expect(changesOf(diff, a, b).map(({ title, detail }) => `${title}: ${detail}`)).toEqual([
      expect.stringMatching(/^classifier: was fc · .* 10 → 20/),
      'relu: into Block',
      'tanh: on the drawing only',
    ]);
    expect(diffWords(diff)).toBe('2 operators changed; 1 moved');
    expect(diff.rewritten.map(({ to }) => to.id)).toEqual(['g']);
  });

  it('say a capacity in bytes, and that a default spelt out is no change', () => {
    const preset = presetById('systolic-32x32')!.build('arch');
    const scratchpad = [...preset.nodes.values()].find(({ type }) => type === 'scratchpad')!;
    const withParameters = (parameters: ParameterValues): Document => ({
      ...preset,
      nodes: new Map(preset.nodes).set(scratchpad.id, { ...scratchpad, parameters }),
    });
    const smaller = diffDocuments(preset, withParameters({ ...scratchpad.parameters, capacityBytes: 65536 }));
    expect(smaller.changed[0]?.parameters).toMatchObject([{ to: '64 KiB', exact: { to: '65,536 B' } }]);
    const { capacityBytes: _, ...others } = scratchpad.parameters;
    const standard = specsOf('architecture', 'scratchpad').find(({ id }) => id === 'capacityBytes')!.default;
    const spelt = diffDocuments(withParameters(others), withParameters({ ...others, capacityBytes: standard }));
    expect(isEmpty(spelt)).toBe(true);
    expect(spelt.rewritten).toHaveLength(1);
  });
});

describe('documents of different origin', () => {
  it('are matched by structure where neither ids nor names agree', () => {
    for (let seed = 0; seed < 40; seed++) {
      const rng = createRng(seed);
      const original = alike(6, (block) => ({ units: seed % 2 === 0 ? 64 : 32 + block }));
      const diff = diffDocuments(original, redrawn(original, rng));
      expect(counts(diff)).toMatchObject({ added: 0, removed: 0, linksAdded: 0, linksRemoved: 0 });
      expect(diff.changed.every(({ isRegrouped, parameters }) => !isRegrouped && parameters.length === 0)).toBe(true);
    }
  });

  it('are matched whatever random graph it is, unless equals make one drawing as good as the other', () => {
    for (let seed = 0; seed < 100; seed++) {
      const [, original] = revisions(seed, 60);
      const diff = diffDocuments(original, redrawn(original, createRng(seed)));
      expect(counts(diff)).toMatchObject({ added: 0, removed: 0 });
    }
  });

  it('are matched by name before structure, and a change of a parameter stays one', () => {
    const a = alike(4);
    const b = redrawn(a, createRng(3));
    const names = drawing(
      'other',
      [...b.nodes.values()].map((each) => ({ ...each, name: `same ${each.id}` })),
      [...b.links.values()],
    );
    const wider = {
      ...names,
      id: 'third',
      nodes: new Map(
        [...names.nodes.values()].map((each, at) => [
          each.id,
          at === 5 && each.type !== GROUP_TYPE ? { ...each, parameters: { units: 4096 } } : each,
        ]),
      ),
    };
    const diff = diffDocuments(names, wider);
    expect(counts(diff)).toMatchObject({ added: 0, removed: 0, linksAdded: 0, linksRemoved: 0 });
    expect(diff.changed.length).toBeLessThanOrEqual(1);
  });

  it('follow their neighbours where a node differs in name and parameters', () => {
    const a = alike(3);
    const changed = alike(3, (block) => ({ units: block === 1 ? 8 : 64 }));
    const diff = diffDocuments(a, redrawn(changed, createRng(9)));
    expect(counts(diff)).toMatchObject({ added: 0, removed: 0, linksAdded: 0, linksRemoved: 0 });
    expect(diff.changed.filter(({ parameters }) => parameters.length > 0)).toHaveLength(2);
  });

  it('show a block that was put in', () => {
    const diff = diffDocuments(alike(5), redrawn(alike(6), createRng(1)));
    expect(counts(diff)).toMatchObject({ added: 4, removed: 0 });
    expect(counts(diff).linksAdded - counts(diff).linksRemoved).toBe(4);
  });

  it('take work in proportion to their size', () => {
    const work = (blocks: number) => {
      const original = alike(blocks);
      const { matching } = diffDocuments(original, redrawn(original, createRng(5)));
      return matching.work / (original.nodes.size + original.links.size);
    };
    const small = work(250);
    const large = work(2500);
    expect(large).toBeLessThanOrEqual(small * 1.1);
    expect(large).toBeLessThan(100);
  });
});
