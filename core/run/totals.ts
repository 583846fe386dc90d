/** The headline metrics of a run, each with formula, inputs and source. */
import type { Machine } from '#core/architecture/machine.ts';
import type { Badge, Metric, Provenance, TechniqueRef } from '#core/base/metric.ts';
import type { Unit } from '#core/base/quantity.ts';
import { COMPILER } from '#core/compile/compile.ts';
import { areaOf, macArea } from '#core/energy/area.ts';
import { cellEnergy } from '#core/energy/cells.ts';
import { operationEnergy } from '#core/energy/operations.ts';
import { SRAM_SOURCE, sramFigures } from '#core/energy/sram.ts';
import type { ModelFacts } from '#core/model/facts.ts';
import type { Program } from '#core/program/program.ts';
import { trafficOf } from '#core/program/verify.ts';
import type { ScheduleAnswer, ScheduleProblem } from '#core/schedule/problem.ts';
import type { Timing } from '#core/simulate/simulator.ts';
import type { Accounts } from './account.ts';
import { joulesOf } from './energy.ts';
import type { RunSettings } from './settings.ts';

export interface TotalsInputs {
  readonly machine: Machine;
  readonly facts: ModelFacts;
  readonly problem: ScheduleProblem;
  readonly answer: ScheduleAnswer;
  readonly program: Program;
  readonly timing: Timing;
  readonly accounts: Accounts;
  readonly settings: RunSettings;
  readonly simulator: TechniqueRef;
  readonly scheduler: TechniqueRef;
}

type Input = Provenance['inputs'][number];
const input = (name: string, value: number | string, unit: Unit): Input => ({ name, value, unit });

