/**
 * Problems that cannot run in the scratchpad given, made by hand: the operator, demand and bound that the explanation
 * must name are worked out on paper, and each lever it offers is applied: the problem then runs.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { checkSchedule } from '#core/schedule/check.ts';
import { explainInfeasible, type Lever, type LeverChange, narrowed } from '#core/schedule/explain/infeasible.ts';
import { NO_FLAGS, targetOf } from '#core/schedule/flags.ts';
import type { ScheduleTarget } from '#core/schedule/gaps.ts';
import type { ScheduleFlags, ScheduleMode, ScheduleProblem } from '#core/schedule/problem.ts';
import { largestWorkingSet } from '#core/schedule/working-set.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { NETWORKS } from '../support/networks/index.ts';
import { type Feature, Sketch } from '../support/networks/sketch.ts';
import { SCHEDULERS, solved } from './schedule-trials.ts';

interface Infeasible {
  readonly title: string;
  readonly problem: ScheduleProblem;
  readonly mode: ScheduleMode;
  readonly S: number;
  readonly granule: number;
  readonly flags?: ScheduleFlags;
  /** Kinds of levers that must be among those offered, beside a larger scratchpad and stream mode. */
  readonly levers?: readonly Lever['kind'][];
  /** The first operator that cannot run, and the bytes it needs on chip at once. */
  readonly operator: string;
  readonly demand: number;
}

/** A problem of vectors: `build` makes tensors of so many bytes and returns what leaves the chip. */
function vectors(build: (net: Sketch) => readonly Feature[]): ScheduleProblem {
  const net = new Sketch('crafted');
  return net.finish(...build(net)).problem;
}

/** One operator after the other, over tensors of these bytes. */
const chain = (bytes: readonly number[], weights: readonly number[] = []): ScheduleProblem =>
  vectors((net) => {
    let x = net.input(bytes[0]!);
    bytes.slice(1).forEach((size, at) => {
      x = net.op('Op', [x], [size], { weightBytes: weights[at] ?? 0 });
    });
    return [x];
  });

const join = (parts: readonly number[], result: number): ScheduleProblem =>
  vectors((net) => [
    net.op(
      'Join',
      parts.map((size) => net.input(size)),
      [result],
    ),
  ]);

/** `problem` with operator `index` making a tensor more, which nobody uses. */
function withSecondResult(problem: ScheduleProblem, index: number, bytes: number): ScheduleProblem {
  const id = problem.tensors.length;
  return {
    ...problem,
    tensors: [...problem.tensors, { id, name: `second_${id}`, shape: [bytes], bytes, kind: 'act' }],
    ops: problem.ops.map((op) => (op.id === index ? { ...op, outputs: [...op.outputs, id] } : op)),
  };
}

const strict = (title: string, problem: ScheduleProblem, S: number, operator: string, demand: number): Infeasible => ({
  ...{ title, problem, S, operator, demand },
  mode: 'strict',
  granule: 1,
});
const weighed = (...args: Parameters<typeof strict>): Infeasible => ({ ...strict(...args), mode: 'strict+weights' });
const inGranules = (granule: number, infeasible: Infeasible): Infeasible => ({ ...infeasible, granule });

const offering = (levers: Infeasible['levers'] & {}, infeasible: Infeasible): Infeasible => ({ ...infeasible, levers });
const under = (flags: Partial<ScheduleFlags>, infeasible: Infeasible): Infeasible => ({
  ...infeasible,
  flags: { ...NO_FLAGS, ...flags },
});

function relu(bytes: number): ScheduleProblem {
  return vectors((net) => [net.op('Relu', [net.input(bytes)], [bytes])]);
}

function concatenation(parts: readonly number[]): ScheduleProblem {
  return vectors((net) => [
    net.op(
      'Concat',
      parts.map((size) => net.input(size)),
      [parts.reduce((sum, size) => sum + size, 0)],
    ),
  ]);
}

/** The input is used first and last; between, 60 bytes are needed beside it. */
function pinnable(): ScheduleProblem {
  return vectors((net) => {
    const x = net.input(50);
    const wide = net.op('Op', [net.op('Op', [x], [20])], [40]);
    return [net.op('Op', [net.op('Op', [wide], [5]), x], [5])];
  });
}

/** While the first operator runs (30 bytes), 30 more come in for the second. */
function fetchedAhead(): ScheduleProblem {
  return vectors((net) => [net.op('Op', [net.op('Op', [net.input(10)], [20]), net.input(30)], [1])]);
}

