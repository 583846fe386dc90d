// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest';
import { NO_PANES, type Panes, showTab, split } from './panes.ts';
import { recallPanes, rememberPanes } from './remembered-tabs.ts';
import type { Tab } from './tab-looks.ts';

const model: Tab = { kind: 'document', id: 'm' };
const run: Tab = { kind: 'run', id: 'r' };
const hardware: Tab = { kind: 'document', id: 'h' };
const known =
  (...tabs: readonly Tab[]) =>
  (kind: string, id: string) =>
    tabs.find((tab) => tab.kind === kind && tab.id === id) ?? null;
const beside: Panes = showTab(split(showTab(showTab(NO_PANES, hardware), model), 'column'), run);

describe('remembered tabs', () => {
  beforeEach(() => localStorage.clear());

  it('come back as they were left, by project', () => {
    rememberPanes('/a.weft', beside);
    rememberPanes('/b.weft', showTab(NO_PANES, model));
    expect(recallPanes('/a.weft', known(model, run, hardware))).toEqual(beside);
    expect(recallPanes('/b.weft', known(model))).toEqual(showTab(NO_PANES, model));
    expect(recallPanes('/c.weft', known(model))).toBeNull();
  });

  it('leave out what is gone, and a pane of which nothing is left', () => {
    rememberPanes('/a.weft', beside);
    expect(recallPanes('/a.weft', known(run))).toEqual({
      ...NO_PANES,
      first: { tabs: [run], active: run },
      direction: 'column',
    });
    expect(recallPanes('/a.weft', known(hardware))?.first).toEqual({ tabs: [hardware], active: hardware });
    expect(recallPanes('/a.weft', known())).toBeNull();
  });

  it('are forgotten where what is stored is something else', () => {
    for (const text of ['', 'null', '[]', '{"/a.weft":{"first":1}}', '{"/a.weft":{"first":{"tabs":[],"active":0}}}']) {
      localStorage.setItem('weft.tabs', text);
      expect(recallPanes('/a.weft', known(model))).toBeNull();
    }
  });

  it('are kept of the projects looked at last', () => {
    for (let at = 0; at < 40; at++) rememberPanes(`/${at}.weft`, showTab(NO_PANES, model));
    expect(recallPanes('/0.weft', known(model))).toBeNull();
    expect(recallPanes('/39.weft', known(model))).not.toBeNull();
  });
});