export function totalsOf(inputs: TotalsInputs): readonly Metric[] {
  const { machine, facts, answer, problem, timing, accounts, settings } = inputs;
  const metric = (
    id: string,
    title: string,
    value: number,
    unit: Unit,
    badge: Badge,
    formula: string,
    from: readonly Input[],
    source: string,
    technique: TechniqueRef,
  ): Metric => ({
    id,
    title,
    value,
    unit,
    badge,
    provenance: { formula, inputs: from, source, technique },
  });
  const traffic = trafficOf(inputs.program);
  const cycles = timing.makespan;
  const bandwidth = machine.channels.reduce((sum, channel) => sum + channel.bytesPerTick, 0);
  const arrays = machine.units.filter((unit) => unit.kind === 'systolic-array');
  const peak = arrays.reduce((sum, unit) => sum + (unit.rows * unit.columns) / unit.ticksPerCycle, 0);
  const arrayNodes = new Set(arrays.map((unit) => unit.node));
  const arrayMacs = accounts.operators.reduce(
    (sum, operator) => sum + (operator.unit !== null && arrayNodes.has(operator.unit) ? operator.macs : 0),
    0,
  );
  const energy = joulesOf(accounts.energy);
  const compute = energy.macs + energy.lanes;
  const totalEnergy = accounts.energy.levels.reduce((sum, { joules }) => sum + joules, 0);
  const nonCompulsory = traffic.spill + traffic.refetch;
  const offChipBytes = traffic.compulsory + nonCompulsory;
  const { constants, cells, scratchpad, sources } = energyProvenance(machine, settings);
  const scratchpadJoules = (scratchpad.readJoulesPerByte + scratchpad.writeJoulesPerByte) / 2;
  const area = areaOf(machine, settings.format);
  const totalArea = area.cells + area.lanes + area.buffers + area.scratchpad;
  const lightCycles = Math.max(peak > 0 ? arrayMacs / peak : 0, traffic.compulsory / bandwidth);
  const weights = problem.ops.reduce((sum, operator) => sum + operator.weightBytes, 0);
  const peakBytes = peakResidency(problem, answer);
  return [
    metric(
      'time.cycles',
      'Cycles',
      cycles,
      'cycles',
      'simulated',
      'finish of the last command',
      [input('commands', inputs.program.length, ''), input('events', timing.events, '')],
      'event simulation of the command stream',
      inputs.simulator,
    ),
    metric(
      'time.seconds',
      'Time',
      cycles / machine.clockHertz,
      's',
      'simulated',
      'cycles ÷ clock',
      [input('cycles', cycles, 'cycles'), input('clock', machine.clockHertz, 'Hz')],
      'definition',
      inputs.simulator,
    ),
    metric(
      'time.light',
      'Speed of light',
      lightCycles,
      'cycles',
      'estimate',
      'max(MACs on arrays ÷ peak, compulsory ÷ bandwidth)',
      [
        input('MACs on arrays', arrayMacs, 'MAC'),
        input('peak', peak, 'MAC/cycle'),
        input('compulsory', traffic.compulsory, 'B'),
        input('bandwidth', bandwidth, 'B/cycle'),
      ],
      'roofline, Williams, Waterman, Patterson, CACM 52(4), 2009',
      COMPILER,
    ),
    metric(
      'compute.macs',
      'MACs',
      facts.macs,
      'MAC',
      'counted',
      'Σ over operators',
      [input('operators', facts.operators, '')],
      'definition',
      COMPILER,
    ),
    metric(
      'compute.utilisation',
      'Array utilisation',
      peak > 0 ? arrayMacs / (peak * cycles) : 0,
      '1',
      'simulated',
      'MACs on arrays ÷ (peak × cycles)',
      [input('MACs on arrays', arrayMacs, 'MAC'), input('peak', peak, 'MAC/cycle'), input('cycles', cycles, 'cycles')],
      'definition',
      inputs.simulator,
    ),
    metric(
      'offchip.bytes',
      'Off-chip bytes',
      offChipBytes,
      'B',
      'counted',
      'compulsory + spill and refill + refetch',
      [
        input('compulsory', traffic.compulsory, 'B'),
        input('spill and refill', traffic.spill, 'B'),
        input('refetch', traffic.refetch, 'B'),
      ],
      'recounted from the commands',
      COMPILER,
    ),
    metric(
      'offchip.compulsory',
      'Compulsory',
      traffic.compulsory,
      'B',
      'counted',
      'weights once a use + first load of inputs + outputs written once',
      [input('weights', weights, 'B')],
      'COSMA, arXiv 2311.18246',
      inputs.scheduler,
    ),
    metric(
      'offchip.noncompulsory',
      'Non-compulsory',
      nonCompulsory,
      'B',
      'counted',
      'spill and refill + refetch',
      [input('spill and refill', traffic.spill, 'B'), input('refetch', traffic.refetch, 'B')],
      'COSMA, arXiv 2311.18246',
      inputs.scheduler,
    ),
    metric(
      'offchip.spill',
      'Spill and refill',
      traffic.spill,
      'B',
      answer.optimal ? 'proven' : 'counted',
      'bytes of intermediates stored and read back, and of inputs read again',
      [input('scratchpad', answer.S, 'B'), input('lower bound', answer.bound, 'B')],
      answer.proof,
      inputs.scheduler,
    ),
    metric(
      'offchip.refetch',
      'Refetch',
      traffic.refetch,
      'B',
      'counted',
      'operand bytes × (passes of the tile loop − 1)',
      [],
      'tile loops; recounted from the commands',
      COMPILER,
    ),
    metric(
      'offchip.bandwidth',
      'Off-chip bandwidth used',
      offChipBytes / (bandwidth * cycles),
      '1',
      'simulated',
      'off-chip bytes ÷ (bandwidth × cycles)',
      [
        input('off-chip bytes', offChipBytes, 'B'),
        input('bandwidth', bandwidth, 'B/cycle'),
        input('cycles', cycles, 'cycles'),
      ],
      'definition',
      inputs.simulator,
    ),
    metric(
      'schedule.bound',
      'Spill bound',
      answer.bound,
      'B',
      'proven',
      'no schedule at this capacity spills and refills less',
      [input('scratchpad', answer.S, 'B')],
      answer.proof,
      inputs.scheduler,
    ),
    metric(
      'memory.peak',
      'Scratchpad peak',
      peakBytes,
      'B',
      'counted',
      'most bytes resident at one step',
      [input('capacity', answer.S, 'B')],
      'recounted from the schedule',
      inputs.scheduler,
    ),
    metric(
      'energy.total',
      'Energy',
      totalEnergy,
      'J',
      'estimate',
      'compute + cells + buffers + scratchpad + off chip',
      [
        input('compute', compute, 'J'),
        input('cells', energy.registers, 'J'),
        input('buffers', energy.buffers, 'J'),
        input('scratchpad', energy.scratchpad, 'J'),
        input('off chip', energy['off-chip'], 'J'),
      ],
      sources,
      COMPILER,
    ),
    metric(
      'energy.compute',
      'Compute energy',
      compute,
      'J',
      'estimate',
      'energy of MACs + energy of lane operations',
      [
        input('energy of MACs', energy.macs, 'J'),
        input('energy of lane operations', energy.lanes, 'J'),
        input('E(MAC)', constants.mac, 'J'),
        input('E(add)', constants.laneOperation, 'J'),
      ],
      constants.source,
      COMPILER,
    ),
    metric(
      'energy.cells',
      'Cell energy',
      energy.registers,
      'J',
      'estimate',
      'MACs on arrays × E(registers and hops of a MAC)',
      [
        input('MACs on arrays', arrayMacs, 'MAC'),
        input('E(registers and hops of a MAC)', arrayMacs > 0 ? energy.registers / arrayMacs : 0, 'J'),
      ],
      cells,
      COMPILER,
    ),
    metric(
      'energy.buffers',
      'Buffer energy',
      energy.buffers,
      'J',
      'estimate',
      'bytes read × E(read) + bytes written × E(write) of each buffer’s capacity',
      [],
      `access counts of SCALE-Sim v3; ${SRAM_SOURCE}`,
      COMPILER,
    ),
    metric(
      'energy.scratchpad',
      'Scratchpad energy',
      energy.scratchpad,
      'J',
      'estimate',
      'bytes read and written × (E(read) + E(write)) ÷ 2',
      [
        input('bytes read and written', Math.round(energy.scratchpad / scratchpadJoules), 'B'),
        input('capacity', machine.scratchpad.capacityBytes, 'B'),
        input('E(read)', scratchpad.readJoulesPerByte, 'J'),
        input('E(write)', scratchpad.writeJoulesPerByte, 'J'),
      ],
      scratchpad.source,
      COMPILER,
    ),
    metric(
      'energy.offchip',
      'Off-chip energy',
      energy['off-chip'],
      'J',
      'estimate',
      'off-chip bytes × E(byte) of the memory type',
      [
        input('off-chip bytes', offChipBytes, 'B'),
        input('E(byte)', offChipBytes > 0 ? energy['off-chip'] / offChipBytes : 0, 'J'),
      ],
      machine.channels.map((channel) => channel.energySource).join('; '),
      COMPILER,
    ),
    metric(
      'power.leakage',
      'SRAM leakage',
      area.leakageWatts,
      'W',
      'estimate',
      'Σ leakage of buffers and scratchpad; not in the energy',
      [],
      SRAM_SOURCE,
      COMPILER,
    ),
    metric(
      'area.total',
      'Area',
      totalArea,
      'mm²',
      'estimate',
      'cells + lanes + buffers + scratchpad; wires, control and DMA are not in it',
      [
        input('cells', area.cells, 'mm²'),
        input('lanes', area.lanes, 'mm²'),
        input('buffers', area.buffers, 'mm²'),
        input('scratchpad', area.scratchpad, 'mm²'),
      ],
      areaSource(machine, settings),
      COMPILER,
    ),
  ];
}

