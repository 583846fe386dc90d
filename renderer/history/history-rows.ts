/** A document's past as rows, newest first: steps of its undo history, checkpoints and runs between them, by the day. */
import type { CheckpointView } from '#core/contract/checkpoints.ts';
import type { RunView } from '#core/contract/views.ts';
import { type DocumentState, HISTORY_LIMIT } from '#core/document/history.ts';

export type HistoryRow =
  | {
      readonly type: 'step';
      readonly id: string;
      /** Entries done in the state this row stands for; 0: before the first. */
      readonly done: number;
      readonly label: string;
      readonly at: Date | null;
      readonly isUndone: boolean;
      readonly isNow: boolean;
    }
  | { readonly type: 'checkpoint'; readonly id: string; readonly at: Date; readonly checkpoint: CheckpointView }
  | { readonly type: 'run'; readonly id: string; readonly at: Date; readonly run: RunView };

export interface HistoryDay {
  readonly title: string;
  readonly rows: readonly HistoryRow[];
}

/** `runs`: those of this document. Steps of versions that did not note the time come last, as 'Earlier'. */
export function historyDays(
  state: DocumentState,
  checkpoints: readonly CheckpointView[],
  runs: readonly RunView[],
  today: Date,
): readonly HistoryDay[] {
  const days: { title: string; rows: HistoryRow[] }[] = [];
  for (const row of historyRows(state, checkpoints, runs)) {
    const title = row.at === null ? 'Earlier' : dayTitle(row.at, today);
    const last = days.at(-1);
    if (last?.title === title) last.rows.push(row);
    else days.push({ title, rows: [row] });
  }
  return days;
}

function historyRows(
  { entries, cursor }: DocumentState,
  checkpoints: readonly CheckpointView[],
  runs: readonly RunView[],
): readonly HistoryRow[] {
  const dated: HistoryRow[] = [
    ...checkpoints.map((checkpoint) => ({
      type: 'checkpoint' as const,
      id: checkpoint.id,
      at: new Date(checkpoint.createdAt),
      checkpoint,
    })),
    ...runs.map((run) => ({ type: 'run' as const, id: run.id, at: new Date(run.createdAt), run })),
  ].toSorted((a, b) => b.at.getTime() - a.at.getTime());
  const steps: HistoryRow[] = entries
    .map(({ label, at }, index) => ({
      type: 'step' as const,
      id: `step-${index + 1}`,
      done: index + 1,
      label,
      at: at === undefined ? null : new Date(at),
      isUndone: index >= cursor,
      isNow: index + 1 === cursor,
    }))
    .toReversed();
  const start: HistoryRow = {
    type: 'step',
    id: 'step-0',
    done: 0,
    label: entries.length >= HISTORY_LIMIT ? 'As far back as the history goes' : 'As it was made',
    at: null,
    isUndone: false,
    isNow: cursor === 0,
  };
  const rows: HistoryRow[] = [];
  let next = 0;
  // The order of steps is the stack's, whatever a clock said.
  for (const step of steps) {
    while (next < dated.length && (step.at === null || dated[next]!.at!.getTime() >= step.at.getTime()))
      rows.push(dated[next++]!);
    rows.push(step);
  }
  return [...rows, ...dated.slice(next), start];
}

function dayTitle(at: Date, today: Date): string {
  const day = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  const ago = Math.round((day(today) - day(at)) / 86_400_000);
  if (ago === 0) return 'Today';
  if (ago === 1) return 'Yesterday';
  return at.toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
}
