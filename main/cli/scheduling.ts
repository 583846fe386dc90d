/** What `schedule` and `curve` have in common: the problem file, the technique and its settings, the budget, limits. */
import { readFileSync, statSync } from 'node:fs';
import type { Control } from '#core/base/control.ts';
import type { Problem } from '#core/base/problem.ts';
import { formatExact, formatQuantity } from '#core/base/quantity.ts';
import { err, type Result } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { LONGEST_PROBLEM_FILE, parseScheduleProblem, tooLargeProblemFile } from '#core/contract/schedule-file.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { checkProblem } from '#core/schedule/check.ts';
import { SCHEDULE_MODES, type ScheduleMode, type ScheduleProblem } from '#core/schedule/problem.ts';
import type { Scheduler } from '#core/schedule/scheduler.ts';
import { techniques } from '#core/technique/registry.ts';
import { fileProblem } from '#projects/atomic-file.ts';
import {
  choiceOption,
  type Io,
  type Option,
  type OptionValues,
  positiveOption,
  required,
  textOption,
  UsageError,
} from './command.ts';
import { parametersSet, SET_OPTION } from './set-option.ts';

const slugOf = (id: string): string => id.slice(id.indexOf('/') + 1);

export const SOLVER_OPTIONS = {
  solver: {
    type: 'string',
    value: 'NAME',
    help: `A scheduler: ${techniques.scheduler.map(({ manifest }) => slugOf(manifest.id)).join(', ')}; ${slugOf(DEFAULT_SETTINGS.scheduler.id)} unless given.`,
  },
  set: SET_OPTION,
} as const satisfies Readonly<Record<string, Option>>;

export const PROBLEM_OPTIONS = {
  problem: { type: 'string', value: 'P.json', help: 'The scheduling problem; members beyond the format are ignored.' },
  mode: { type: 'string', value: 'MODE', help: 'strict, strict+weights or stream.' },
  ...SOLVER_OPTIONS,
  'budget-seconds': {
    type: 'string',
    value: 'N',
    help: 'Stops after so many seconds with the best so far. Without it node budgets alone decide, and the answer is the same everywhere.',
  },
  json: { type: 'boolean', help: 'JSON on stdout.' },
} as const satisfies Readonly<Record<string, Option>>;

export interface ChosenScheduler {
  readonly scheduler: Scheduler;
  /** Only what was set. */
  readonly set: ParameterValues;
  /** Every parameter. */
  readonly parameters: ParameterValues;
}

/** `--solver` and `--set`, checked against the technique's declarations. */
export function schedulerOf(options: OptionValues): ChosenScheduler {
  const name = textOption(options, 'solver') ?? DEFAULT_SETTINGS.scheduler.id;
  const scheduler = techniques.scheduler.find(({ manifest }) => manifest.id === name || slugOf(manifest.id) === name);
  if (!scheduler) {
    const known = techniques.scheduler.map(({ manifest }) => slugOf(manifest.id)).join(', ');
    throw new UsageError(`there is no solver '${name}'; there are: ${known}`);
  }
  const specs = scheduler.manifest.parameters;
  const set = parametersSet(options, specs);
  return { scheduler, set, parameters: { ...defaultParameters(specs), ...set } };
}

export const modeOption = (options: OptionValues): ScheduleMode =>
  required(choiceOption(options, 'mode', SCHEDULE_MODES), 'mode');

/** `--problem`, read and checked: what it returns is well-formed. */
export function loadProblem(options: OptionValues): Result<ScheduleProblem, readonly Problem[]> {
  const file = required(textOption(options, 'problem'), 'problem');
  const where = { file };
  let json: string;
  try {
    const { size } = statSync(file);
    if (size > LONGEST_PROBLEM_FILE) return err([{ ...tooLargeProblemFile(size), where }]);
    json = readFileSync(file, 'utf8');
  } catch (cause) {
    return err([fileProblem('file.unreadable', `${file} cannot be read`, file, cause)]);
  }
  const parsed = parseScheduleProblem(json);
  if (!parsed.ok) return err([{ ...parsed.error, where }]);
  const faults = checkProblem(parsed.value);
  return faults.length > 0 ? err(faults) : parsed;
}

export const seconds = (): number => performance.now() / 1000;

export interface Watch {
  readonly control: Control;
  /** Seconds since the watch began. */
  readonly elapsed: () => number;
  /** Whether the budget in seconds has ended the search. */
  readonly hasRunOut: () => boolean;
}

const STATUS_INTERVAL_SECONDS = 0.1;

/** The budget in seconds as a wish to stop, and progress on a terminal. */
export function watch(options: OptionValues, io: Io): Watch {
  const budget = positiveOption(options, 'budget-seconds') ?? Number.POSITIVE_INFINITY;
  const began = seconds();
  let shown = Number.NEGATIVE_INFINITY;
  let hasRunOut = false;
  return {
    elapsed: () => seconds() - began,
    hasRunOut: () => hasRunOut,
    control: {
      cancelled: () => {
        hasRunOut ||= seconds() - began >= budget;
        return hasRunOut;
      },
      report: ({ fraction, message, figures = {} }) => {
        const now = seconds();
        if (!io.status || now - shown < STATUS_INTERVAL_SECONDS) return;
        shown = now;
        const { incumbent, bound, gap } = figures;
        const parts = [
          `${(fraction * 100).toFixed(0)} %`,
          message,
          ...(incumbent === undefined ? [] : [`best ${formatQuantity(incumbent, 'B')}`]),
          ...(bound === undefined ? [] : [`bound ${formatQuantity(bound, 'B')}`]),
          ...(gap === undefined ? [] : [`gap ${formatQuantity(gap, '1')}`]),
        ];
        io.status(parts.join(' · '));
      },
    },
  };
}

/** `2,408,448 B  (2.30 MiB)`. */
export function bytesText(bytes: number): string {
  return bytes < 1024 ? formatExact(bytes, 'B') : `${formatExact(bytes, 'B')} (${formatQuantity(bytes, 'B')})`;
}

/** Rows under their heads; `align` has one character a column, `<` or `>`. */
export function tableText(align: string, heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heads, ...rows];
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const cellText = (cell: string, column: number): string =>
    align[column] === '>' ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!);
  return all.map((row) => row.map(cellText).join('  ').trimEnd()).join('\n');
}
