import { describe, expect, it } from 'vitest';
import {
  allTabs,
  closeEverywhere,
  closeSplit,
  closeTab,
  focusPane,
  keepTabs,
  moveTab,
  NO_PANES,
  type Panes,
  paneOf,
  reorderTab,
  showTab,
  sidesOf,
  split,
  stepTab,
} from './panes.ts';
import type { Tab } from './tab-looks.ts';

const tab = (id: string): Tab => ({ kind: 'document', id });
const [a, b, c] = [tab('a'), tab('b'), tab('c')];
const opened = (...tabs: readonly Tab[]) => tabs.reduce((panes, each) => showTab(panes, each), NO_PANES);
/** `[a B] · [c]*`: the tab in front as a capital, a star behind the focused pane. */
const shown = (panes: Panes) =>
  sidesOf(panes)
    .map((side) => {
      const { tabs, active } = paneOf(panes, side);
      const names = tabs.map(({ id }) => (id === active?.id ? id.toUpperCase() : id));
      return `[${names.join(' ')}]${side === panes.focused ? '*' : ''}`;
    })
    .join(' · ');

describe('panes', () => {
  it('show a tab once, in front', () => {
    expect(shown(opened(a, b, a))).toBe('[A b]*');
  });

  it('split with what is in front on both sides', () => {
    const panes = split(opened(a, b), 'row');
    expect(shown(panes)).toBe('[a B] · [B]*');
    expect(split(NO_PANES, 'row')).toBe(NO_PANES);
    expect(split(panes, 'column')).toEqual({ ...panes, direction: 'column' });
    expect(allTabs(panes)).toEqual([a, b]);
  });

  it('open a tab in the focused pane, unless it stands in the other', () => {
    const panes = split(opened(a, b), 'row');
    expect(shown(showTab(panes, c))).toBe('[a B] · [b C]*');
    expect(shown(showTab(panes, a))).toBe('[A b]* · [B]');
    expect(shown(showTab(panes, a, 'second'))).toBe('[a B] · [b A]*');
  });

  it('give the front to the neighbour of a tab that closes, and end the split with the last', () => {
    expect(shown(closeTab(opened(a, b, c), c, 'first'))).toBe('[a B]*');
    expect(shown(closeTab(showTab(opened(a, b, c), a), a, 'first'))).toBe('[B c]*');
    expect(shown(closeTab(split(opened(a, b), 'row'), b, 'second'))).toBe('[a B]*');
    const both = showTab(split(opened(a), 'row'), b, 'second');
    expect(shown(closeTab(both, a, 'first'))).toBe('[a B]*');
    expect(shown(closeTab(opened(a), a, 'first'))).toBe('[]*');
  });

  it('close a tab wherever it stands', () => {
    const both = showTab(split(opened(a), 'row'), b, 'second');
    expect(shown(closeEverywhere(both, a))).toBe('[B]*');
    expect(shown(closeEverywhere(split(opened(a), 'row'), a))).toBe('[]*');
    expect(shown(keepTabs(showTab(both, c, 'first'), ({ id }) => id !== 'a'))).toBe('[C]* · [B]');
  });

  it('move a tab to the other side and back', () => {
    const apart = moveTab(opened(a, b, c), b, 'first');
    expect(shown(apart)).toBe('[a C] · [B]*');
    expect(shown(moveTab(apart, b, 'second', 0))).toBe('[B a c]*');
    expect(shown(moveTab(apart, a, 'first', 0))).toBe('[C] · [A b]*');
    // The last tab has nowhere to go, and a tab that stands there already only comes to the front.
    expect(shown(moveTab(opened(a), a, 'first'))).toBe('[A]*');
    expect(shown(moveTab(showTab(split(opened(a, b), 'row'), c), b, 'first'))).toBe('[A] · [c B]*');
  });

  it('take tabs to another place of the strip', () => {
    expect(shown(reorderTab(opened(a, b, c), c, 'first', 0))).toBe('[C a b]*');
    expect(shown(reorderTab(opened(a, b, c), a, 'first', 9))).toBe('[b C a]*');
  });

  it('become one, with the focused tab in front', () => {
    const both = showTab(split(opened(a, b), 'row'), c);
    expect(shown(closeSplit(both))).toBe('[a b C]*');
    expect(shown(closeSplit(focusPane(both, 'first')))).toBe('[a B c]*');
  });

  it('step within the focused pane', () => {
    expect(shown(stepTab(opened(a, b, c), 1))).toBe('[A b c]*');
    expect(shown(stepTab(showTab(split(opened(a, b), 'row'), c), -1))).toBe('[a B] · [B c]*');
    expect(stepTab(NO_PANES, 1)).toBe(NO_PANES);
  });

  it('focus a side that there is', () => {
    expect(focusPane(opened(a), 'second').focused).toBe('first');
    expect(focusPane(split(opened(a), 'row'), 'first').focused).toBe('first');
  });
});
