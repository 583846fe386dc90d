/**
 * Tidies what is on screen, off the page's thread, as one undoable command: all of it, or the chosen nodes around
 * where they stood. ELK's layered layout, left to right; of more nodes, or beyond a time, the core's linear layout,
 * which is plainer but never hangs. What lies in closed groups goes along with them.
 */
import ELK, { type ElkNode } from 'elkjs/lib/elk-api.js';
import type { Command } from '#core/document/command.ts';
import { type Document, type DocumentNode, isPart, NOTE_TYPE } from '#core/document/document.ts';
import type { DocumentState } from '#core/document/history.ts';
import { around, type Box, FRAME_HEADER, FRAME_PADDING, overlaps, type Point } from '../canvas/geometry.ts';
import { childrenOf, type Scene, type SceneLink, type SceneNode } from '../canvas/scene.ts';
import { withInside } from './edits.ts';

export const ELK_LIMIT = 1500;
export const BUDGET_MS = 15_000;
const LABEL = 'Lay out';

export interface LayoutRequest {
  readonly document: Document;
  readonly scene: Scene;
  /** Only these, each level of them by itself; null: everything. */
  readonly chosen: ReadonlySet<string> | null;
  /** Nodes that stay where they are when everything is laid out; the others make room. */
  readonly pinned: ReadonlySet<string>;
}

export interface LayoutWorkers {
  readonly elk: () => Worker;
  readonly linear: () => Worker;
}

export type LayoutStage = 'layered' | 'linear' | 'failed';

export interface Layout {
  /** Null: cancelled, failed, or nothing moves. */
  readonly done: Promise<Command | null>;
  /** Ends the worker at once. */
  readonly cancel: () => void;
}

/** Visible nodes that are laid out together, and the links among them. */
export interface LayoutPart {
  readonly nodes: readonly SceneNode[];
  readonly links: readonly SceneLink[];
}

/** What the linear layout's worker is sent; it answers with entries [id, place]. */
export interface LinearTask {
  readonly nodes: readonly { readonly id: string; readonly parent: string | null; readonly isFrame: boolean }[];
  readonly links: readonly (readonly [from: string, to: string])[];
}

type Places = ReadonlyMap<string, Point>;

export function startLayout(
  request: LayoutRequest,
  workers: LayoutWorkers,
  onStage: (stage: LayoutStage) => void = () => {},
): Layout {
  let stop: () => void = () => {};
  let isCancelled = false;
  let settle: (command: Command | null) => void = () => {};
  const done = new Promise<Command | null>((resolve) => {
    settle = resolve;
  });

  /** Null when it was too slow or failed. */
  function layered(part: LayoutPart): Promise<Places | null> {
    onStage('layered');
    const elk = new ELK({ workerFactory: workers.elk });
    return new Promise((resolve) => {
      const finish = (places: Places | null) => {
        clearTimeout(timer);
        elk.terminateWorker();
        resolve(places);
      };
      const timer = setTimeout(() => finish(null), BUDGET_MS);
      stop = () => finish(null);
      elk.layout(elkGraph(part)).then(
        (laid) => finish(placesOf(laid)),
        () => finish(null),
      );
    });
  }

  function linear(part: LayoutPart): Promise<Places | null> {
    onStage('linear');
    const worker = workers.linear();
    return new Promise((resolve) => {
      const finish = (places: Places | null) => {
        clearTimeout(timer);
        worker.terminate();
        resolve(places);
      };
      const fail = () => {
        onStage('failed');
        finish(null);
      };
      const timer = setTimeout(fail, BUDGET_MS);
      stop = () => finish(null);
      worker.onmessage = ({ data }: MessageEvent<readonly (readonly [string, Point])[]>) => finish(new Map(data));
      worker.onerror = fail;
      worker.postMessage(linearTask(part));
    });
  }

  async function layOut(): Promise<Command | null> {
    const { document, scene, chosen } = request;
    const positions = new Map<string, Point>();
    for (const part of chosen ? partsOf(scene, chosen) : [scene].map(withoutNotes)) {
      let places = part.nodes.length > ELK_LIMIT ? null : await layered(part);
      if (isCancelled) return null;
      places ??= await linear(part);
      if (isCancelled || !places) return null;
      const moved = chosen ? movedPart(request, part, places) : movedScene(request, places);
      for (const [id, place] of moved) positions.set(id, place);
    }
    return moveTo(document, positions);
  }
  layOut().then(settle, () => {
    onStage('failed');
    settle(null);
  });
  return {
    done,
    cancel: () => {
      isCancelled = true;
      stop();
      settle(null);
    },
  };
}

