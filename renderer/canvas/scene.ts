/**
 * The projection document → scene: what is visible with some groups collapsed and some expanded. A collapsed group
 * is one node that takes over the links of everything inside; an expanded one is a frame around its children.
 * Nothing here is state: the same document and expansion give the same scene.
 */
import { type Document, type DocumentLink, type DocumentNode, GROUP_TYPE } from '#core/document/document.ts';
import { type Colour, GROUP_COLOUR, UNKNOWN_COLOUR } from '../widgets/palette.ts';
import type { Adapter, CanvasPort, LinkedPorts } from './adapter.ts';
import { around, type Box, type Point, portOffset } from './geometry.ts';
import { placeLevel } from './placing.ts';

export interface ScenePort extends CanvasPort {
  /** The document's port; for a collapsed group, the port inside that the first link ends at. */
  readonly end: { readonly node: string; readonly port: string };
  /** Pixels below the node's top. */
  readonly offset: number;
}

export interface SceneNode extends Box {
  readonly id: string;
  readonly shape: 'node' | 'group' | 'frame';
  readonly node: DocumentNode;
  readonly title: string;
  readonly typeTitle: string;
  readonly detail: string;
  readonly category: string;
  readonly colour: Colour;
  readonly inputs: readonly ScenePort[];
  readonly outputs: readonly ScenePort[];
  /** Scene minus document position: expanded groups push their neighbours aside, in view only. */
  readonly shift: Point;
  /** Operators or components inside a group, at any depth; 0 otherwise. */
  readonly inside: number;
  /** How many groups of this document are the same block; 1 when it is the only one. */
  readonly repeats: number;
}

export interface SceneLink {
  /** Of the first document link it stands for. */
  readonly id: string;
  readonly from: { readonly node: string; readonly port: number };
  readonly to: { readonly node: string; readonly port: number };
  readonly links: readonly DocumentLink[];
}

export interface Scene {
  /** Frames first, outermost first: drawing order. */
  readonly nodes: readonly SceneNode[];
  readonly byId: ReadonlyMap<string, SceneNode>;
  readonly links: readonly SceneLink[];
  /** The visible node that stands for a document node: itself, or the collapsed group it is in. */
  readonly standIn: (node: string) => SceneNode | undefined;
  readonly bounds: Box | null;
}

export type IsExpanded = (group: DocumentNode) => boolean;

export function childrenOf(document: Document): ReadonlyMap<string | null, readonly DocumentNode[]> {
  const children = new Map<string | null, DocumentNode[]>();
  for (const node of document.nodes.values()) {
    // A parent that is missing or no group would hide the node: show it at the top instead.
    const parent = node.parent !== null && document.nodes.get(node.parent)?.type === GROUP_TYPE ? node.parent : null;
    const siblings = children.get(parent);
    if (siblings) siblings.push(node);
    else children.set(parent, [node]);
  }
  return children;
}

/** Everything inside a group, at any depth, the group itself not included. */
export function descendantsOf(document: Document, group: string): readonly DocumentNode[] {
  const children = childrenOf(document);
  const found: DocumentNode[] = [];
  const visit = (id: string) => {
    for (const child of children.get(id) ?? []) {
      found.push(child);
      if (child.type === GROUP_TYPE) visit(child.id);
    }
  };
  visit(group);
  return found;
}

