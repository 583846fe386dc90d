/** Architectures, task graphs and fabrics on the canvas: components of the catalog, ports by side. */
import type { ComponentKind } from '#core/catalog/component-type.ts';
import { COMPONENT_TYPES } from '#core/catalog/components.ts';
import { canJoin, componentTypeIn } from '#core/document/components.ts';
import { canConnectTasks } from '#core/taskgraph/connection.ts';
import { COMPONENT_COLOURS } from '../widgets/palette.ts';
import { type Adapter, catalogEntry, namedPorts } from './adapter.ts';

function componentAdapter(kind: ComponentKind, noun: Adapter['noun'], canConnect: Adapter['canConnect']): Adapter {
  const catalog = COMPONENT_TYPES[kind].map((type) => catalogEntry(type, COMPONENT_COLOURS[type.category]));
  const byId = new Map(catalog.map((entry) => [entry.id, entry]));
  return {
    kind,
    noun,
    catalog,
    entry: (type) => byId.get(type),
    ports: (node, linked) => {
      const type = componentTypeIn(kind, node.type);
      if (!type) return namedPorts(linked);
      const side = (wanted: 'input' | 'output') =>
        type.ports
          .filter((port) => port.side === wanted)
          .map((port) => ({ id: port.id, title: port.title, optional: port.optional ?? false }));
      return { inputs: side('input'), outputs: side('output') };
    },
    detail: (node) => componentTypeIn(kind, node.type)?.badge(node.parameters) ?? `Unknown type ${node.type}`,
    canConnect,
  };
}

export const architectureAdapter = componentAdapter('architecture', 'component', canJoin);
export const tasksAdapter = componentAdapter('tasks', 'node', canConnectTasks);
export const fabricAdapter = componentAdapter('fabric', 'component', canJoin);