/** Notes stay where they were put. */
function withoutNotes({ nodes, links }: LayoutPart): LayoutPart {
  return { nodes: nodes.filter(({ shape }) => shape !== 'note'), links };
}

/** The chosen nodes of each level with what their frames show; a level with one of them has nothing to lay out. */
export function partsOf(scene: Scene, chosen: ReadonlySet<string>): readonly LayoutPart[] {
  const levels = new Map<string | null, Set<string>>();
  const within = new Map<string, string | null>();
  for (const node of scene.nodes) {
    const parent = parentIn(scene, node);
    // A frame stands before what it holds: a child of a chosen frame is laid out with it.
    const level = parent !== null && within.has(parent) ? within.get(parent) : chosen.has(node.id) ? parent : undefined;
    if (level === undefined) continue;
    within.set(node.id, level);
    const known = levels.get(level);
    if (known) known.add(node.id);
    else levels.set(level, new Set([node.id]));
  }
  return [...levels].flatMap(([level, ids]) => {
    const nodes = scene.nodes.filter(({ id, shape }) => ids.has(id) && shape !== 'note');
    if (nodes.filter((node) => parentIn(scene, node) === level).length < 2) return [];
    return [{ nodes, links: scene.links.filter(({ from, to }) => ids.has(from.node) && ids.has(to.node)) }];
  });
}

function parentIn(scene: Pick<Scene, 'byId'>, { node }: SceneNode): string | null {
  return node.parent !== null && scene.byId.has(node.parent) ? node.parent : null;
}

/** Nodes moved by hand and not laid out since, as far as the history goes. */
export function placedByHand({ entries, cursor }: Pick<DocumentState, 'entries' | 'cursor'>): ReadonlySet<string> {
  const placed = new Set<string>();
  for (const { label, patch } of entries.slice(0, cursor))
    for (const { table, id, before, after } of patch) {
      if (table !== 'nodes' || !before || !after || (before.x === after.x && before.y === after.y)) continue;
      if (label.startsWith(LABEL)) placed.delete(id);
      else placed.add(id);
    }
  return placed;
}

/** Not inherited by the levels inside: given to each. */
const SPACING = {
  'elk.layered.spacing.nodeNodeBetweenLayers': '64',
  'elk.spacing.nodeNode': '28',
  'elk.spacing.edgeNode': '16',
};
const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  ...SPACING,
  'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.separateConnectedComponents': 'true',
};
const FRAME_OPTIONS = {
  ...SPACING,
  'elk.padding': `[top=${FRAME_HEADER + FRAME_PADDING / 2},left=${FRAME_PADDING},bottom=${FRAME_PADDING},right=${FRAME_PADDING}]`,
};