const CRAFTED: readonly Infeasible[] = [
  strict('one operator, one byte short', chain([100, 50]), 149, 'Op_0', 150),
  strict('no scratchpad at all', chain([100, 50]), 0, 'Op_0', 150),
  strict('the middle of a chain', chain([10, 20, 30, 5]), 49, 'Op_1', 50),
  strict('the end of a chain', chain([1, 1, 1, 40]), 40, 'Op_2', 41),
  strict('the first of equals', chain([20, 20, 20]), 39, 'Op_0', 40),
  strict('the hungriest of several that do not fit', chain([30, 30, 40, 40, 30]), 20, 'Op_2', 80),
  strict('a large graph input', chain([1000, 1]), 1000, 'Op_0', 1001),
  strict('a large graph output', chain([1, 1000]), 1000, 'Op_0', 1001),
  strict('a tensor of no bytes beside one', chain([0, 10]), 9, 'Op_0', 10),
  strict('a sum of two', join([10, 10], 10), 29, 'Join_0', 30),
  strict('a concatenation of four', join([10, 10, 10, 10], 40), 79, 'Join_0', 80),
  strict('a concatenation of sixteen', join(Array<number>(16).fill(3), 48), 95, 'Join_0', 96),
  strict('operands of unequal sizes', join([1, 10, 100], 7), 117, 'Join_0', 118),
  strict('an operator without operands', join([], 10), 9, 'Join_0', 10),
  strict('two results', withSecondResult(chain([10, 20]), 0, 30), 59, 'Op_0', 60),
  strict('a result that nobody uses', withSecondResult(chain([10, 5, 1]), 1, 70), 75, 'Op_1', 76),
  strict(
    'an operand named twice is there once',
    vectors((net) => {
      const x = net.input(10);
      return [net.op('Square', [x, x], [10])];
    }),
    19,
    'Square_0',
    20,
  ),
  strict(
    'a skip over the operator does not count for it',
    vectors((net) => {
      const x = net.input(10);
      const wide = net.op('Widen', [x], [40]);
      return [net.op('Add', [net.op('Narrow', [wide], [10]), x], [10])];
    }),
    49,
    'Widen_0',
    50,
  ),
  strict(
    'where branches meet',
    vectors((net) => {
      const x = net.input(10);
      return [net.op('Concat', [net.op('Left', [x], [30]), net.op('Right', [x], [30]), x], [70])];
    }),
    139,
    'Concat_2',
    140,
  ),
  strict(
    'one branch of three',
    vectors((net) => {
      const x = net.input(8);
      return [4, 64, 16].map((size) => net.op('Branch', [x], [size]));
    }),
    71,
    'Branch_1',
    72,
  ),
  strict(
    'a part that meets no other',
    vectors((net) => [net.op('Small', [net.input(1)], [1]), net.op('Large', [net.input(9)], [9])]),
    17,
    'Large_1',
    18,
  ),
  strict(
    'the scores of an attention',
    vectors((net) => {
      const x = net.input(64, 32);
      const [q, k] = [net.op('Q', [x], [64, 32]), net.op('K', [x], [64, 32])];
      return [net.op('Softmax', [net.op('QKt', [q, k], [64, 64])], [64, 64])];
    }),
    8191,
    'QKt_2',
    8192,
  ),
  weighed('weights that do not fit beside the tensors', chain([10, 10], [100]), 119, 'Op_0', 120),
  weighed('weights larger than the scratchpad alone', chain([10, 10], [100]), 64, 'Op_0', 120),
  weighed('the hungriest by weights, not by tensors', chain([50, 50, 1, 1], [0, 0, 200]), 201, 'Op_2', 202),
  weighed('the hungriest by tensors in spite of weights', chain([50, 50, 1, 1], [0, 0, 97]), 99, 'Op_0', 100),
  weighed('no weights anywhere', chain([10, 20]), 29, 'Op_0', 30),
  weighed('a dense layer', chain([512, 1000], [512_000]), 512_000, 'Op_0', 513_512),
  inGranules(8, strict('three tensors rounded up to a granule each', join([5, 5], 5), 23, 'Join_0', 24)),
  inGranules(8, strict('whole granules already', chain([8, 8]), 15, 'Op_0', 16)),
  inGranules(8, strict('a remainder of the scratchpad is of no use', chain([9, 7]), 23, 'Op_0', 24)),
  inGranules(64, strict('a granule larger than the scratchpad', chain([1, 1]), 63, 'Op_0', 128)),
  inGranules(4096, strict('banks for tiny tensors', join([1, 1, 1], 1), 16_383, 'Join_0', 16_384)),
  inGranules(16, weighed('weights in whole granules too', chain([16, 16], [1]), 47, 'Op_0', 48)),
  inGranules(16, strict('nothing needs no granule', chain([0, 1]), 15, 'Op_0', 16)),
  offering(['flag'], strict('an activation beside its operand', relu(10), 19, 'Relu_0', 20)),
  offering(
    ['flag'],
    strict(
      'a residual sum of three tensors',
      vectors((net) => [net.add(net.input(8, 8), net.input(8, 8))]),
      191,
      'Add_0',
      192,
    ),
  ),
  offering(['flag'], strict('a copying concatenation', concatenation([10, 20, 30]), 100, 'Concat_0', 120)),
  under({ inPlace: true }, strict('in place, and still one byte short', relu(10), 9, 'Relu_0', 10)),
  under(
    { aliasConcat: true },
    strict('aliased, and still one byte short', concatenation([10, 20]), 29, 'Concat_0', 30),
  ),
  offering(['flag'], under({ pinned: [0] }, strict('a pinned tensor in the way', pinnable(), 109, 'Op_1', 110))),
  offering(
    ['flag'],
    under({ doubleBuffer: true }, strict('an operand fetched a step ahead', fetchedAhead(), 59, 'Op_0', 60)),
  ),
  offering(['granule'], inGranules(32, strict('a granule too coarse', chain([4, 4]), 40, 'Op_0', 64))),
  offering(['mode'], weighed('weights that might be streamed', chain([4, 4], [64]), 71, 'Op_0', 72)),
  offering(['split'], strict('an operator that could run in pieces', chain([10, 100]), 60, 'Op_0', 110)),
  offering(
    ['format'],
    strict('elements twice as wide as need be', { ...chain([10, 20]), bytesPerElement: 2 }, 15, 'Op_0', 30),
  ),
];

