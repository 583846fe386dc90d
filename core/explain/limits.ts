/** What limits a run, in all and phase by phase: cycles of each cause, what was demanded of what there is, and by whom. */
import { type Machine, resolveMachine } from '#core/architecture/machine.ts';
import type { Unit } from '#core/base/quantity.ts';
import { fromFile } from '#core/document/document.ts';
import { channelUses } from '#core/report/channels.ts';
import type { RunData } from '#core/report/run-data.ts';
import type { OperatorResult } from '#core/run/result.ts';
import { type Attribution, attributionOf, CAUSES, type Cause } from './attribution.ts';

export const CAUSE_TITLES: Readonly<Record<Cause, string>> = {
  array: 'Compute array',
  vector: 'Vector unit',
  bandwidth: 'Off-chip bandwidth',
  capacity: 'Scratchpad capacity',
  buffers: 'Operand buffers',
  latency: 'Latency and order',
};

export interface Contributor {
  /** Into the run's operators. */
  readonly operator: number;
  readonly name: string;
  readonly cycles: number;
  /** Of the cause's cycles, 0…1. */
  readonly share: number;
}

export interface Limit {
  readonly cause: Cause;
  readonly cycles: number;
  /** Of the makespan, 0…1. */
  readonly share: number;
  /** What was asked of it, what it has, in `unit`. */
  readonly demand: number;
  readonly bound: number;
  readonly unit: Unit;
  /** Demand and bound in a sentence. */
  readonly why: string;
  /** Architecture node; null where it is no one thing. */
  readonly node: string | null;
  /** Most cycles first. */
  readonly contributors: readonly Contributor[];
}

export interface RunLimits {
  /** Most cycles first; causes that took none are left out. */
  readonly limits: readonly Limit[];
  readonly attribution: Attribution;
  readonly machine: Machine;
}

const known = new WeakMap<RunData, RunLimits | null>();

/** Null where the architecture of an older run cannot be read any more. Worked out once a result. */
export function limitsOfRun(data: RunData): RunLimits | null {
  const before = known.get(data);
  if (before !== undefined) return before;
  const made = limitsOf(data);
  known.set(data, made);
  return made;
}

function limitsOf(data: RunData): RunLimits | null {
  const { machine: drawn } = resolveMachine(fromFile(data.result.inputs.architecture));
  if (!drawn) return null;
  const capacityBytes = data.result.schedule.answer.S;
  const machine = { ...drawn, scratchpad: { ...drawn.scratchpad, capacityBytes } };
  const attribution = attributionOf(data, machine);
  const { operators, timeline } = data.result;
  const limits = CAUSES.filter((cause) => attribution.cycles[cause] > 0)
    .map((cause): Limit => {
      const cycles = attribution.cycles[cause];
      const contributors = operators
        .map(({ index, name }): Contributor => {
          const mine = attribution.operators[index]![cause];
          return { operator: index, name, cycles: mine, share: mine / cycles };
        })
        .filter((one) => one.cycles > 0)
        .sort((a, b) => b.cycles - a.cycles);
      return {
        cause,
        cycles,
        share: timeline.makespanCycles > 0 ? cycles / timeline.makespanCycles : 0,
        contributors,
        ...askedOf(cause, cycles, data, machine, contributors),
      };
    })
    .sort((a, b) => b.cycles - a.cycles);
  return { limits, attribution, machine };
}

type Asked = Pick<Limit, 'demand' | 'bound' | 'unit' | 'why' | 'node'>;

function askedOf(
  cause: Cause,
  cycles: number,
  data: RunData,
  machine: Machine,
  contributors: readonly Contributor[],
): Asked {
  const { result } = data;
  const sum = (of: (operator: OperatorResult) => number) =>
    contributors.reduce((total, { operator }) => total + of(result.operators[operator]!), 0);
  const mostUsed = (nodes: readonly string[]) => {
    const busy = (node: string) =>
      result.operators.reduce((total, one) => total + (one.unit === node ? one.busyCycles : 0), 0);
    return nodes.toSorted((a, b) => busy(b) - busy(a))[0] ?? null;
  };
  switch (cause) {
    case 'array': {
      const arrays = machine.units.filter((unit) => unit.kind === 'systolic-array');
      const peaks = new Map(arrays.map((unit) => [unit.node, (unit.rows * unit.columns) / unit.ticksPerCycle]));
      const on = ({ unit }: OperatorResult) => peaks.get(unit ?? '') ?? 0;
      // Busy cycles are of every array: demand and peak are those of one, each for as long as it works.
      const busy = sum((one) => (on(one) > 0 ? one.busyCycles : 0));
      return {
        demand: busy > 0 ? sum((one) => (on(one) > 0 ? one.macs : 0)) / busy : 0,
        bound: busy > 0 ? sum((one) => on(one) * one.busyCycles) / busy : 0,
        unit: 'MAC/cycle',
        why: 'multiply-accumulates a cycle an array does while it works, of the peak of its cells',
        node: mostUsed([...peaks.keys()]),
      };
    }
    case 'vector': {
      const nodes = machine.units.filter((unit) => unit.kind !== 'systolic-array').map(({ node }) => node);
      return {
        demand: cycles,
        bound: data.timeline.makespanCycles,
        unit: 'cycles',
        why: 'cycles of the run in which only lanes work',
        node: mostUsed(nodes),
      };
    }
    case 'bandwidth': {
      const uses = channelUses(data);
      const busy = Math.max(1, ...uses.map(({ busyCycles }) => busyCycles));
      return {
        demand: uses.reduce((total, use) => total + use.loadedBytes + use.storedBytes, 0) / busy,
        bound: uses.reduce((total, { peak }) => total + peak, 0),
        unit: 'B/cycle',
        why: 'bytes a cycle moved while the channels work, of what they can',
        node: uses.toSorted((a, b) => b.busyCycles - a.busyCycles)[0]?.node ?? null,
      };
    }
    case 'capacity': {
      const spill = result.findings.find(({ code }) => code === 'finding.spill');
      const bound = result.schedule.answer.S;
      const demand = spill?.facts.demand;
      return {
        demand: typeof demand === 'number' ? demand : bound,
        bound,
        unit: 'B',
        why: 'bytes that would spill nothing in this order, of the scratchpad there is',
        node: machine.scratchpad.node,
      };
    }
    case 'buffers': {
      const unit = mostUsed([
        ...new Set(contributors.flatMap(({ operator }) => result.operators[operator]!.unit ?? [])),
      ]);
      const drawn = machine.units.find(({ node }) => node === unit);
      const bound =
        drawn?.kind === 'systolic-array'
          ? drawn.inputBufferBytes + drawn.weightBufferBytes + drawn.outputBufferBytes
          : (drawn?.bufferBytes ?? 0);
      return {
        demand: sum(({ refetchBytes }) => refetchBytes),
        bound,
        unit: 'B',
        why: 'bytes fetched again because tiles do not stay, of buffers that hold them',
        node: unit,
      };
    }
    case 'latency': {
      const [channel] = machine.channels;
      return {
        demand: cycles,
        bound: channel?.latencyTicks ?? 0,
        unit: 'cycles',
        why: 'cycles in which nothing works but data are on their way or operands not ready, beside the latency of one transfer',
        node: channel?.node ?? null,
      };
    }
  }
}
