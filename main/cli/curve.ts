import type { Problem } from '#core/base/problem.ts';
import { formatExact } from '#core/base/quantity.ts';
import { csvTable } from '#core/report/csv.ts';
import { gapText } from '#core/report/verdict.ts';
import { limitsOf } from '#core/run/limits.ts';
import {
  CURVE_SPACINGS,
  type CurvePoint,
  curveCapacities,
  type ScheduleCurve,
  scheduleCurve,
} from '#core/schedule/curve.ts';
import { targetOf } from '#core/schedule/flags.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { writeFileAtomic } from '#projects/atomic-file.ts';
import {
  bytesOption,
  type Command,
  choiceOption,
  DONE,
  FAILED,
  integerOption,
  printProblems,
  required,
  textOption,
  UsageError,
} from './command.ts';
import {
  bytesText,
  loadProblem,
  modeOption,
  PROBLEM_OPTIONS,
  schedulerOf,
  seconds,
  tableText,
  watch,
} from './scheduling.ts';

const MOST_STEPS = 1000;

export const curveCommand: Command = {
  name: 'curve',
  positionals: [],
  summary: 'Bytes moved over scratchpad sizes: a study of many schedules, each helped by its neighbours.',
  details: `M_R, M_H and M_P are added to the points where they lie in the range. P.json as for "weft schedule".
With --json: {format: "weft-curve/1", name, mode, technique, limits: {MR, MH, MP, isMPExact}, points: [{S, objective, bound,
optimal, stop, baselines, seconds}]}; objective and bound never rise with S, and are null where there is no schedule (stop:
infeasible). stop is seconds where --budget-seconds, which is for the whole study, ended it.`,
  options: {
    ...PROBLEM_OPTIONS,
    from: { type: 'string', value: 'BYTES', help: 'Smallest scratchpad: 131072, 128KiB.' },
    to: { type: 'string', value: 'BYTES', help: 'Largest scratchpad.' },
    steps: { type: 'string', value: 'N', help: 'Points, both ends included; 16 unless given.' },
    spacing: { type: 'string', value: 'SPACING', help: 'linear or geometric (the default).' },
    'csv-out': { type: 'string', value: 'FILE', help: 'The points as a table, too.' },
  },
  async run(_, options, io) {
    const mode = modeOption(options);
    const from = required(bytesOption(options, 'from', 1), 'from');
    const to = required(bytesOption(options, 'to', 1), 'to');
    if (to < from) throw new UsageError('--to must not be below --from');
    const steps = integerOption(options, 'steps', 1) ?? 16;
    if (steps > MOST_STEPS) throw new UsageError(`--steps takes at most ${MOST_STEPS}`);
    const spacing = choiceOption(options, 'spacing', CURVE_SPACINGS) ?? 'geometric';
    const { scheduler, parameters } = schedulerOf(options);
    const loaded = loadProblem(options);
    if (!loaded.ok) return failed(loaded.error);
    const mip = await loadHighs();
    const { control, hasRunOut } = watch(options, io);
    const limits = limitsOf(loaded.value, targetOf(loaded.value, { mode, S: to, parameters }), control);
    const capacities = curveCapacities({ from, to, steps, spacing }, limits);
    const study = scheduleCurve(loaded.value, {
      scheduler,
      mode,
      parameters,
      mip,
      control,
      limits,
      capacities,
      clock: seconds,
    });
    io.status?.(null);
    if (!study.ok) return failed(study.error);
    const { curve } = study.value;
    const points = curve.points.map((point) => ({
      ...point,
      stop: point.stop === 'cancelled' && hasRunOut() ? 'seconds' : point.stop,
    }));
    const file = textOption(options, 'csv-out');
    if (file !== undefined) {
      const written = writeFileAtomic(file, csvTable(csvRows(curve)));
      if (!written.ok) return failed([written.error]);
    }
    io.out(
      options.json
        ? JSON.stringify({ ...curve, points })
        : readable(
            curve,
            points.map(({ stop }) => stop),
          ),
    );
    return DONE;

    function failed(problems: readonly Problem[]): number {
      printProblems(problems, io);
      if (options.json) io.out(JSON.stringify({ problems }));
      return FAILED;
    }
  },
};

/** Every digit; what does not exist is left empty. */
function csvRows({ points }: ScheduleCurve): readonly (readonly (string | number)[])[] {
  const policies = policiesOf(points);
  const heads = [
    'scratchpad [B]',
    'objective [B]',
    'bound [B]',
    'optimal',
    'stop',
    ...policies.map((id) => `${id} [B]`),
  ];
  return [
    heads,
    ...points.map(({ S, objective, bound, optimal, stop, baselines }) => [
      S,
      objective ?? '',
      bound ?? '',
      String(optimal),
      stop,
      ...policies.map((id) => baselines[id] ?? ''),
    ]),
  ];
}

function policiesOf(points: readonly CurvePoint[]): readonly string[] {
  return [...new Set(points.flatMap(({ baselines }) => Object.keys(baselines)))];
}

function readable({ name, mode, limits, points }: ScheduleCurve, stops: readonly string[]): string {
  const { MR, MH, MP, isMPExact } = limits;
  const mark = (S: number): string =>
    Object.entries({ M_R: MR, M_H: MH, M_P: MP })
      .filter(([, size]) => Math.ceil(size) === S)
      .map(([title]) => title)
      .join(' ');
  return [
    `${name}: ${mode}`,
    '',
    `  least scratchpad   ${bytesText(MR)} (M_R)`,
    `  half way           ${bytesText(MH)} (M_H)`,
    `  nothing spilled    ${bytesText(MP)}${isMPExact ? '' : ' or less'} (M_P)`,
    '',
    tableText(
      '<>>>><',
      ['', 'scratchpad', 'bytes beyond compulsory', 'bound', 'gap', 'ended by'],
      points.map(({ S, objective, bound }, index) => [
        mark(S),
        formatExact(S, 'B'),
        objective === null ? '–' : formatExact(objective, 'B'),
        bound === null ? '–' : formatExact(bound, 'B'),
        objective === null || bound === null ? '–' : gapText(objective, bound),
        stops[index] ?? '',
      ]),
    ),
  ].join('\n');
}
