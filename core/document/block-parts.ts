/**
 * What block-sync.ts compares: the content of a part whichever use it is in, links by the parts they join, and what
 * becomes of all uses of a block, gathered to be applied at once.
 */
import type { ParameterValues } from '#core/base/value.ts';
import { type BlockUse, groupsAround, isNumbers } from './block-uses.ts';
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

/** What a part of the block is, apart from its name and from which use it is in. */
export interface Content extends Point {
  readonly type: string;
  readonly parameters: ParameterValues;
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
  readonly contents: ReadonlyMap<number, Content>;
  readonly names: ReadonlyMap<number, { readonly from: string | null; readonly to: string }>;
  readonly out: ReadonlySet<number>;
  readonly gone: ReadonlySet<number>;
  readonly source: ReadonlyMap<number, Source>;
  readonly links: { readonly removed: ReadonlyMap<string, LinkEnds>; readonly added: ReadonlyMap<string, LinkEnds> };
}

export function hasSameSlots(a: BlockUse, b: BlockUse): boolean {
  if (a.nodeOf.size !== b.nodeOf.size) return false;
  for (const slot of a.nodeOf.keys()) if (!b.nodeOf.has(slot)) return false;
  return true;
}

export function contentOf(
  document: Document,
  use: Working,
  id: string,
  slotOf: ReadonlyMap<string, number> = use.slotOf,
): Content {
  const node = document.nodes.get(id)!;
  const { type, parameters, parent } = node;
  return {
    type,
    parameters: type === GROUP_TYPE ? withoutView(parameters) : parameters,
    ...offsetOf(document, node),
    parent: slotOf.get(parent ?? '') ?? -1,
  };
}

/** From the corner of what holds it. */
export function offsetOf({ nodes }: Document, { x, y, parent }: DocumentNode): Point {
  const holder = nodes.get(parent ?? '');
  return { x: x - (holder?.x ?? 0), y: y - (holder?.y ?? 0) };
}

/** What the block says, with what is the node's own. */
export function merge(
  { parameters: { collapsed, slots } }: DocumentNode,
  { type, parameters }: Content,
): ParameterValues {
  if (type !== GROUP_TYPE) return parameters;
  return {
    ...parameters,
    ...(collapsed === undefined ? {} : { collapsed }),
    ...(slots === undefined ? {} : { slots }),
  };
}

export function isSameRecord(a: DocumentNode, b: DocumentNode): boolean {
  return a.name === b.name && isSameContent({ ...a, parent: 0 }, { ...b, parent: 0 }) && a.parent === b.parent;
}

/** Whether a group is open is each one's own, and so are its numbers. */
export function withoutView(parameters: ParameterValues): ParameterValues {
  return Object.fromEntries(Object.entries(parameters).filter(([id]) => id !== 'collapsed' && id !== 'slots'));
}

export function isSameContent(a: Content, b: Content): boolean {
  if (a.type !== b.type || a.x !== b.x || a.y !== b.y || a.parent !== b.parent) return false;
  if (a.parameters === b.parameters) return true;
  const ids = Object.keys(a.parameters);
  return (
    ids.length === Object.keys(b.parameters).length &&
    ids.every((id) => {
      const [one, other] = [a.parameters[id], b.parameters[id]];
      if (one === other) return true;
      return (
        isNumbers(one) &&
        isNumbers(other) &&
        one.length === other.length &&
        one.every((value, at) => value === other[at])
      );
    })
  );
}

/** Two uses may each have put one of two groups into the other: the second stays at the top. */
export function breakCircles(contents: Map<number, Content>, wasIn: (slot: number) => number | undefined): void {
  for (const [slot, content] of contents) {
    const seen = new Set<number>();
    for (let at = slot; at >= 0; at = contents.get(at)?.parent ?? wasIn(at) ?? -1) {
      if (seen.has(at)) {
        contents.set(slot, { ...content, parent: -1 });
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
