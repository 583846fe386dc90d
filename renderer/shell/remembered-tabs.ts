/** Which tabs stood where in the projects looked at last: remembered on this machine, checked when read. */
import { z } from 'zod';
import { NO_PANES, type Pane, type Panes } from './panes.ts';
import type { Tab } from './tab-looks.ts';

const KEY = 'weft.tabs';
/** The oldest are forgotten beyond so many projects. */
const PROJECTS = 24;

const storedTab = z.object({ kind: z.string(), id: z.string() });
const storedPane = z.object({ tabs: z.array(storedTab), active: z.number() });
const storedPanes = z.object({
  first: storedPane,
  second: z.nullable(storedPane),
  focused: z.enum(['first', 'second']),
  direction: z.enum(['row', 'column']),
});
const storedAll = z.record(z.string(), z.unknown());
type StoredPane = z.infer<typeof storedPane>;

function readAll(): z.infer<typeof storedAll> {
  try {
    return storedAll.parse(JSON.parse(localStorage.getItem(KEY) ?? '{}'));
  } catch {
    return {};
  }
}

/** What was remembered of that project, without the tabs that `find` no longer knows; null if nothing is left of it. */
export function recallPanes(project: string, find: (kind: string, id: string) => Tab | null): Panes | null {
  const stored = storedPanes.safeParse(readAll()[project]);
  if (!stored.success) return null;
  const pane = ({ tabs, active }: StoredPane): Pane | null => {
    const found = tabs.map(({ kind, id }) => find(kind, id));
    const kept = found.filter((tab) => tab !== null);
    return kept.length > 0 ? { tabs: kept, active: found[active] ?? kept[0] ?? null } : null;
  };
  const { focused, direction } = stored.data;
  const [first, second] = [pane(stored.data.first), stored.data.second && pane(stored.data.second)];
  if (!first || !second) {
    const only = first ?? second;
    return only ? { ...NO_PANES, first: only, direction } : null;
  }
  return { first, second, focused, direction };
}

export function rememberPanes(project: string, panes: Panes): void {
  const pane = ({ tabs, active }: Pane): StoredPane => ({
    tabs: tabs.map(({ kind, id }) => ({ kind, id })),
    active: active ? tabs.findIndex((tab) => tab.kind === active.kind && tab.id === active.id) : -1,
  });
  const { [project]: _, ...others } = readAll();
  const mine = { ...panes, first: pane(panes.first), second: panes.second && pane(panes.second) };
  const kept = [...Object.entries(others), [project, mine] as const].slice(-PROJECTS);
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(kept)));
  } catch {
    // Storage is full or forbidden: it lasts as long as the window.
  }
}
