/** What a run's view says of its state, in words where people read it. */
import type { RunKind, RunView } from '#core/contract/views.ts';

export function stateText(run: RunView): string {
  switch (run.state) {
    case 'queued':
      return 'Queued';
    case 'running':
      return `Running ${Math.floor((run.progress?.fraction ?? 0) * 100)} %`;
    case 'done':
      return run.imported ? 'Imported' : 'Done';
    case 'failed':
      return 'Failed';
    case 'cancelled':
      return hasResult(run) ? 'Stopped, best kept' : 'Stopped';
  }
}

export function isUnderWay(run: RunView): boolean {
  return run.state === 'queued' || run.state === 'running';
}

/** What a run of this kind is about: its two documents. */
export function inputNames(kind: RunKind): readonly [string, string] {
  return kind === 'simulation' ? ['Task graph', 'Fabric'] : ['Model', 'Architecture'];
}

/** Seconds since the run's work began, as it last said. */
export function secondsOf(run: RunView): number {
  return run.progress?.figures?.seconds ?? 0;
}

/** A finished run, or a stopped one that kept its best so far. */
export function hasResult(run: RunView): boolean {
  return run.state === 'done' || (run.state === 'cancelled' && Object.keys(run.headline).length > 0);
}
