/**
 * The projection document → scene: what is visible with some groups collapsed and some expanded. A collapsed group
 * is one node that takes over the links of everything inside; an expanded one is a frame around its children.
 * Nothing here is state: the same document and expansion give the same scene.
 */
import { noteOf } from '#core/catalog/note.ts';
import { groupsAround } from '#core/document/block-uses.ts';
import { type Document, type DocumentLink, type DocumentNode, GROUP_TYPE, NOTE_TYPE } from '#core/document/document.ts';
import { replaced } from '#core/document/replaced.ts';
import type { Adapter, LinkedPorts } from './adapter.ts';
import { around, type Box, NODE_WIDTH, nodeHeight, type Point } from './geometry.ts';
import { placeLevel } from './placing.ts';
import {
  type GroupPort,
  isSameNode,
  nodePorts,
  type Ports,
  type SceneNode,
  type ScenePort,
  samePorts,
  sceneNode,
} from './scene-node.ts';

export type { SceneNode, ScenePort } from './scene-node.ts';

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
  /** Nodes made for this scene; the others are the previous one's. */
  readonly made: number;
}

export type IsExpanded = (group: DocumentNode) => boolean;

const levels = new WeakMap<Document['nodes'], ReadonlyMap<string | null, readonly DocumentNode[]>>();

/** By the group that holds them, in document order; found out once for each revision. */
export function childrenOf(document: Document): ReadonlyMap<string | null, readonly DocumentNode[]> {
  const known = levels.get(document.nodes);
  if (known) return known;
  const children = new Map<string | null, DocumentNode[]>();
  for (const node of document.nodes.values()) {
    const parent = levelOf(document.nodes, node);
    const siblings = children.get(parent);
    if (siblings) siblings.push(node);
    else children.set(parent, [node]);
  }
  levels.set(document.nodes, children);
  return children;
}

