/**
 * Fabric → drawing, the inverse of reading: `readFabric(drawFabric(fabric, id)).fabric` equals `fabric`, given ids that
 * are there once and figures of at most twelve digits. A core is joined to every bank and channel it is wired to.
 */
import type { ParameterValues } from '#core/base/value.ts';
import { energyId, lanesId, NOT_GIVEN } from '#core/catalog/fabric/common.ts';
import { OTHER_KIND } from '#core/catalog/fabric/off-chip-channel.ts';
import { TASK_FORMATS } from '#core/catalog/tasks/common.ts';
import type { Document } from '#core/document/document.ts';
import { DocumentSketch } from '#core/document/sketch.ts';
import { DRAM_KINDS, dramJoulesPerByte } from '#core/energy/dram.ts';
import { arranged } from '#core/model/layout.ts';
import type { Bank, Core, Device, Fabric, OffChipChannel } from './fabric.ts';
import { drawn } from './rounded.ts';

const picojoules = (joules: number) => drawn(joules * 1e12);

/** @param id of the document made. */
export function drawFabric(fabric: Fabric, id: string): Document {
  const given = new Set([...fabric.cores, ...fabric.banks, ...fabric.channels].map(({ node }) => node));
  const sketch = new DocumentSketch('fabric', given);

  const channels = fabric.channels.map((channel) =>
    sketch.add(
      channel.node,
      'channel',
      'off-chip-channel',
      channel.name,
      channelParameters(channel, fabric.clockHertz),
    ),
  );
  const banks = fabric.banks.map((bank) =>
    sketch.add(bank.node, 'bank', 'memory-bank', bank.name, bankParameters(bank)),
  );
  for (const core of fabric.cores) {
    const type = core.operation === 'special' ? 'special-unit' : 'compute-core';
    const node = sketch.add(core.node, 'core', type, core.name, coreParameters(core, fabric.clockHertz));
    for (const channel of core.channels ?? []) sketch.join(channels[channel]!, 'data', node, 'memory');
    for (const bank of core.banks ?? []) sketch.join(banks[bank]!, 'cores', node, 'memory');
  }
  if (fabric.device) sketch.add('', 'device', 'device', 'Device', deviceParameters(fabric.device));
  return arranged(sketch.document(id, fabric.title));
}

function coreParameters(core: Core, clockHertz: number): ParameterValues {
  const figures: Record<string, number> = {};
  for (const format of TASK_FORMATS) {
    figures[lanesId(format)] = core.lanes[format] ?? 0;
    const joules = core.joulesPerOperation[format];
    if (joules !== undefined) figures[energyId(format)] = picojoules(joules);
  }
  return {
    ...figures,
    clockMegahertz: drawn(clockHertz / 1e6 / core.ticksPerCycle),
    ...reconfigurationParameters(core),
    staticWatts: core.staticWatts,
  };
}

function reconfigurationParameters({ reconfiguration }: Core): ParameterValues {
  const { kind } = reconfiguration;
  switch (kind) {
    case 'mux':
      return { reconfiguration: kind, switchCycles: reconfiguration.ticks };
    case 'context':
      return {
        reconfiguration: kind,
        contextBytes: reconfiguration.bytes,
        contextBytesPerCycle: reconfiguration.bytesPerTick,
      };
    case 'partial':
      return {
        reconfiguration: kind,
        bitstreamBytes: reconfiguration.bytes,
        bitstreamBytesPerSecond: reconfiguration.bytesPerSecond,
      };
  }
}

function bankParameters({ kind, capacityBytes, ports, bytesPerTick, joulesPerByte }: Bank): ParameterValues {
  return { kind, capacityBytes, ports, bytesPerCycle: bytesPerTick, energyPerByte: picojoules(joulesPerByte) };
}

function channelParameters(channel: OffChipChannel, clockHertz: number): ParameterValues {
  const known = DRAM_KINDS.find((kind) => dramJoulesPerByte(kind) === channel.joulesPerByte);
  return {
    kind: known?.id ?? OTHER_KIND,
    gigabytesPerSecond: drawn((channel.bytesPerTick * clockHertz) / 1e9),
    latencyCycles: channel.latencyTicks,
    responseCycles: channel.responseTicks,
    outstanding: channel.outstanding,
    arbitration: channel.arbitration,
    energyPerByte: known ? 0 : picojoules(channel.joulesPerByte),
  };
}

function deviceParameters(device: Device): ParameterValues {
  return Object.fromEntries(
    Object.entries(device).map(([id, value]) => [id, value === Number.POSITIVE_INFINITY ? NOT_GIVEN : value]),
  );
}
