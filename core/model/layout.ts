/**
 * A fast first layout: longest-path layers from left to right, barycentric order inside a layer, coordinates
 * pulled towards predecessors. Linear but for sorting a layer; no recursion; the same document gives the same
 * layout. Long graphs fold into strips. After Sugiyama, Tagawa & Toda, IEEE SMC 11(2), 1981; long links get lanes of their own (Gansner et al. 1993).
 */
import { booleanOf } from '#core/catalog/parameter.ts';
import { type Document, type DocumentNode, GROUP_TYPE, NOTE_TYPE } from '#core/document/document.ts';

export const NODE_SIZE = { width: 180, height: 64 } as const;
export const COLLAPSED_SIZE = { width: 200, height: 72 } as const;
const COLUMN_GAP = 72;
const ROW_GAP = 40;
const LANE_HEIGHT = 16;
/** Between the strips of a folded graph; links run back through it. */
const STRIP_GAP = 96;
/** Width to height a folded graph aims at: a window's. */
const ASPECT = 2;
/** As many columns as a window shows at a zoom one can read stay in one strip. */
const UNFOLDED_LAYERS = 24;
const PADDING = { side: 24, top: 48 } as const;
/** Lanes are left out where they would outnumber the nodes by more than this. */
const LANES_PER_NODE = 8;

export interface Place {
  readonly x: number;
  readonly y: number;
}

interface Level {
  readonly children: DocumentNode[];
  readonly edges: Map<string, Set<string>>;
}

interface Box {
  readonly width: number;
  readonly height: number;
  /** Of the children, from the box's corner. */
  readonly places: ReadonlyMap<string, Place>;
}

/**
 * Top-left corners in px of every node, groups and their contents included. A collapsed group takes the room of
 * one node where it stands; its contents are laid out from its corner, to be shown when it is opened.
 */
export function layerLayout(document: Document): ReadonlyMap<string, Place> {
  const chains = ancestors(document);
  const levels = new Map<string | null, Level>();
  const level = (parent: string | null) => {
    const found = levels.get(parent);
    if (found) return found;
    const made: Level = { children: [], edges: new Map() };
    levels.set(parent, made);
    return made;
  };
  // A note stays where it was put.
  for (const node of document.nodes.values())
    if (node.type !== NOTE_TYPE) level(chains.get(node.id)!.at(-1) ?? null).children.push(node);
  for (const { from, to } of document.links.values()) {
    const tail = chains.get(from.node);
    const head = chains.get(to.node);
    if (!tail || !head) continue;
    // The lowest group that holds both ends, and what stands for each end there.
    let common = 0;
    while (common < tail.length && common < head.length && tail[common] === head[common]) common++;
    const start = tail[common] ?? from.node;
    const end = head[common] ?? to.node;
    if (start === end) continue;
    const { edges } = level(common === 0 ? null : tail[common - 1]!);
    const heads = edges.get(start);
    if (heads) heads.add(end);
    else edges.set(start, new Set([end]));
  }

  const depth = (id: string | null) => (id === null ? -1 : chains.get(id)!.length);
  const inward = [...levels.keys()].sort((a, b) => depth(a) - depth(b));
  const boxes = new Map<string | null, Box>();
  for (const id of inward.toReversed()) {
    const sizeOf = (node: DocumentNode) => {
      if (node.type !== GROUP_TYPE) return NODE_SIZE;
      const box = booleanOf(node.parameters, 'collapsed') ? undefined : boxes.get(node.id);
      return box ?? COLLAPSED_SIZE;
    };
    boxes.set(id, layLevel(levels.get(id)!, sizeOf));
  }
  const places = new Map<string, Place>();
  for (const id of inward) {
    const corner = id === null ? { x: 0, y: 0 } : places.get(id)!;
    const inset = id === null ? { x: 0, y: 0 } : { x: PADDING.side, y: PADDING.top };
    for (const [node, place] of boxes.get(id)!.places)
      places.set(node, { x: corner.x + inset.x + place.x, y: corner.y + inset.y + place.y });
  }
  return places;
}

