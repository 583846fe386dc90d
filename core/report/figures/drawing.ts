/**
 * A drawn document made fit for a page: collapsed groups stand for what is in them, and a graph much longer
 * than the page is cut along its length into strips, read like lines of text. Documents without a usable
 * layout (nodes on top of each other) are layered by longest path instead.
 */
import { noteLines, noteOf } from '#core/catalog/note.ts';
import { type DocumentFile, type DocumentNode, GROUP_TYPE, isPart, NOTE_TYPE } from '#core/document/document.ts';
import type { Hue } from '../palette.ts';

export const NODE_WIDTH = 168;
export const NODE_HEIGHT = 56;
const MARGIN = 24;
/** Beyond this many nodes names could not be read on a page. */
const LABELLED = 150;

export interface DrawnNode {
  readonly id: string;
  readonly name: string;
  readonly detail: string;
  readonly hue: Hue;
  readonly x: number;
  readonly y: number;
}

export interface DrawnLink {
  readonly from: number;
  readonly to: number;
}

export interface GraphDrawing {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly DrawnNode[];
  readonly links: readonly DrawnLink[];
  /** Index of the strip each node lies in; links between strips are drawn as stubs. */
  readonly strips: readonly number[];
  readonly isHorizontal: boolean;
  readonly isLabelled: boolean;
}

export interface DrawingOptions {
  /** Width ÷ height of the space on the page. */
  readonly aspect: number;
  readonly hueOf: (node: DocumentNode) => Hue;
  readonly detailOf: (node: DocumentNode) => string;
}

interface Placed {
  readonly node: DocumentNode;
  readonly x: number;
  readonly y: number;
}

export function drawGraph(file: DocumentFile, options: DrawingOptions): GraphDrawing {
  const { shown, indexOf } = visibleNodes(file);
  const held = heldBy(file, shown, indexOf);
  const links = visibleLinks(file, indexOf);
  const placed = place(shown, links);
  const extent = extentOf(placed);
  const isHorizontal = extent.width >= extent.height;
  const { positions, strips, width, height } = fold(placed, extent, isHorizontal, options.aspect);
  return {
    width,
    height,
    strips,
    isHorizontal,
    isLabelled: placed.length <= LABELLED,
    links,
    nodes: placed.map(({ node }, index) => ({
      id: node.id,
      ...faceOf(node, held, options),
      x: positions[index]!.x,
      y: positions[index]!.y,
    })),
  };
}

function faceOf(node: DocumentNode, held: ReadonlyMap<string, number>, { hueOf, detailOf }: DrawingOptions) {
  if (node.type === NOTE_TYPE) {
    const [name = 'Note', ...rest] = noteLines(noteOf(node.parameters).text);
    return { name, detail: rest.join(' '), hue: 'note' as const };
  }
  const detail = node.type === GROUP_TYPE ? `${held.get(node.id) ?? 0} operators` : detailOf(node);
  return { name: node.name || node.id, detail, hue: hueOf(node) };
}

/** Leaves and collapsed groups; `indexOf` takes every node to what stands for it. */
function visibleNodes(file: DocumentFile) {
  const byId = new Map(file.nodes.map((node) => [node.id, node]));
  const standsFor = (node: DocumentNode): DocumentNode => {
    let visible = node;
    let parent = node.parent;
    for (let depth = 0; parent !== null && depth < 64; depth++) {
      const group = byId.get(parent);
      if (!group) break;
      if (group.parameters.collapsed === true) visible = group;
      parent = group.parent;
    }
    return visible;
  };
  const shown: DocumentNode[] = [];
  const indexOf = new Map<string, number>();
  const indexOfShown = new Map<string, number>();
  for (const node of file.nodes) {
    if (node.type === GROUP_TYPE && node.parameters.collapsed !== true) continue;
    const visible = standsFor(node);
    let index = indexOfShown.get(visible.id);
    if (index === undefined) {
      index = shown.length;
      indexOfShown.set(visible.id, index);
      shown.push(visible);
    }
    indexOf.set(node.id, index);
  }
  return { shown, indexOf };
}

/** Leaves that each shown group stands for. */
function heldBy(file: DocumentFile, shown: readonly DocumentNode[], indexOf: ReadonlyMap<string, number>) {
  const held = new Map<string, number>();
  for (const node of file.nodes) {
    const visible = shown[indexOf.get(node.id) ?? -1];
    if (visible && isPart(node)) held.set(visible.id, (held.get(visible.id) ?? 0) + 1);
  }
  return held;
}

