/**
 * Times a recorded run again after a change of depths, channels or ticks: longest paths through its graph of events. It is
 * the run a full simulation would give as long as channels, locks and barriers would take those who come in the
 * recorded order; that is checked, and where it is not so, said.
 */

import { type Change, changed } from './change.ts';
import type { EventGraph } from './event-graph.ts';
import { hasOpenRequests, keepsOrder } from './order.ts';
import { play } from './player.ts';
import type { NetworkRun } from './run.ts';
import { type Retimed, Timing } from './timing.ts';

/** The run after the changes; or that the recorded orders would not hold, or that it would not end. */
export function retime(graph: EventGraph, changes: readonly Change[]): Retimed | 'order-changed' | 'deadlock' {
  const timing = timed(graph, changes);
  return typeof timing === 'string' ? timing : timing.result();
}

/** By longest paths where that is exact, else by a full run: says which. Null: `cancelled` said so. */
export function resimulate(
  graph: EventGraph,
  changes: readonly Change[],
  cancelled: () => boolean = () => false,
):
  | { readonly by: 'longest path'; readonly run: Retimed }
  | { readonly by: 'full run'; readonly run: NetworkRun }
  | null {
  const retimed = retime(graph, changes);
  if (typeof retimed !== 'string') return { by: 'longest path', run: retimed };
  const run = play(changed(graph.network, changes), { cancelled });
  return run && { by: 'full run', run };
}

/** The run as recorded, timed: what the critical path is read from. */
export function timed(graph: EventGraph, changes: readonly Change[]): Timing | 'order-changed' | 'deadlock' {
  const network = changed(graph.network, changes);
  const timing = new Timing(graph, network);
  if (!timing.takes(changes)) return 'order-changed';
  const outcome = timing.run();
  if (outcome === 'order-changed' || !keepsOrder(timing)) return 'order-changed';
  if (outcome === null) return timing;
  // Requests nobody waits for may be held up by the recorded order, too.
  return hasOpenRequests(timing) ? 'order-changed' : 'deadlock';
}
