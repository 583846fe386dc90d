/**
 * The canvases on screen: what actions of the shell can ask of them. A document may stand in both panes of a split;
 * asked by document, the canvas of the focused pane answers, else the one there is.
 */
import { defineStore } from 'pinia';
import { type InjectionKey, ref, shallowReactive } from 'vue';
import type { Point } from './geometry.ts';
import type { Viewport } from './painter.ts';
import type { Direction, Scene } from './scene.ts';

/** A pane of the shell's centre. */
export type CanvasPane = 'first' | 'second';
export const canvasPane: InjectionKey<CanvasPane> = Symbol('pane');
const SECOND = ' (second)';
/** The name of a document's canvas in that pane; in the first it is the document's own. */
export const canvasIn = (pane: CanvasPane, document: string) => (pane === 'first' ? document : `${document}${SECOND}`);
export const documentOf = (canvas: string) => (canvas.endsWith(SECOND) ? canvas.slice(0, -SECOND.length) : canvas);

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
  readonly quickInsert: (query?: string) => void;
  readonly connect: () => void;
  /** The keyboard's cursor goes along the links (left, right) or across them (up, down), and selects unless told not to. */
  readonly walk: (direction: Direction, isSelectionKept?: boolean) => void;
  /** Selects the node at the cursor too, or no longer. */
  readonly toggleCursor: () => void;
  /** Selects the next or previous link of the node at the cursor. */
  readonly walkLinks: (by: 1 | -1) => void;
  /** Puts a note at the pointer or the middle, ready to be written on. */
  readonly addNote: () => void;
  /** Opens the field for the name of the node at the cursor, or for the words of the note. */
  readonly rename: () => void;
  /** Where something new goes: document position and the group open there. */
  readonly place: () => { readonly at: Point; readonly parent: string | null };
  readonly scene: () => Scene;
  /** Reactive. */
  readonly viewport: () => Viewport;
  /** Size on screen, pixels; reactive. */
  readonly size: () => { readonly width: number; readonly height: number };
  readonly setView: (next: Viewport) => void;
  readonly focus: () => void;
}

export const useCanvases = defineStore('canvases', () => {
  /** By canvas. */
  const mounted = shallowReactive(new Map<string, CanvasController>());
  const focusedPane = ref<CanvasPane>('first');
  /** The canvas of a document that actions are about. */
  function canvasOf(document: string): string {
    const panes: readonly CanvasPane[] = focusedPane.value === 'first' ? ['first', 'second'] : ['second', 'first'];
    const names = panes.map((pane) => canvasIn(pane, document));
    return names.find((name) => mounted.has(name)) ?? document;
  }
  const controllers = {
    get: (document: string) => mounted.get(canvasOf(document)),
    has: (document: string) => mounted.has(canvasOf(document)),
  };
  /** What a drag on empty ground does; Shift always selects. */
  const tool = ref<'pan' | 'select'>('pan');
  /** Where a canvas was when its tab was left. */
  const viewports = new Map<string, Viewport>();
  /** Where a canvas begins: as it was left, else as its document is or was looked at; undefined at first sight. */
  function keptView(canvas: string): Viewport | undefined {
    const document = documentOf(canvas);
    const others = [canvasIn('first', document), canvasIn('second', document)].filter((each) => each !== canvas);
    const beside = others.flatMap((each) => mounted.get(each)?.viewport() ?? [])[0];
    return viewports.get(canvas) ?? beside ?? viewports.get(document);
  }
  /** A canvas that goes over to the other pane goes on looking where it did. */
  function carryView(document: string, from: CanvasPane, to: CanvasPane): void {
    const now = mounted.get(canvasIn(from, document))?.viewport();
    if (now) viewports.set(canvasIn(to, document), now);
  }
  /** Nodes found by the search, shown with a halo. */
  const found = shallowReactive(new Map<string, ReadonlySet<string>>());
  /** The node the keyboard is at, by canvas. */
  const cursors = shallowReactive(new Map<string, string>());

  return { mounted, controllers, canvasOf, focusedPane, tool, found, viewports, keptView, carryView, cursors };
});
