import { describe, expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { apply } from '#core/document/apply.ts';
import { blocksIn } from '#core/document/block-uses.ts';
import {
  type Document,
  type DocumentLink,
  type DocumentNode,
  emptyDocument,
  GROUP_TYPE,
  toFile,
} from '#core/document/document.ts';
import { applyPatch, invert } from '#core/document/patch.ts';
import { buildModel } from '#core/model/build.ts';
import { modelFacts } from '#core/model/facts.ts';
import { cases } from '../../tests/support/cases.ts';
import { foldCommand } from './fold.ts';
import { findRepeats, findSimilar } from './repeats.ts';

/** Layers of a residual block: dense → relu → dense → add; in groups or loose; drawn in any order. */
function layered(
  layers: number,
  options: { readonly grouped: boolean; readonly shuffle?: number; readonly units?: readonly number[] },
) {
  const nodes: DocumentNode[] = [];
  const links: DocumentLink[] = [];
  const rng = createRng(options.shuffle ?? 1);
  const node = (id: string, type: string, parent: string | null, parameters: DocumentNode['parameters'] = {}) =>
    nodes.push({ id, type, name: id, x: rng.below(500), y: rng.below(500), parent, parameters });
  const link = (from: string, to: string, port: string) =>
    links.push({ id: `l${links.length}`, from: { node: from, port: 'out' }, to: { node: to, port } });
  node('x', 'input', null, { shape: [1, 64], elementType: 'fp32' });
  // What repeats after a stem: inputs of a model do not count where a chain is cut (blocks.ts).
  node('stem', 'dense', null, { units: 64, bias: true });
  link('x', 'stem', 'in');
  let last = 'stem';
  for (let at = 0; at < layers; at++) {
    const group = options.grouped ? `g${at}` : null;
    if (group)
      nodes.push({ id: group, type: GROUP_TYPE, name: `Layer ${at}`, x: 0, y: at * 100, parent: null, parameters: {} });
    const [a, r, b, s] = ['a', 'r', 'b', 's'].map((each) => `${each}${at}`) as [string, string, string, string];
    const parts: (() => void)[] = [
      () => node(a, 'dense', group, { units: options.units?.[at] ?? 32, bias: true }),
      () => node(r, 'activation', group, { function: 'relu' }),
      () => node(b, 'dense', group, { units: 64, bias: true }),
      () => node(s, 'elementwise', group, { operation: 'add' }),
    ];
    if (options.shuffle !== undefined) parts.sort(() => rng.next() - 0.5);
    for (const part of parts) part();
    link(last, a, 'in');
    link(a, r, 'in');
    link(r, b, 'in');
    link(b, s, 'in0');
    link(last, s, 'in1');
    last = s;
  }
  node('y', 'output', null);
  link(last, 'y', 'in');
  const document: Document = {
    ...emptyDocument('d', 'model', 'D'),
    nodes: new Map(nodes.map((each) => [each.id, each])),
    links: new Map(links.map((each) => [each.id, each])),
  };
  return document;
}

let counter = 0;
const newId = (prefix: string) => `${prefix}-${counter++}`;

describe('repeated blocks of a model', () => {
  it.each([
    ['in groups', { grouped: true }],
    ['in none', { grouped: false }],
    ['in groups drawn in different orders', { grouped: true, shuffle: 7 }],
  ])('are found and folded %s: the same model, one block, one step', (_, options) => {
    const document = layered(6, options);
    const before = buildModel(document);
    expect(before.problems).toEqual([]);
    const [repeat] = findRepeats(document, before.types);
    expect(repeat).toMatchObject({ operators: 4, saved: 20 });
    expect(repeat?.occurrences).toHaveLength(6);
    for (const { parts } of repeat?.occurrences ?? []) {
      const at = parts[0]?.slice(1);
      expect(parts).toEqual(repeat?.occurrences[0]?.parts.map((id) => `${id.slice(0, 1)}${at}`));
    }
    const applied = apply(document, foldCommand(document, repeat!, newId)!);
    if (!applied.ok) throw new Error(applied.error.message);
    const folded = applied.value.document;
    expect(blocksIn(folded).map(({ uses }) => uses.length)).toEqual([6]);
    const after = buildModel(folded);
    expect(after).toEqual(before);
    expect(modelFacts(after.graph!)).toEqual(modelFacts(before.graph!));
    expect(findRepeats(folded, after.types)).toEqual([]);
    expect(toFile(applyPatch(folded, invert(applied.value.patch)))).toEqual(toFile(document));
    // One edit holds for all.
    const edited = apply(folded, { type: 'node.set-parameter', node: 'a3', parameter: 'units', value: 16 });
    if (!edited.ok) throw new Error(edited.error.message);
    for (let at = 0; at < 6; at++) expect(edited.value.document.nodes.get(`a${at}`)?.parameters.units).toBe(16);
    expect(buildModel(edited.value.document).problems).toEqual([]);
  });

  it('are only those equal in every parameter; the one that saves most comes first', () => {
    const document = layered(7, { grouped: true, units: [8, 8, 8, 16, 16, 16, 16] });
    const repeats = findRepeats(document, buildModel(document).types);
    expect(repeats.map(({ occurrences }) => occurrences.map(({ group }) => group))).toEqual([
      ['g3', 'g4', 'g5', 'g6'],
      ['g0', 'g1', 'g2'],
    ]);
  });

  it('join a block that is there', () => {
    const document = layered(5, { grouped: true });
    const [repeat] = findRepeats(document, buildModel(document).types);
    const three = apply(
      document,
      foldCommand(document, { ...repeat!, occurrences: repeat!.occurrences.slice(1, 4) }, newId)!,
    );
    if (!three.ok) throw new Error(three.error.message);
    const [rest] = findRepeats(three.value.document, buildModel(document).types);
    expect(rest?.occurrences).toHaveLength(5);
    const all = apply(three.value.document, foldCommand(three.value.document, rest!, newId)!);
    if (!all.ok) throw new Error(all.error.message);
    expect(blocksIn(all.value.document).map(({ name, uses }) => [name, uses.length])).toEqual([['Layer', 5]]);
  });

  it('are never wrongly equal: folding random chains changes no model', () => {
    let alike = 0;
    for (let seed = 0; seed < cases(25, 600); seed++) {
      const rng = createRng(seed);
      const units = Array.from({ length: 8 }, () => 8 << rng.below(2));
      let document = layered(8, { grouped: rng.below(2) === 0, shuffle: seed, units });
      const before = buildModel(document);
      for (let rounds = 0; rounds < 4; rounds++) {
        const [repeat] = findRepeats(document, before.types);
        if (!repeat) break;
        const applied = apply(document, foldCommand(document, repeat, newId)!);
        if (!applied.ok) throw new Error(applied.error.message);
        document = applied.value.document;
        expect(buildModel(document)).toEqual(before);
      }
      expect(findRepeats(document, before.types)).toEqual([]);
      for (let rounds = 0; rounds < 2; rounds++) {
        const [similar] = findSimilar(document);
        if (!similar) break;
        const applied = apply(document, foldCommand(document, similar, newId)!);
        if (!applied.ok) throw new Error(applied.error.message);
        document = applied.value.document;
        alike++;
        expect(buildModel(document)).toEqual(before);
      }
    }
    expect(alike).toBeGreaterThan(10);
  });
});
