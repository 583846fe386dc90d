/**
 * Pointer gestures of the canvas: select, drag, marquee, connect. Panning and zooming are Vue Flow's; a gesture
 * taken here keeps the press from it. Everything is hit-tested on the scene, so painted and mounted nodes act alike.
 */
import { type Ref, shallowRef } from 'vue';
import type { Result } from '#core/base/result.ts';
import { groupsAround } from '#core/document/block-uses.ts';
import type { Document, Endpoint } from '#core/document/document.ts';
import type { Connecting, Drag } from './context.ts';
import { type Box, contains, FRAME_HEADER, GRID, type Point } from './geometry.ts';
import type { Scene, SceneNode, ScenePort } from './scene.ts';

export interface GestureHost {
  readonly root: Readonly<Ref<HTMLElement | null>>;
  readonly document: () => Document;
  readonly canConnect: (from: Endpoint, to: Endpoint) => Result<true, string>;
  readonly scene: () => Scene;
  readonly zoom: () => number;
  /** Screen (client) to scene pixels. */
  readonly toScene: (event: { readonly clientX: number; readonly clientY: number }) => Point;
  readonly nodesAt: (point: Point) => readonly SceneNode[];
  readonly linkAt: (point: Point, tolerance: number) => string | null;
  readonly marqueeSelects: () => boolean;
  readonly selected: () => ReadonlySet<string>;
  readonly select: (nodes: Iterable<string>, links?: Iterable<string>) => void;
  readonly toggleSelected: (node: string) => void;
  /** Moves the nodes, into the group or (null) to the top level if they are not there. */
  readonly move: (nodes: ReadonlySet<string>, dx: number, dy: number, into: string | null) => void;
  readonly link: (from: Endpoint, to: Endpoint) => void;
  /** A link drawn to empty ground: offer something new to join it to. */
  readonly linkToNew: (start: Endpoint, at: Point) => void;
  readonly inside: (marquee: Box) => Iterable<string>;
}

const CLICK_PIXELS = 4;
/** How near a port the pointer counts as over it, scene pixels. */
const PORT_REACH = 12;

