/**
 * The centre as one or two panes, each a strip of tabs with one in front: plain values and pure functions. No pane of
 * a split is ever empty: the last tab that leaves takes its pane along. A tab stands once in a pane, and may stand in both.
 */
import type { Tab } from './tab-looks.ts';

export type Side = 'first' | 'second';
/** `row`: beside each other. */
export type Direction = 'row' | 'column';

export interface Pane {
  readonly tabs: readonly Tab[];
  /** In front; null only where there are no tabs. */
  readonly active: Tab | null;
}

export interface Panes {
  readonly first: Pane;
  /** Null while there is no split. */
  readonly second: Pane | null;
  /** What actions, inspector and Run use. `first` while there is no split. */
  readonly focused: Side;
  readonly direction: Direction;
}

const EMPTY: Pane = { tabs: [], active: null };
export const NO_PANES: Panes = { first: EMPTY, second: null, focused: 'first', direction: 'row' };

export const isSameTab = (a: Tab, b: Tab) => a.kind === b.kind && a.id === b.id;
export const otherSide = (side: Side): Side => (side === 'first' ? 'second' : 'first');
const has = (pane: Pane | null, tab: Tab) => pane?.tabs.some((each) => isSameTab(each, tab)) ?? false;

export function paneOf(panes: Panes, side: Side): Pane {
  return (side === 'first' ? panes.first : panes.second) ?? EMPTY;
}

/** The sides there are, in reading order. */
export function sidesOf(panes: Panes): readonly Side[] {
  return panes.second ? ['first', 'second'] : ['first'];
}

/** Every open tab, each once. */
export function allTabs(panes: Panes): readonly Tab[] {
  const { first, second } = panes;
  return [...first.tabs, ...(second?.tabs ?? []).filter((tab) => !has(first, tab))];
}

/** With that pane in place; an empty one of a split goes away, and the other is then the first. */
function withPane(panes: Panes, side: Side, pane: Pane): Panes {
  const next = { ...panes, [side]: pane };
  if (next.second === null) return { ...next, focused: 'first' };
  if (next.second.tabs.length === 0) return { ...next, second: null, focused: 'first' };
  if (next.first.tabs.length === 0) return { ...next, first: next.second, second: null, focused: 'first' };
  return next;
}

export function focusPane(panes: Panes, side: Side): Panes {
  return panes.focused === side || (side === 'second' && !panes.second) ? panes : { ...panes, focused: side };
}

/** In front: where it stands in the focused pane, else where it stands in the other, else as a new tab of the focused one. */
export function showTab(panes: Panes, tab: Tab, on?: Side): Panes {
  const other = otherSide(panes.focused);
  const side =
    on ?? (!has(paneOf(panes, panes.focused), tab) && has(paneOf(panes, other), tab) ? other : panes.focused);
  const { tabs } = paneOf(panes, side);
  const pane = { tabs: tabs.some((each) => isSameTab(each, tab)) ? tabs : [...tabs, tab], active: tab };
  return { ...panes, [side]: pane, focused: side };
}

/** Its neighbour comes to the front. */
export function closeTab(panes: Panes, tab: Tab, side: Side): Panes {
  const { tabs, active } = paneOf(panes, side);
  const at = tabs.findIndex((each) => isSameTab(each, tab));
  if (at < 0) return panes;
  const left = tabs.toSpliced(at, 1);
  const isFront = active !== null && isSameTab(active, tab);
  return withPane(panes, side, {
    tabs: left,
    active: isFront ? (left[Math.min(at, left.length - 1)] ?? null) : active,
  });
}

/** Closed wherever it stands. */
export function closeEverywhere(panes: Panes, tab: Tab): Panes {
  let next = panes;
  for (const side of ['second', 'first'] as const) next = closeTab(next, tab, side);
  // The first may have been taken away, and what was second then stands there.
  return has(next.first, tab) ? closeTab(next, tab, 'first') : next;
}

/** To place `to` of its own strip, counted after it was taken out. */
export function reorderTab(panes: Panes, tab: Tab, side: Side, to: number): Panes {
  const pane = paneOf(panes, side);
  const at = pane.tabs.findIndex((each) => isSameTab(each, tab));
  if (at < 0) return panes;
  const place = Math.max(0, Math.min(to, pane.tabs.length - 1));
  return { ...panes, [side]: { ...pane, tabs: pane.tabs.toSpliced(at, 1).toSpliced(place, 0, tab) } };
}

/** Over to the other pane (made there if need be), before place `to` or at its end, in front and focused there. */
export function moveTab(
  panes: Panes,
  tab: Tab,
  from: Side,
  to?: number,
  direction: Direction = panes.direction,
): Panes {
  const source = paneOf(panes, from);
  if (!has(source, tab) || (!panes.second && source.tabs.length < 2)) return panes;
  const side = otherSide(from);
  const target = paneOf(panes, side);
  const tabs = target.tabs.filter((each) => !isSameTab(each, tab));
  const place = Math.max(0, Math.min(to ?? tabs.length, tabs.length));
  const arrived = { ...panes, [side]: { tabs: tabs.toSpliced(place, 0, tab), active: tab }, focused: side, direction };
  return closeTab(arrived, tab, from);
}

/** Both panes show what is in front now: a second look at it, to be turned elsewhere. No change where there is nothing. */
export function split(panes: Panes, direction: Direction): Panes {
  if (panes.second) return { ...panes, direction };
  const { active } = panes.first;
  return active ? { ...panes, second: { tabs: [active], active }, focused: 'second', direction } : panes;
}

/** One pane with the tabs of both; what was focused stays in front. */
export function closeSplit(panes: Panes): Panes {
  return panes.second
    ? {
        ...panes,
        first: { tabs: allTabs(panes), active: paneOf(panes, panes.focused).active },
        second: null,
        focused: 'first',
      }
    : panes;
}

/** The next tab of the focused pane, around its ends. */
export function stepTab(panes: Panes, by: 1 | -1): Panes {
  const { tabs, active } = paneOf(panes, panes.focused);
  const at = tabs.findIndex((tab) => active !== null && isSameTab(tab, active));
  const next = tabs[(at + by + tabs.length) % tabs.length];
  return next ? showTab(panes, next, panes.focused) : panes;
}

/** Without the tabs of what is gone. */
export function keepTabs(panes: Panes, isThere: (tab: Tab) => boolean): Panes {
  return allTabs(panes)
    .filter((tab) => !isThere(tab))
    .reduce(closeEverywhere, panes);
}
