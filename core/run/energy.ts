/**
 * Energy of a run by operator and level, with every figure it was computed with. Counts come from the mapping and the
 * commands, figures from core/energy; an operator's energy is the sum over its levels, a level's the sum over operators.
 */
import type { ArrayUnit, Machine } from '#core/architecture/machine.ts';
import type { Compiled } from '#core/compile/compile.ts';
import { ACCUMULATOR_BYTES } from '#core/compile/schedule-problem.ts';
import { cellEnergy } from '#core/energy/cells.ts';
import { type Figure, figure } from '#core/energy/figure.ts';
import { operationEnergy } from '#core/energy/operations.ts';
import { sramFigures } from '#core/energy/sram.ts';
import type { ScheduleProblem } from '#core/schedule/problem.ts';
import { ENERGY_LEVELS, type EnergyAccount, type EnergyLevelId } from './result.ts';
import type { RunSettings } from './settings.ts';

const TITLES: Readonly<Record<EnergyLevelId, string>> = {
  macs: 'MACs',
  lanes: 'Lane operations',
  registers: 'Registers of cells',
  buffers: 'Operand buffers',
  scratchpad: 'Scratchpad',
  'off-chip': 'Off-chip memory',
};

const PICO = 1e-12;

export interface EnergyInputs {
  readonly compiled: Pick<Compiled, 'graph' | 'mapped'>;
  readonly machine: Machine;
  readonly problem: Pick<ScheduleProblem, 'bytesPerElement'>;
  readonly settings: Pick<RunSettings, 'format'>;
  /** Bytes each operator read from and wrote to the scratchpad. */
  readonly scratchpadBytes: Float64Array;
}

export type Joules = Readonly<Record<EnergyLevelId, number>>;

export interface EnergyMeter {
  /** Joules of the next operator over all levels; those off chip are counted from its commands. */
  operator(index: number, offChip: number): number;
  account(): EnergyAccount;
}

/** Joules by level. */
export function joulesOf({ levels }: EnergyAccount): Joules {
  const of = (level: EnergyLevelId) => levels.find(({ id }) => id === level)?.joules ?? 0;
  return {
    macs: of('macs'),
    lanes: of('lanes'),
    registers: of('registers'),
    buffers: of('buffers'),
    scratchpad: of('scratchpad'),
    'off-chip': of('off-chip'),
  };
}

/** Joules of one operator over all levels, without the figures they come from. */
export function operatorJoules(inputs: EnergyInputs, index: number, offChip: number): number {
  const joules: Joules = { ...onChip(inputs, index, (_, { joules: spent }) => spent), 'off-chip': offChip };
  return ENERGY_LEVELS.reduce((sum, level) => sum + joules[level], 0);
}

export function energyMeter(inputs: EnergyInputs): EnergyMeter {
  const figures = new Map(ENERGY_LEVELS.map((level) => [level, new Map<string, Figure>()]));
  const rows: (readonly number[])[] = [];
  for (const { node, name, joulesPerByte, energySource } of inputs.machine.channels)
    figures
      .get('off-chip')!
      .set(node, figure(`off-chip.${name}`, picojoules(joulesPerByte), 'pJ', 'a byte', '', energySource));
  const use: Use = (level, { id, joules, per, nanometres, source, isChecked }) => {
    const known = figures.get(level)!;
    const key = `${id}@${nanometres}`;
    if (!known.has(key))
      known.set(key, figure(id, picojoules(joules), 'pJ', per, `${nanometres} nm`, source, isChecked));
    return joules;
  };
  return {
    operator(index, offChip) {
      const joules: Joules = { ...onChip(inputs, index, use), 'off-chip': offChip };
      const row = ENERGY_LEVELS.map((level) => joules[level]);
      rows.push(row);
      return row.reduce((sum, each) => sum + each, 0);
    },
    account() {
      const sums = ENERGY_LEVELS.map((_, level) => rows.reduce((sum, row) => sum + row[level]!, 0));
      const total = sums.reduce((sum, each) => sum + each, 0);
      return {
        levels: ENERGY_LEVELS.map((id, level) => ({
          id,
          title: TITLES[id],
          joules: sums[level]!,
          share: total > 0 ? sums[level]! / total : 0,
          figures: sums[level]! > 0 ? [...figures.get(id)!.values()] : [],
        })),
        operators: rows,
      };
    },
  };
}