export function useGestures(host: GestureHost) {
  const drag = shallowRef<Drag | null>(null);
  const connecting = shallowRef<Connecting | null>(null);
  const marquee = shallowRef<Box | null>(null);
  let isTaken = false;

  /** The topmost node under the point; a frame only by its header. */
  function nodeAt(point: Point): SceneNode | null {
    const under = host.nodesAt(point);
    const solid = under.findLast((node) => node.shape !== 'frame');
    if (solid) return solid;
    return (
      under
        .filter((node) => contains({ ...node, height: FRAME_HEADER }, point))
        .toSorted((a, b) => a.width * a.height - b.width * b.height)[0] ?? null
    );
  }

  /** The innermost open group under the point that is not itself under way. */
  function frameAt(point: Point, moving: ReadonlySet<string>): string | null {
    const frames = host.nodesAt(point).filter((node) => node.shape === 'frame' && !moving.has(node.id));
    return frames.toSorted((a, b) => a.width * a.height - b.width * b.height)[0]?.id ?? null;
  }

  function onPointerDown(event: PointerEvent): void {
    isTaken = false;
    const target = event.target;
    if (event.button !== 0 || !(target instanceof Element) || target.closest('[data-overlay]')) return;
    host.root.value?.focus({ preventScroll: true });
    const port = target.closest('[data-port]');
    const point = host.toScene(event);
    const node = nodeAt(point);
    const link = node ? null : host.linkAt(point, 6 / host.zoom());
    if (port instanceof HTMLElement) take(event, connectFrom(port, point));
    else if (node) take(event, pressNode(node, event, point));
    else if (link !== null) take(event, { end: () => host.select([], [link]) });
    else if (event.shiftKey || host.marqueeSelects()) take(event, drawMarquee(point, event.shiftKey));
    else follow(event, { end: (_, moved) => !moved && host.select([]) });
  }

  interface Gesture {
    readonly move?: (event: PointerEvent) => void;
    readonly end?: (event: PointerEvent, moved: boolean) => void;
    readonly cancel?: () => void;
  }

  function take(event: PointerEvent, gesture: Gesture): void {
    isTaken = true;
    follow(event, gesture);
  }

  /** Follows the pointer until it is released; Escape gives up. */
  function follow(start: PointerEvent, gesture: Gesture): void {
    let moved = false;
    const move = (event: PointerEvent) => {
      moved ||= Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > CLICK_PIXELS;
      if (moved) gesture.move?.(event);
    };
    const finish = () => {
      removeEventListener('pointermove', move);
      removeEventListener('pointerup', end);
      removeEventListener('pointercancel', cancel);
      removeEventListener('keydown', giveUp, true);
    };
    const end = (event: PointerEvent) => {
      finish();
      gesture.end?.(event, moved);
    };
    const cancel = () => {
      finish();
      gesture.cancel?.();
    };
    const giveUp = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      cancel();
    };
    addEventListener('pointermove', move);
    addEventListener('pointerup', end);
    addEventListener('pointercancel', cancel);
    addEventListener('keydown', giveUp, true);
  }

  function pressNode(node: SceneNode, press: PointerEvent, start: Point): Gesture {
    const adds = press.shiftKey || press.ctrlKey || press.metaKey;
    const wasSelected = host.selected().has(node.id);
    if (adds) host.toggleSelected(node.id);
    else if (!wasSelected) host.select([node.id]);
    const nodes = new Set<string>();
    const gather = () => {
      for (const id of host.selected()) nodes.add(id);
      for (const id of nodesInside(host.scene(), host.document(), nodes)) nodes.add(id);
    };
    return {
      move: (event) => {
        if (nodes.size === 0) gather();
        if (nodes.size === 0) return;
        const point = host.toScene(event);
        const snap = (value: number) => (event.altKey ? Math.round(value) : Math.round(value / GRID) * GRID);
        drag.value = {
          nodes,
          into: frameAt(point, nodes),
          by: { x: snap(point.x - start.x), y: snap(point.y - start.y) },
        };
      },
      end: (_, moved) => {
        const done = drag.value;
        drag.value = null;
        if (done) host.move(host.selected(), done.by.x, done.by.y, done.into);
        else if (!moved && !adds && wasSelected && host.selected().size > 1) host.select([node.id]);
      },
      cancel: () => {
        drag.value = null;
      },
    };
  }

  function drawMarquee(start: Point, adds: boolean): Gesture {
    const before = adds ? [...host.selected()] : [];
    return {
      move: (event) => {
        const point = host.toScene(event);
        marquee.value = {
          x: Math.min(start.x, point.x),
          y: Math.min(start.y, point.y),
          width: Math.abs(point.x - start.x),
          height: Math.abs(point.y - start.y),
        };
        host.select([...before, ...host.inside(marquee.value)]);
      },
      end: (_, moved) => {
        marquee.value = null;
        if (!moved && !adds) host.select([]);
      },
      cancel: () => {
        marquee.value = null;
        host.select(before);
      },
    };
  }

  function connectFrom(port: HTMLElement, origin: Point): Gesture {
    const { node = '', name = '' } = port.dataset;
    const end = port.dataset.port === 'from' ? 'from' : 'to';
    const start: Endpoint = { node, port: name };
    return {
      move: (event) => {
        const pointer = host.toScene(event);
        connecting.value = { start, end, origin, pointer, ...targetAt(pointer, start, end) };
      },
      end: (event) => {
        const done = connecting.value;
        connecting.value = null;
        if (!done) return;
        if (done.target && done.reason === null) {
          const ends = [start, done.target.port] as const;
          host.link(end === 'from' ? ends[0] : ends[1], end === 'from' ? ends[1] : ends[0]);
        } else if (!done.target && end === 'from') host.linkToNew(start, host.toScene(event));
      },
      cancel: () => {
        connecting.value = null;
      },
    };
  }

  /** The port under the pointer, or the first port of the node there that may be joined. */
  function targetAt(pointer: Point, start: Endpoint, end: 'from' | 'to'): Pick<Connecting, 'target' | 'reason'> {
    const own = host.scene().standIn(start.node)?.id;
    const topmostAt = (x: number) =>
      host.nodesAt({ x, y: pointer.y }).findLast(({ id, shape }) => shape !== 'frame' && id !== own);
    const node = topmostAt(pointer.x) ?? topmostAt(pointer.x + PORT_REACH) ?? topmostAt(pointer.x - PORT_REACH);
    if (!node) return { target: null, reason: null };
    const ports = end === 'from' ? node.inputs : node.outputs;
    const check = (port: ScenePort) => {
      const [from, to] = end === 'from' ? [start, port.end] : [port.end, start];
      return host.canConnect(from, to);
    };
    const near = nearestPort(node, ports, pointer);
    if (!near) return { target: { node: node.id, port: { node: node.id, port: '' } }, reason: noPort(node, end) };
    const answer = check(near.port);
    if (answer.ok) return { target: { node: node.id, port: near.port.end }, reason: null };
    // Over the body rather than over a port: any port that takes it will do.
    const other = near.distance > PORT_REACH ? ports.find((port) => check(port).ok) : undefined;
    return { target: { node: node.id, port: (other ?? near.port).end }, reason: other ? null : answer.error };
  }

  return {
    drag,
    connecting,
    marquee,
    nodeAt,
    onPointerDown,
    /** Vue Flow pans by mouse events: those of a press taken here do not reach it. */
    onMouseDown: (event: MouseEvent) => {
      if (isTaken && event.button === 0) event.stopPropagation();
    },
  };
}

function noPort(node: SceneNode, end: 'from' | 'to'): string {
  return `${node.title} has no ${end === 'from' ? 'inputs' : 'outputs'}`;
}

function nearestPort(
  node: SceneNode,
  ports: readonly ScenePort[],
  pointer: Point,
): { readonly port: ScenePort; readonly distance: number } | null {
  let best: { port: ScenePort; distance: number } | null = null;
  const isInput = ports === node.inputs;
  for (const port of ports) {
    const x = isInput ? node.x : node.x + node.width;
    const distance = Math.hypot(x - pointer.x, node.y + port.offset - pointer.y);
    if (!best || distance < best.distance) best = { port, distance };
  }
  return best;
}

/** Visible nodes inside dragged frames move along. */
function nodesInside(scene: Scene, { nodes }: Document, moved: ReadonlySet<string>): readonly string[] {
  return scene.nodes
    .filter(({ node }) => groupsAround(nodes, node).some((group) => moved.has(group)))
    .map(({ id }) => id);
}
