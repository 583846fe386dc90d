/**
 * What stands out in a run, in words with their figures: which resource bounds it, which operators take the time,
 * what causes the off-chip traffic and from which capacity on there is none. Facts only from this run's own accounts;
 * a lever is a command the user can apply and verify by running again.
 */
import type { Machine } from '#core/architecture/machine.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { formatQuantity } from '#core/base/quantity.ts';
import { EXECUTE, type Program } from '#core/program/program.ts';
import type { OperatorResult } from '#core/run/result.ts';
import { explainTraffic } from '#core/schedule/explain/traffic.ts';
import type { ScheduleAnswer, ScheduleProblem } from '#core/schedule/problem.ts';
import type { Timing } from '#core/simulate/simulator.ts';
import { roomOfOrder } from './room.ts';

export interface FindingInputs {
  readonly machine: Machine;
  readonly program: Program;
  readonly timing: Timing;
  readonly operators: readonly OperatorResult[];
  readonly problem: ScheduleProblem;
  readonly answer: ScheduleAnswer;
}

export function findingsOf(inputs: FindingInputs): readonly Problem[] {
  return [boundBy(inputs), ...longest(inputs), ...traffic(inputs), ...idleArrays(inputs)];
}

interface Share {
  readonly node: string;
  readonly name: string;
  readonly share: number;
}

/** Busy share of the makespan of every unit and channel, busiest first. */
function busyShares({ machine, program, timing }: FindingInputs): readonly Share[] {
  const units = new Float64Array(machine.units.length);
  const channels = new Float64Array(machine.channels.length);
  for (let i = 0; i < program.length; i++) {
    if (program.opcode[i] === EXECUTE) units[program.engine[i]!]! += program.ticks[i]!;
    else channels[program.channel[i]!]! += timing.channelEnd[i]! - timing.channelStart[i]!;
  }
  const share = (busy: number) => busy / timing.makespan;
  return [
    ...machine.units.map(({ node, name }, index) => ({ node, name, share: share(units[index]!) })),
    ...machine.channels.map(({ node, name }, index) => ({ node, name, share: share(channels[index]!) })),
  ].sort((a, b) => b.share - a.share);
}

const info = (code: string, message: string, rest: Partial<Pick<Problem, 'where' | 'facts' | 'fixes'>>) =>
  problem(`finding.${code}`, message, { severity: 'info', ...rest });

/** A resource busy less than this share of the time does not bound the run by itself. */
const BOUND_SHARE = 0.75;

function boundBy(inputs: FindingInputs): Problem {
  const shares = busyShares(inputs);
  const [first, second] = shares;
  if (!first) return info('idle', 'Nothing is busy', {});
  const shown = formatQuantity(first.share, '1');
  const others = second ? `; next is ${second.name} with ${formatQuantity(second.share, '1')}` : '';
  const message =
    first.share >= BOUND_SHARE
      ? `${first.name} bounds this run: it is busy ${shown} of the time${others}`
      : `No resource bounds this run alone: ${first.name} is busiest with ${shown} of the time${others}. Operators wait for each other or for latency`;
  return info('bound', message, {
    where: { node: first.node },
    facts: Object.fromEntries(shares.map(({ name, share }) => [name, formatQuantity(share, '1')])),
  });
}

function longest({ operators, timing }: FindingInputs): readonly Problem[] {
  const [top] = [...operators].sort((a, b) => b.endCycle - b.startCycle - (a.endCycle - a.startCycle));
  if (!top || operators.length < 2) return [];
  const cycles = top.endCycle - top.startCycle;
  const why = {
    compute: 'its unit is what it waits for',
    'off-chip': 'the off-chip channel is what it waits for',
    dependency: 'it waits for its operands',
    none: 'nothing is computed',
  }[top.limit];
  return [
    info(
      'longest',
      `${top.name} (${top.type}) takes longest: ${formatQuantity(cycles, 'cycles')}, ${formatQuantity(cycles / timing.makespan, '1')} of the run; ${why}`,
      {
        where: { node: top.nodes[0]! },
        facts: { cycles },
      },
    ),
  ];
}