/** The part as ELK sees it: frames hold their visible children, ports are fixed where they are drawn. */
export function elkGraph({ nodes, links }: LayoutPart): ElkNode {
  const shown = new Set(nodes.map(({ id }) => id));
  const children = new Map<string | null, SceneNode[]>();
  for (const node of nodes) {
    const parent = node.node.parent !== null && shown.has(node.node.parent) ? node.node.parent : null;
    const siblings = children.get(parent);
    if (siblings) siblings.push(node);
    else children.set(parent, [node]);
  }
  const made = (node: SceneNode): ElkNode => {
    if (node.shape === 'frame')
      return { id: node.id, layoutOptions: FRAME_OPTIONS, children: (children.get(node.id) ?? []).map(made) };
    return {
      id: node.id,
      width: node.width,
      height: node.height,
      layoutOptions: { 'elk.portConstraints': 'FIXED_POS' },
      ports: [
        ...node.inputs.map((port, index) => ({ id: `${node.id}<${index}`, x: 0, y: port.offset, width: 0, height: 0 })),
        ...node.outputs.map((port, index) => ({
          id: `${node.id}>${index}`,
          x: node.width,
          y: port.offset,
          width: 0,
          height: 0,
        })),
      ],
    };
  };
  return {
    id: '\u0000root',
    layoutOptions: OPTIONS,
    children: (children.get(null) ?? []).map(made),
    edges: links.map((link, index) => ({
      id: `\u0000${index}`,
      sources: [link.from.port < 0 ? link.from.node : `${link.from.node}>${link.from.port}`],
      targets: [link.to.port < 0 ? link.to.node : `${link.to.node}<${link.to.port}`],
    })),
  };
}

/** Top-left corners of everything ELK placed. */
export function placesOf(laid: ElkNode): Places {
  const places = new Map<string, Point>();
  const visit = (node: ElkNode, x: number, y: number) => {
    for (const child of node.children ?? []) {
      const at = { x: x + (child.x ?? 0), y: y + (child.y ?? 0) };
      places.set(child.id, at);
      visit(child, at.x, at.y);
    }
  };
  visit(laid, 0, 0);
  return places;
}

export function linearTask({ nodes, links }: LayoutPart): LinearTask {
  const shown = new Set(nodes.map(({ id }) => id));
  return {
    nodes: nodes.map(({ id, node, shape }) => ({
      id,
      parent: node.parent !== null && shown.has(node.parent) ? node.parent : null,
      isFrame: shape === 'frame',
    })),
    links: links.map(({ from, to }) => [from.node, to.node] as const),
  };
}

/** Document positions such that the whole scene comes out as laid, around what is pinned. */
export function movedScene({ document, scene, pinned }: Omit<LayoutRequest, 'chosen'>, places: Places): Places {
  const positions = new Map<string, Point>();
  const rootOf = rootsOf(scene);
  const fixed = new Map<string, Box>();
  for (const id of pinned) {
    // A frame in which something was placed stays as it is.
    const root = scene.byId.get(rootOf.get(id) ?? '');
    if (root && places.has(root.id))
      fixed.set(root.id, { ...root, x: root.x - root.shift.x, y: root.y - root.shift.y });
  }
  // The others keep their places in the layout relative to the middle one of what is pinned.
  const by = { x: 0, y: 0 };
  if (fixed.size > 0) {
    const offsets = [...fixed].map(([id, box]) => ({ box, place: places.get(id) ?? box }));
    by.x = median(offsets.map(({ box, place }) => box.x - place.x));
    by.y = median(offsets.map(({ box, place }) => box.y - place.y));
  }
  const down = aside(scene, rootOf, places, by, fixed);
  for (const node of scene.nodes) {
    const place = places.get(node.id);
    const root = rootOf.get(node.id) ?? node.id;
    if (!place || fixed.has(root)) continue;
    const x = place.x + by.x;
    const y = place.y + by.y + (down.get(root) ?? 0);
    const at = node.shape === 'frame' ? { x: x + FRAME_PADDING, y: y + FRAME_HEADER + FRAME_PADDING / 2 } : { x, y };
    put(document, node, at, positions);
  }
  return positions;
}

/** The part laid out around the middle of where it stood, everything else as it was. */
function movedPart({ document }: LayoutRequest, part: LayoutPart, places: Places): Places {
  const positions = new Map<string, Point>();
  const before = around(part.nodes);
  const after = around(part.nodes.flatMap((node) => boxAt(node, places)));
  if (!before || !after) return positions;
  const by = {
    x: before.x + before.width / 2 - after.x - after.width / 2,
    y: before.y + before.height / 2 - after.y - after.height / 2,
  };
  for (const node of part.nodes) {
    const place = places.get(node.id);
    if (!place) continue;
    const x = node.node.x + place.x + by.x - node.x;
    const y = node.node.y + place.y + by.y - node.y;
    put(document, node, { x, y }, positions);
  }
  return positions;
}

