/** The critical path tiles the makespan, folded or not, and its rooms are what could make a run shorter. */
import { expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { play } from '#core/simulate/network/player.ts';
import { type CriticalPath, criticalPathOf, eachSpan, type PathItem } from '#core/stalls/critical-path.ts';
import { randomNetwork } from '../support/stall-networks.ts';

/** Every span of it in true time. */
function unrolled(
  items: readonly PathItem[],
  by = 0,
): { process: number; state: string; start: number; end: number }[] {
  return items.flatMap((item) => {
    if ('process' in item) {
      const { process, state, start, end } = item;
      return [{ process, state, start: start + by, end: end + by }];
    }
    return Array.from({ length: item.times }, (_, time) => unrolled(item.items, by + time * item.period)).flat();
  });
}

function sums(path: CriticalPath): Record<string, number> {
  const ticks: Record<string, number> = {};
  eachSpan(path.items, ({ process, state, start, end }, times) => {
    ticks[`${process} ${state}`] = (ticks[`${process} ${state}`] ?? 0) + times * (end - start);
  });
  return ticks;
}

it('spans tile the makespan, in folded and in whole runs, and are what the process did', () => {
  let paths = 0;
  let folded = 0;
  for (let seed = 0; seed < 400; seed++) {
    const rng = createRng(seed);
    const network = randomNetwork(rng, { firings: 300, memory: (['none', 'own', 'shared'] as const)[rng.below(3)]! });
    const whole = play(network, { fold: false, trace: true })!;
    const run = play(network, { trace: true })!;
    if (run.deadlock) {
      expect(criticalPathOf(network, run)).toBeNull();
      continue;
    }
    const truth = criticalPathOf(network, whole);
    const path = criticalPathOf(network, run);
    if (!path || !truth) continue;
    paths++;
    if (path.items.some((item) => 'times' in item)) folded++;
    expect(sums(path), `seed ${seed}`).toEqual(sums(truth));
    for (const { items } of [path, truth]) {
      const spans = unrolled(items);
      const gap = spans.find(({ start }, index) => start !== (spans[index - 1]?.end ?? 0));
      expect(gap, `seed ${seed}`).toBeUndefined();
      expect(spans.at(-1)!.end).toBe(run.makespan);
      expect(spans.find(({ state }) => !['busy', 'reconfigure', 'load', 'store'].includes(state))).toBeUndefined();
    }
  }
  expect(paths).toBeGreaterThan(250);
  expect(folded).toBeGreaterThan(100);
});
