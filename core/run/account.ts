/**
 * Accounts per operator from what was emitted and simulated: busy cycles, window, off-chip bytes by cause,
 * energy by level. Sums over operators are the totals; nothing is counted twice.
 */
import type { Machine } from '#core/architecture/machine.ts';
import type { Compiled } from '#core/compile/compile.ts';
import { EXECUTE, type Program } from '#core/program/program.ts';
import type { ScheduleProblem } from '#core/schedule/problem.ts';
import type { Timing } from '#core/simulate/simulator.ts';
import { energyMeter } from './energy.ts';
import type { EnergyAccount, OperatorResult } from './result.ts';
import type { RunSettings } from './settings.ts';

export interface Accounts {
  readonly operators: readonly OperatorResult[];
  readonly energy: EnergyAccount;
}

export interface AccountInputs {
  readonly compiled: Compiled;
  readonly machine: Machine;
  readonly problem: ScheduleProblem;
  readonly program: Program;
  readonly timing: Timing;
  readonly scratchpadBytes: Float64Array;
  readonly settings: RunSettings;
}

export function accountsOf(inputs: AccountInputs): Accounts {
  const { compiled, machine, problem } = inputs;
  const windows = windowsOf(inputs);
  const meter = energyMeter(inputs);
  const operators = compiled.graph.operators.map((operator, index): OperatorResult => {
    const { mapping, units, estimateTicks } = compiled.mapped[index]!;
    const window = windows[index]!;
    const unit = machine.units[units[0]!]!;
    const [compulsoryBytes, spillBytes, refetchBytes] = window.bytes;
    return {
      index,
      name: operator.name,
      type: operator.types.join(' + '),
      nodes: operator.nodes,
      unit: unit.node,
      mapping: units.length > 1 ? `${mapping.description}, on ${units.length} units` : mapping.description,
      limit: limitOf(window.busy / units.length, window.channelBusy, window.end - window.start),
      macs: operator.macs,
      estimateCycles: estimateTicks,
      startCycle: window.start,
      endCycle: window.end,
      busyCycles: window.busy,
      utilisation:
        operator.macs === 0 ? 0 : operator.macs / ((window.busy / unit.ticksPerCycle) * mapping.peakMacsPerCycle),
      weightBytes: problem.ops[index]!.weightBytes,
      outputBytes: operator.outputs.reduce((sum, id) => sum + problem.tensors[id]!.bytes, 0),
      compulsoryBytes,
      spillBytes,
      refetchBytes,
      energy: meter.operator(index, window.joulesOffChip),
    };
  });
  return { operators, energy: meter.account() };
}

interface Window {
  start: number;
  end: number;
  busy: number;
  channelBusy: number;
  joulesOffChip: number;
  /** compulsory, spill, refetch */
  readonly bytes: [number, number, number];
}

function windowsOf({ compiled, machine, program, timing }: AccountInputs): readonly Window[] {
  const windows = compiled.graph.operators.map(
    (): Window => ({
      start: Number.POSITIVE_INFINITY,
      end: 0,
      busy: 0,
      channelBusy: 0,
      joulesOffChip: 0,
      bytes: [0, 0, 0],
    }),
  );
  for (let i = 0; i < program.length; i++) {
    const window = windows[program.operator[i]!]!;
    window.end = Math.max(window.end, timing.finish[i]!);
    if (program.opcode[i] === EXECUTE) {
      // Prefetches of its operands may run long before; its own time begins when a unit takes it up.
      window.start = Math.min(window.start, timing.start[i]!);
      window.busy += program.ticks[i]!;
    } else {
      window.channelBusy += timing.channelEnd[i]! - timing.channelStart[i]!;
      window.bytes[program.traffic[i]! - 1]! += program.bytes[i]!;
      window.joulesOffChip += program.bytes[i]! * machine.channels[program.channel[i]!]!.joulesPerByte;
    }
  }
  return windows;
}

/** Half of the window is the threshold: below it neither the unit nor the channel was what it waited for most. */
function limitOf(busy: number, channelBusy: number, window: number): OperatorResult['limit'] {
  if (Math.max(busy, channelBusy) * 2 < window) return 'dependency';
  return busy >= channelBusy ? 'compute' : 'off-chip';
}
