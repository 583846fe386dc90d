/**
 * Tidies what is on screen: ELK's layered layout of the visible nodes and open frames, left to right, as one
 * undoable command. Beyond a size or a time the core's linear layout takes over, which is plainer but never hangs.
 */
import ELK, { type ElkNode } from 'elkjs/lib/elk-api.js';
import type { Command } from '#core/document/command.ts';
import { type Document, GROUP_TYPE } from '#core/document/document.ts';
import { layerLayout } from '#core/model/layout.ts';
import { FRAME_HEADER, FRAME_PADDING } from '../canvas/geometry.ts';
import type { Scene, SceneNode } from '../canvas/scene.ts';
import { withInside } from './edits.ts';

export const ELK_LIMIT = 1500;
const BUDGET_MS = 15_000;

export interface Layout {
  /** Null: cancelled, or nothing moves. */
  readonly done: Promise<Command | null>;
  readonly cancel: () => void;
}

/** Lays out the scene, or only `chosen` nodes of one level when given. */
export function startLayout(document: Document, scene: Scene, makeWorker: () => Worker): Layout {
  const visible = scene.nodes.length;
  if (visible > ELK_LIMIT) return { done: Promise.resolve(linearLayout(document)), cancel: () => {} };
  const elk = new ELK({ workerFactory: makeWorker });
  let settle: (command: Command | null) => void = () => {};
  const done = new Promise<Command | null>((resolve) => {
    settle = resolve;
  });
  const finish = (command: Command | null) => {
    clearTimeout(timer);
    elk.terminateWorker();
    settle(command);
  };
  const timer = setTimeout(() => finish(linearLayout(document)), BUDGET_MS);
  elk.layout(elkGraph(scene)).then(
    (laid) => finish(sceneLayout(document, scene, laid)),
    () => finish(linearLayout(document)),
  );
  return { done, cancel: () => finish(null) };
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

/** The scene as ELK sees it: frames hold their visible children, ports are fixed where they are drawn. */
export function elkGraph(scene: Scene): ElkNode {
  const children = new Map<string | null, SceneNode[]>();
  for (const node of scene.nodes) {
    const parent = node.node.parent !== null && scene.byId.has(node.node.parent) ? node.node.parent : null;
    children.set(parent, [...(children.get(parent) ?? []), node]);
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
    edges: scene.links.map((link, index) => ({
      id: `\u0000${index}`,
      sources: [link.from.port < 0 ? link.from.node : `${link.from.node}>${link.from.port}`],
      targets: [link.to.port < 0 ? link.to.node : `${link.to.node}<${link.to.port}`],
    })),
  };
}

/** Document positions such that the scene comes out as laid; contents of collapsed groups move along with them. */
export function sceneLayout(document: Document, scene: Scene, laid: ElkNode): Command | null {
  const positions = new Map<string, { readonly x: number; readonly y: number }>();
  const visit = (node: ElkNode, x: number, y: number) => {
    for (const child of node.children ?? []) {
      const left = x + (child.x ?? 0);
      const top = y + (child.y ?? 0);
      const drawn = scene.byId.get(child.id);
      const old = document.nodes.get(child.id);
      if (drawn && old) {
        const at =
          drawn.shape === 'frame'
            ? { x: left + FRAME_PADDING, y: top + FRAME_HEADER + FRAME_PADDING / 2 }
            : { x: left, y: top };
        positions.set(child.id, at);
        if (drawn.shape === 'group')
          for (const inner of withInside(document, [child.id]))
            if (inner.id !== child.id)
              positions.set(inner.id, { x: inner.x + at.x - old.x, y: inner.y + at.y - old.y });
      }
      visit(child, left, top);
    }
  };
  visit(laid, 0, 0);
  return moveTo(document, positions);
}

function linearLayout(document: Document): Command | null {
  return moveTo(document, layerLayout(document));
}

function moveTo(
  document: Document,
  places: ReadonlyMap<string, { readonly x: number; readonly y: number }>,
): Command | null {
  const positions = [...places].flatMap(([id, place]) => {
    const node = document.nodes.get(id);
    const x = Math.round(place.x);
    const y = Math.round(place.y);
    return node && (node.x !== x || node.y !== y) ? [{ node: id, x, y }] : [];
  });
  if (positions.length === 0) return null;
  const count = [...document.nodes.values()].filter((node) => node.type !== GROUP_TYPE).length;
  return { type: 'batch', label: `Lay out ${count} nodes`, commands: [{ type: 'nodes.move', positions }] };
}
