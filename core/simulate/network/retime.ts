/**
 * Times a recorded run again after a change of depths, channels or ticks: longest paths through its graph of events. It is
 * the run a full simulation would give as long as channels, locks and barriers would take those who come in the
 * recorded order; that is checked, and where it is not so, said.
 */
import { type Change, changed } from './change.ts';
import type { EventGraph } from './event-graph.ts';
import { hasOpenRequests, keepsOrder } from './order.ts';
import { type Retimed, Timing } from './timing.ts';

/** The run after the changes; or that the recorded orders would not hold, or that it would not end. */
export function retime(graph: EventGraph, changes: readonly Change[]): Retimed | 'order-changed' | 'deadlock' {
  const timing = new Timing(graph, changed(graph.network, changes));
  if (!timing.operations.takes(changes)) return 'order-changed';
  const outcome = timing.run();
  if (outcome === 'order-changed' || !keepsOrder(timing)) return 'order-changed';
  if (outcome === null) return timing.result();
  // Requests nobody waits for may be held up by the recorded order, too.
  return hasOpenRequests(timing) ? 'order-changed' : 'deadlock';
}
