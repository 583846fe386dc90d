/** The editor's verbs as commands: pure functions of the document and the selection. Null: nothing to do. */
import type { FixEdit } from '#core/base/problem.ts';
import { unreachable } from '#core/base/result.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import type { Command } from '#core/document/command.ts';
import { type Document, type DocumentLink, type DocumentNode, GROUP_TYPE } from '#core/document/document.ts';
import type { Adapter, CatalogEntry } from '../canvas/adapter.ts';
import { NODE_HEIGHT, NODE_WIDTH, type Point } from '../canvas/geometry.ts';
import { descendantsOf } from '../canvas/scene.ts';
import type { Selection } from '../client/selection-store.ts';
import { newId } from '../widgets/ids.ts';

/** A new node of that type with the catalog's defaults and a name not yet used. */
export function newNode(document: Document, entry: CatalogEntry, at: Point, parent: string | null): DocumentNode {
  return {
    id: newId('n'),
    type: entry.id,
    name: freeName(document, entry.label),
    x: Math.round(at.x / 4) * 4,
    y: Math.round(at.y / 4) * 4,
    parent,
    parameters: defaultParameters(entry.parameters),
  };
}

export function freeName(document: Document, stem: string): string {
  const taken = new Set<string>();
  for (const node of document.nodes.values()) taken.add(node.name);
  if (!taken.has(stem)) return stem;
  let number = 2;
  while (taken.has(`${stem} ${number}`)) number++;
  return `${stem} ${number}`;
}

/** Inserts a node and, where the ports fit, links it behind `after`. */
export function insertNode(
  document: Document,
  adapter: Adapter,
  node: DocumentNode,
  after: DocumentNode | null,
): Command {
  const links: DocumentLink[] = [];
  if (after) {
    const grown: Document = { ...document, nodes: new Map([...document.nodes, [node.id, node]]) };
    const link = firstLink(grown, adapter, after, node);
    if (link) links.push(link);
  }
  return { type: 'nodes.insert', nodes: [node], links };
}

/** The first pair of ports of the two nodes that may be joined. */
export function firstLink(
  document: Document,
  adapter: Adapter,
  source: DocumentNode,
  target: DocumentNode,
): DocumentLink | null {
  const linked = { inputs: linkedPorts(document, target.id, 'to'), outputs: linkedPorts(document, source.id, 'from') };
  for (const output of adapter.ports(source, { inputs: [], outputs: linked.outputs }).outputs)
    for (const input of adapter.ports(target, { inputs: linked.inputs, outputs: [] }).inputs) {
      const from = { node: source.id, port: output.id };
      const to = { node: target.id, port: input.id };
      if (adapter.canConnect(document, from, to).ok) return { id: newId('l'), from, to };
    }
  return null;
}

export function linkedPorts(document: Document, node: string, end: 'from' | 'to'): readonly string[] {
  const ports: string[] = [];
  for (const link of document.links.values()) if (link[end].node === node) ports.push(link[end].port);
  return ports;
}

export function removeSelection(document: Document, selection: Selection): Command | null {
  const nodes = [...selection.nodes].filter((id) => document.nodes.has(id));
  const gone = new Set(nodes);
  const links = [...selection.links].filter((id) => {
    const link = document.links.get(id);
    return link && !gone.has(link.from.node) && !gone.has(link.to.node);
  });
  const commands: Command[] = [];
  if (links.length > 0) commands.push({ type: 'links.remove', links });
  if (nodes.length > 0) commands.push({ type: 'nodes.remove', nodes });
  if (commands.length < 2) return commands[0] ?? null;
  return { type: 'batch', label: `Delete ${nodes.length} nodes and ${links.length} links`, commands };
}

/** Moves nodes with everything inside moved groups. */
export function moveNodes(document: Document, nodes: Iterable<string>, dx: number, dy: number): Command | null {
  if (dx === 0 && dy === 0) return null;
  const moved = withInside(document, nodes);
  if (moved.length === 0) return null;
  return {
    type: 'nodes.move',
    positions: moved.map((node) => ({ node: node.id, x: Math.round(node.x + dx), y: Math.round(node.y + dy) })),
  };
}

/** The nodes and all their descendants, each once. */
export function withInside(document: Document, ids: Iterable<string>): readonly DocumentNode[] {
  const all = new Map<string, DocumentNode>();
  for (const id of ids) {
    const node = document.nodes.get(id);
    if (!node) continue;
    all.set(id, node);
    if (node.type === GROUP_TYPE) for (const inner of descendantsOf(document, id)) all.set(inner.id, inner);
  }
  return [...all.values()];
}