export function projectScene(document: Document, adapter: Adapter, isExpanded: IsExpanded): Scene {
  const children = childrenOf(document);
  const owner = owners(document, children, isExpanded);
  const { links, linked, groupPorts } = projectLinks(document, owner);
  const blocks = blockCounts(document);
  const insideOf = countInside(children);

  const portsOf = (node: DocumentNode): { inputs: readonly CanvasPort[]; outputs: readonly CanvasPort[] } =>
    node.type === GROUP_TYPE
      ? { inputs: groupPorts(node.id).inputs, outputs: groupPorts(node.id).outputs }
      : adapter.ports(node, linked.get(node.id) ?? NO_LINKS);

  const placed = placeLevel(null, { children, isExpanded, portsOf });
  const nodes = placed.map(({ node, box, shift, isFrame }): SceneNode => {
    const isGroup = node.type === GROUP_TYPE;
    const entry = isGroup ? undefined : adapter.entry(node.type);
    const ports = isFrame ? NO_PORTS : portsOf(node);
    const inside = isGroup ? (insideOf.get(node.id) ?? 0) : 0;
    const block = node.parameters.block;
    const typeTitle = isGroup ? 'Group' : (entry?.label ?? node.type);
    return {
      id: node.id,
      shape: isFrame ? 'frame' : isGroup ? 'group' : 'node',
      node,
      title: node.name || typeTitle,
      typeTitle,
      detail: isGroup ? `${inside} ${adapter.noun}${inside === 1 ? '' : 's'}` : adapter.detail(node),
      category: isGroup ? 'group' : (entry?.category ?? 'opaque'),
      colour: isGroup ? GROUP_COLOUR : (entry?.colour ?? UNKNOWN_COLOUR),
      inputs: withOffsets(node.id, ports.inputs, box.height),
      outputs: withOffsets(node.id, ports.outputs, box.height),
      shift,
      inside,
      repeats: isGroup && typeof block === 'string' && block !== '' ? (blocks.get(block) ?? 1) : 1,
      ...box,
    };
  });
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return {
    nodes,
    byId,
    links: resolveLinks(links, byId),
    standIn: (id) => byId.get(owner.get(id) ?? id),
    bounds: around(nodes),
  };
}

const NO_LINKS: LinkedPorts = { inputs: [], outputs: [] };
const NO_PORTS = { inputs: [], outputs: [] };

/** For each node the node that is drawn in its stead (itself unless a group around it is collapsed). */
function owners(
  document: Document,
  children: ReadonlyMap<string | null, readonly DocumentNode[]>,
  isExpanded: IsExpanded,
): ReadonlyMap<string, string> {
  const owner = new Map<string, string>();
  const visit = (id: string | null, hiddenBy: string | null) => {
    for (const node of children.get(id) ?? []) {
      const drawn = hiddenBy ?? node.id;
      owner.set(node.id, drawn);
      if (node.type === GROUP_TYPE) visit(node.id, hiddenBy ?? (isExpanded(node) ? null : node.id));
    }
  };
  visit(null, null);
  // Groups that hold each other are reachable from nowhere; validation reports them, the scene leaves them out.
  for (const node of document.nodes.values()) if (!owner.has(node.id)) owner.set(node.id, node.id);
  return owner;
}

interface DrawnLink {
  readonly from: { readonly node: string; readonly port: string };
  readonly to: { readonly node: string; readonly port: string };
  readonly links: DocumentLink[];
}

function projectLinks(document: Document, owner: ReadonlyMap<string, string>) {
  const drawn = new Map<string, DrawnLink>();
  const linked = new Map<string, { inputs: string[]; outputs: string[] }>();
  const groups = new Map<string, { inputs: Map<string, GroupPort>; outputs: Map<string, GroupPort> }>();
  const linkedOf = (id: string) => {
    let entry = linked.get(id);
    if (!entry) {
      entry = { inputs: [], outputs: [] };
      linked.set(id, entry);
    }
    return entry;
  };
  const groupOf = (id: string) => {
    let entry = groups.get(id);
    if (!entry) {
      entry = { inputs: new Map(), outputs: new Map() };
      groups.set(id, entry);
    }
    return entry;
  };
  for (const link of document.links.values()) {
    linkedOf(link.from.node).outputs.push(link.from.port);
    linkedOf(link.to.node).inputs.push(link.to.port);
    const from = owner.get(link.from.node);
    const to = owner.get(link.to.node);
    if (from === undefined || to === undefined || from === to) continue;
    // A tensor is one port of a collapsed group however many inside use it: keyed by where it comes from.
    const tensor = `${link.from.node}:${link.from.port}`;
    const name = `${document.nodes.get(link.from.node)?.name ?? link.from.node} ${link.from.port}`;
    const isFromGroup = from !== link.from.node;
    const isToGroup = to !== link.to.node;
    if (isFromGroup) groupOf(from).outputs.set(tensor, { id: tensor, title: name, optional: false, end: link.from });
    if (isToGroup && !groupOf(to).inputs.has(tensor))
      groupOf(to).inputs.set(tensor, { id: tensor, title: name, optional: false, end: link.to });
    const ends = {
      from: { node: from, port: isFromGroup ? tensor : link.from.port },
      to: { node: to, port: isToGroup ? tensor : link.to.port },
    };
    const key = `${ends.from.node}\n${ends.from.port}\n${ends.to.node}\n${ends.to.port}`;
    const same = drawn.get(key);
    if (same) same.links.push(link);
    else drawn.set(key, { ...ends, links: [link] });
  }
  return {
    links: drawn.values(),
    linked,
    groupPorts: (id: string): { inputs: readonly GroupPort[]; outputs: readonly GroupPort[] } => {
      const entry = groups.get(id);
      return { inputs: [...(entry?.inputs.values() ?? [])], outputs: [...(entry?.outputs.values() ?? [])] };
    },
  };
}