/** The document with the layout applied. */
export function arranged(document: Document): Document {
  const places = layerLayout(document);
  const nodes = new Map<string, DocumentNode>();
  for (const [id, node] of document.nodes) nodes.set(id, { ...node, ...places.get(id) });
  return { ...document, nodes };
}

/** For each node the groups that hold it, outermost first; a group that is missing or holds itself counts as none. */
function ancestors(document: Document): ReadonlyMap<string, readonly string[]> {
  const chains = new Map<string, readonly string[]>();
  for (const node of document.nodes.values()) {
    const upwards: string[] = [];
    const seen = new Set([node.id]);
    let parent = node.parent;
    while (parent !== null && document.nodes.get(parent)?.type === GROUP_TYPE && !seen.has(parent)) {
      seen.add(parent);
      upwards.push(parent);
      parent = document.nodes.get(parent)!.parent;
    }
    chains.set(node.id, upwards.reverse());
  }
  return chains;
}

interface Item {
  /** −1 for a lane of a long link. */
  readonly child: number;
  readonly height: number;
  readonly before: number[];
  y: number;
  /** Place in its layer. */
  rank: number;
}

function layLevel({ children, edges }: Level, sizeOf: (node: DocumentNode) => { width: number; height: number }): Box {
  const indexOf = new Map(children.map((node, index) => [node.id, index]));
  const heads = children.map((node) => [...(edges.get(node.id) ?? [])].map((id) => indexOf.get(id)!));
  const column = columns(
    heads,
    children.map((node) => node.type === 'constant'),
  );
  const sizes = children.map(sizeOf);

  const layers: number[][] = [];
  const items: Item[] = [];
  const put = (layer: number, item: Item) => {
    layers[layer] ??= [];
    layers[layer].push(items.push(item) - 1);
    return items.length - 1;
  };
  const itemOf = children.map((_, child) =>
    put(column[child]!, { child, height: sizes[child]!.height, before: [], y: 0, rank: 0 }),
  );
  let budget = LANES_PER_NODE * children.length;
  for (const [tail, targets] of heads.entries()) {
    for (const head of targets) {
      const span = column[head]! - column[tail]!;
      if (span < 1) continue;
      let last = itemOf[tail]!;
      if (span - 1 <= budget) {
        budget -= span - 1;
        for (let layer = column[tail]! + 1; layer < column[head]!; layer++)
          last = put(layer, { child: -1, height: LANE_HEIGHT, before: [last], y: 0, rank: 0 });
      }
      items[itemOf[head]!]!.before.push(last);
    }
  }

  order(layers, items);
  for (const layer of layers) stack(layer, items);
  const places = new Map<string, Place>();
  let top = 0;
  let bottom = 0;
  for (const { y, height } of items) {
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + height);
  }
  const widths = layers.map((layer) =>
    layer.reduce((widest, index) => Math.max(widest, sizes[items[index]!.child]?.width ?? 0), 0),
  );
  const rows = foldedRows(widths, bottom - top);
  let width = 0;
  let y = 0;
  for (const [from, to] of rows) {
    const strip = layers.slice(from, to);
    // A strip is as tall as what lies in it, so that empty lanes of another strip cost no room.
    let above = Number.POSITIVE_INFINITY;
    let below = Number.NEGATIVE_INFINITY;
    for (const index of strip.flat()) {
      const { child, y: itemTop, height } = items[index]!;
      if (child === -1) continue;
      above = Math.min(above, itemTop);
      below = Math.max(below, itemTop + height);
    }
    let x = 0;
    for (const [offset, layer] of strip.entries()) {
      for (const index of layer) {
        const item = items[index]!;
        if (item.child !== -1) places.set(children[item.child]!.id, { x, y: Math.round(y + item.y - above) });
      }
      x += widths[from + offset]! + COLUMN_GAP;
    }
    width = Math.max(width, x - COLUMN_GAP);
    y += below - above + STRIP_GAP;
  }
  return {
    places,
    width: Math.max(width, 0) + 2 * PADDING.side,
    height: Math.round(Math.max(y - STRIP_GAP, 0)) + PADDING.top + PADDING.side,
  };
}