function boxAt(node: SceneNode, places: Places): Box[] {
  const at = places.get(node.id);
  // What a frame covers follows from what it holds.
  return at && node.shape !== 'frame' ? [{ ...at, width: node.width, height: node.height }] : [];
}

/** What lies in a closed group goes along, and the notes in an open one. */
function put(document: Document, { id, shape, node }: SceneNode, at: Point, positions: Map<string, Point>): void {
  positions.set(id, at);
  const along =
    shape === 'group'
      ? withInside(document, [id])
      : shape === 'frame'
        ? (childrenOf(document).get(id) ?? []).filter(({ type }) => type === NOTE_TYPE)
        : [];
  for (const inner of along)
    if (inner.id !== id) positions.set(inner.id, { x: inner.x + at.x - node.x, y: inner.y + at.y - node.y });
}

/** The outermost drawn node around each node drawn. */
function rootsOf(scene: Scene): ReadonlyMap<string, string> {
  const roots = new Map<string, string>();
  for (const node of scene.nodes) {
    const parent = parentIn(scene, node);
    roots.set(node.id, parent === null ? node.id : (roots.get(parent) ?? parent));
  }
  return roots;
}

const GAP = 24;

/** How far down each outermost node gives way to what is pinned and to those that did so before it. */
function aside(
  scene: Scene,
  rootOf: ReadonlyMap<string, string>,
  places: Places,
  by: Point,
  fixed: ReadonlyMap<string, Box>,
): ReadonlyMap<string, number> {
  const down = new Map<string, number>();
  if (fixed.size === 0) return down;
  const covers = new Map<string, Box[]>();
  for (const node of scene.nodes) {
    const root = rootOf.get(node.id) ?? node.id;
    if (fixed.has(root)) continue;
    const found = boxAt(node, places).map((box) => spread({ ...box, x: box.x + by.x, y: box.y + by.y }));
    const known = covers.get(root);
    if (known) known.push(...found);
    else covers.set(root, found);
  }
  const boxes = [...covers].flatMap(([id, inner]) => {
    const box = around(inner);
    return box ? [{ id, box }] : [];
  });
  const taken = [...fixed.values()];
  const inTheWay = boxes.filter(({ box }) => taken.some((each) => overlaps(each, box)));
  const giving = new Set(inTheWay);
  for (const each of boxes) if (!giving.has(each)) taken.push(each.box);
  for (const { id, box } of inTheWay.toSorted((a, b) => a.box.y - b.box.y)) {
    let at = box;
    for (let hit = taken.find((each) => overlaps(each, at)); hit; hit = taken.find((each) => overlaps(each, at)))
      at = { ...at, y: hit.y + hit.height };
    taken.push(at);
    down.set(id, at.y - box.y);
  }
  return down;
}

function spread({ x, y, width, height }: Box): Box {
  return { x: x - GAP / 2, y: y - GAP / 2, width: width + GAP, height: height + GAP };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

function moveTo(document: Document, places: Places): Command | null {
  const positions = [...places].flatMap(([id, place]) => {
    const node = document.nodes.get(id);
    const x = Math.round(place.x);
    const y = Math.round(place.y);
    return node && (node.x !== x || node.y !== y) ? [{ node: id, x, y }] : [];
  });
  if (positions.length === 0) return null;
  const isDrawn = (node: DocumentNode | undefined) => node && isPart(node);
  const count = [...places.keys()].filter((id) => isDrawn(document.nodes.get(id))).length;
  return { type: 'batch', label: `${LABEL} ${count} nodes`, commands: [{ type: 'nodes.move', positions }] };
}
