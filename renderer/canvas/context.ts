/** What a canvas shares with the nodes it mounts. */
import type { InjectionKey, Ref } from 'vue';
import type { Problem } from '#core/base/problem.ts';
import type { TensorType } from '#core/catalog/operator-type.ts';
import type { Endpoint } from '#core/document/document.ts';
import type { Point } from './geometry.ts';
import type { NodeLook } from './painter.ts';
import type { Scene, SceneNode } from './scene.ts';

/** Nodes under way with the pointer, not yet a command. */
export interface Drag {
  readonly nodes: ReadonlySet<string>;
  readonly by: Point;
  /** The open group they would be put into here; null: none. */
  readonly into: string | null;
}

/** A link being drawn. */
export interface Connecting {
  /** The port it started from, and which end of the link that is. */
  readonly start: Endpoint;
  readonly end: 'from' | 'to';
  readonly origin: Point;
  readonly pointer: Point;
  readonly target: { readonly node: string; readonly port: Endpoint } | null;
  /** Why the target will not do; null when it will, or when there is none. */
  readonly reason: string | null;
}

export interface CanvasContext {
  readonly scene: Readonly<Ref<Scene>>;
  readonly drag: Readonly<Ref<Drag | null>>;
  readonly connecting: Readonly<Ref<Connecting | null>>;
  /** Where the link under way starts, the same from press to release. */
  readonly connectStart: Readonly<Ref<Pick<Connecting, 'start' | 'end'> | null>>;
  /** Whether the link under way may end at that port. */
  readonly accepts: (end: Endpoint) => boolean;
  readonly look: (node: SceneNode) => NodeLook;
  /** How many values of its own a node has, or a use of a block inside itself. */
  readonly ownValuesOf: (node: SceneNode) => number;
  readonly problemsOf: (node: SceneNode) => readonly Problem[];
  /** Type of the tensor at a port, if it is known. */
  readonly typeAt: (end: Endpoint, side: 'input' | 'output') => TensorType | null;
  /** CSS pixels a scene pixel. */
  readonly zoom: () => number;
  /** Makes a note so large; steps of one gesture are one step of history. */
  readonly resize: (note: string, width: number, height: number, gesture: string) => void;
}

export const canvasContext: InjectionKey<CanvasContext> = Symbol('canvas');
