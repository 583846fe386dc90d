/** Small documents by hand, and random edits of them: one command that every kind of drawing takes. */
import type { Rng } from '#core/base/rng.ts';
import type { Command } from '#core/document/command.ts';
import { type Document, type DocumentLink, type DocumentNode, GROUP_TYPE } from '#core/document/document.ts';

export function aNode(id: string, rest: Partial<DocumentNode> = {}): DocumentNode {
  return { id, type: 'conv', name: id, x: 0, y: 0, parent: null, parameters: {}, ...rest };
}

export function aLink(id: string, from: string, to: string, port = 'in'): DocumentLink {
  return { id, from: { node: from, port: 'out' }, to: { node: to, port } };
}

/** Inserts, removes, moves, renames, groups or joins what there is; small documents grow first. */
export function randomEdit(document: Document, rng: Rng, fresh: () => string, made = () => aNode(fresh())): Command {
  const nodes = [...document.nodes.values()];
  const links = [...document.links.keys()];
  const picked = () => nodes[rng.below(nodes.length)]!;
  if (nodes.length < 3) return { type: 'nodes.insert', nodes: [made(), made(), made()], links: [] };
  switch (rng.below(9)) {
    case 0:
      return { type: 'nodes.insert', nodes: [made(), made()], links: [] };
    case 1:
      return { type: 'nodes.remove', nodes: [picked().id] };
    case 2:
      return { type: 'nodes.move', positions: [{ node: picked().id, x: rng.below(100), y: rng.below(100) }] };
    case 3:
      return { type: 'node.rename', node: picked().id, name: fresh() };
    case 4:
      return { type: 'node.set-parameter', node: picked().id, parameter: 'units', value: rng.below(9) };
    case 5: {
      const { parent } = picked();
      const members = nodes.filter((each) => each.parent === parent && rng.below(2) === 0).map(({ id }) => id);
      return { type: 'nodes.group', group: aNode(fresh(), { type: GROUP_TYPE, parent }), members };
    }
    case 6: {
      const group = nodes.find(({ type }) => type === GROUP_TYPE);
      return group ? { type: 'nodes.ungroup', group: group.id } : { type: 'document.rename', title: fresh() };
    }
    case 7:
      return links.length > 0
        ? { type: 'links.remove', links: [links[rng.below(links.length)]!] }
        : { type: 'document.rename', title: fresh() };
    default:
      return { type: 'links.insert', links: [aLink(fresh(), picked().id, picked().id)] };
  }
}
