/**
 * Places a level and the levels inside it. Positions are the document's, except that an expanded group whose frame
 * would cover its neighbours pushes them aside: those right of it to the right, else those below it down. A drawing
 * laid out with its groups open is shown exactly as it is.
 */
import { noteOf } from '#core/catalog/note.ts';
import { type DocumentNode, GROUP_TYPE, NOTE_TYPE } from '#core/document/document.ts';
import type { CanvasPort } from './adapter.ts';
import {
  around,
  type Box,
  FRAME_HEADER,
  FRAME_PADDING,
  NODE_HEIGHT,
  NODE_WIDTH,
  nodeHeight,
  overlaps,
  type Point,
} from './geometry.ts';

export interface Placed {
  readonly node: DocumentNode;
  readonly box: Box;
  /** How far it is pushed aside; of a frame, with all it holds. */
  readonly shift: Point;
  readonly isFrame: boolean;
}

export interface Level {
  readonly children: ReadonlyMap<string | null, readonly DocumentNode[]>;
  readonly isExpanded: (group: DocumentNode) => boolean;
  readonly portsOf: (node: DocumentNode) => {
    readonly inputs: readonly CanvasPort[];
    readonly outputs: readonly CanvasPort[];
  };
}

interface Item {
  readonly node: DocumentNode;
  /** Where the node's own box is in the document. */
  readonly slot: Box;
  /** What it covers in the scene, before pushing. */
  readonly cover: Box;
  readonly inner: readonly Placed[] | null;
}

/** The nodes of a level and of expanded groups inside it: a frame before its children. */
export function placeLevel(parent: string | null, level: Level): readonly Placed[] {
  const items = (level.children.get(parent) ?? []).map((node) => itemOf(node, level));
  const frames = items.filter((item) => item.inner !== null).sort((a, b) => a.slot.x - b.slot.x || a.slot.y - b.slot.y);
  const shifts = new Map<Item, { x: number; y: number }>(items.map((item) => [item, { x: 0, y: 0 }]));
  for (const frame of frames) pushAside(frame, items, shifts);

  const placed: Placed[] = [];
  for (const item of items) {
    const shift = shifts.get(item) ?? { x: 0, y: 0 };
    const moved = (box: Box): Box => ({ ...box, x: box.x + shift.x, y: box.y + shift.y });
    placed.push({
      node: item.node,
      box: moved(item.cover),
      shift,
      isFrame: item.inner !== null,
    });
    for (const child of item.inner ?? [])
      placed.push({
        ...child,
        box: moved(child.box),
        shift: { x: child.shift.x + shift.x, y: child.shift.y + shift.y },
      });
  }
  return placed;
}

function itemOf(node: DocumentNode, level: Level): Item {
  if (node.type === NOTE_TYPE) {
    const { width, height } = noteOf(node.parameters);
    const slot = { x: node.x, y: node.y, width, height };
    return { node, slot, cover: slot, inner: null };
  }
  if (node.type !== GROUP_TYPE || !level.isExpanded(node)) {
    const ports = level.portsOf(node);
    const slot = {
      x: node.x,
      y: node.y,
      width: NODE_WIDTH,
      height: nodeHeight(ports.inputs.length, ports.outputs.length),
    };
    return { node, slot, cover: slot, inner: null };
  }
  const slot = { x: node.x, y: node.y, width: NODE_WIDTH, height: NODE_HEIGHT };
  const inner = placeLevel(node.id, level);
  const content = around(inner.map((placed) => placed.box)) ?? slot;
  const cover = {
    x: content.x - FRAME_PADDING,
    y: content.y - FRAME_HEADER - FRAME_PADDING / 2,
    width: content.width + 2 * FRAME_PADDING,
    height: content.height + FRAME_HEADER + FRAME_PADDING * 1.5,
  };
  return { node, slot, cover, inner };
}

const GAP = 24;

function pushAside(frame: Item, items: readonly Item[], shifts: ReadonlyMap<Item, { x: number; y: number }>): void {
  const now = (item: Item): Box => {
    const shift = shifts.get(item) ?? { x: 0, y: 0 };
    return { ...item.cover, x: item.cover.x + shift.x, y: item.cover.y + shift.y };
  };
  const covered = now(frame);
  const others = items.filter((item) => item !== frame);
  const hit = others.filter((item) => overlaps(now(item), covered));
  if (hit.length === 0) return;
  // Keep the frame where the collapsed node stood: its left edge and the gap to what is before it do not change.
  const right = frame.slot.x + frame.slot.width / 2;
  const isRight = (item: Item) => item.slot.x >= right;
  const pushRight = Math.max(0, ...hit.filter(isRight).map((item) => covered.x + covered.width + GAP - now(item).x));
  const isBelow = (item: Item) => !isRight(item) && item.slot.y > frame.slot.y;
  const pushDown = Math.max(0, ...hit.filter(isBelow).map((item) => covered.y + covered.height + GAP - now(item).y));
  // What is left or above and overlaps: the frame itself and everything after it give way.
  const pushSelf = Math.max(
    0,
    ...hit
      .filter((item) => !isRight(item) && !isBelow(item) && item.slot.x + item.slot.width <= frame.slot.x)
      .map((item) => now(item).x + item.cover.width + GAP - covered.x),
  );
  for (const [item, shift] of shifts) {
    if (item === frame) shift.x += pushSelf;
    else if (isRight(item)) shift.x += pushRight + pushSelf;
    else if (isBelow(item)) shift.y += pushDown;
  }
}
