/**
 * The projection document → scene: what is visible with some groups collapsed and some expanded. A collapsed group
 * is one node that takes over the links of everything inside; an expanded one is a frame around its children.
 * Nothing here is state: the same document and expansion give the same scene.
 */
import { noteLines, noteOf } from '#core/catalog/note.ts';
import { blockOf } from '#core/document/block-uses.ts';
import { type Document, type DocumentLink, type DocumentNode, GROUP_TYPE, NOTE_TYPE } from '#core/document/document.ts';
import { type Colour, GROUP_COLOUR, NOTE_PAPERS, UNKNOWN_COLOUR } from '../widgets/palette.ts';
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
  readonly shape: 'node' | 'group' | 'frame' | 'note';
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
    // A parent that is missing or no group would hide the node: show it at the top instead.
    const parent = node.parent !== null && document.nodes.get(node.parent)?.type === GROUP_TYPE ? node.parent : null;
    const siblings = children.get(parent);
    if (siblings) siblings.push(node);
    else children.set(parent, [node]);
  }
  levels.set(document.nodes, children);
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

/** What a scene was made of, for the next one. */
interface Basis {
  readonly document: Document;
  readonly adapter: Adapter;
  readonly owner: ReadonlyMap<string, string>;
  readonly linked: LinkedOf;
  readonly groups: readonly DocumentNode[];
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
  const owner = owners(document, children, isExpanded);
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
  bases.set(scene, { document, adapter, owner, linked, groups });
  return scene;
}

/**
 * The scene after an edit that only moved, renamed or set nodes that are drawn, with no frame to push others aside:
 * those nodes anew, all else as it was. Null where more than that happened.
 */
function stepScene(previous: Scene, document: Document, adapter: Adapter, isExpanded: IsExpanded): Scene | null {
  const basis = bases.get(previous);
  if (!basis || basis.adapter !== adapter || basis.document.links !== document.links) return null;
  const before = basis.document.nodes;
  if (before === document.nodes || before.size !== document.nodes.size || basis.groups.some(isExpanded)) return null;
  const changed = new Map<string, SceneNode>();
  for (const [id, node] of document.nodes) {
    const old = before.get(id);
    if (old === node) continue;
    const drawn = previous.byId.get(id);
    if (!old || !drawn || old.type !== node.type || old.parent !== node.parent) return null;
    const isGroup = node.type === GROUP_TYPE;
    // A group stands for others of its block, and its ports have names of nodes.
    if (isGroup && old.parameters !== node.parameters) return null;
    if (old.name !== node.name && basis.groups.length > 0) return null;
    const ports = isGroup ? drawn : nodePorts(adapter, node, basis.linked.get(id) ?? NO_LINKS);
    if (!isGroup && !(samePorts(drawn.inputs, ports.inputs) && samePorts(drawn.outputs, ports.outputs))) return null;
    const { width, height } = node.type === NOTE_TYPE ? noteOf(node.parameters) : drawn;
    const box = { x: node.x, y: node.y, width, height };
    const { shift, inside, repeats } = drawn;
    changed.set(id, sceneNode(adapter, { node, box, shift, isFrame: false, ports, inside, repeats }));
  }
  const nodes = previous.nodes.map((node) => changed.get(node.id) ?? node);
  const byId = new Map(previous.byId);
  for (const [id, node] of changed) byId.set(id, node);
  const { owner } = basis;
  const scene: Scene = {
    nodes,
    byId,
    links: previous.links,
    standIn: (id) => byId.get(owner.get(id) ?? id),
    bounds: around(nodes),
    made: changed.size,
  };
  bases.set(scene, { ...basis, document });
  return scene;
}

interface Drawn {
  readonly node: DocumentNode;
  readonly box: Box;
  readonly shift: Point;
  readonly isFrame: boolean;
  readonly ports: Ports;
  readonly inside: number;
  readonly repeats: number;
}

