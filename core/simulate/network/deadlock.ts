/**
 * Why a network cannot go on: the graph of who waits for whom, and a shortest cycle in it. With a full FIFO on the cycle
 * the deadlock is artificial: more room dissolves it (Parks, Bounded Scheduling of Process Networks, 1995, section
 * 4.2; Geilen and Basten, ESOP 2003). A cycle without one is a true one, and is named before any other.
 */
import { BARRIER } from './code.ts';
import { type Deadlock, STATES } from './run.ts';
import { DONE, ON_BARRIER, ON_GET, ON_LOCK, ON_PUT, type Playing, type ProcessState } from './state.ts';

export function deadlockOf(player: Playing): Deadlock {
  const { processes, ends, holders, arrived, kernel } = player;
  const waiting = processes.filter(({ status }) => status !== DONE);
  const awaits = ({ status, on }: ProcessState): readonly number[] => {
    if (status === ON_GET) return [ends.writer[on]!];
    if (status === ON_PUT) return [ends.reader[on]!];
    if (status === ON_LOCK) return holders[on]!;
    if (status !== ON_BARRIER) return [];
    // Those that name the barrier and have not come to it.
    const come = new Set(arrived[on]!);
    return waiting.filter(({ index, code }) => !come.has(index) && namesBarrier(code, on)).map(({ index }) => index);
  };
  const awaited = new Map(waiting.map((process) => [process.index, awaits(process)]));
  const isFull = (index: number) => processes[index]!.status === ON_PUT;
  const truly = shortestCycle(new Map([...awaited].filter(([index]) => !isFull(index))));
  const cycle = truly.length > 0 ? truly : shortestCycle(awaited);
  // Without a cycle somebody waits for one that ended: for its tokens in vain, for room there might be more of.
  const stuck = cycle.length > 0 ? cycle : waiting.filter((p) => endsAt(p, awaited)).map(({ index }) => index);
  const isArtificial = cycle.length > 0 ? cycle.some(isFull) : stuck.length > 0 && stuck.every(isFull);
  return {
    tick: kernel.now,
    waits: waiting.map(({ index, status, on }) => ({ process: index, state: STATES[status]!, on })),
    cycle,
    kind: isArtificial ? 'artificial' : 'true',
  };
}

/** Whether it waits for nobody that waits. */
function endsAt({ index }: ProcessState, awaited: ReadonlyMap<number, readonly number[]>): boolean {
  return awaited.get(index)!.every((other) => !awaited.has(other));
}

function namesBarrier({ kind, target }: ProcessState['code'], barrier: number): boolean {
  for (let pc = 0; pc < kind.length; pc++) if (kind[pc] === BARRIER && target[pc] === barrier) return true;
  return false;
}

/** Breadth-first from every node; empty where there is none. */
function shortestCycle(edges: ReadonlyMap<number, readonly number[]>): readonly number[] {
  let best: readonly number[] = [];
  for (const start of edges.keys()) {
    const from = new Map<number, number>();
    const queue = [start];
    for (let head = 0; head < queue.length; head++) {
      const node = queue[head]!;
      if (edges.get(node)!.includes(start)) {
        const path = [node];
        for (let at = node; at !== start; path.push(at)) at = from.get(at)!;
        if (best.length === 0 || path.length < best.length) best = path.reverse();
        break;
      }
      for (const next of edges.get(node)!) {
        if (!edges.has(next) || from.has(next)) continue;
        from.set(next, node);
        queue.push(next);
      }
    }
  }
  return best;
}
