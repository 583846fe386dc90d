/** What a memory map says of a place in it. */
import { formatExact, formatQuantity } from '#core/base/quantity.ts';
import type { memoryHit } from '#core/report/figures/paint-memory-map.ts';
import type { RunData } from '#core/report/run-data.ts';

export function residenceText(
  { memory, result }: RunData,
  hit: NonNullable<ReturnType<typeof memoryHit>>,
): { readonly title: string; readonly lines: readonly string[] } {
  const step = Math.min(memory.steps - 1, hit.step);
  const running = result.operators[memory.order[step] ?? -1];
  const live = `Step ${step}${running ? `, ${running.name}` : ''}: ${formatQuantity(memory.liveBytes[step] ?? 0, 'B')} resident`;
  if (!hit.residence) return { title: 'Free', lines: [live] };
  const { tensor, from, to, address } = hit.residence;
  return {
    title: tensor.name,
    lines: [
      `${tensor.shape.join(' × ')} · ${formatExact(tensor.bytes, 'B')}`,
      `Steps ${from} to ${to - 1} at address ${formatExact(address, 'B')}`,
      live,
    ],
  };
}