/** A parent that is missing, no group, or inside the node would hide it: it is shown at the top instead. */
function levelOf(nodes: Document['nodes'], node: DocumentNode): string | null {
  if (node.parent === null || nodes.get(node.parent)?.type !== GROUP_TYPE) return null;
  return node.type === GROUP_TYPE && groupsAround(nodes, node).includes(node.id) ? null : node.parent;
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

/** What a scene was made of, for the next one. */
interface Basis {
  readonly document: Document;
  readonly adapter: Adapter;
  readonly owner: ReadonlyMap<string, string>;
  readonly linked: LinkedOf;
  readonly groups: readonly DocumentNode[];
  /** No group is open. */
  readonly isFlat: boolean;
}
const bases = new WeakMap<Scene, Basis>();

/** @param previous an earlier scene of the document: nodes and links that did not change are taken over as they are. */
export function projectScene(
  document: Document,
  adapter: Adapter,
  isExpanded: IsExpanded,
  previous: Scene | null = null,
): Scene {
  const stepped = previous && stepScene(previous, document, adapter, isExpanded);
  if (stepped) return stepped;
  const children = childrenOf(document);
  const owner = owners(children, isExpanded);
  const { links, linked, groupPorts } = projectLinks(document, owner);
  const blocks = blockCounts(document);
  const insideOf = countInside(children);
  const portsOf = (node: DocumentNode): Ports =>
    node.type === GROUP_TYPE ? groupPorts(node.id) : nodePorts(adapter, node, linked.get(node.id) ?? NO_LINKS);

  let made = 0;
  const nodes = placeLevel(null, { children, isExpanded, portsOf }).map((placed) => {
    const { node } = placed;
    const block = node.parameters.block;
    const drawn = {
      ...placed,
      ports: placed.isFrame ? NO_PORTS : portsOf(node),
      inside: insideOf.get(node.id) ?? 0,
      repeats: node.type === GROUP_TYPE && typeof block === 'string' && block !== '' ? (blocks.get(block) ?? 1) : 1,
    };
    const old = previous?.byId.get(node.id);
    if (old && isSameNode(old, drawn)) return old;
    made++;
    return sceneNode(adapter, drawn);
  });
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const scene: Scene = {
    nodes,
    byId,
    links: resolveLinks(links, byId, previous),
    standIn: (id) => byId.get(owner.get(id) ?? id),
    bounds: around(nodes),
    made,
  };
  const groups = nodes.filter(({ node }) => node.type === GROUP_TYPE).map(({ node }) => node);
  const isFlat = !nodes.some(({ shape }) => shape === 'frame');
  bases.set(scene, { document, adapter, owner, linked, groups, isFlat });
  return scene;
}

/**
 * The scene after an edit of nodes and links that are drawn themselves, in no group, with no group open that could push others
 * aside: those and what hangs on them anew, all else as it was. Null where more than that happened.
 */
function stepScene(previous: Scene, document: Document, adapter: Adapter, isExpanded: IsExpanded): Scene | null {
  const basis = bases.get(previous);
  if (!basis?.isFlat || basis.adapter !== adapter || basis.groups.some(isExpanded)) return null;
  const before = basis.document;
  if (before.nodes === document.nodes && before.links === document.links) return null;
  const nodes = replaced(before.nodes, document.nodes);
  const links = replaced(before.links, document.links);
  if (!nodes || !links) return null;
  const isDrawn = (id: string) => (basis.owner.get(id) ?? id) === id;
  /** What may look different, and of that what has other links. */
  const touched = new Set<string>();
  const relinked = new Set<string>();
  for (const { before: old, after: now } of nodes) {
    const { id } = (now ?? old)!;
    // A group stands for others of its block, and its ports have names of nodes.
    if ((now ?? old)!.type === GROUP_TYPE) {
      if (!old || !now || old.type !== now.type || old.parent !== now.parent) return null;
      if (old.parameters !== now.parameters || !previous.byId.has(id)) return null;
    } else if (old?.type === GROUP_TYPE || (old && !previous.byId.has(id)) || (now && now.parent !== null)) return null;
    if (old && now && old.name !== now.name && basis.groups.length > 0) return null;
    touched.add(id);
  }
  for (const { before: old, after: now } of links)
    for (const link of [old, now])
      for (const end of link ? [link.from.node, link.to.node] : []) {
        if (!isDrawn(end)) return null;
        touched.add(end);
        relinked.add(end);
      }

  const linked = relinked.size > 0 ? linkedAnew(document, basis.linked, relinked) : basis.linked;
  const byId = new Map(previous.byId);
  /** With other ports than before, or gone: their links are resolved anew. */
  const reported = new Set<string>();
  let made = 0;
  for (const id of touched) {
    const node = document.nodes.get(id);
    const old = previous.byId.get(id);
    if (!node) {
      byId.delete(id);
      reported.add(id);
      continue;
    }
    const isGroup = node.type === GROUP_TYPE;
    if (isGroup && (!old || relinked.has(id))) return null;
    const ports: Ports = isGroup ? old! : nodePorts(adapter, node, linked.get(id) ?? NO_LINKS);
    if (!old || !(samePorts(old.inputs, ports.inputs) && samePorts(old.outputs, ports.outputs))) reported.add(id);
    const size =
      node.type === NOTE_TYPE
        ? noteOf(node.parameters)
        : { width: NODE_WIDTH, height: nodeHeight(ports.inputs.length, ports.outputs.length) };
    const box = { x: node.x, y: node.y, width: size.width, height: size.height };
    const { inside, repeats } = old ?? { inside: 0, repeats: 1 };
    const drawn = { node, box, shift: { x: 0, y: 0 }, isFrame: false, ports, inside, repeats };
    if (old && isSameNode(old, drawn)) continue;
    byId.set(id, sceneNode(adapter, drawn));
    made++;
  }
  const isMore = nodes.some((each) => !each.before || !each.after);
  const drawnLinks =
    links.length > 0 || reported.size > 0 || isMore
      ? relinkedScene(previous, document, byId, isDrawn, new Set([...relinked, ...reported]))
      : previous.links;
  if (!drawnLinks) return null;
  const drawnNodes = isMore
    ? [...document.nodes.keys()].flatMap((id) => byId.get(id) ?? [])
    : previous.nodes.map((node) => (touched.has(node.id) ? byId.get(node.id)! : node));
  const { owner } = basis;
  const scene: Scene = {
    nodes: drawnNodes,
    byId,
    links: drawnLinks,
    standIn: (id) => byId.get(owner.get(id) ?? id),
    bounds: around(drawnNodes),
    made,
  };
  const groups = basis.groups.map((group) => document.nodes.get(group.id) ?? group);
  bases.set(scene, { ...basis, document, linked, groups });
  return scene;
}

/** What is linked, with some nodes found out anew. */
function linkedAnew(document: Document, known: LinkedOf, ids: ReadonlySet<string>): LinkedOf {
  const linked = new Map(known);
  for (const id of ids) linked.set(id, { inputs: [], outputs: [] });
  for (const { from, to } of document.links.values()) {
    if (ids.has(from.node)) linked.get(from.node)!.outputs.push(from.port);
    if (ids.has(to.node)) linked.get(to.node)!.inputs.push(to.port);
  }
  return linked;
}

/** The links of a scene, those of some nodes resolved anew; null where one of them runs into a group. */
function relinkedScene(
  previous: Scene,
  document: Document,
  byId: ReadonlyMap<string, SceneNode>,
  isDrawn: (node: string) => boolean,
  ids: ReadonlySet<string>,
): readonly SceneLink[] | null {
  const old = new Map(previous.links.map((link) => [link.id, link]));
  const links: SceneLink[] = [];
  for (const link of document.links.values()) {
    const same = old.get(link.id);
    if (!ids.has(link.from.node) && !ids.has(link.to.node)) {
      // One that runs inside a group, or is drawn with another, is not drawn itself.
      if (same) links.push(same);
      continue;
    }
    if (link.from.node === link.to.node) continue;
    if (!isDrawn(link.from.node) || !isDrawn(link.to.node)) return null;
    const resolved = resolveLink({ from: link.from, to: link.to, links: [link] }, byId, same);
    if (resolved) links.push(resolved);
  }
  return links;
}

const NO_LINKS: LinkedPorts = { inputs: [], outputs: [] };
type LinkedOf = ReadonlyMap<string, { readonly inputs: string[]; readonly outputs: string[] }>;
const NO_PORTS = { inputs: [], outputs: [] };

/** For each node the node that is drawn in its stead (itself unless a group around it is collapsed). */
function owners(
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
  return owner;
}

interface DrawnLink {
  readonly from: { readonly node: string; readonly port: string };
  readonly to: { readonly node: string; readonly port: string };
  readonly links: DocumentLink[];
}

function projectLinks(document: Document, owner: ReadonlyMap<string, string>) {
  const drawn: DrawnLink[] = [];
  const merged = new Map<string, DrawnLink>();
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
    const isFromGroup = from !== link.from.node;
    const isToGroup = to !== link.to.node;
    if (!isFromGroup && !isToGroup) {
      drawn.push({ from: link.from, to: link.to, links: [link] });
      continue;
    }
    // A tensor is one port of a collapsed group however many inside use it: keyed by where it comes from.
    const tensor = `${link.from.node}:${link.from.port}`;
    const name = `${document.nodes.get(link.from.node)?.name ?? link.from.node} ${link.from.port}`;
    if (isFromGroup) groupOf(from).outputs.set(tensor, { id: tensor, title: name, optional: false, end: link.from });
    if (isToGroup && !groupOf(to).inputs.has(tensor))
      groupOf(to).inputs.set(tensor, { id: tensor, title: name, optional: false, end: link.to });
    const ends = {
      from: { node: from, port: isFromGroup ? tensor : link.from.port },
      to: { node: to, port: isToGroup ? tensor : link.to.port },
    };
    const key = `${ends.from.node}\n${ends.from.port}\n${ends.to.node}\n${ends.to.port}`;
    const same = merged.get(key);
    if (same) same.links.push(link);
    else {
      const first = { ...ends, links: [link] };
      merged.set(key, first);
      drawn.push(first);
    }
  }
  return {
    links: drawn,
    linked,
    groupPorts: (id: string): { inputs: readonly GroupPort[]; outputs: readonly GroupPort[] } => {
      const entry = groups.get(id);
      return { inputs: [...(entry?.inputs.values() ?? [])], outputs: [...(entry?.outputs.values() ?? [])] };
    },
  };
}

