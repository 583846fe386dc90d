/**
 * What block-sync.ts compares: where a part is whichever use it is in, links by the parts they join, and what becomes
 * of all uses of a block, gathered to be applied at once.
 */
import { isSameValue, type ParameterValue, type ParameterValues } from '#core/base/value.ts';
import { type BlockUse, groupsAround } from './block-uses.ts';
import { type Document, type DocumentLink, type DocumentNode, type Endpoint, GROUP_TYPE } from './document.ts';
import type { Change } from './patch.ts';

/** A use while it is worked on. */
export interface Working {
  readonly root: string;
  readonly block: string;
  /** Null for a use that came or was made by the command: it has to fit the others. */
  readonly before: BlockUse | null;
  slotOf: Map<string, number>;
}

/** From the corner of what holds it. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What a part of the block is and where, apart from its name, its parameters and which use it is in. */
export interface Part extends Point {
  readonly type: string;
  /** Part that holds it, or −1: the use's group. */
  readonly parent: number;
}

export interface LinkEnds {
  readonly link: string;
  readonly from: number;
  readonly fromPort: string;
  readonly to: number;
  readonly toPort: string;
}

export interface InnerLink {
  readonly ends: LinkEnds;
  readonly ids: string[];
}
export type LinksByUse = ReadonlyMap<string, ReadonlyMap<string, InnerLink>>;

export interface LinkEndsIndex {
  readonly into: ReadonlyMap<string, readonly string[]>;
  readonly outOf: ReadonlyMap<string, readonly string[]>;
}
export const NO_ENDS: LinkEndsIndex = { into: new Map(), outOf: new Map() };

/** Where a part got its content from. */
export interface Source {
  readonly node: string;
  readonly use: Working;
}

/** What becomes of all uses of a block, gathered to be applied at once. */
export interface Work {
  readonly patch: Change[];
  readonly added: Set<string>;
  readonly nodesOff: Set<string>;
  readonly linksOff: Set<string>;
}

export interface Merged {
  readonly slots: ReadonlySet<number>;
  /** Parts that are new, or stand elsewhere. */
  readonly parts: ReadonlyMap<number, Part>;
  readonly values: ReadonlyMap<number, ChangedValues>;
  readonly names: ReadonlyMap<number, { readonly from: string | null; readonly to: string }>;
  readonly out: ReadonlySet<number>;
  readonly gone: ReadonlySet<number>;
  readonly source: ReadonlyMap<number, Source>;
  readonly links: { readonly removed: ReadonlyMap<string, LinkEnds>; readonly added: ReadonlyMap<string, LinkEnds> };
}

/** By parameter; undefined: taken away. */
export type ChangedValues = ReadonlyMap<string, ParameterValue | undefined>;

/** The node that is each part. */
export function nodesBySlot(slotOf: ReadonlyMap<string, number>): Map<number, string> {
  return new Map([...slotOf].map(([id, slot]) => [slot, id]));
}

export function hasSameSlots(a: BlockUse, b: BlockUse): boolean {
  if (a.nodeOf.size !== b.nodeOf.size) return false;
  for (const slot of a.nodeOf.keys()) if (!b.nodeOf.has(slot)) return false;
  return true;
}

export function partOf(document: Document, slotOf: ReadonlyMap<string, number>, node: DocumentNode): Part {
  return { type: node.type, ...offsetOf(document, node), parent: slotOf.get(node.parent ?? '') ?? -1 };
}

export function isSamePart(a: Part, b: Part): boolean {
  return a.type === b.type && a.x === b.x && a.y === b.y && a.parent === b.parent;
}

/** From the corner of what holds it. */
export function offsetOf({ nodes }: Document, { x, y, parent }: DocumentNode): Point {
  const holder = nodes.get(parent ?? '');
  return { x: x - (holder?.x ?? 0), y: y - (holder?.y ?? 0) };
}

export function isSameRecord(a: DocumentNode, b: DocumentNode): boolean {
  return (
    a.name === b.name &&
    a.type === b.type &&
    a.x === b.x &&
    a.y === b.y &&
    a.parent === b.parent &&
    (a.parameters === b.parameters || parameterIds(a, b).every((id) => isSameValue(a.parameters[id], b.parameters[id])))
  );
}

export function parameterIds(a: DocumentNode, b: DocumentNode): readonly string[] {
  return [...new Set([...Object.keys(a.parameters), ...Object.keys(b.parameters)])];
}

