/** A run's state in words, and its verdict where it has one. */
import type { RunKind, RunView } from '#core/contract/views.ts';
import { hasResult } from './runs-store.ts';

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