/**
 * Long graphs fold into strips like lines of text, so that all of it fits a window at a zoom one can read. The
 * number of strips makes the whole about as wide as ASPECT times its height; short graphs stay one strip.
 * @returns the layers [from, to) of each strip.
 */
function foldedRows(widths: readonly number[], height: number): readonly (readonly [from: number, to: number])[] {
  const total = widths.reduce((sum, each) => sum + each + COLUMN_GAP, 0);
  const strips = Math.round(Math.sqrt(total / ((height + STRIP_GAP) * ASPECT)));
  if (widths.length <= UNFOLDED_LAYERS || strips <= 1) return widths.length > 0 ? [[0, widths.length]] : [];
  const perStrip = Math.ceil(widths.length / strips);
  return Array.from(
    { length: Math.ceil(widths.length / perStrip) },
    (_, strip) => [strip * perStrip, Math.min((strip + 1) * perStrip, widths.length)] as const,
  );
}

/**
 * Longest path from the sources. Links that close a circle (two groups may feed each other) are ignored:
 * when no node is free, the first in document order goes. Constants stand just before their first reader.
 */
function columns(heads: readonly (readonly number[])[], isConstant: readonly boolean[]): readonly number[] {
  const waiting = new Int32Array(heads.length);
  for (const targets of heads) for (const head of targets) waiting[head]!++;
  const column = new Array<number>(heads.length).fill(0);
  const isPlaced = new Uint8Array(heads.length);
  const queue: number[] = [];
  for (let node = 0; node < heads.length; node++) if (waiting[node] === 0) queue.push(node);
  let next = 0;
  for (let placed = 0, at = 0; placed < heads.length; placed++) {
    if (at >= queue.length) {
      while (isPlaced[next] === 1) next++;
      queue.push(next);
    }
    const node = queue[at++]!;
    isPlaced[node] = 1;
    for (const head of heads[node]!) {
      if (isPlaced[head] === 1) continue;
      column[head] = Math.max(column[head]!, column[node]! + 1);
      if (--waiting[head]! === 0) queue.push(head);
    }
  }
  for (const [node, targets] of heads.entries())
    if (isConstant[node] && targets.length > 0)
      column[node] = Math.max(0, Math.min(...targets.map((head) => column[head]!)) - 1);
  return column;
}

function order(layers: readonly number[][], items: readonly Item[]): void {
  const after: number[][] = items.map(() => []);
  for (const [index, { before }] of items.entries()) for (const tail of before) after[tail]!.push(index);
  const sweep = (layer: number[], neighbours: (item: number) => readonly number[]) => {
    const keys = new Map<number, number>();
    for (const [rank, index] of layer.entries()) {
      const around = neighbours(index);
      const mean = around.reduce((sum, each) => sum + items[each]!.rank, 0) / around.length;
      keys.set(index, around.length === 0 ? rank : mean);
    }
    layer.sort((a, b) => keys.get(a)! - keys.get(b)! || a - b);
    for (const [rank, index] of layer.entries()) items[index]!.rank = rank;
  };
  for (const layer of layers) sweep(layer, (index) => items[index]!.before);
  for (const layer of layers.toReversed()) sweep(layer, (index) => after[index]!);
  for (const layer of layers) sweep(layer, (index) => items[index]!.before);
}

/** Puts a layer's items one under another, each as near to the middle of its predecessors as the order allows. */
function stack(layer: readonly number[], items: readonly Item[]): void {
  let bottom = Number.NEGATIVE_INFINITY;
  let drift = 0;
  let pulled = 0;
  for (const index of layer) {
    const item = items[index]!;
    const middles = item.before.map((tail) => items[tail]!.y + items[tail]!.height / 2);
    const isFree = middles.length === 0;
    const wanted = isFree
      ? Math.max(bottom + ROW_GAP, 0)
      : middles.reduce((sum, each) => sum + each, 0) / middles.length - item.height / 2;
    item.y = Math.max(wanted, bottom + (item.child === -1 ? ROW_GAP / 2 : ROW_GAP));
    bottom = item.y + item.height;
    if (isFree) continue;
    drift += item.y - wanted;
    pulled++;
  }
  if (pulled > 0) for (const index of layer) items[index]!.y -= drift / pulled;
}
