import { describe, expect, it } from 'vitest';
import { emptyDocument } from '#core/document/document.ts';
import { type DocumentState, initialState } from '#core/document/history.ts';
import { runView } from '../workbench/test-support.ts';
import { historyDays } from './history-rows.ts';

const state = (entries: readonly (string | undefined)[], cursor: number): DocumentState => ({
  ...initialState(emptyDocument('d', 'model', 'D')),
  entries: entries.map((at, index) => ({ label: `Step ${index + 1}`, patch: [], ...(at !== undefined && { at }) })),
  cursor,
});
const checkpoint = (createdAt: string) => ({ id: 'c1', document: 'd', revision: 1, title: 'First', createdAt });
const today = new Date(2026, 4, 3, 12);
const local = (day: number, hour: number) => new Date(2026, 4, day, hour).toISOString();

describe('rows of a history', () => {
  it('go by the day, newest first, with checkpoints and runs between the steps', () => {
    const days = historyDays(
      state([undefined, local(1, 9), local(2, 9), local(3, 9)], 3),
      [checkpoint(local(2, 10))],
      [runView('r', { number: 4, createdAt: local(3, 8) })],
      today,
    );
    const shown = days.map(({ title, rows }) => [
      title,
      rows.map((row) =>
        row.type === 'step' ? row.label : row.type === 'run' ? `Run ${row.run.number}` : row.checkpoint.title,
      ),
    ]);
    expect(shown).toEqual([
      ['Today', ['Step 4', 'Run 4']],
      ['Yesterday', ['First', 'Step 3']],
      [expect.stringMatching(/^Friday,? 1 May 2026$/), ['Step 2']],
      ['Earlier', ['Step 1', 'As it was made']],
    ]);
    const steps = days.flatMap(({ rows }) => rows).flatMap((row) => (row.type === 'step' ? [row] : []));
    expect(steps.filter(({ isNow }) => isNow).map(({ label }) => label)).toEqual(['Step 3']);
    expect(steps.filter(({ isUndone }) => isUndone).map(({ label }) => label)).toEqual(['Step 4']);
  });

  it('begin with the state the document was made in', () => {
    expect(historyDays(state([], 0), [], [], today)).toMatchObject([{ rows: [{ done: 0, isNow: true }] }]);
  });
});