function visibleLinks(file: DocumentFile, indexOf: ReadonlyMap<string, number>): readonly DrawnLink[] {
  const seen = new Set<string>();
  const links: DrawnLink[] = [];
  for (const link of file.links) {
    const from = indexOf.get(link.from.node);
    const to = indexOf.get(link.to.node);
    if (from === undefined || to === undefined || from === to || seen.has(`${from} ${to}`)) continue;
    seen.add(`${from} ${to}`);
    links.push({ from, to });
  }
  return links;
}

function place(nodes: readonly DocumentNode[], links: readonly DrawnLink[]): readonly Placed[] {
  const cells = new Set(nodes.map((node) => `${Math.round(node.x / 40)} ${Math.round(node.y / 20)}`));
  if (cells.size >= nodes.length * 0.95) return nodes.map((node) => ({ node, x: node.x, y: node.y }));
  const depth = longestPathDepths(nodes.length, links);
  const rows = new Map<number, number>();
  return nodes.map((node, index) => {
    const column = depth[index]!;
    const row = rows.get(column) ?? 0;
    rows.set(column, row + 1);
    return { node, x: column * (NODE_WIDTH + 48), y: row * (NODE_HEIGHT + 24) };
  });
}

/** Kahn's order; nodes on a cycle (an architecture's two-way links) stay where the walk first met them. */
function longestPathDepths(count: number, links: readonly DrawnLink[]): Int32Array {
  const depth = new Int32Array(count);
  const waiting = new Int32Array(count);
  const out: number[][] = Array.from({ length: count }, () => []);
  for (const link of links) {
    out[link.from]!.push(link.to);
    waiting[link.to]!++;
  }
  const queue = [...waiting.keys()].filter((index) => waiting[index] === 0);
  for (let head = 0; head < queue.length; head++) {
    for (const next of out[queue[head]!]!) {
      depth[next] = Math.max(depth[next]!, depth[queue[head]!]! + 1);
      if (--waiting[next]! === 0) queue.push(next);
    }
  }
  return depth;
}

interface Extent {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function extentOf(placed: readonly Placed[]): Extent {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of placed) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + NODE_WIDTH);
    bottom = Math.max(bottom, y + NODE_HEIGHT);
  }
  if (placed.length === 0) return { left: 0, top: 0, width: 0, height: 0 };
  return { left, top, width: right - left, height: bottom - top };
}

/** Cuts the long side into the number of strips whose bounding box comes nearest to the page's shape. */
function fold(placed: readonly Placed[], extent: Extent, isHorizontal: boolean, aspect: number) {
  const long = Math.max(1, isHorizontal ? extent.width : extent.height);
  const across = Math.max(1, isHorizontal ? extent.height : extent.width);
  let count = 1;
  let best = Number.POSITIVE_INFINITY;
  for (let candidate = 1; candidate <= 24; candidate++) {
    const length = long / candidate + NODE_WIDTH / 2;
    const breadth = candidate * (across + MARGIN * 2);
    const shape = isHorizontal ? length / breadth : breadth / length;
    const misfit = Math.abs(Math.log(shape / aspect)) + candidate * 0.02;
    if (misfit < best) {
      best = misfit;
      count = candidate;
    }
  }
  const cut = long / count;
  const strips = placed.map(({ x, y }) => {
    const middle = isHorizontal ? x - extent.left + NODE_WIDTH / 2 : y - extent.top + NODE_HEIGHT / 2;
    return Math.min(count - 1, Math.floor(middle / cut));
  });
  const starts = Array.from({ length: count }, () => Number.POSITIVE_INFINITY);
  const sides = Array.from({ length: count }, () => [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  placed.forEach(({ x, y }, index) => {
    const strip = strips[index]!;
    starts[strip] = Math.min(starts[strip]!, isHorizontal ? x : y);
    const side = isHorizontal ? y : x;
    sides[strip]![0] = Math.min(sides[strip]![0]!, side);
    sides[strip]![1] = Math.max(sides[strip]![1]!, side + (isHorizontal ? NODE_HEIGHT : NODE_WIDTH));
  });
  const offsets: number[] = [];
  let next = MARGIN;
  for (const [low, high] of sides) {
    offsets.push(next);
    if (high! > low!) next += high! - low! + MARGIN * 2;
  }
  let far = 0;
  const positions = placed.map(({ x, y }, index) => {
    const strip = strips[index]!;
    const along = (isHorizontal ? x : y) - starts[strip]! + MARGIN;
    const side = (isHorizontal ? y : x) - sides[strip]![0]! + offsets[strip]!;
    far = Math.max(far, along + (isHorizontal ? NODE_WIDTH : NODE_HEIGHT));
    return isHorizontal ? { x: along, y: side } : { x: side, y: along };
  });
  const breadth = Math.max(next - MARGIN, MARGIN * 2);
  const length = far + MARGIN;
  return { positions, strips, width: isHorizontal ? length : breadth, height: isHorizontal ? breadth : length };
}
