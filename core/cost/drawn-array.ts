/** A systolic array of a drawn architecture as the array models see it: its ports are the drawn channels and memories. */
import type { ArrayUnit, Dataflow, Machine } from '#core/architecture/machine.ts';
import type { ArrayDescription, ArrayPort } from './array-model.ts';

const OPERANDS = ['input', 'weight', 'output'] as const;

export interface ElementSizes {
  /** Bytes of an element of activations and of weights. */
  readonly activation: number;
  readonly weight: number;
  readonly partialSum: number;
}

/** int8 operands, int32 sums. */
export const INT8: ElementSizes = { activation: 1, weight: 1, partialSum: 4 };

/**
 * @returns the array with two ports that all operands share: off chip at what channels, engines and buses let through
 * together, and the scratchpad's. Bytes a tick become bytes a cycle of the array's clock. The operand buffers feed
 * the cells at full width.
 */
export function drawnArray(machine: Machine, unit: ArrayUnit, dataflow: Dataflow, sizes = INT8): ArrayDescription {
  const sum = (parts: readonly { readonly bytesPerTick: number }[]) =>
    parts.reduce((total, { bytesPerTick }) => total + bytesPerTick, 0);
  const channels = sum(machine.channels);
  // Engines on one bus share it; an engine without one has its own width.
  const buses = new Map(machine.engines.flatMap(({ bus }) => (bus ? [[bus.node, bus]] : [])));
  const direct = machine.engines.filter(({ bus }) => bus === null);
  const busLimited = [...buses.values()].map((bus) => ({
    bytesPerTick: Math.min(bus.bytesPerTick, sum(machine.engines.filter((engine) => engine.bus?.node === bus.node))),
  }));
  const engines = sum(direct) + sum(busLimited);
  const port = (name: string, level: ArrayPort['level'], bytesPerTick: number): ArrayPort => ({
    name,
    level,
    operands: OPERANDS,
    bytesPerCycle: bytesPerTick * unit.ticksPerCycle,
  });
  return {
    rows: unit.rows,
    columns: unit.columns,
    dataflow,
    bufferBytes: { input: unit.inputBufferBytes, weight: unit.weightBufferBytes, output: unit.outputBufferBytes },
    elementBytes: { input: sizes.activation, weight: sizes.weight, output: sizes.activation },
    partialSumBytes: sizes.partialSum,
    scratchpadBytes: machine.scratchpad.capacityBytes,
    ports: [
      port(machine.channels[0]?.name ?? 'off chip', 'off-chip', Math.min(channels, engines)),
      port(machine.scratchpad.name, 'buffers', machine.scratchpad.bytesPerTick),
    ],
  };
}
