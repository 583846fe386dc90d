/**
 * Rules a schedule may be asked to keep beside its mode: the flags, off by default, and the parameters that set
 * them. What each means for room is in gaps.ts; verify.ts recounts it on its own.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import { booleanOf, type ParameterSpec, textOf } from '#core/catalog/parameter.ts';
import type { ScheduleProblem } from './problem.ts';

export interface ScheduleFlags {
  /** The result of an element-wise operator may take the place of an operand that is not kept beyond the step. */
  readonly inPlace: boolean;
  /** Operands of a concatenation that are not kept beyond the step lie in their slots of its result. */
  readonly aliasConcat: boolean;
  /** What comes from off chip at a step has its room already at the step before. */
  readonly doubleBuffer: boolean;
  /** Ids of tensors on chip from their making (a graph input: first use) to their last use. */
  readonly pinned: readonly number[];
}

export const NO_FLAGS: ScheduleFlags = { inPlace: false, aliasConcat: false, doubleBuffer: false, pinned: [] };

export function hasFlags({ inPlace, aliasConcat, doubleBuffer, pinned }: ScheduleFlags): boolean {
  return inPlace || aliasConcat || doubleBuffer || pinned.length > 0;
}

/** What every scheduler technique that honours the flags lists among its parameters. */
export const FLAG_PARAMETERS: readonly ParameterSpec[] = [
  {
    id: 'pinned',
    title: 'Pinned tensors',
    help: 'Names or ids, separated by commas: on chip from making (graph inputs: first use) to last use, never dropped.',
    kind: 'text',
    default: '',
    maximumLength: 65_536,
  },
];

/** The flags set by a technique's parameters. Code `schedule.pinned-unknown` for a name that no tensor has. */
export function flagsOf(instance: ScheduleProblem, parameters: ParameterValues): Result<ScheduleFlags, Problem> {
  const names = textOf(parameters, 'pinned')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const pinned = new Set<number>();
  const byName = new Map(instance.tensors.map((tensor) => [tensor.name, tensor.id]));
  for (const name of names) {
    const id = byName.get(name) ?? (/^\d+$/.test(name) ? instance.tensors[Number(name)]?.id : undefined);
    if (id === undefined)
      return err(
        problem('schedule.pinned-unknown', `There is no tensor ${JSON.stringify(name)} to pin`, {
          facts: { tensor: name },
        }),
      );
    pinned.add(id);
  }
  return ok({
    inPlace: booleanOf(parameters, 'inPlace'),
    aliasConcat: booleanOf(parameters, 'aliasConcat'),
    doubleBuffer: booleanOf(parameters, 'doubleBuffer'),
    pinned: [...pinned].sort((a, b) => a - b),
  });
}

/** Whether two schedules were made under the same rules; absent flags are none. */
export function areSameFlags(one: ScheduleFlags = NO_FLAGS, other: ScheduleFlags = NO_FLAGS): boolean {
  return (
    one.inPlace === other.inPlace &&
    one.aliasConcat === other.aliasConcat &&
    one.doubleBuffer === other.doubleBuffer &&
    one.pinned.length === other.pinned.length &&
    one.pinned.every((tensor, index) => tensor === other.pinned[index])
  );
}