/** Groups the selected nodes of one level; null when they are of several levels or none. */
export function groupSelection(document: Document, selection: Selection): { command: Command; group: string } | null {
  const members = [...selection.nodes].flatMap((id) => document.nodes.get(id) ?? []);
  const parent = members[0]?.parent;
  if (parent === undefined || members.some((node) => node.parent !== parent)) return null;
  const group: DocumentNode = {
    id: newId('g'),
    type: GROUP_TYPE,
    name: freeName(document, 'Group'),
    x: Math.min(...members.map((node) => node.x)),
    y: Math.min(...members.map((node) => node.y)),
    parent,
    parameters: {},
  };
  return { command: { type: 'nodes.group', group, members: members.map((node) => node.id) }, group: group.id };
}

export function ungroupSelection(document: Document, selection: Selection): Command | null {
  const groups = [...selection.nodes].filter((id) => document.nodes.get(id)?.type === GROUP_TYPE);
  const commands = groups.map((group): Command => ({ type: 'nodes.ungroup', group }));
  if (commands.length < 2) return commands[0] ?? null;
  return { type: 'batch', label: `Ungroup ${groups.length} groups`, commands };
}

export type Alignment = 'left' | 'right' | 'top' | 'bottom' | 'distribute-x' | 'distribute-y';

/** Aligns edges, or spreads nodes evenly between the outermost two. */
export function alignSelection(document: Document, selection: Selection, how: Alignment): Command | null {
  const nodes = [...selection.nodes].flatMap((id) => document.nodes.get(id) ?? []);
  if (nodes.length < 2) return null;
  const xs = nodes.map((node) => node.x);
  const ys = nodes.map((node) => node.y);
  const commands: Command[] = [];
  const shift = (node: DocumentNode, dx: number, dy: number) => {
    const command = moveNodes(document, [node.id], dx, dy);
    if (command) commands.push(command);
  };
  if (how === 'distribute-x' || how === 'distribute-y') {
    const axis = how === 'distribute-x' ? 'x' : 'y';
    const sorted = nodes.toSorted((a, b) => a[axis] - b[axis]);
    const first = sorted[0]![axis];
    const step = (sorted.at(-1)![axis] - first) / (sorted.length - 1);
    sorted.forEach((node, index) => {
      const by = Math.round(first + index * step - node[axis]);
      shift(node, axis === 'x' ? by : 0, axis === 'y' ? by : 0);
    });
  } else {
    for (const node of nodes) {
      if (how === 'left') shift(node, Math.min(...xs) - node.x, 0);
      else if (how === 'right') shift(node, Math.max(...xs) - node.x, 0);
      else if (how === 'top') shift(node, 0, Math.min(...ys) - node.y);
      else shift(node, 0, Math.max(...ys) - node.y);
    }
  }
  const titles = { left: 'left', right: 'right', top: 'top', bottom: 'bottom' };
  const label = how === 'distribute-x' || how === 'distribute-y' ? 'Distribute' : `Align ${titles[how]}`;
  return commands.length === 0 ? null : { type: 'batch', label: `${label} ${nodes.length} nodes`, commands };
}

/** The commands of a problem's fix as one step. */
export function fixCommand(title: string, edits: readonly FixEdit[]): Command {
  return { type: 'batch', label: title, commands: edits.map(editCommand) };
}

function editCommand(edit: FixEdit): Command {
  switch (edit.type) {
    case 'set-parameter':
      return { type: 'node.set-parameter', node: edit.node, parameter: edit.parameter, value: edit.value };
    case 'remove-node':
      return { type: 'nodes.remove', nodes: [edit.node] };
    case 'remove-link':
      return { type: 'links.remove', links: [edit.link] };
    default:
      return unreachable(edit);
  }
}

/** A free place right of a node, below what is there already. */
export function placeBehind(document: Document, node: DocumentNode): Point {
  const x = node.x + NODE_WIDTH + 64;
  let y = node.y;
  const isTaken = () => {
    for (const other of document.nodes.values())
      if (other.parent === node.parent && Math.abs(other.x - x) < NODE_WIDTH && Math.abs(other.y - y) < NODE_HEIGHT + 8)
        return true;
    return false;
  };
  while (isTaken()) y += NODE_HEIGHT + 24;
  return { x, y };
}
