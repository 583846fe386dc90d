/**
 * Document + undo history + revision as one value, stepped by operations. The renderer and the host run the
 * same `step`, so that the host needs only the operation; the operation log replays it after a crash.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { apply } from './apply.ts';
import type { Command } from './command.ts';
import type { Document } from './document.ts';
import { applyPatch, applyPatches, invert, type Patch, squash } from './patch.ts';

export type Operation =
  /** `gesture`: consecutive operations with the same gesture become one entry of history. */
  | { readonly type: 'do'; readonly command: Command; readonly gesture?: string }
  | { readonly type: 'undo' }
  | { readonly type: 'redo' };

export interface HistoryEntry {
  readonly label: string;
  readonly patch: Patch;
  readonly gesture?: string;
  /** When it was done last, ISO 8601; absent in histories of versions before it. */
  readonly at?: string;
}

export interface DocumentState {
  readonly document: Document;
  /** Rises by one with every operation, undo and redo included. */
  readonly revision: number;
  readonly entries: readonly HistoryEntry[];
  /** Entries below the cursor are done, at and above it undone. */
  readonly cursor: number;
}

export interface Step {
  readonly state: DocumentState;
  /** What changed, in the direction it changed. */
  readonly patch: Patch;
  readonly label: string;
}

export const HISTORY_LIMIT = 1000;

export function initialState(document: Document, revision = 0): DocumentState {
  return { document, revision, entries: [], cursor: 0 };
}

/** @param at when, ISO 8601: remembered with the entry of history, and decides nothing. */
export function step(state: DocumentState, operation: Operation, at?: string): Result<Step, Problem> {
  switch (operation.type) {
    case 'do': {
      const applied = apply(state.document, operation.command);
      if (!applied.ok) return applied;
      const { document, patch, label } = applied.value;
      return ok({
        state: record({ ...state, document }, { label, patch, ...given({ gesture: operation.gesture, at }) }),
        patch,
        label,
      });
    }
    case 'undo': {
      const entry = state.entries[state.cursor - 1];
      if (!entry) return err(problem('history.nothing-to-undo', 'There is nothing to undo'));
      const patch = invert(entry.patch);
      return ok({ state: moved(state, patch, -1), patch, label: entry.label });
    }
    case 'redo': {
      const entry = state.entries[state.cursor];
      if (!entry) return err(problem('history.nothing-to-redo', 'There is nothing to redo'));
      return ok({ state: moved(state, entry.patch, 1), patch: entry.patch, label: entry.label });
    }
  }
}

/** A row of the operation log: enough to rebuild document and history without the command. */
export interface LoggedOperation {
  readonly type: Operation['type'];
  readonly label: string;
  readonly patch: Patch;
  readonly gesture?: string;
  readonly at?: string;
}

/** Replays one row of the log onto a state; `withDocument` false when the document is already at that revision. */
export function replay(state: DocumentState, row: LoggedOperation, withDocument: boolean): DocumentState {
  const document = withDocument ? applyPatch(state.document, row.patch) : state.document;
  const { type, label, patch, gesture, at } = row;
  if (type === 'do') return record({ ...state, document }, { label, patch, ...given({ gesture, at }) });
  return { ...state, document, revision: state.revision + 1, cursor: state.cursor + (type === 'undo' ? -1 : 1) };
}

function moved(state: DocumentState, patch: Patch, by: -1 | 1): DocumentState {
  return {
    ...state,
    document: applyPatch(state.document, patch),
    revision: state.revision + 1,
    cursor: state.cursor + by,
  };
}

function record(state: DocumentState, entry: HistoryEntry): DocumentState {
  const done = state.entries.slice(0, state.cursor);
  const last = done[done.length - 1];
  if (entry.gesture !== undefined && last?.gesture === entry.gesture) {
    done[done.length - 1] = { ...entry, patch: squash(last.patch, entry.patch) };
  } else {
    done.push(entry);
  }
  const entries = done.slice(-HISTORY_LIMIT);
  return { ...state, revision: state.revision + 1, entries, cursor: entries.length };
}

/** Without what is not given. */
function given({ gesture, at }: { readonly gesture: string | undefined; readonly at: string | undefined }) {
  return { ...(gesture !== undefined && { gesture }), ...(at !== undefined && { at }) };
}

/** The document as it was when `done` entries were done; 0 is as far back as the history goes. */
export function documentAt({ document, entries, cursor }: DocumentState, done: number): Document {
  if (done === cursor) return document;
  return done < cursor
    ? applyPatches(
        document,
        entries
          .slice(done, cursor)
          .toReversed()
          .map(({ patch }) => invert(patch)),
      )
    : applyPatches(
        document,
        entries.slice(cursor, done).map(({ patch }) => patch),
      );
}
