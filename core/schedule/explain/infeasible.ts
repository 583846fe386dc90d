/**
 * Why nothing can run in the scratchpad given, and what would change that: operator, bytes, tensors, and levers as data.
 * A lever that claims to suffice does: each has been tried on the problem before it is offered.
 */
import { formatExact } from '#core/base/quantity.ts';
import type { ParameterValue } from '#core/base/value.ts';
import { NO_FLAGS } from '../flags.ts';
import type { ScheduleTarget } from '../gaps.ts';
import type { ScheduleFlags, ScheduleMode, ScheduleProblem } from '../problem.ts';
import { type Obstacle, obstacleOf } from './feasible.ts';

/** What to set: the scratchpad, the mode, parameters of the scheduler; or what to do to the model. */
export interface LeverChange {
  readonly S?: number;
  readonly mode?: ScheduleMode;
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
  readonly split?: { readonly operator: string; readonly axis: number; readonly pieces: number };
  readonly format?: { readonly bytesPerElement: number };
}

export interface Lever {
  readonly title: string;
  readonly kind: 'scratchpad' | 'mode' | 'flag' | 'granule' | 'split' | 'format';
  readonly change: LeverChange;
  /** Bytes on chip at once that the tightest step needs with the change. */
  readonly demand: number;
  /** An estimate from the operator at hand; the others have been tried on the whole problem. */
  readonly isEstimate: boolean;
}

export interface Infeasibility {
  readonly operator: string;
  readonly demand: number;
  /** The scratchpad, bytes. */
  readonly bound: number;
  readonly tensors: readonly { readonly id: number; readonly name: string; readonly bytes: number }[];
  readonly weightBytes: number;
  readonly isProven: boolean;
  readonly message: string;
  readonly levers: readonly Lever[];
}

/** @param problem well-formed (`checkProblem`). @returns null where it can run. */
export function explainInfeasible(problem: ScheduleProblem, target: ScheduleTarget): Infeasibility | null {
  const obstacle = obstacleOf(problem, target);
  if (!obstacle) return null;
  const op = problem.ops[obstacle.operator]!;
  const { mode, S } = target;
  const where = obstacle.isProven ? '' : ', in the best of the orders tried';
  return {
    operator: op.name,
    demand: obstacle.demand,
    bound: S,
    tensors: obstacle.tensors.map((id) => {
      const { name, bytes } = problem.tensors[id]!;
      return { id, name, bytes };
    }),
    weightBytes: obstacle.weightBytes > 0 ? op.weightBytes : 0,
    isProven: obstacle.isProven,
    message:
      `${op.name} needs ${formatExact(obstacle.demand, 'B')} on chip at once in ${mode} mode${where}, ` +
      `but the scratchpad has ${formatExact(S, 'B')}`,
    levers: leversFor(problem, target, obstacle),
  };
}

function leversFor(problem: ScheduleProblem, target: ScheduleTarget, obstacle: Obstacle): readonly Lever[] {
  const { mode, granule, flags = NO_FLAGS } = target;
  const levers: Lever[] = [];
  /** Offers a change of the target if the problem then can run. */
  const offer = (kind: Lever['kind'], title: string, change: LeverChange, changed: ScheduleTarget): void => {
    if (obstacleOf(problem, changed)) return;
    levers.push({ kind, title, change, demand: leastScratchpad(problem, changed), isEstimate: false });
  };
  const withFlags = (change: Partial<ScheduleFlags>): ScheduleTarget => ({ ...target, flags: { ...flags, ...change } });

  const enough = leastScratchpad(problem, target);
  offer('scratchpad', `a scratchpad of at least ${formatExact(enough, 'B')}`, { S: enough }, { ...target, S: enough });
  if (mode !== 'stream')
    offer(
      'mode',
      'stream mode, which needs no operand whole on chip',
      { mode: 'stream' },
      { ...target, mode: 'stream' },
    );
  if (mode === 'strict+weights')
    offer('mode', 'strict mode, in which weights are streamed', { mode: 'strict' }, { ...target, mode: 'strict' });
  if (!flags.inPlace)
    offer(
      'flag',
      'element-wise results in place of an operand',
      { parameters: { inPlace: true } },
      withFlags({ inPlace: true }),
    );
  if (!flags.aliasConcat)
    offer(
      'flag',
      'concatenations whose parts are written straight into the result',
      { parameters: { aliasConcat: true } },
      withFlags({ aliasConcat: true }),
    );
  if (!flags.inPlace && !flags.aliasConcat)
    offer(
      'flag',
      'results in place and aliased concatenations together',
      { parameters: { inPlace: true, aliasConcat: true } },
      withFlags({ inPlace: true, aliasConcat: true }),
    );
  if (flags.doubleBuffer)
    offer(
      'flag',
      'no double buffering of operands',
      { parameters: { doubleBuffer: false } },
      withFlags({ doubleBuffer: false }),
    );
  if (flags.pinned.length > 0) {
    const listed = flags.pinned.map((id) => problem.tensors[id]!);
    for (const dropped of listed) {
      const left = listed.filter((tensor) => tensor !== dropped).map(({ id }) => id);
      const change = { parameters: { pinned: left.join(',') } };
      offer('flag', `${dropped.name} not pinned`, change, withFlags({ pinned: left }));
    }
    if (listed.length > 1) offer('flag', 'no tensor pinned', { parameters: { pinned: '' } }, withFlags({ pinned: [] }));
  }
  // The coarsest granule that will do, by halving.
  for (let smaller = Math.floor(granule / 2); smaller >= 1; smaller = Math.floor(smaller / 2)) {
    const finer = { ...target, granule: smaller };
    if (obstacleOf(problem, finer)) continue;
    const title = `a smaller allocation granule, ${formatExact(smaller, 'B')}`;
    offer('granule', title, { parameters: { alignment: smaller } }, finer);
    break;
  }
  return [...levers, ...split(problem, target, obstacle), ...narrower(problem, target)];
}

