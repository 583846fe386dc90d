/**
 * Accounts per operator from what was emitted and simulated: busy cycles, window, off-chip bytes by cause,
 * energy by level. Sums over operators are the totals; nothing is counted twice.
 */
import type { Machine } from '#core/architecture/machine.ts';
import type { Compiled } from '#core/compile/compile.ts';
import { cellEnergy } from '#core/energy/cells.ts';
import { operationEnergy } from '#core/energy/operations.ts';
import { sramFigures } from '#core/energy/sram.ts';
import { EXECUTE, type Program } from '#core/program/program.ts';
import type { ScheduleProblem } from '#core/schedule/problem.ts';
import type { Timing } from '#core/simulate/simulator.ts';
import type { OperatorResult } from './result.ts';
import type { RunSettings } from './settings.ts';

export interface EnergyParts {
  /** Joules. */
  readonly compute: number;
  /** Registers of array cells and hops between them. */
  readonly cells: number;
  readonly buffers: number;
  readonly scratchpad: number;
  readonly offChip: number;
}

export interface Accounts {
  readonly operators: readonly OperatorResult[];
  readonly energy: EnergyParts;
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
  const energy = { compute: 0, cells: 0, buffers: 0, scratchpad: 0, offChip: 0 };
  const operators = compiled.graph.operators.map((operator, index): OperatorResult => {
    const { mapping, units, estimateTicks } = compiled.mapped[index]!;
    const window = windows[index]!;
    const parts = energyOf(inputs, index, window.joulesOffChip);
    energy.compute += parts.compute;
    energy.cells += parts.cells;
    energy.buffers += parts.buffers;
    energy.scratchpad += parts.scratchpad;
    energy.offChip += parts.offChip;
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
      energy: totalOf(parts),
    };
  });
  return { operators, energy };
}

/** Joules over all levels. */
export function totalOf({ compute, cells, buffers, scratchpad, offChip }: EnergyParts): number {
  return compute + cells + buffers + scratchpad + offChip;
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

const ACCUMULATOR_BYTES = 4;

/** Half of the window is the threshold: below it neither the unit nor the channel was what it waited for most. */
function limitOf(busy: number, channelBusy: number, window: number): OperatorResult['limit'] {
  if (Math.max(busy, channelBusy) * 2 < window) return 'dependency';
  return busy >= channelBusy ? 'compute' : 'off-chip';
}

function energyOf(
  { compiled, machine, settings, scratchpadBytes, problem }: AccountInputs,
  index: number,
  offChip: number,
): EnergyParts {
  const { mapping, units } = compiled.mapped[index]!;
  const unit = machine.units[units[0]!]!;
  const constants = operationEnergy(settings.format, unit.nanometres);
  const operator = compiled.graph.operators[index]!;
  const macs = operator.kernel.kind === 'gemm' ? operator.macs : 0;
  const { accesses } = mapping;
  const width = problem.bytesPerElement;
  const scratchpad = sramFigures(machine.scratchpad.capacityBytes, machine.scratchpad.nanometres);
  let cells = 0;
  let buffers: number;
  if (unit.kind === 'systolic-array') {
    cells = macs * cellEnergy(unit.cells, mapping.dataflow ?? 'os', constants.bits, unit.nanometres).joulesPerMac;
    const [input, weight, output] = [unit.inputBufferBytes, unit.weightBufferBytes, unit.outputBufferBytes].map(
      (bytes) => sramFigures(bytes, unit.nanometres),
    );
    buffers =
      accesses.inputReads * width * input!.readJoulesPerByte +
      accesses.weightReads * width * weight!.readJoulesPerByte +
      accesses.outputWrites * ACCUMULATOR_BYTES * output!.writeJoulesPerByte;
  } else {
    const { readJoulesPerByte, writeJoulesPerByte } = sramFigures(unit.bufferBytes, unit.nanometres);
    buffers =
      (accesses.inputReads + accesses.weightReads) * width * readJoulesPerByte +
      accesses.outputWrites * width * writeJoulesPerByte;
  }
  return {
    compute: macs * constants.mac + mapping.operations * constants.laneOperation,
    cells,
    buffers,
    // Operands read and results written come as one count: each byte at the mean of the two.
    scratchpad: (scratchpadBytes[index]! * (scratchpad.readJoulesPerByte + scratchpad.writeJoulesPerByte)) / 2,
    offChip,
  };
}
