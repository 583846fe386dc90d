/** The core's linear layout of what a scene shows: frames as groups around their nodes, closed groups as nodes. */
import { type Document, type DocumentNode, emptyDocument, GROUP_TYPE } from '#core/document/document.ts';
import { layerLayout, type Place } from '#core/model/layout.ts';
import type { LinearTask } from './layout.ts';

export function linearPlaces({ nodes, links }: LinearTask): readonly (readonly [string, Place])[] {
  const drawn = nodes.map(
    ({ id, parent, isFrame }): DocumentNode => ({
      id,
      // Sized as any node: what it holds moves along.
      type: isFrame ? GROUP_TYPE : 'node',
      name: '',
      x: 0,
      y: 0,
      parent,
      parameters: {},
    }),
  );
  const document: Document = {
    ...emptyDocument('', 'model', ''),
    nodes: new Map(drawn.map((node) => [node.id, node])),
    links: new Map(
      links.map(([from, to], index) => {
        const id = String(index);
        return [id, { id, from: { node: from, port: '' }, to: { node: to, port: '' } }];
      }),
    ),
  };
  return [...layerLayout(document)];
}
