/** A tab under way with the pointer, and where it may be dropped: on a strip, or on a pane. */
import { shallowRef } from 'vue';
import type { Direction, Side } from './panes.ts';
import type { Tab } from './tab-looks.ts';

export interface DraggedTab {
  readonly tab: Tab;
  readonly from: Side;
}
/** Null while no tab is dragged. */
export const draggedTab = shallowRef<DraggedTab | null>(null);

/** `right` and `below` make a split; `here` moves it into the pane it is over. */
export type DropZone = 'here' | 'right' | 'below';
export const SPLITS: Readonly<Record<Exclude<DropZone, 'here'>, Direction>> = { right: 'row', below: 'column' };

/** Where on an unsplit pane a tab would go: the outer third makes a split, elsewhere nothing happens. */
export function zoneAt(x: number, y: number, width: number, height: number): Exclude<DropZone, 'here'> | null {
  const [right, below] = [x / width, y / height];
  if (Math.max(right, below) < 2 / 3) return null;
  return right >= below ? 'right' : 'below';
}
