/** One node of a scene as it is drawn: its face, its ports, its box; and whether it is still the one drawn before. */
import { noteLines, noteOf } from '#core/catalog/note.ts';
import { blockOf } from '#core/document/block-uses.ts';
import { type DocumentNode, GROUP_TYPE, NOTE_TYPE } from '#core/document/document.ts';
import { type Colour, GROUP_COLOUR, NOTE_PAPERS, UNKNOWN_COLOUR } from '../widgets/palette.ts';
import type { Adapter, CanvasPort, LinkedPorts } from './adapter.ts';
import { type Box, type Point, portOffset } from './geometry.ts';

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
  /** Scene minus document position of the node, of a frame of what it holds: open groups push others aside, in view only. */
  readonly shift: Point;
  /** Operators or components inside a group, at any depth; 0 otherwise. */
  readonly inside: number;
  /** How many groups of this document are the same block; 1 when it is the only one. */
  readonly repeats: number;
}

export interface Drawn {
  readonly node: DocumentNode;
  readonly box: Box;
  readonly shift: Point;
  readonly isFrame: boolean;
  readonly ports: Ports;
  readonly inside: number;
  readonly repeats: number;
}

export function sceneNode(adapter: Adapter, { node, box, shift, isFrame, ports, inside, repeats }: Drawn): SceneNode {
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

export function isSameNode(old: SceneNode, { node, box, shift, isFrame, ports, inside, repeats }: Drawn): boolean {
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
export function samePorts(old: readonly ScenePort[], ports: readonly (CanvasPort | GroupPort)[]): boolean {
  return (
    old.length === ports.length &&
    old.every((port, at) => {
      const now = ports[at];
      if (!now || now.id !== port.id || now.title !== port.title || now.optional !== port.optional) return false;
      return !('end' in now) || (now.end.node === port.end.node && now.end.port === port.end.port);
    })
  );
}

export interface Ports {
  readonly inputs: readonly (CanvasPort | GroupPort)[];
  readonly outputs: readonly (CanvasPort | GroupPort)[];
}

const knownPorts = new WeakMap<DocumentNode, { readonly key: string; readonly ports: Ports }>();

/** Ports follow from a node's record and from which of them are linked. */
export function nodePorts(adapter: Adapter, node: DocumentNode, linked: LinkedPorts): Ports {
  const key = `${linked.inputs.join()}>${linked.outputs.join()}`;
  const known = knownPorts.get(node);
  if (known?.key === key) return known.ports;
  const ports = adapter.ports(node, linked);
  knownPorts.set(node, { key, ports });
  return ports;
}

export interface GroupPort extends CanvasPort {
  readonly end: { readonly node: string; readonly port: string };
}

function withOffsets(node: string, ports: readonly (CanvasPort | GroupPort)[], height: number): readonly ScenePort[] {
  return ports.map((port, index) => ({
    ...port,
    end: 'end' in port ? port.end : { node, port: port.id },
    offset: portOffset(index, ports.length, height),
  }));
}