/** Real networks one byte below their largest working set: the demand is M_R, of which other tests know the figures. */
const NETWORK_CASES: readonly Infeasible[] = NETWORKS.flatMap(({ name, family, build }) =>
  (family === 'classic' ? (['strict', 'strict+weights'] as const) : (['strict'] as const)).map((mode): Infeasible => {
    const problem = build();
    const demand = Math.max(
      ...problem.ops.map(
        (op) =>
          [...new Set([...op.inputs, ...op.outputs])].reduce((sum, id) => sum + problem.tensors[id]!.bytes, 0) +
          (mode === 'strict' ? 0 : op.weightBytes),
      ),
    );
    const operator = problem.ops[largestWorkingSet(problem, mode)!.operator]!.name;
    return { title: `${name} in ${mode} mode`, problem, mode, S: demand - 1, granule: 1, operator, demand };
  }),
);

/** Operators of a problem that is solved here, too; the networks have their own tests. */
const SMALL = 10;

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

describe.each([...CRAFTED, ...NETWORK_CASES].map((one) => [one.title, one] as const))(
  'P-16 infeasible: %s',
  (_, infeasible) => {
    const { problem, mode, S, granule, flags, operator, demand } = infeasible;
    const target: ScheduleTarget = { mode, S, granule, ...(flags && { flags }) };
    const found = explainInfeasible(problem, target)!;

    it('is explained: operator, demand, bound, unit', () => {
      const [fault, ...others] = checkSchedule(problem, target);
      expect(others).toEqual([]);
      expect(fault).toMatchObject({
        code: 'schedule.infeasible',
        where: { node: operator },
        facts: { operator, demand, bound: S, unit: 'B' },
      });
      expect(found).toMatchObject({ operator, demand, bound: S });
      const counted = found.tensors.reduce((sum, { bytes }) => sum + Math.ceil(bytes / granule) * granule, 0);
      if (!flags) expect(counted + Math.ceil(found.weightBytes / granule) * granule).toBe(demand);
    });

    it('offers a scratchpad that is enough and not a byte more, stream mode, and what else there is', () => {
      const kinds = found.levers.map(({ kind }) => kind);
      expect(kinds).toEqual(expect.arrayContaining(['scratchpad', 'mode', ...(infeasible.levers ?? [])]));
      const enough = found.levers.find(({ kind }) => kind === 'scratchpad')!.change.S!;
      expect(checkSchedule(problem, { ...target, S: enough })).toEqual([]);
      expect(checkSchedule(problem, { ...target, S: enough - 1 })).toHaveLength(1);
    });

    it('runs with any of the levers', () => {
      for (const { change, demand: left, isEstimate } of found.levers) {
        if (isEstimate) continue;
        const changed = applied(problem, target, change);
        expect(left).toBeLessThanOrEqual(changed.target.S);
        expect(checkSchedule(changed.problem, changed.target)).toEqual([]);
        if (problem.ops.length > SMALL) continue;
        for (const scheduler of SCHEDULERS) solved(scheduler, changed.problem, changed.target, { mip, ...changed });
      }
    });
  },
);

/** What a lever's change makes of problem and target, and the parameters that say so to a scheduler. */
function applied(problem: ScheduleProblem, target: ScheduleTarget, { S, mode, parameters, format }: LeverChange) {
  const { granule, flags = NO_FLAGS } = target;
  const all = { ...flags, pinned: flags.pinned.join(','), alignment: granule, ...parameters };
  const divisor = format ? problem.bytesPerElement / format.bytesPerElement : 1;
  const changed = narrowed(problem, divisor);
  const asked = { mode: mode ?? target.mode, S: S ?? target.S, parameters: all };
  return { problem: changed, target: targetOf(changed, asked), parameters: all };
}
