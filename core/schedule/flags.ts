/**
 * Rules a schedule may be asked to keep beside its mode: the flags, off by default, and the parameters that set
 * them. What each means for room is in flagged.ts; verify.ts recounts it on its own.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import { booleanOf, integerOf, type ParameterSpec, textOf } from '#core/catalog/parameter.ts';
import type { ScheduleTarget } from './gaps.ts';
import type { ScheduleFlags, ScheduleMode, ScheduleProblem } from './problem.ts';

export const NO_FLAGS: ScheduleFlags = { inPlace: false, aliasConcat: false, doubleBuffer: false, pinned: [] };

export function hasFlags({ inPlace, aliasConcat, doubleBuffer, pinned }: ScheduleFlags): boolean {
  return inPlace || aliasConcat || doubleBuffer || pinned.length > 0;
}

const FLAG_PARAMETERS: readonly ParameterSpec[] = [
  {
    id: 'inPlace',
    title: 'In place',
    help: 'An element-wise result may take the place of an operand that is not kept beyond the step.',
    kind: 'boolean',
    default: false,
  },
  {
    id: 'aliasConcat',
    title: 'Alias concatenations',
    help: 'Parts of a concatenation are written straight into their slots of the result, so nothing is copied.',
    kind: 'boolean',
    default: false,
  },
  {
    id: 'doubleBuffer',
    title: 'Double-buffered operands',
    help: 'What comes from off-chip memory for a step has its room one step earlier, so that it is there in time.',
    kind: 'boolean',
    default: false,
  },
  {
    id: 'pinned',
    title: 'Pinned tensors',
    help: 'Names or ids, separated by commas: on chip from making (graph inputs: first use) to last use, never dropped.',
    kind: 'text',
    default: '',
    maximumLength: 65_536,
  },
];

/** Granule and flags: listed by every scheduler technique, after its own. */
export const SCHEDULE_PARAMETERS: readonly ParameterSpec[] = [
  {
    id: 'alignment',
    title: 'Alignment',
    help: 'Space is handed out in multiples of this; traffic is counted in true bytes.',
    kind: 'integer',
    unit: 'B',
    minimum: 1,
    maximum: 1_048_576,
    default: 1,
  },
  ...FLAG_PARAMETERS,
];

/**
 * The one reading of a scheduler's options: mode, capacity, granule and flags; without any flag set `flags` is absent.
 * Names that no tensor has pin nothing: {@link flagsOf} tells them apart, and check → solve → verify asks it first.
 */
export function targetOf(
  problem: ScheduleProblem,
  { mode, S, parameters }: { readonly mode: ScheduleMode; readonly S: number; readonly parameters: ParameterValues },
): ScheduleTarget {
  const flags = flagsOf(problem, parameters);
  const granule = integerOf(parameters, 'alignment', 1);
  return flags.ok && hasFlags(flags.value) ? { mode, S, granule, flags: flags.value } : { mode, S, granule };
}

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