function resolveLinks(
  links: Iterable<DrawnLink>,
  byId: ReadonlyMap<string, SceneNode>,
  previous: Scene | null,
): readonly SceneLink[] {
  const old = new Map(previous?.links.map((link) => [link.id, link]));
  const resolved: SceneLink[] = [];
  for (const link of links) {
    const found = resolveLink(link, byId, old.get(link.links[0]?.id ?? ''));
    if (found) resolved.push(found);
  }
  return resolved;
}

/** @param same the link of that id in the scene before. */
function resolveLink(
  link: DrawnLink,
  byId: ReadonlyMap<string, SceneNode>,
  same: SceneLink | undefined,
): SceneLink | null {
  const source = byId.get(link.from.node);
  const target = byId.get(link.to.node);
  const first = link.links[0];
  if (!source || !target || !first) return null;
  const from = { node: source.id, port: indexOfPort(source.outputs, link.from.port) };
  const to = { node: target.id, port: indexOfPort(target.inputs, link.to.port) };
  const isSame =
    same?.from.node === from.node &&
    same.from.port === from.port &&
    same.to.node === to.node &&
    same.to.port === to.port &&
    same.links.length === link.links.length &&
    same.links.every((each, at) => each === link.links[at]);
  return isSame && same ? same : { id: first.id, from, to, links: link.links };
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
    for (const node of children.get(id) ?? [])
      total += node.type === GROUP_TYPE ? count(node.id) : node.type === NOTE_TYPE ? 0 : 1;
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