/** The energy figures of the machine's first array (or unit) and of its scratchpad, and all sources in one line. */
function energyProvenance(machine: Machine, settings: RunSettings) {
  const unit = machine.units.find(({ kind }) => kind === 'systolic-array') ?? machine.units[0]!;
  const constants = operationEnergy(settings.format, unit.nanometres);
  const scratchpad = sramFigures(machine.scratchpad.capacityBytes, machine.scratchpad.nanometres);
  const cells =
    unit.kind === 'systolic-array'
      ? unit.dataflows
          .map((dataflow) => {
            const { source, isChecked } = cellEnergy(unit.cells, dataflow, constants.bits, unit.nanometres);
            return `${dataflow}: ${source}${isChecked ? '' : ' (unverified)'}`;
          })
          .join('; ')
      : 'no array is drawn';
  return { constants, cells, scratchpad, sources: `${constants.source}; ${cells}; ${scratchpad.source}` };
}

function areaSource(machine: Machine, settings: RunSettings): string {
  const [unit] = machine.units;
  const { source, isChecked } = macArea(settings.format, unit!.nanometres);
  return `a cell or lane: ${source}${isChecked ? '' : ' (derived: unverified)'}; memories: ${SRAM_SOURCE}`;
}

function peakResidency(problem: ScheduleProblem, answer: ScheduleAnswer): number {
  const change = new Float64Array(answer.order.length + 1);
  for (const interval of answer.intervals) {
    change[interval.from]! += problem.tensors[interval.t]!.bytes;
    change[interval.to]! -= problem.tensors[interval.t]!.bytes;
  }
  let now = 0;
  let peak = 0;
  for (const delta of change) {
    now += delta;
    peak = Math.max(peak, now);
  }
  return peak;
}
