import { describe, expect, it } from 'vitest';
import { apply } from '#core/document/apply.ts';
import { type Document, emptyDocument } from '#core/document/document.ts';
import { clipOf, pasteClip, readClip, writeClip } from './clipboard.ts';

const at = { x: 0, y: 0, parameters: {} };
const source: Document = {
  ...emptyDocument('d', 'model', 'D'),
  nodes: new Map([
    ['a', { id: 'a', type: 'input', name: 'a', parent: null, ...at, x: 40, y: 60 }],
    ['g', { id: 'g', type: 'group', name: 'g', parent: null, ...at, x: 300, y: 60 }],
    ['b', { id: 'b', type: 'conv', name: 'b', parent: 'g', ...at, x: 324, y: 108, parameters: { kernel: [3, 3] } }],
    ['c', { id: 'c', type: 'output', name: 'c', parent: null, ...at, x: 600 }],
  ]),
  links: new Map([
    ['ab', { id: 'ab', from: { node: 'a', port: 'out' }, to: { node: 'b', port: 'in' } }],
    ['bc', { id: 'bc', from: { node: 'b', port: 'out' }, to: { node: 'c', port: 'in' } }],
  ]),
};
let made = 0;
const newId = (prefix: string) => `${prefix}${++made}`;

describe('clipboard', () => {
  it('copies groups with what is inside and the links among what is copied', () => {
    const clip = clipOf(source, ['a', 'g']);
    expect(clip?.nodes.map((node) => node.id)).toEqual(['a', 'g', 'b']);
    expect(clip?.links.map((link) => link.id)).toEqual(['ab']);
    expect(clipOf(source, [])).toBeNull();
  });

  it('comes back from its text as the same structure with new ids', () => {
    const clip = clipOf(source, ['a', 'g']);
    if (!clip) throw new Error('nothing copied');
    const read = readClip(writeClip(clip), 'model');
    expect(read).toEqual({ ok: true, value: clip });
    if (!read.ok) return;
    const pasting = pasteClip(read.value, { x: 1000, y: 500 }, null, newId);
    const applied = apply(source, pasting.command);
    if (!applied.ok) throw new Error(applied.error.message);
    const [a, g, b] = pasting.command.nodes;
    expect(new Set([a, g, b].map((node) => node?.id)).size).toBe(3);
    expect(a).toMatchObject({ name: 'a', x: 1000, y: 500, parent: null });
    expect(b).toMatchObject({ parent: g?.id, x: 1284, y: 548, parameters: { kernel: [3, 3] } });
    expect(pasting.command.links[0]).toMatchObject({ from: { node: a?.id }, to: { node: b?.id } });
    expect(pasting.top).toEqual([a?.id, g?.id]);
    expect(applied.value.document.nodes.size).toBe(7);
  });

  it('says in words what it cannot paste', () => {
    const foreign = readClip('hello', 'model');
    expect(!foreign.ok && foreign.error.message).toBe('The clipboard does not hold nodes: copy some first');
    const clip = clipOf(source, ['a']);
    const other = readClip(
      writeClip(clip ?? { format: 'weft-clip/1', kind: 'model', nodes: [], links: [] }),
      'architecture',
    );
    expect(!other.ok && other.error.message).toBe('The copied nodes are of a model, this is an architecture');
  });
});