/** Least scratchpad at which the target can run: what the obstacles ask for, one after the other. Bytes. */
export function leastScratchpad(problem: ScheduleProblem, target: ScheduleTarget): number {
  let S = 0;
  for (let met = obstacleOf(problem, { ...target, S }); met; met = obstacleOf(problem, { ...target, S }))
    S = met.demand;
  return S;
}

/**
 * The operator in n pieces along the largest axis of its first result: results and weights shrink with n, operands stay
 * whole. An estimate, for what an operator needs of its operands along that axis is not in the problem.
 */
function split(
  problem: ScheduleProblem,
  { S, mode }: ScheduleTarget,
  { operator, weightBytes }: Obstacle,
): readonly Lever[] {
  if (mode === 'stream') return [];
  const op = problem.ops[operator]!;
  const result = problem.tensors[op.outputs[0] ?? -1];
  if (!result || result.shape.length === 0) return [];
  const sum = (ids: readonly number[]): number =>
    [...new Set(ids)].reduce((bytes, id) => bytes + problem.tensors[id]!.bytes, 0);
  const fixed = sum(op.inputs);
  const divided = sum(op.outputs) + (weightBytes > 0 ? op.weightBytes : 0);
  if (S <= fixed) return [];
  const pieces = Math.ceil(divided / (S - fixed));
  const axis = result.shape.indexOf(Math.max(...result.shape));
  if (pieces < 2 || pieces > result.shape[axis]!) return [];
  return [
    {
      kind: 'split',
      title: `${op.name} in ${pieces} pieces along axis ${axis} of its result (an estimate)`,
      change: { split: { operator: op.name, axis, pieces } },
      demand: fixed + Math.ceil(divided / pieces),
      isEstimate: true,
    },
  ];
}

/** Half or a quarter as many bytes an element, where the whole problem then runs. */
function narrower(problem: ScheduleProblem, target: ScheduleTarget): readonly Lever[] {
  for (const divisor of [2, 4]) {
    const bytesPerElement = problem.bytesPerElement / divisor;
    if (bytesPerElement < 1) break;
    const narrow: ScheduleProblem = narrowed(problem, divisor);
    if (obstacleOf(narrow, target)) continue;
    return [
      {
        kind: 'format',
        title: `a number format of ${formatExact(bytesPerElement, 'B')} an element`,
        change: { format: { bytesPerElement } },
        demand: leastScratchpad(narrow, target),
        isEstimate: false,
      },
    ];
  }
  return [];
}

/** Every byte count divided, rounded up; offsets of stated slots with them. */
export function narrowed(problem: ScheduleProblem, divisor: number): ScheduleProblem {
  const shrink = (bytes: number): number => Math.ceil(bytes / divisor);
  return {
    ...problem,
    bytesPerElement: problem.bytesPerElement / divisor,
    tensors: problem.tensors.map((tensor) => ({ ...tensor, bytes: shrink(tensor.bytes) })),
    ops: problem.ops.map(({ aliases, ...op }) => ({
      ...op,
      weightBytes: shrink(op.weightBytes),
      ...(aliases && { aliases: aliases.map((slot) => ({ ...slot, offset: Math.floor(slot.offset / divisor) })) }),
    })),
  };
}
