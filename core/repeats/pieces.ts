/**
 * Structures that may be repeated in a drawing, where they lie in no group of their own: stretches of data flow between
 * single tensors (core/model/blocks.ts), and, in drawings of components, the pieces that fall apart when what occurs
 * less often is taken away. Four clusters on one bus: the bus occurs once; without it there are four pieces.
 */
import { operatorType } from '#core/catalog/operators.ts';
import { componentTypeIn } from '#core/document/components.ts';
import { type Document, type DocumentLink, type DocumentNode, isPart } from '#core/document/document.ts';
import { type BlockNode, findBlocks } from '#core/model/blocks.ts';
import { topologicalOrder } from '#core/model/order.ts';
import type { Structures } from './structure.ts';

/** Parts worth a block. */
export const SMALLEST = 3;
/** How many numbers of occurrences are tried; each costs time linear in the drawing. */
const MOST_CUTS = 32;

type Candidates = readonly ReadonlySet<string>[];

export function loosePieces(document: Document, structures: Structures): Candidates {
  const sources = new Map<string, DocumentLink[]>();
  for (const link of document.links.values()) {
    const known = sources.get(link.to.node);
    if (known) known.push(link);
    else sources.set(link.to.node, [link]);
  }
  for (const links of sources.values())
    links.sort((a, b) => (a.to.port < b.to.port ? -1 : a.to.port > b.to.port ? 1 : 0));
  const inOrder = partsInOrder(document, sources);
  const levels = [...Map.groupBy(inOrder, ({ parent }) => parent).values()];
  const found = levels
    .flatMap((level) => stretches(document, level, sources, structures))
    .filter((members) => hangsTogether(members, structures));
  if (document.kind === 'model') {
    const readers = Map.groupBy([...sources.values()].flat(), ({ from }) => from.node);
    return found.map((members) => withConstants(document, members, sources, readers));
  }
  const all = Map.groupBy([...document.nodes.values()].filter(isPart), ({ parent }) => parent);
  return [
    ...[...all.values()].flatMap((level) =>
      pieces(
        level.map(({ id }) => id),
        structures,
      ),
    ),
    ...found,
  ];
}

type LinksInto = ReadonlyMap<string, readonly DocumentLink[]>;

/** Parts that are counted, those they read before them; none on or behind a circle. */
function partsInOrder({ kind, nodes }: Document, sources: LinksInto): readonly DocumentNode[] {
  const parts = [...nodes.values()].filter(isPart);
  const indexOf = new Map(parts.map(({ id }, at) => [id, at]));
  const successors: number[][] = parts.map(() => []);
  for (const [at, { id }] of parts.entries())
    for (const { from } of sources.get(id) ?? []) {
      const source = indexOf.get(from.node);
      if (source !== undefined) successors[source]!.push(at);
    }
  return topologicalOrder(successors).order.flatMap((at) => (isCounted(kind, parts[at]!) ? [parts[at]!] : []));
}

/** Operators but inputs, outputs and constants; components. */
export function isCounted(kind: Document['kind'], node: DocumentNode): boolean {
  if (kind !== 'model') return isPart(node);
  const type = operatorType(node.type);
  return type !== undefined && type.category !== 'interface';
}

/** Those that occur twice and more. */
function stretches(
  { kind }: Document,
  level: readonly DocumentNode[],
  sources: LinksInto,
  structures: Structures,
): readonly Set<string>[] {
  const blocks = findBlocks(
    level.map(({ id, type }): BlockNode => {
      const known = kind === 'model' ? operatorType(type) : componentTypeIn(kind, type);
      const reads = (sources.get(id) ?? []).map(({ from }) => from.node);
      const label = String(structures.labelOf(id));
      return { id, type: label, category: known?.category ?? '', parameters: {}, sources: reads, shapes: '' };
    }),
  );
  const count = new Map<string, number>();
  for (const { hash } of blocks) count.set(hash, (count.get(hash) ?? 0) + 1);
  return blocks.filter(({ hash }) => count.get(hash)! > 1).map(({ members }) => new Set(members));
}

function hangsTogether(members: ReadonlySet<string>, structures: Structures): boolean {
  const left = new Set(members);
  const [start] = members;
  return start !== undefined && pieceOf(start, left, structures).length === members.size;
}

/** With the constants of the same level that nobody else reads. */
function withConstants({ nodes }: Document, members: Set<string>, sources: LinksInto, readers: LinksInto) {
  const parent = nodes.get([...members][0] ?? '')?.parent;
  for (const id of [...members])
    for (const { from } of sources.get(id) ?? []) {
      const node = nodes.get(from.node);
      if (node?.type !== 'constant' || node.parent !== parent) continue;
      if (readers.get(node.id)?.every(({ to }) => members.has(to.node))) members.add(node.id);
    }
  return members;
}

/** What hangs together among the parts that occur as often as the cut or more often, for each number of occurrences. */
function pieces(ids: readonly string[], structures: Structures): Candidates {
  const count = new Map<number, number>();
  for (const id of ids) {
    const label = structures.labelOf(id);
    count.set(label, (count.get(label) ?? 0) + 1);
  }
  const cuts = [...new Set(count.values())].filter((times) => times > 1).sort((a, b) => a - b);
  const found: ReadonlySet<string>[] = [];
  const seen = new Set<string>();
  for (const cut of cuts.slice(0, MOST_CUTS)) {
    const left = new Set(ids.filter((id) => count.get(structures.labelOf(id))! >= cut));
    for (const start of ids) {
      if (!left.has(start)) continue;
      const piece = pieceOf(start, left, structures);
      // A piece of more than half of all cannot be there twice.
      const key = `${start} ${piece.length}`;
      if (piece.length < SMALLEST || 2 * piece.length > ids.length || seen.has(key)) continue;
      seen.add(key);
      found.push(new Set(piece));
    }
  }
  return found;
}

/** What hangs together with a part, taken out of what is left. */
function pieceOf(start: string, left: Set<string>, structures: Structures): readonly string[] {
  left.delete(start);
  const piece = [start];
  for (let at = 0; at < piece.length; at++)
    for (const other of structures.neighbours(piece[at]!)) if (left.delete(other)) piece.push(other);
  return piece;
}
