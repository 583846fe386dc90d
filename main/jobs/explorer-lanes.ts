/**
 * Explorers of studies, each in a thread of its own while its study is under way: one that throws, loops or hoards memory
 * fails its study and nothing else. Threads are handed on from study to study.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, type Result } from '#core/base/result.ts';
import type { ExplorerAnswer, ExplorerPlan, ExplorerTurn } from './explorer-session.ts';
import { createLane, DEFAULT_LIMITS, type Lane, type LaneLimits, type RunningJob } from './lane.ts';
import type { Jobs } from './messages.ts';

/** Codes `study.explorer-crashed`, `-out-of-memory`, `-stuck`, `-invalid`; `job.stopped` once it was released. */
export interface RemoteExplorer {
  /** How many points it will ask for. */
  plan(plan: ExplorerPlan): Promise<Result<number, Problem>>;
  /** One at a time. */
  turn(turn: ExplorerTurn): Promise<Result<ExplorerAnswer, Problem>>;
  /** Ends what is under way at once. */
  release(): void;
}

export interface ExplorerLanes {
  /** @param title of the explorer, for what is said of it. */
  take(title: string): RemoteExplorer;
  close(): Promise<void>;
}

/** How long an explorer may take for one turn, and to say how many points there will be, milliseconds. */
const TURN_MS = 30_000;
const PLAN_MS = 30_000;
/** It holds points and what it learned of them. */
const HEAP_MEGABYTES = 1024;
/** A thread no study needs is kept so long, milliseconds. */
const KEPT_MS = 60_000;

export function createExplorerLanes(
  worker: URL,
  limits: LaneLimits = DEFAULT_LIMITS,
  turnMs: number = TURN_MS,
): ExplorerLanes {
  // Explorers know of no wish to stop: their thread is ended.
  const own: LaneLimits = {
    ...limits,
    heapMegabytes: Math.min(limits.heapMegabytes, HEAP_MEGABYTES),
    cancelGraceMs: 0,
  };
  const all = new Set<Lane>();
  const idle = new Map<Lane, NodeJS.Timeout>();

  function free(): Lane {
    const [found] = idle.keys();
    if (!found) {
      const made = createLane(worker, own);
      all.add(made);
      return made;
    }
    clearTimeout(idle.get(found));
    idle.delete(found);
    return found;
  }

  function end(lane: Lane): Promise<void> {
    clearTimeout(idle.get(lane));
    idle.delete(lane);
    all.delete(lane);
    return lane.close();
  }

  return {
    take: (title) => {
      const lane = free();
      let current: RunningJob<'explorer-plan' | 'explorer-turn'> | null = null;
      let isReleased = false;

      async function ask<K extends 'explorer-plan' | 'explorer-turn'>(
        kind: K,
        input: Jobs[K]['input'],
        mostMs: number,
      ): Promise<Result<Jobs[K]['output'], Problem>> {
        if (isReleased) return err(released());
        const job = lane.run(kind, input);
        current = job;
        let isStuck = false;
        const watch = setTimeout(() => {
          isStuck = true;
          job.cancel();
        }, mostMs);
        const answer = await job.answer;
        clearTimeout(watch);
        current = null;
        if (answer.ok || isReleased) return answer;
        return err(isStuck ? stuck(title, mostMs) : inWords(title, answer.error));
      }

      /** That a thread takes long to start is no fault of the explorer. */
      const ready = () => lane.run('ready', null).answer;

      return {
        plan: async (plan) => {
          await ready();
          return ask('explorer-plan', plan, PLAN_MS);
        },
        turn: async (turn) => {
          if (turn.begin) await ready();
          return ask('explorer-turn', turn, turnMs);
        },
        release: () => {
          if (isReleased) return;
          isReleased = true;
          current?.cancel();
          if (all.has(lane)) idle.set(lane, setTimeout(() => void end(lane), KEPT_MS).unref());
        },
      };
    },
    close: async () => {
      await Promise.all([...all].map(end));
    },
  };
}

function released(): Problem {
  return problem('job.stopped', 'The study has ended', { severity: 'info' });
}

function stuck(title: string, mostMs: number): Problem {
  return problem('study.explorer-stuck', `${title} did not say within ${mostMs / 1000} s which points to look at`, {
    facts: { limit: mostMs, unit: 'ms' },
  });
}

/** A thread's own end, in words about the explorer. */
function inWords(title: string, cause: Problem): Problem {
  if (!cause.code.startsWith('job.')) return cause;
  return { ...cause, code: `study.explorer-${cause.code.slice(4)}`, message: `${title}: ${cause.message}` };
}