/** Whether a group is open is each one's own, and so are its numbers. */
export function isView(type: string, parameter: string): boolean {
  return type === GROUP_TYPE && (parameter === 'collapsed' || parameter === 'slots');
}

/** What a copy of the part has. */
export function shareable({ type, parameters }: DocumentNode): ParameterValues {
  return type === GROUP_TYPE
    ? Object.fromEntries(Object.entries(parameters).filter(([id]) => !isView(type, id)))
    : parameters;
}

/** Two uses may each have put one of two groups into the other: the second stays at the top. */
export function breakCircles(parts: Map<number, Part>, wasIn: (slot: number) => number | undefined): void {
  for (const [slot, part] of parts) {
    const seen = new Set<number>();
    for (let at = slot; at >= 0; at = parts.get(at)?.parent ?? wasIn(at) ?? -1) {
      if (seen.has(at)) {
        parts.set(slot, { ...part, parent: -1 });
        break;
      }
      seen.add(at);
    }
  }
}

export function commonGroups(nodes: Document['nodes'], { from, to }: DocumentLink): readonly string[] {
  const around = new Set(groupsAround(nodes, nodes.get(from.node)));
  return groupsAround(nodes, nodes.get(to.node)).filter((group) => around.has(group));
}

/** Links with both ends in one of the uses, which lie apart from each other, by what they join. One pass. */
export function innerLinks(
  { links }: Document,
  uses: readonly { readonly root: string; readonly slotOf: ReadonlyMap<string, number> }[],
): LinksByUse {
  const useOf = new Map<string, string>();
  const slotOf = new Map<string, number>();
  for (const use of uses)
    for (const [id, slot] of use.slotOf) {
      useOf.set(id, use.root);
      slotOf.set(id, slot);
    }
  const found = new Map<string, Map<string, InnerLink>>(uses.map(({ root }) => [root, new Map()]));
  for (const link of links.values()) {
    const root = useOf.get(link.from.node);
    const from = slotOf.get(link.from.node);
    const to = slotOf.get(link.to.node);
    if (root === undefined || from === undefined || to === undefined || useOf.get(link.to.node) !== root) continue;
    const key = `${from}\n${link.from.port}\n${to}\n${link.to.port}`;
    const here = found.get(root)!;
    const known = here.get(key);
    if (known) known.ids.push(link.id);
    else {
      const ends = { link: link.id, from, fromPort: link.from.port, to, toPort: link.to.port };
      here.set(key, { ends, ids: [link.id] });
    }
  }
  return found;
}

export function endKey({ node, port }: Endpoint): string {
  return `${node} ${port}`;
}

/** Ids of links by the ports they end at. */
export function linksAt({ links }: Document): LinkEndsIndex {
  const into = new Map<string, string[]>();
  const outOf = new Map<string, string[]>();
  const put = (index: Map<string, string[]>, end: Endpoint, id: string) => {
    const known = index.get(endKey(end));
    if (known) known.push(id);
    else index.set(endKey(end), [id]);
  };
  for (const { id, from, to } of links.values()) {
    put(into, to, id);
    put(outOf, from, id);
  }
  return { into, outOf };
}

export function change(before: DocumentNode, after: DocumentNode): Change {
  return { table: 'nodes', id: before.id, before, after };
}

export function removals(
  table: 'nodes',
  records: Document['nodes'],
  isGone: (node: DocumentNode) => boolean,
): readonly Change[];
export function removals(
  table: 'links',
  records: Document['links'],
  isGone: (link: DocumentLink) => boolean,
): readonly Change[];
export function removals<T extends DocumentNode & DocumentLink>(
  table: 'nodes' | 'links',
  records: ReadonlyMap<string, T>,
  isGone: (record: T) => boolean,
): readonly Change[] {
  const patch: Change[] = [];
  let at = 0;
  for (const [id, before] of records) {
    if (isGone(before)) patch.push({ table, id, before, after: null, at });
    at++;
  }
  return patch;
}

/** An id for the counterpart of a record in another use, the same wherever the command is applied. */
export function freshId(use: string, of: string, isTaken: (id: string) => boolean): string {
  const stem = `${use.slice(0, 80)}:${of.slice(of.lastIndexOf(':') + 1).slice(0, 36)}`;
  let id = stem;
  for (let number = 2; isTaken(id); number++) id = `${stem}.${number}`;
  return id;
}
