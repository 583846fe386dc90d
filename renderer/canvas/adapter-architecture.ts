/** Architectures on the canvas: components of the catalog, ports by side. */

import { COMPONENT_TYPES, componentType } from '#core/catalog/components.ts';
import { canJoin } from '#core/document/components.ts';
import { COMPONENT_COLOURS } from '../widgets/palette.ts';
import { type Adapter, type CatalogEntry, categoryTitle } from './adapter.ts';

const catalog = COMPONENT_TYPES.architecture.map(
  (type): CatalogEntry => ({
    id: type.id,
    label: type.title,
    summary: type.summary,
    source: type.source,
    keywords: [...type.keywords, type.id],
    category: type.category,
    categoryTitle: categoryTitle(type.category),
    colour: COMPONENT_COLOURS[type.category],
    inPalette: true,
    parameters: type.parameters,
  }),
);
const byId = new Map(catalog.map((entry) => [entry.id, entry]));

export const architectureAdapter: Adapter = {
  kind: 'architecture',
  noun: 'component',
  catalog,
  entry: (type) => byId.get(type),
  ports: (node, linked) => {
    const type = componentType(node.type);
    // A type this version does not know keeps the ports its links name.
    if (!type) return { inputs: linked.inputs.map(named), outputs: linked.outputs.map(named) };
    const side = (wanted: 'input' | 'output') =>
      type.ports
        .filter((port) => port.side === wanted)
        .map((port) => ({ id: port.id, title: port.title, optional: port.optional ?? false }));
    return { inputs: side('input'), outputs: side('output') };
  },
  detail: (node) => componentType(node.type)?.badge(node.parameters) ?? `Unknown type ${node.type}`,
  canConnect: canJoin,
};

function named(id: string) {
  return { id, title: id, optional: false };
}
