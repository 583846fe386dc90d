/**
 * Tasks that can never fire a first time: cycles of streams none of which begins with what its reader's first firing
 * takes. Sufficient for a deadlock, not necessary (Lee & Messerschmitt, 1987: one iteration played decides).
 */
import type { Stream } from './task-graph.ts';

/** One cycle of each group of tasks that wait for each other, as its streams in order; disjoint. O(tasks + streams). */
export function waitingCycles(streams: readonly Stream[], tasks: number): readonly (readonly Stream[])[] {
  const inputs: Stream[][] = Array.from({ length: tasks }, () => []);
  for (const stream of streams) {
    const first = stream.to.rates[0] ?? 0;
    if (first > stream.initial) inputs[stream.to.task]!.push(stream);
  }
  // Walks back from a reader to whom it waits for; a walk that meets itself has found a cycle.
  const state = new Uint8Array(tasks);
  const found: (readonly Stream[])[] = [];
  for (let start = 0; start < tasks; start++) {
    if (state[start] !== 0) continue;
    const path: { readonly task: number; next: number }[] = [{ task: start, next: 0 }];
    const taken: Stream[] = [];
    state[start] = 1;
    while (path.length > 0) {
      const top = path.at(-1)!;
      const stream = inputs[top.task]![top.next++];
      if (stream === undefined) {
        state[top.task] = 2;
        path.pop();
        taken.pop();
        continue;
      }
      const before = stream.from.task;
      if (state[before] === 0) {
        state[before] = 1;
        path.push({ task: before, next: 0 });
        taken.push(stream);
      } else if (state[before] === 1) {
        const from = path.findIndex(({ task }) => task === before);
        found.push([...taken.slice(from), stream].reverse());
        for (const { task } of path) state[task] = 2;
        break;
      }
    }
  }
  return found;
}