function traffic(inputs: FindingInputs): readonly Problem[] {
  const { machine, operators, problem: schedule, answer } = inputs;
  const found: Problem[] = [];
  if (answer.objective > 0) {
    const [top] = [...operators].sort((a, b) => b.spillBytes - a.spillBytes);
    const enough = roomOfOrder(schedule, answer, machine.scratchpad.alignmentBytes);
    found.push(
      info(
        'spill',
        `The scratchpad is too small to keep everything: ${formatQuantity(answer.objective, 'B')} are spilled and refilled, most around ${top?.name ?? 'no operator'}. In this order nothing would be from ${formatQuantity(enough, 'B')} on`,
        {
          where: { node: machine.scratchpad.node },
          facts: { demand: enough, bound: answer.S, unit: 'B' },
          fixes: [
            {
              title: `Set the scratchpad to ${formatQuantity(enough, 'B')}`,
              edits: [
                { type: 'set-parameter', node: machine.scratchpad.node, parameter: 'capacityBytes', value: enough },
              ],
            },
          ],
        },
      ),
    );
  }
  found.push(...causes(inputs));
  const refetch = operators.reduce((sum, operator) => sum + operator.refetchBytes, 0);
  const [again] = [...operators].sort((a, b) => b.refetchBytes - a.refetchBytes);
  if (refetch > 0 && again) {
    found.push(
      info(
        'refetch',
        `Tiles fetch ${formatQuantity(refetch, 'B')} again because the operand buffers are small, most in ${again.name} (${formatQuantity(again.refetchBytes, 'B')})`,
        {
          where: { node: again.nodes[0]! },
          facts: { refetch, unit: 'B' },
        },
      ),
    );
  }
  return found;
}

/** Tensors named when the scratchpad is too small. */
const CAUSES = 3;

/** Which tensors cross the chip's edge and need not, at which steps, and what lies there instead. */
function causes({ operators, problem: schedule, answer }: FindingInputs): readonly Problem[] {
  return explainTraffic(schedule, answer, CAUSES).map(({ tensor, name, bytes, spill, refills, rereads, gaps }) => {
    const maker = operators.find(({ index }) => schedule.ops[index]!.outputs.includes(tensor));
    const widest = gaps.reduce((a, b) => (b.tightest.occupied > a.tightest.occupied ? b : a));
    const { step, occupied, tensors } = widest.tightest;
    const beside = tensors.slice(0, CAUSES).map((id) => schedule.tensors[id]!.name);
    const among = beside.length > 0 ? `, among it ${beside.join(', ')}` : '';
    return problem(
      'explain.traffic-tensor',
      `${name} causes ${formatQuantity(bytes, 'B')} of the traffic: it is not kept from step ${widest.from} to step ${widest.to}; ` +
        `at step ${step} the scratchpad holds ${formatQuantity(occupied, 'B')}${among}`,
      {
        severity: 'info',
        where: maker ? { node: maker.nodes[0]! } : {},
        facts: { spill, refills, rereads, occupied, unit: 'B' },
      },
    );
  });
}

/** Arrays that lose more than half of their peak while they are busy: shape, not memory, is the reason. */
function idleArrays({ machine, operators }: FindingInputs): readonly Problem[] {
  return machine.units.flatMap((unit) => {
    if (unit.kind !== 'systolic-array') return [];
    const mine = operators.filter((operator) => operator.unit === unit.node && operator.macs > 0);
    const busy = mine.reduce((sum, operator) => sum + operator.busyCycles, 0);
    const peak = (unit.rows * unit.columns) / unit.ticksPerCycle;
    const used = busy > 0 ? mine.reduce((sum, operator) => sum + operator.macs, 0) / (busy * peak) : 1;
    if (used >= 0.5) return [];
    return [
      info(
        'shape',
        `${unit.name} does ${formatQuantity(used, '1')} of its multiply-accumulates while it is busy: filling, draining and ragged edges of ${unit.rows} × ${unit.columns} cells take the rest`,
        {
          where: { node: unit.node },
          facts: { 'used while busy': formatQuantity(used, '1') },
        },
      ),
    ];
  });
}
