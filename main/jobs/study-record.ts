/**
 * A study under way as the project keeps it, between its explorer and what evaluates its points. What comes is written in
 * batches, at most a few times a second, with the explorer's state after it: whatever ends this process, the study goes on
 * from the last batch. The explorer works in another thread, ahead of what is evaluated.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import type { Json } from '#core/base/value.ts';
import type { PointOutcome, StudyDriver, StudyTask } from '#core/study/driver.ts';
import type { StudyPoint } from '#core/study/study.ts';
import type { StudyStore } from '#projects/study-store.ts';
import type { RemoteExplorer } from './explorer-lanes.ts';
import type { ExplorerAnswer, ExplorerTurn } from './explorer-session.ts';

/** Between batches, milliseconds; a window hears of a study no more often. */
export const BATCH_MS = 250;
const LARGEST_BATCH = 2000;
/** Tasks asked for ahead. */
const AHEAD = 2048;

export interface StudyRecord {
  /** @param more called whenever there is more to take, or nothing is left. */
  begin(more: () => void): void;
  /** Tasks that can be taken. */
  ready(): number;
  /** Tasks to be done now, at most so many. */
  take(most: number): readonly StudyTask[];
  tell(task: StudyTask, outcome: PointOutcome, isReused?: boolean): void;
  /** Every point is written, and no more will be asked for. */
  isDone(): boolean;
  /** No more is asked for or written. */
  close(): void;
}

export interface RecordOptions {
  readonly store: StudyStore;
  readonly id: string;
  readonly driver: StudyDriver;
  readonly explorer: RemoteExplorer;
  readonly begin: NonNullable<ExplorerTurn['begin']>;
  /** Choices an explorer may ask for. */
  readonly most: number;
  /** After each batch. */
  readonly wrote: () => void;
  /** The explorer failed, with its problem, or a batch could not be written. */
  readonly broke: (cause: unknown) => void;
}

export function createStudyRecord(options: RecordOptions): StudyRecord {
  const { store, id, driver, explorer, wrote, broke } = options;
  let begin: ExplorerTurn['begin'] = options.begin;
  let more: () => void = () => {};
  /** Asked for, and not taken. */
  let tasks: StudyTask[] = [];
  /** What the explorer has been told of and is not written. */
  let unsaved: StudyPoint[] = [];
  let reused = 0;
  let done = store.get(id)?.done ?? 0;
  let asked = done;
  /** It asks for no more, or not before it is told more. */
  let isExhausted = false;
  let isWaiting = false;
  let isTurn = false;
  let isPlanned = false;
  let written = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | null = null;
  let closed = false;

  /** Tells the explorer what is known by now and asks for more, where there is either, or a batch is due. */
  function turn(): void {
    isPlanned = false;
    if (isTurn || closed) return;
    const kept = driver.kept();
    const isTold = kept.explored.length > 0;
    const room = Math.max(0, AHEAD - tasks.length);
    const most = isExhausted || (isWaiting && !isTold) || room < AHEAD / 2 ? 0 : room;
    const open = unsaved.length + kept.points.length;
    const isLast = isExhausted && driver.pending === 0;
    const isDue = isLast || open >= LARGEST_BATCH || performance.now() - written >= BATCH_MS;
    const wantsState = open > 0 && isDue;
    if (!isTold && most === 0 && !wantsState) {
      if (driver.pending === 0 && !isLast) broke(idle());
      return;
    }
    isTurn = true;
    const sent: ExplorerTurn = { begin, told: kept.explored, most, wantsState };
    begin = null;
    void explorer.turn(sent).then((answer) => {
      isTurn = false;
      if (closed) return;
      if (!answer.ok) {
        broke(answer.error);
        return;
      }
      // A slow point may hold back more than a call takes arguments.
      unsaved = unsaved.concat(kept.points);
      reused = kept.reused;
      try {
        take(sent, answer.value);
      } catch (cause) {
        broke(cause);
      }
    });
  }

  function take(sent: ExplorerTurn, { choices, isDone, state }: ExplorerAnswer): void {
    asked += choices.length;
    if (asked > options.most) {
      broke(endless(options.most));
      return;
    }
    isExhausted = isDone;
    if (sent.most > 0) isWaiting = choices.length < sent.most;
    else if (sent.told.length > 0) isWaiting = false;
    tasks.push(...driver.add(choices));
    if (state !== undefined) write(state);
    else if (unsaved.length > 0) timer ??= setTimeout(due, BATCH_MS);
    more();
    plan();
  }

  function due(): void {
    timer = null;
    // Timers count in whole milliseconds and may come early, and there may be no other.
    written = Number.NEGATIVE_INFINITY;
    plan();
  }

  /** A turn once all that is known now has been told. */
  function plan(): void {
    if (isPlanned || closed) return;
    isPlanned = true;
    queueMicrotask(turn);
  }

  function write(state: Json): void {
    if (timer) clearTimeout(timer);
    timer = null;
    const points = unsaved;
    unsaved = [];
    done += points.length;
    store.advance(id, { points, done, state, reused });
    written = performance.now();
    wrote();
  }

  return {
    begin: (then) => {
      more = then;
      plan();
    },
    ready: () => tasks.length,
    take: (most) => {
      const taken = tasks.slice(0, most);
      tasks = tasks.slice(most);
      if (taken.length > 0) plan();
      return taken;
    },
    tell: (task, outcome, isReused) => {
      if (closed) return;
      driver.tell(task, outcome, isReused);
      plan();
    },
    isDone: () => isExhausted && driver.pending === 0 && unsaved.length === 0 && !isTurn,
    close: () => {
      if (timer) clearTimeout(timer);
      closed = true;
      explorer.release();
    },
  };
}

function idle(): Problem {
  return problem(
    'study.explorer-invalid',
    'The explorer asks for nothing though nothing is under way, and is not done',
  );
}

function endless(most: number): Problem {
  return problem('study.explorer-invalid', `The explorer asks for more than ${most.toLocaleString('en-GB')} points`, {
    facts: { limit: most },
  });
}
