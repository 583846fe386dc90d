/**
 * A study under way as the project keeps it: what comes is written in batches, at most a few times a second, with the
 * explorer's state after it. Whatever ends this process, the study goes on from the last batch.
 */
import type { PointOutcome, StudyDriver, StudyTask } from '#core/study/driver.ts';
import type { StudyPoint } from '#core/study/study.ts';
import type { StudyStore } from '#projects/study-store.ts';

/** Between batches, milliseconds; a window hears of a study no more often. */
export const BATCH_MS = 250;
const LARGEST_BATCH = 2000;

export interface StudyRecord {
  /** Tasks to be done now. */
  ask(most: number): readonly StudyTask[];
  tell(task: StudyTask, outcome: PointOutcome, isReused?: boolean): void;
  isDone(): boolean;
  /** Writes what is not written yet. */
  flush(): void;
  /** No more is written, and nothing is told. */
  close(): void;
}

export interface RecordEvents {
  /** After each batch. */
  wrote(): void;
  /** A batch that was due could not be written. */
  broke(cause: unknown): void;
}

export function createStudyRecord(
  store: StudyStore,
  id: string,
  driver: StudyDriver,
  events: RecordEvents,
): StudyRecord {
  let buffer: StudyPoint[] = [];
  let done = store.get(id)?.done ?? 0;
  let timer: NodeJS.Timeout | null = null;
  let closed = false;

  function flush(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    if (closed) return;
    const points = buffer;
    buffer = [];
    done += points.length;
    store.advance(id, { points, done, state: driver.state(), reused: driver.reused });
    events.wrote();
  }

  function due(): void {
    try {
      flush();
    } catch (cause) {
      events.broke(cause);
    }
  }

  function collect(): void {
    const points = driver.kept();
    if (points.length === 0) return;
    buffer.push(...points);
    if (buffer.length >= LARGEST_BATCH) flush();
    else timer ??= setTimeout(due, BATCH_MS);
  }

  return {
    ask: (most) => {
      const tasks = driver.ask(most);
      // Choices that come to what is known are points at once.
      collect();
      return tasks;
    },
    tell: (task, outcome, isReused) => {
      if (closed) return;
      driver.tell(task, outcome, isReused);
      collect();
    },
    isDone: () => driver.isDone(),
    flush,
    close: () => {
      if (timer) clearTimeout(timer);
      closed = true;
    },
  };
}
