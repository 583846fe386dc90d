import { describe, expect, it } from 'vitest';
import { resolveMachine } from '#core/architecture/machine.ts';
import { validateArchitecture } from '#core/architecture/validate.ts';
import { noteLines, noteOf } from '#core/catalog/note.ts';
import { diffDocuments } from '#core/diff/diff.ts';
import { readFabric } from '#core/fabric/read.ts';
import { buildModel } from '#core/model/build.ts';
import { arranged } from '#core/model/layout.ts';
import { attentionBlock } from '#core/model/templates.ts';
import { drawGraph } from '#core/report/figures/drawing.ts';
import { readTaskGraph } from '#core/taskgraph/read.ts';
import { type Document, type DocumentNode, emptyDocument, NOTE_TYPE, toFile } from './document.ts';

const note: DocumentNode = {
  id: 'note',
  type: NOTE_TYPE,
  name: 'Note',
  x: 7,
  y: 9,
  parent: null,
  parameters: { text: '# Why\n\n- **12** heads of `64`', colour: 'blue', width: 200, height: 120 },
};
const withNote = (document: Document): Document => ({
  ...document,
  nodes: new Map([...document.nodes, ['note', note]]),
});

function attention(): Document {
  const { nodes, links } = attentionBlock({ x: 0, y: 0, idPrefix: 'a', model: 768, heads: 12 });
  return {
    ...emptyDocument('d', 'model', 'M'),
    nodes: new Map(nodes.map((node) => [node.id, node])),
    links: new Map(links.map((link) => [link.id, link])),
  };
}

describe('notes', () => {
  it('are not there for models, architectures, task graphs and fabrics', () => {
    const plain = buildModel(attention());
    const noted = buildModel(withNote(attention()));
    expect(noted).toEqual(plain);
    const empty = emptyDocument('d', 'architecture', 'A');
    expect(validateArchitecture(withNote(empty))).toEqual(validateArchitecture(empty));
    expect(resolveMachine(withNote(empty)).machine).toBeNull();
    const tasks = emptyDocument('d', 'tasks', 'T');
    expect(readTaskGraph(withNote(tasks)).problems).toEqual(readTaskGraph(tasks).problems);
    const fabric = emptyDocument('d', 'fabric', 'F');
    expect(readFabric(withNote(fabric)).problems).toEqual(readFabric(fabric).problems);
  });

  it('stay where they were put when all else is laid out', () => {
    const laid = arranged(withNote(attention()));
    expect(laid.nodes.get('note')).toEqual(note);
    for (const [id, node] of arranged(attention()).nodes) expect(laid.nodes.get(id)).toEqual(node);
  });

  it('are a difference of two documents, and drawn on paper with their words', () => {
    const { added, changed } = diffDocuments(attention(), withNote(attention()));
    expect(added.map(({ id }) => id)).toEqual(['note']);
    expect(changed).toEqual([]);
    const drawn = drawGraph(toFile(withNote(attention())), { aspect: 2, hueOf: () => 'linear', detailOf: () => '' });
    expect(drawn.nodes.find(({ id }) => id === 'note')).toMatchObject({
      name: 'Why',
      detail: '12 heads of 64',
      hue: 'note',
    });
  });

  it('are read whatever stands in the file', () => {
    expect(noteOf({})).toEqual({ text: '', colour: 'yellow', width: 200, height: 120 });
    expect(noteOf({ text: 3, colour: 'url(x)', width: -5, height: 1e9 })).toEqual({
      text: '',
      colour: 'yellow',
      width: 96,
      height: 1600,
    });
    expect(noteLines('## A\n\n```js\n<b>x</b>\n```\n* c')).toEqual(['A', '<b>x</b>', 'c']);
  });
});
