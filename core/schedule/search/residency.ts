/** From the steps a search found to an order and the gaps over which tensors are kept. */
import type { GapView } from '../gap-view.ts';
import { gapView, type ScheduleTarget } from '../gaps.ts';
import type { ScheduleProblem } from '../problem.ts';
import type { Step } from './history.ts';
import { CLEAN, OFF, type SearchInstance } from './instance.ts';

export interface KeptGaps {
  readonly view: GapView;
  readonly kept: readonly boolean[];
}

/** Replays the steps: a use is carried when its tensor was on chip before the step and not dropped for it. */
export function keptGaps(
  problem: ScheduleProblem,
  target: ScheduleTarget,
  instance: SearchInstance,
  steps: readonly Step[],
): KeptGaps {
  const view = gapView(
    problem,
    target,
    steps.map(({ op }) => op),
  );
  const kept = view.gaps.map(() => false);
  const where = new Uint8Array(instance.size.length);
  const usesSeen = new Int32Array(instance.size.length);
  const dropped = new Uint8Array(instance.size.length);
  for (const { op, dropped: drops } of steps) {
    for (const tensor of drops) dropped[tensor] = 1;
    for (const tensor of instance.operands[op]!) {
      const gap = view.gapsOf[tensor]![usesSeen[tensor]! - (instance.producer[tensor]! < 0 ? 1 : 0)];
      usesSeen[tensor]!++;
      if (gap !== undefined && where[tensor] !== OFF && !dropped[tensor]) kept[gap] = true;
      where[tensor] = dropped[tensor] ? OFF : CLEAN;
    }
    for (const tensor of instance.results[op]!) where[tensor] = dropped[tensor] ? OFF : CLEAN;
    for (const tensor of drops) {
      where[tensor] = OFF;
      dropped[tensor] = 0;
    }
  }
  return { view, kept };
}
