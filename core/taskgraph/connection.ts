/** Which ports of a task graph may be joined, asked while the user drags a link. */
import { err, type Result } from '#core/base/result.ts';
import { canJoin } from '#core/document/components.ts';
import type { Document, Endpoint } from '#core/document/document.ts';

/** ok(true), or one sentence saying why not, and what would do. `from` is an output, `to` an input. */
export function canConnectTasks(document: Document, from: Endpoint, to: Endpoint): Result<true, string> {
  const source = document.nodes.get(from.node)?.type;
  const target = document.nodes.get(to.node)?.type;
  if (source === 'task' && target === 'task')
    return err(
      from.port === 'stores' || to.port === 'loads'
        ? 'Put an off-chip tensor between the two tasks: one stores it, the other loads it'
        : 'Put a stream between the two tasks: one writes it, the other reads it',
    );
  if (source === 'stream' && target === 'stream') return err('Streams join tasks; put a task between the two');
  const isTensor = (type: string | undefined) => type === 'off-chip-tensor';
  const isAccess = (type: string | undefined) => type === 'off-chip-access';
  if (isTensor(source) && isTensor(target))
    return err('Off-chip tensors are moved by tasks; put a task between the two');
  if (isAccess(source) && isAccess(target)) return err('An access stands between a tensor and a task');
  const neighbour = (end: Endpoint, side: 'from' | 'to') => {
    for (const link of document.links.values())
      if (link[side].node === end.node) return document.nodes.get(link[side === 'from' ? 'to' : 'from'].node)?.type;
    return undefined;
  };
  const otherEnd = isAccess(source) ? neighbour(from, 'to') : isAccess(target) ? neighbour(to, 'from') : undefined;
  const thisEnd = isAccess(source) ? target : source;
  if (otherEnd !== undefined && isTensor(otherEnd) === isTensor(thisEnd))
    return err(
      `An access stands between a tensor and a task; this one has its ${isTensor(otherEnd) ? 'tensor' : 'task'}`,
    );
  return canJoin(document, from, to);
}