/** Twelve digits: what is left of the conversion from joules is not part of a figure. */
const picojoules = (joules: number) => Number((joules / PICO).toPrecision(12));

interface Used {
  readonly id: string;
  readonly joules: number;
  readonly per: string;
  readonly nanometres: number;
  readonly source: string;
  readonly isChecked: boolean;
}

/** Notes a figure under a level and gives its joules. */
type Use = (level: EnergyLevelId, used: Used) => number;

function onChip(
  { compiled, machine, problem, settings, scratchpadBytes }: EnergyInputs,
  index: number,
  use: Use,
): Omit<Joules, 'off-chip'> {
  const { mapping, units } = compiled.mapped[index]!;
  const unit = machine.units[units[0]!]!;
  const operator = compiled.graph.operators[index]!;
  const macs = operator.kernel.kind === 'gemm' ? operator.macs : 0;
  const { nanometres } = unit;
  const { mac, laneOperation, bits, ...operations } = operationEnergy(settings.format, nanometres);
  const { format } = settings;
  const width = problem.bytesPerElement;
  const { accesses, operations: laneOperations } = mapping;
  const sram = (level: 'buffers' | 'scratchpad', name: string, bytes: number, node: number) => {
    const { readJoulesPerByte, writeJoulesPerByte, source, isChecked } = sramFigures(bytes, node);
    const access = (way: 'read' | 'write', joules: number) => () =>
      use(level, {
        id: `${name}.${bytes} B.${way}`,
        joules,
        per: `a byte ${way === 'read' ? 'read' : 'written'} of ${bytes} B`,
        nanometres: node,
        source,
        isChecked,
      });
    return { read: access('read', readJoulesPerByte), write: access('write', writeJoulesPerByte) };
  };
  const spent = (count: number, joules: () => number) => (count === 0 ? 0 : count * joules());
  const scratchpad = sram('scratchpad', 'scratchpad', machine.scratchpad.capacityBytes, machine.scratchpad.nanometres);
  return {
    macs: spent(macs, () =>
      use('macs', {
        id: `mac.${format}`,
        joules: mac,
        per: 'a MAC',
        nanometres,
        source: operations.source,
        isChecked: operations.isChecked,
      }),
    ),
    lanes: spent(laneOperations, () =>
      use('lanes', {
        id: `lane.${format}`,
        joules: laneOperation,
        per: 'an operation',
        nanometres,
        source: operations.laneSource,
        isChecked: operations.isLaneChecked,
      }),
    ),
    registers: unit.kind === 'systolic-array' ? spent(macs, () => cellJoules(unit, mapping.dataflow ?? 'os')) : 0,
    buffers:
      unit.kind === 'systolic-array'
        ? arrayBuffers(unit)
        : spent(
            (accesses.inputReads + accesses.weightReads) * width,
            sram('buffers', 'buffer', unit.bufferBytes, nanometres).read,
          ) + spent(accesses.outputWrites * width, sram('buffers', 'buffer', unit.bufferBytes, nanometres).write),
    // Operands read and results written come as one count: each byte at the mean of the two.
    scratchpad: spent(scratchpadBytes[index]!, () => (scratchpad.read() + scratchpad.write()) / 2),
  };

  function cellJoules({ cells }: ArrayUnit, dataflow: NonNullable<typeof mapping.dataflow>): number {
    const { joulesPerMac, source, isChecked } = cellEnergy(cells, dataflow, bits, nanometres);
    return use('registers', {
      id: `cell.${cells}.${dataflow}`,
      joules: joulesPerMac,
      per: 'a MAC',
      nanometres,
      source,
      isChecked,
    });
  }

  function arrayBuffers(array: ArrayUnit): number {
    const { inputBufferBytes, weightBufferBytes, outputBufferBytes } = array;
    return (
      spent(accesses.inputReads * width, sram('buffers', 'input', inputBufferBytes, nanometres).read) +
      spent(accesses.weightReads * width, sram('buffers', 'weight', weightBufferBytes, nanometres).read) +
      spent(accesses.outputWrites * ACCUMULATOR_BYTES, sram('buffers', 'output', outputBufferBytes, nanometres).write)
    );
  }
}
