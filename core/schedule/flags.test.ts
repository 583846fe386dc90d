import { beforeAll, describe, expect, it } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import { createRng, type Rng } from '#core/base/rng.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { techniques } from '#core/technique/registry.ts';
import { evict } from './eviction.ts';
import { NO_FLAGS, targetOf } from './flags.ts';
import { solveGapModel } from './gap-model.ts';
import { gapView, isOrderFeasible, type ScheduleTarget } from './gaps.ts';
import { lowerBound } from './lower-bound.ts';
import { orderByName } from './orders.ts';
import { SCHEDULE_MODES, type ScheduleFlags, type ScheduleOperator, type ScheduleProblem } from './problem.ts';
import { scheduleAndVerify } from './scheduler.ts';
import { peakOfOrder } from './working-set.ts';

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

/** 3 … 6 operators; a third of them element-wise, a third concatenations, the rest neither. */
function tinyProblem(rng: Rng): ScheduleProblem {
  const tensors: { id: number; name: string; shape: number[]; bytes: number; kind: 'input' | 'act' | 'output' }[] = [];
  const ops: ScheduleOperator[] = [];
  const tensor = (bytes: number, kind: 'input' | 'act' = 'act'): number => {
    const id = tensors.length;
    tensors.push({ id, name: `t${id}`, shape: [bytes], bytes, kind });
    return id;
  };
  for (let inputs = 1 + rng.below(2); inputs > 0; inputs--) tensor(1 + rng.below(6), 'input');
  for (let id = 0, count = 3 + rng.below(4); id < count; id++) {
    const wanted = 1 + rng.below(2);
    const inputs = [...new Set(Array.from({ length: wanted }, () => rng.below(tensors.length)))];
    const kind = rng.below(3);
    const sizes = inputs.map((one) => tensors[one]!.bytes);
    const bytes =
      kind === 0
        ? Math.max(1, Math.max(...sizes) - rng.below(2))
        : kind === 1
          ? sizes.reduce((a, b) => a + b, 0)
          : 1 + rng.below(6);
    let offset = 0;
    const aliases = inputs.map((operand) => {
      const slot = { operand, offset };
      offset += tensors[operand]!.bytes;
      return slot;
    });
    const stated = kind === 0 ? { inPlace: inputs } : kind === 1 ? { aliases } : {};
    ops.push({
      id,
      name: `op${id}`,
      type: 'Op',
      inputs,
      outputs: [tensor(bytes)],
      weightBytes: rng.below(3),
      ...stated,
    });
  }
  const used = new Set(ops.flatMap((op) => op.inputs));
  for (const one of tensors) if (one.kind === 'act' && (!used.has(one.id) || rng.below(6) === 0)) one.kind = 'output';
  return { name: 'tiny', bytesPerElement: 1, tensors, ops };
}

/**
 * Least non-compulsory bytes under an order by trying every way to hold every tensor: knows steps and intervals, none of
 * the gap model. Null where nothing fits.
 */
function exhaustive(problem: ScheduleProblem, { mode, S, flags = NO_FLAGS }: ScheduleTarget, order: readonly number[]) {
  const isStream = mode === 'stream';
  const stepOf = new Map(order.map((op, step) => [op, step] as const));
  const tensors = problem.tensors.map(({ id, bytes, kind }) => {
    const uses = problem.ops.filter((op) => op.inputs.includes(id)).map((op) => stepOf.get(op.id)!);
    const made = problem.ops.filter((op) => op.outputs.includes(id)).map((op) => stepOf.get(op.id)!);
    const events = [...made, ...uses].sort((a, b) => a - b);
    return { id, bytes, kind, isMade: made.length > 0, events, isPinned: flags.pinned.includes(id) };
  });
  type Held = { readonly t: number; readonly from: number; readonly last: number; readonly isFetched: boolean };
  /** Every way to hold one tensor, with what it costs. */
  const ways = tensors.map(({ id, bytes, kind, isMade, events, isPinned }) => {
    const count = Math.max(0, events.length - 1);
    return Array.from({ length: 2 ** count }, (_, choice) => {
      const held: Held[] = [];
      let reads = isMade || events.length === 0 ? 0 : 1;
      let from = 0;
      events.forEach((step, index) => {
        const isCarried = index > 0 && ((choice >> (index - 1)) & 1) === 1;
        if (!isCarried) from = index;
        if (index > 0 && !isCarried) reads++;
        const goesOn = index < count && ((choice >> index) & 1) === 1;
        if (goesOn || (isStream && from === index)) return;
        held.push({ t: id, from: events[from]!, last: step, isFetched: !(isMade && from === 0) });
      });
      const writes = kind === 'act' && reads > 0 ? 1 : 0;
      const compulsory = kind === 'input' && events.length > 0 ? 1 : 0;
      return { held, cost: bytes * (reads + writes - compulsory), isAllowed: !isPinned || choice === 2 ** count - 1 };
    }).filter(({ isAllowed }) => isAllowed);
  });
  let best: number | null = null;
  const fits = (held: readonly Held[]): boolean =>
    order.every((id, step) => {
      const op = problem.ops[id]!;
      const next = order[step + 1];
      let bytes = mode === 'strict+weights' ? op.weightBytes : 0;
      if (mode === 'strict+weights' && flags.doubleBuffer && next !== undefined)
        bytes += problem.ops[next]!.weightBytes;
      for (const one of held) {
        const begin = flags.doubleBuffer && one.isFetched && one.from > 0 ? one.from - 1 : one.from;
        if (begin <= step && step <= one.last) bytes += problem.tensors[one.t]!.bytes;
      }
      const result = held.find(({ t, from }) => op.outputs.includes(t) && from === step);
      if (result) {
        const size = problem.tensors[result.t]!.bytes;
        const leaving = held.filter(({ t, last }) => last === step && op.inputs.includes(t));
        if (flags.aliasConcat && op.aliases) for (const { t } of leaving) bytes -= problem.tensors[t]!.bytes;
        else if (flags.inPlace && op.inPlace && leaving.some(({ t }) => problem.tensors[t]!.bytes >= size))
          bytes -= size;
      }
      return bytes <= S;
    });
  const held: Held[][] = [];
  (function choose(at: number, cost: number): void {
    if (best !== null && cost >= best) return;
    if (at === ways.length) {
      if (fits(held.flat())) best = cost;
      return;
    }
    for (const way of ways[at]!) {
      held[at] = way.held as Held[];
      choose(at + 1, cost + way.cost);
    }
    held.length = at;
  })(0, 0);
  return best as number | null;
}