interface GroupPort extends CanvasPort {
  readonly end: { readonly node: string; readonly port: string };
}

function withOffsets(node: string, ports: readonly (CanvasPort | GroupPort)[], height: number): readonly ScenePort[] {
  return ports.map((port, index) => ({
    ...port,
    end: 'end' in port ? port.end : { node, port: port.id },
    offset: portOffset(index, ports.length, height),
  }));
}

function resolveLinks(links: Iterable<DrawnLink>, byId: ReadonlyMap<string, SceneNode>): readonly SceneLink[] {
  const resolved: SceneLink[] = [];
  for (const link of links) {
    const source = byId.get(link.from.node);
    const target = byId.get(link.to.node);
    if (!source || !target) continue;
    const first = link.links[0];
    if (!first) continue;
    resolved.push({
      id: first.id,
      from: { node: source.id, port: indexOfPort(source.outputs, link.from.port) },
      to: { node: target.id, port: indexOfPort(target.inputs, link.to.port) },
      links: link.links,
    });
  }
  return resolved;
}

/** −1 for a port the node does not have: the link is drawn to the middle of its side. */
function indexOfPort(ports: readonly ScenePort[], id: string): number {
  return ports.findIndex((port) => port.id === id);
}

function blockCounts(document: Document): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { type, parameters } of document.nodes.values()) {
    const { block } = parameters;
    if (type === GROUP_TYPE && typeof block === 'string') counts.set(block, (counts.get(block) ?? 0) + 1);
  }
  return counts;
}

function countInside(children: ReadonlyMap<string | null, readonly DocumentNode[]>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const count = (id: string | null): number => {
    let total = 0;
    for (const node of children.get(id) ?? []) total += node.type === GROUP_TYPE ? count(node.id) : 1;
    if (id !== null) counts.set(id, total);
    return total;
  };
  count(null);
  return counts;
}

/** Where a link leaves or enters, scene pixels. */
export function linkEnds(scene: Scene, link: SceneLink): { readonly from: Point; readonly to: Point } | null {
  const source = scene.byId.get(link.from.node);
  const target = scene.byId.get(link.to.node);
  if (!source || !target) return null;
  return {
    from: { x: source.x + source.width, y: source.y + (source.outputs[link.from.port]?.offset ?? source.height / 2) },
    to: { x: target.x, y: target.y + (target.inputs[link.to.port]?.offset ?? target.height / 2) },
  };
}

export type Direction = 'left' | 'right' | 'up' | 'down';

/** The next node along the links (left, right), or the nearest one across them (up, down). */
export function neighbourOf(scene: Scene, from: SceneNode, direction: Direction): SceneNode | undefined {
  if (direction === 'left' || direction === 'right') {
    const [near, far] = direction === 'right' ? (['from', 'to'] as const) : (['to', 'from'] as const);
    const link = scene.links.find((each) => each[near].node === from.id);
    return link && scene.byId.get(link[far].node);
  }
  const sign = direction === 'down' ? 1 : -1;
  return scene.nodes
    .filter((node) => node.shape !== 'frame' && (node.y - from.y) * sign > 0 && Math.abs(node.x - from.x) < 400)
    .toSorted((a, b) => (a.y - b.y) * sign || Math.abs(a.x - from.x) - Math.abs(b.x - from.x))[0];
}
