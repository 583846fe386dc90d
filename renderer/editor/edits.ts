/** The editor's verbs as commands: pure functions of the document and the selection. Null: nothing to do. */
import type { FixEdit } from '#core/base/problem.ts';
import { unreachable } from '#core/base/result.ts';
import type { TensorType } from '#core/catalog/operator-type.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { groupsAround } from '#core/document/block-uses.ts';
import type { Command } from '#core/document/command.ts';
import { type Document, type DocumentLink, type DocumentNode, GROUP_TYPE } from '#core/document/document.ts';
import type { Adapter, CatalogEntry } from '../canvas/adapter.ts';
import { type Box, GRID, NODE_HEIGHT, NODE_WIDTH, type Point } from '../canvas/geometry.ts';
import { descendantsOf } from '../canvas/scene.ts';
import type { Selection } from '../client/selection-store.ts';
import { counted } from '../widgets/format.ts';
import { newId } from '../widgets/ids.ts';

/** A new node of that type with the catalog's defaults and a name not yet used. */
export function newNode(document: Document, entry: CatalogEntry, at: Point, parent: string | null): DocumentNode {
  return {
    id: newId('n'),
    type: entry.id,
    name: freeName(document, entry.label),
    x: Math.round(at.x / GRID) * GRID,
    y: Math.round(at.y / GRID) * GRID,
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

/**
 * Inserts a node and, where the ports fit, links it behind `after`.
 * @param types of the document's results by `portKey`, where they are known: spares inferring them.
 */
export function insertNode(
  document: Document,
  adapter: Adapter,
  node: DocumentNode,
  after: DocumentNode | null,
  types?: ReadonlyMap<string, TensorType>,
): Command {
  const links: DocumentLink[] = [];
  if (after) {
    const grown: Document = { ...document, nodes: new Map([...document.nodes, [node.id, node]]) };
    const link = firstLink(grown, adapter, after, node, types);
    if (link) links.push(link);
  }
  return { type: 'nodes.insert', nodes: [node], links };
}

/** The first pair of ports of the two nodes that may be joined. */
function firstLink(
  document: Document,
  adapter: Adapter,
  source: DocumentNode,
  target: DocumentNode,
  types?: ReadonlyMap<string, TensorType>,
): DocumentLink | null {
  const linked = { inputs: linkedPorts(document, target.id, 'to'), outputs: linkedPorts(document, source.id, 'from') };
  for (const output of adapter.ports(source, { inputs: [], outputs: linked.outputs }).outputs)
    for (const input of adapter.ports(target, { inputs: linked.inputs, outputs: [] }).inputs) {
      const from = { node: source.id, port: output.id };
      const to = { node: target.id, port: input.id };
      if (adapter.canConnect(document, from, to, types).ok) return { id: newId('l'), from, to };
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
  return {
    type: 'batch',
    label: `Delete ${counted(nodes.length, 'node')} and ${counted(links.length, 'link')}`,
    commands,
  };
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

const ALIGNMENTS = {
  left: { axis: 'x', at: 0, label: 'Align left' },
  centre: { axis: 'x', at: 0.5, label: 'Align centres' },
  right: { axis: 'x', at: 1, label: 'Align right' },
  top: { axis: 'y', at: 0, label: 'Align top' },
  middle: { axis: 'y', at: 0.5, label: 'Align middles' },
  bottom: { axis: 'y', at: 1, label: 'Align bottom' },
  'distribute-x': { axis: 'x', at: null, label: 'Distribute' },
  'distribute-y': { axis: 'y', at: null, label: 'Distribute' },
} as const;
export type Alignment = keyof typeof ALIGNMENTS;

/**
 * Brings edges or middles of nodes to those of the box around all of them, or spreads them so that the gaps between
 * them are equal and the outermost two stay.
 * @param boxOf what a node covers on screen.
 */
export function alignSelection(
  document: Document,
  selection: Selection,
  how: Alignment,
  boxOf: (id: string) => Box | undefined,
): Command | null {
  const { axis, at, label } = ALIGNMENTS[how];
  const size = axis === 'x' ? 'width' : 'height';
  const items = outermost(document, selection.nodes).flatMap((node) => {
    const box = boxOf(node.id);
    return box ? [{ id: node.id, start: box[axis], size: box[size] }] : [];
  });
  if (items.length < 2) return null;
  const start = Math.min(...items.map((item) => item.start));
  const end = Math.max(...items.map((item) => item.start + item.size));
  const wanted = new Map<string, number>();
  if (at !== null) for (const item of items) wanted.set(item.id, start + at * (end - start - item.size));
  else {
    const sorted = items.toSorted((a, b) => a.start - b.start || a.size - b.size);
    const last = sorted.at(-1);
    const filled = sorted.reduce((sum, item) => sum + item.size, 0);
    const room = (last ? last.start + last.size : end) - start;
    const gap = (room - filled) / (items.length - 1);
    let next = start;
    for (const item of sorted) {
      wanted.set(item.id, next);
      next += item.size + gap;
    }
  }
  const commands = items.flatMap((item) => {
    const by = Math.round((wanted.get(item.id) ?? item.start) - item.start);
    return moveNodes(document, [item.id], axis === 'x' ? by : 0, axis === 'y' ? by : 0) ?? [];
  });
  return commands.length === 0 ? null : { type: 'batch', label: `${label} ${items.length} nodes`, commands };
}

/** Those of the nodes that lie in no other of them. */
function outermost(document: Document, ids: ReadonlySet<string>): readonly DocumentNode[] {
  return [...ids].flatMap((id) => {
    const node = document.nodes.get(id);
    return node && !groupsAround(document.nodes, node).some((group) => ids.has(group)) ? [node] : [];
  });
}

/**
 * Puts nodes into a group or (null) at the top level, moved by (dx, dy), one step of history; only moves those that
 * are there already. Null when nothing would change.
 */
export function moveInto(
  document: Document,
  nodes: ReadonlySet<string>,
  parent: string | null,
  shiftOf: (id: string) => Point,
  dx = 0,
  dy = 0,
): Command | null {
  // Nothing goes into itself, nor into what it holds.
  const above = new Set(parent === null ? [] : [parent, ...groupsAround(document.nodes, document.nodes.get(parent))]);
  const roots = outermost(document, nodes).filter(({ id }) => !above.has(id));
  const moving = roots.filter((node) => node.parent !== parent);
  if (moving.length === 0) return moveNodes(document, nodes, dx, dy);
  const there = parent === null ? { x: 0, y: 0 } : shiftOf(parent);
  const moves = roots.flatMap((node) => {
    const here = shiftOf(node.id);
    const isMoving = node.parent !== parent;
    // What it stands at on screen is kept: groups open in view push what is in them and around them.
    const by = isMoving ? { x: dx + here.x - there.x, y: dy + here.y - there.y } : { x: dx, y: dy };
    return moveNodes(document, [node.id], by.x, by.y) ?? [];
  });
  const into = parent === null ? 'out of the group' : `into ${document.nodes.get(parent)?.name ?? parent}`;
  const what = moving.length === 1 ? (moving[0]?.name ?? 'node') : `${moving.length} nodes`;
  const reparent: Command = { type: 'nodes.reparent', nodes: moving.map((node) => node.id), parent };
  return { type: 'batch', label: `Move ${what} ${into}`, commands: [reparent, ...moves] };
}

/** All that links lead to from these nodes, or that leads to them, and the nodes themselves; linear in the links. */
export function reached(
  document: Document,
  nodes: Iterable<string>,
  way: 'upstream' | 'downstream',
): ReadonlySet<string> {
  const [near, far] = way === 'downstream' ? (['from', 'to'] as const) : (['to', 'from'] as const);
  const next = new Map<string, string[]>();
  for (const link of document.links.values()) {
    const known = next.get(link[near].node);
    if (known) known.push(link[far].node);
    else next.set(link[near].node, [link[far].node]);
  }
  const found = new Set(nodes);
  const open = [...found];
  for (let node = open.pop(); node !== undefined; node = open.pop())
    for (const each of next.get(node) ?? [])
      if (!found.has(each)) {
        found.add(each);
        open.push(each);
      }
  return found;
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