function everyOrder({ tensors, ops }: ScheduleProblem): readonly (readonly number[])[] {
  const orders: number[][] = [];
  (function extend(order: readonly number[], made: ReadonlySet<number>): void {
    if (order.length === ops.length) orders.push([...order]);
    for (const op of ops)
      if (!order.includes(op.id) && op.inputs.every((id) => made.has(id)))
        extend([...order, op.id], new Set([...made, ...op.outputs]));
  })([], new Set(tensors.filter(({ kind }) => kind === 'input').map(({ id }) => id)));
  return orders;
}

const SINGLE = ['inPlace', 'aliasConcat', 'doubleBuffer', 'pinned'] as const;
type Flag = (typeof SINGLE)[number];
const SETS: readonly (readonly Flag[])[] = [
  ...SINGLE.map((one) => [one]),
  ...SINGLE.flatMap((one, at) => SINGLE.slice(at + 1).map((other) => [one, other])),
  [...SINGLE],
];
const flagsFor = (set: readonly Flag[], problem: ScheduleProblem, rng: Rng): ScheduleFlags => ({
  inPlace: set.includes('inPlace'),
  aliasConcat: set.includes('aliasConcat'),
  doubleBuffer: set.includes('doubleBuffer'),
  pinned: set.includes('pinned') ? [rng.below(problem.tensors.length)] : [],
});

describe.each(SETS.map((set) => [set.join(' and '), set] as const))('%s', (_, set) => {
  it('the residency of an order is the best of all, and no bound is above it', () => {
    for (let seed = 0; seed < 60; seed++) {
      for (const mode of SCHEDULE_MODES) {
        const rng = createRng(seed * 7919 + mode.length);
        const problem = tinyProblem(rng);
        const order = orderByName(problem, 'file');
        const peak = peakOfOrder(problem, mode, order);
        const S = Math.max(0, peak - rng.below(Math.max(1, peak >> 1)));
        const target: ScheduleTarget = { mode, S, granule: 1, flags: flagsFor(set, problem, rng) };
        const told = `seed ${seed} ${JSON.stringify({ target, problem })}`;
        const view = gapView(problem, target, order);
        const least = exhaustive(problem, target, order);
        expect(isOrderFeasible(view), told).toBe(least !== null);
        if (least === null) continue;
        const solution = solveGapModel(view, mip, {
          nodeLimit: 500,
          control: uncontrolled,
          start: evict(view, 'belady'),
        });
        expect(solution.objective, told).toBe(least);
        expect(solution.bound, told).toBe(least);
        const bound = lowerBound(problem, target, mip, { nodeLimit: 500, control: uncontrolled });
        const everywhere = everyOrder(problem)
          .slice(0, 40)
          .map((one) => exhaustive(problem, target, one) ?? Infinity);
        expect(bound, told).toBeLessThanOrEqual(Math.min(...everywhere));
      }
    }
  });

  it.each(techniques.scheduler.map((one) => [one.manifest.id, one] as const))(
    '%s: answers are verified',
    (id, scheduler) => {
      for (let seed = 0; seed < 25; seed++) {
        for (const mode of SCHEDULE_MODES) {
          const rng = createRng(seed * 104_729 + mode.length);
          const problem = tinyProblem(rng);
          const flags = flagsFor(set, problem, rng);
          const peak = peakOfOrder(problem, mode, orderByName(problem, 'file'));
          const S = Math.max(0, peak - rng.below(Math.max(1, peak >> 1)));
          const parameters = {
            ...defaultParameters(scheduler.manifest.parameters),
            ...flags,
            pinned: flags.pinned.join(','),
          };
          const told = `${id} seed ${seed} ${JSON.stringify({ mode, S, flags, problem })}`;
          const result = scheduleAndVerify(scheduler, problem, { mode, S, parameters, mip, control: uncontrolled });
          const target = targetOf(problem, { mode, S, parameters });
          const least = Math.min(
            ...everyOrder(problem)
              .slice(0, 60)
              .map((one) => exhaustive(problem, target, one) ?? Infinity),
          );
          if (!result.ok) {
            expect(
              result.error.map(({ code }) => code),
              told,
            ).toEqual(['schedule.infeasible']);
            continue;
          }
          expect(result.value.flags ?? NO_FLAGS, told).toEqual(flags);
          expect(result.value.bound, told).toBeLessThanOrEqual(least);
        }
      }
    },
  );
});