function sceneNode(adapter: Adapter, { node, box, shift, isFrame, ports, inside, repeats }: Drawn): SceneNode {
  const isGroup = node.type === GROUP_TYPE;
  const note = node.type === NOTE_TYPE ? noteOf(node.parameters) : null;
  const entry = isGroup ? undefined : adapter.entry(node.type);
  const typeTitle = isGroup ? (blockOf(node) === '' ? 'Group' : 'Use of a block') : (entry?.label ?? node.type);
  return {
    id: node.id,
    shape: isFrame ? 'frame' : isGroup ? 'group' : note ? 'note' : 'node',
    node,
    title: (note && noteLines(note.text)[0]) || node.name || typeTitle,
    typeTitle,
    detail: isGroup
      ? `${inside} ${adapter.noun}${inside === 1 ? '' : 's'}${blockOf(node) && ` · ${blockOf(node)}`}`
      : adapter.detail(node),
    category: isGroup ? 'group' : (entry?.category ?? 'opaque'),
    colour: note ? NOTE_PAPERS[note.colour].edge : isGroup ? GROUP_COLOUR : (entry?.colour ?? UNKNOWN_COLOUR),
    inputs: withOffsets(node.id, ports.inputs, box.height),
    outputs: withOffsets(node.id, ports.outputs, box.height),
    shift,
    inside: isGroup ? inside : 0,
    repeats,
    ...box,
  };
}

function isSameNode(old: SceneNode, { node, box, shift, isFrame, ports, inside, repeats }: Drawn): boolean {
  return (
    old.node === node &&
    (old.shape === 'frame') === isFrame &&
    old.x === box.x &&
    old.y === box.y &&
    old.width === box.width &&
    old.height === box.height &&
    old.shift.x === shift.x &&
    old.shift.y === shift.y &&
    (node.type !== GROUP_TYPE || old.inside === inside) &&
    old.repeats === repeats &&
    samePorts(old.inputs, ports.inputs) &&
    samePorts(old.outputs, ports.outputs)
  );
}

/** A port of a node ends at itself; one of a group, inside it. */
function samePorts(old: readonly ScenePort[], ports: readonly (CanvasPort | GroupPort)[]): boolean {
  return (
    old.length === ports.length &&
    old.every((port, at) => {
      const now = ports[at];
      if (!now || now.id !== port.id || now.title !== port.title || now.optional !== port.optional) return false;
      return !('end' in now) || (now.end.node === port.end.node && now.end.port === port.end.port);
    })
  );
}

interface Ports {
  readonly inputs: readonly (CanvasPort | GroupPort)[];
  readonly outputs: readonly (CanvasPort | GroupPort)[];
}

const knownPorts = new WeakMap<DocumentNode, { readonly key: string; readonly ports: Ports }>();

/** Ports follow from a node's record and from which of them are linked. */
function nodePorts(adapter: Adapter, node: DocumentNode, linked: LinkedPorts): Ports {
  const key = `${linked.inputs.join()}>${linked.outputs.join()}`;
  const known = knownPorts.get(node);
  if (known?.key === key) return known.ports;
  const ports = adapter.ports(node, linked);
  knownPorts.set(node, { key, ports });
  return ports;
}

const NO_LINKS: LinkedPorts = { inputs: [], outputs: [] };
type LinkedOf = ReadonlyMap<string, LinkedPorts>;
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

function resolveLinks(
  links: Iterable<DrawnLink>,
  byId: ReadonlyMap<string, SceneNode>,
  previous: Scene | null,
): readonly SceneLink[] {
  const old = new Map(previous?.links.map((link) => [link.id, link]));
  const resolved: SceneLink[] = [];
  for (const link of links) {
    const source = byId.get(link.from.node);
    const target = byId.get(link.to.node);
    const first = link.links[0];
    if (!source || !target || !first) continue;
    const from = { node: source.id, port: indexOfPort(source.outputs, link.from.port) };
    const to = { node: target.id, port: indexOfPort(target.inputs, link.to.port) };
    const same = old.get(first.id);
    const isSame =
      same?.from.node === from.node &&
      same.from.port === from.port &&
      same.to.node === to.node &&
      same.to.port === to.port &&
      same.links.length === link.links.length &&
      same.links.every((each, at) => each === link.links[at]);
    resolved.push(isSame && same ? same : { id: first.id, from, to, links: link.links });
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
