/** A deadlock as the studio tells it: who waits for what, in the order of the cycle. */
import type { SimulationResult } from '#core/run/fabric/result.ts';
import { STATE_TITLES } from './simulation-words.ts';

export interface DeadlockStep {
  readonly name: string;
  /** Document node of the task. */
  readonly node: string;
  /** `waits for room`. */
  readonly state: string;
  /** The stream it waits at; null where it waits for something else. */
  readonly on: { readonly name: string; readonly node: string } | null;
}

/** The cycle in order, or everyone who waits where there is none; empty without a deadlock. */
export function deadlockSteps({ deadlock, tasks, streams }: SimulationResult): readonly DeadlockStep[] {
  if (!deadlock) return [];
  const waits = new Map(deadlock.waits.map((wait) => [wait.process, wait]));
  const members = deadlock.cycle.length > 0 ? deadlock.cycle : [...waits.keys()];
  return members.flatMap((process): DeadlockStep[] => {
    const [task, wait] = [tasks[process], waits.get(process)];
    if (!task || !wait) return [];
    const stream = wait.state === 'get' || wait.state === 'put' ? streams[wait.on] : undefined;
    return [
      {
        name: task.name,
        node: task.node,
        state: STATE_TITLES[wait.state],
        on: stream ? { name: stream.name, node: stream.node } : null,
      },
    ];
  });
}
