/** The canvases on screen, by document: what actions of the shell can ask of them. */
import { defineStore } from 'pinia';
import { ref, shallowReactive } from 'vue';
import type { Point } from './geometry.ts';
import type { Direction, Scene } from './scene.ts';

export interface CanvasController {
  /** Shows these nodes, or everything. */
  readonly fit: (nodes?: Iterable<string>) => void;
  /** The first sight of a drawing: all of it if that can be read, else its beginning. */
  readonly begin: () => void;
  /** Opens the groups around a node and pans it into view. */
  readonly reveal: (node: string) => void;
  readonly zoomBy: (factor: number) => void;
  readonly panBy: (dx: number, dy: number) => void;
  /** Opens the list to type a type's name into, at the pointer or the middle. */
  readonly quickInsert: () => void;
  readonly connect: () => void;
  /** The keyboard's cursor goes along the links (left, right) or across them (up, down), and selects unless told not to. */
  readonly walk: (direction: Direction, isSelectionKept?: boolean) => void;
  /** Selects the node at the cursor too, or no longer. */
  readonly toggleCursor: () => void;
  /** Selects the next or previous link of the node at the cursor. */
  readonly walkLinks: (by: 1 | -1) => void;
  /** Opens the field for the name of the node at the cursor. */
  readonly rename: () => void;
  /** Where something new goes: document position and the group open there. */
  readonly place: () => { readonly at: Point; readonly parent: string | null };
  readonly scene: () => Scene;
  readonly focus: () => void;
}

export const useCanvases = defineStore('canvases', () => {
  const controllers = shallowReactive(new Map<string, CanvasController>());
  /** What a drag on empty ground does; Shift always selects. */
  const tool = ref<'pan' | 'select'>('pan');
  /** Where a canvas was when its tab was left. */
  const viewports = new Map<string, { readonly x: number; readonly y: number; readonly zoom: number }>();
  /** Nodes found by the search, shown with a halo. */
  const found = shallowReactive(new Map<string, ReadonlySet<string>>());
  /** The node the keyboard is at, by document. */
  const cursors = shallowReactive(new Map<string, string>());

  return { controllers, tool, found, viewports, cursors };
});
