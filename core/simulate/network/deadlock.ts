/**
 * Why a network cannot go on: the graph of who waits for whom, and a shortest cycle in it. With a full FIFO on the cycle
 * the deadlock is artificial: more room dissolves it (Parks, Bounded Scheduling of Process Networks, 1995, section
 * 4.2; Geilen and Basten, ESOP 2003). A cycle of reads alone is a true one.
 */
import { type Deadlock, STATES } from './run.ts';
import { DONE, ON_BARRIER, ON_GET, ON_LOCK, ON_PUT, type Playing } from './state.ts';

export function deadlockOf(player: Playing): Deadlock {
  const { processes, ends, holders, arrived } = player;
  const waiting = processes.filter(({ status }) => status !== DONE);
  const awaited = new Map(
    waiting.map(({ index, status, on }): [number, readonly number[]] => {
      if (status === ON_GET) return [index, [ends.writer[on]!]];
      if (status === ON_PUT) return [index, [ends.reader[on]!]];
      if (status === ON_LOCK) return [index, holders[on]!];
      // Who has not come to the barrier but will: processes that name it are not known to come, so all that still wait.
      if (status === ON_BARRIER)
        return [index, waiting.filter((other) => !arrived[on]!.includes(other.index)).map((other) => other.index)];
      return [index, []];
    }),
  );
  const cycle = shortestCycle(awaited);
  const isArtificial = cycle.some((index) => processes[index]!.status === ON_PUT);
  return {
    tick: player.now,
    waits: waiting.map(({ index, status, on }) => ({ process: index, state: STATES[status]!, on })),
    cycle,
    kind: isArtificial ? 'artificial' : 'true',
  };
}

/** Breadth-first from every node; empty where there is none. */
function shortestCycle(edges: ReadonlyMap<number, readonly number[]>): readonly number[] {
  let best: readonly number[] = [];
  for (const start of edges.keys()) {
    const from = new Map<number, number>();
    const queue = [start];
    for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
      let isClosed = false;
      for (const next of edges.get(node) ?? []) {
        if (next === start) {
          const path = [node];
          for (let at = node; at !== start; ) {
            at = from.get(at)!;
            path.unshift(at);
          }
          if (best.length === 0 || path.length < best.length) best = path;
          isClosed = true;
          break;
        }
        if (!edges.has(next) || from.has(next)) continue;
        from.set(next, node);
        queue.push(next);
      }
      if (isClosed) break;
    }
  }
  return best;
}
