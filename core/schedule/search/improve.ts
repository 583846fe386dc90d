/**
 * Large-neighbourhood search (Shaw, 1998) over windows of an order: the operators of a window are ordered anew, with
 * the best residency, from how things stand before it; what comes out must be convertible into how things stood
 * after it. Windows of several lengths sweep over the order until none helps or the budget is spent.
 */
import type { Control } from '#core/base/control.ts';
import { searchRegion } from './downset-search.ts';
import type { Step } from './history.ts';
import { type Boundary, conversionCost, OFF, type SearchInstance } from './instance.ts';
import { replay, takesRoomFor, usesAfter } from './replay.ts';

export interface ImproveOptions {
  /** Window lengths, operators, tried in turn. */
  readonly lengths: readonly number[];
  readonly width: number;
  readonly exposure: number;
  /** Children over all windows. */
  readonly nodeLimit: number;
  /** Stops at a schedule as cheap as this. */
  readonly enough: number;
  readonly control: Control;
  readonly onImproved?: (steps: readonly Step[]) => void;
}

export interface Improved {
  readonly steps: readonly Step[];
  readonly cost: number;
  readonly nodes: number;
}

export function improveSteps(
  instance: SearchInstance,
  entry: Boundary,
  usesLeft: Int32Array,
  from: readonly Step[],
  options: ImproveOptions,
): Improved {
  let steps = from;
  let moments = replay(instance, entry, usesLeft, steps);
  let nodes = 0;
  const isOver = (): boolean =>
    nodes >= options.nodeLimit || options.control.cancelled() || moments.at(-1)!.cost <= options.enough;

  for (let hasImproved = true; hasImproved && !isOver(); ) {
    hasImproved = false;
    for (const length of options.lengths) {
      const stride = Math.max(1, length >> 1);
      for (let start = 0; start < steps.length && !isOver(); start += stride) {
        const end = Math.min(steps.length, start + length);
        if (end - start < 2) continue;
        const before = moments[start]!;
        const after = moments[end]!;
        const spent = after.cost - before.cost;
        if (spent === 0) continue;
        const ops = Int32Array.from(steps.slice(start, end), ({ op }) => op).sort();
        const left = usesAfter(
          instance,
          usesLeft,
          steps.slice(0, start).map(({ op }) => op),
        );
        const result = searchRegion(
          instance,
          { ops, entry: before, usesLeft: left },
          {
            width: options.width,
            below: spent,
            exposure: options.exposure,
            nodeLimit: Math.min(options.nodeLimit - nodes, 60 * options.width * length),
            control: options.control,
          },
        );
        nodes += result.nodes;
        let best = spent;
        let chosen: (typeof result.ends)[number] | null = null;
        for (const one of result.ends) {
          const total = one.cost + conversionCost(instance, result.live, one.status, 0, after.status, 0);
          if (total >= best) continue;
          best = total;
          chosen = one;
        }
        if (!chosen) continue;
        const next = steps[end];
        const leftAfter = usesAfter(instance, left, ops);
        const evicted = [...result.live].filter(
          (tensor, i) =>
            chosen.status[i] !== OFF &&
            after.status[i] === OFF &&
            next !== undefined &&
            !takesRoomFor(instance, leftAfter, next.op, tensor),
        );
        const rest = steps.slice(end);
        if (next && evicted.length > 0) rest[0] = { op: next.op, dropped: [...new Set([...next.dropped, ...evicted])] };
        steps = [...steps.slice(0, start), ...chosen.steps(), ...rest];
        moments = replay(instance, entry, usesLeft, steps);
        hasImproved = true;
        options.onImproved?.(steps);
      }
    }
  }
  return { steps, cost: moments.at(-1)!.cost, nodes };
}
