import type { Problem } from '#core/base/problem.ts';
import { formatExact, formatQuantity } from '#core/base/quantity.ts';
import { verdictOf } from '#core/report/verdict.ts';
import { limitsOf } from '#core/run/limits.ts';
import type { LimitFigures } from '#core/schedule/curve.ts';
import { explainInfeasible, type Infeasibility } from '#core/schedule/explain/infeasible.ts';
import { targetOf } from '#core/schedule/flags.ts';
import type { ScheduleAnswer, ScheduleProblem } from '#core/schedule/problem.ts';
import { scheduleAndVerify } from '#core/schedule/scheduler.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { bytesOption, type Command, DONE, FAILED, printProblems, required } from './command.ts';
import { bytesText, loadProblem, modeOption, PROBLEM_OPTIONS, schedulerOf, tableText, watch } from './scheduling.ts';

export const scheduleCommand: Command = {
  name: 'schedule',
  positionals: [],
  summary: 'Solves a scheduling problem: order, residency and addresses, with a bound.',
  details: `P.json: {name, bytesPerElement, tensors: [{id, name, shape, bytes, kind: input|act|output}],
ops: [{id, name, type, inputs, outputs, weightBytes}]}; "weft run --out" leaves one. The schedule is checked, solved and
verified; exit code 1 with the reason when there is none.
With --json: {mode, S, objective, bound, optimal, stop, compulsory, order, intervals: [{t, from, to, addr}], baselines, proof,
solver, seconds, limits: {MR, MH, MP, isMPExact}}; objective, bound and baselines are bytes beyond the compulsory, from and to
are steps of the order (to exclusive). stop: proven, nodes (the node budget), seconds (--budget-seconds). Where there is no
schedule: {problems, explanation: {operator, demand, bound, tensors, weightBytes, isProven, levers: [{title, kind, change,
demand, isEstimate}]}}; a lever's change is what to set, and has been tried unless it is an estimate.`,
  options: {
    ...PROBLEM_OPTIONS,
    spm: { type: 'string', value: 'BYTES', help: 'Scratchpad capacity: 131072, 128KiB, 2MiB.' },
  },
  async run(_, options, io) {
    const mode = modeOption(options);
    const S = required(bytesOption(options, 'spm', 0), 'spm');
    const { scheduler, parameters } = schedulerOf(options);
    const loaded = loadProblem(options);
    if (!loaded.ok) return failed(loaded.error);
    const mip = await loadHighs();
    const { control, elapsed, hasRunOut } = watch(options, io);
    const solved = scheduleAndVerify(scheduler, loaded.value, { mode, S, parameters, mip, control });
    const seconds = elapsed();
    io.status?.(null);
    if (!solved.ok) {
      const explanation = explainInfeasible(loaded.value, targetOf(loaded.value, { mode, S, parameters }));
      return failed(solved.error, explanation);
    }
    const limits = limitsOf(loaded.value, targetOf(loaded.value, { mode, S, parameters }), control);
    const { stop = 'nodes' } = solved.value;
    const answer = { ...solved.value, stop: stop === 'cancelled' && hasRunOut() ? 'seconds' : stop, seconds, limits };
    io.out(options.json ? JSON.stringify(answer) : readable(loaded.value, solved.value, answer.stop, seconds, limits));
    return DONE;

    function failed(problems: readonly Problem[], explanation: Infeasibility | null = null): number {
      printProblems(problems, io);
      if (options.json) io.out(JSON.stringify({ problems, ...(explanation && { explanation }) }));
      else for (const { title } of explanation?.levers ?? []) io.err(`  would do: ${title}`);
      return FAILED;
    }
  },
};

const STOPS: Readonly<Record<string, string>> = {
  proven: 'a proof ended the search',
  nodes: 'the node budget ended the search',
  seconds: 'the budget in seconds ended the search',
  cancelled: 'stopped',
};

function readable(
  problem: ScheduleProblem,
  answer: ScheduleAnswer,
  stop: string,
  seconds: number,
  { MR, MH, MP, isMPExact }: LimitFigures,
): string {
  const { objective, bound, baselines, order, intervals } = answer;
  const { badge } = verdictOf(answer);
  const against = (bytes: number): string =>
    bytes === objective
      ? 'the same'
      : bytes === 0
        ? 'more'
        : `${objective <= bytes ? '−' : '+'}${formatQuantity(Math.abs(bytes - objective) / bytes, '1')}`;
  const held = order.map((_, step) => intervals.filter(({ from, to }) => from <= step && step < to));
  return [
    `${problem.name}: ${answer.mode}, ${bytesText(answer.S)} of scratchpad`,
    '',
    `  beyond compulsory  ${bytesText(objective)}, ${badge}`,
    `  lower bound        ${bytesText(bound)}`,
    `  compulsory         ${bytesText(answer.compulsory)} of activations`,
    `  least scratchpad   ${bytesText(MR)} (M_R)`,
    `  half way           ${bytesText(MH)} (M_H)`,
    `  nothing spilled    ${bytesText(MP)}${isMPExact ? '' : ' or less'} (M_P)`,
    `  ended              ${STOPS[stop] ?? stop}, after ${seconds.toFixed(2)} s`,
    '',
    answer.proof,
    '',
    tableText(
      '<>>',
      ['policy', 'bytes', 'this schedule'],
      Object.entries(baselines).map(([name, bytes]) => [name, formatExact(bytes, 'B'), against(bytes)]),
    ),
    '',
    tableText(
      '>><',
      ['step', 'on chip', 'operator'],
      order.map((op, step) => [
        String(step),
        formatExact(
          held[step]!.reduce((sum, { t }) => sum + problem.tensors[t]!.bytes, 0),
          'B',
        ),
        problem.ops[op]!.name,
      ]),
    ),
  ].join('\n');
}
