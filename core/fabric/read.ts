/**
 * Drawn fabric → Fabric, in ticks of the fastest clock drawn. What a core is joined to, directly or through banks, is
 * what it reaches; a core no bank (no channel) is joined to reaches them all, so that a quick sketch works.
 */
import type { Problem } from '#core/base/problem.ts';
import type { ParameterValues } from '#core/base/value.ts';
import { energyId, lanesId, NOT_GIVEN, standardJoules } from '#core/catalog/fabric/common.ts';
import { OTHER_KIND } from '#core/catalog/fabric/off-chip-channel.ts';
import { integerOf, textOf } from '#core/catalog/parameter.ts';
import { TASK_FORMATS } from '#core/catalog/tasks/common.ts';
import { parametersOf } from '#core/document/components.ts';
import type { Document, DocumentNode } from '#core/document/document.ts';
import { dramJoulesPerByte, dramKind } from '#core/energy/dram.ts';
import { sramFigures } from '#core/energy/sram.ts';
import type { TaskFormat } from '#core/taskgraph/task-graph.ts';
import type { Bank, Core, Device, Fabric, OffChipChannel, Reconfiguration } from './fabric.ts';
import { rounded } from './rounded.ts';
import { fabricProblems, isCore, reachOf } from './validate.ts';

export interface ReadFabric {
  /** Null where nothing is drawn, or a problem of severity error stands in the way. */
  readonly fabric: Fabric | null;
  readonly problems: readonly Problem[];
}

const PICO = 1e-12;

/** @param document of kind `fabric`. */
export function readFabric(document: Document): ReadFabric {
  const problems = fabricProblems(document);
  const nodes = [...document.nodes.values()];
  const cores = nodes.filter(isCore);
  if (cores.length === 0 || problems.some(({ severity }) => severity === 'error')) return { fabric: null, problems };
  const ofType = (type: string) => nodes.filter((node) => node.type === type);
  const banks = ofType('memory-bank');
  const channels = ofType('off-chip-channel');
  const [device] = ofType('device');
  const megahertz = Math.max(...cores.map(clockOf));
  const reaches = reachOf(document);
  const reach = (core: DocumentNode): Pick<Core, 'banks' | 'channels'> => {
    const reached = reaches(core.id);
    const indices = (among: readonly DocumentNode[]) =>
      among.flatMap(({ id }, index) => (reached.has(id) ? [index] : []));
    const wired = { banks: indices(banks), channels: indices(channels) };
    return {
      ...(wired.banks.length > 0 ? { banks: wired.banks } : {}),
      ...(wired.channels.length > 0 ? { channels: wired.channels } : {}),
    };
  };
  return {
    problems,
    fabric: {
      title: document.title,
      clockHertz: rounded(megahertz * 1e6),
      cores: cores.map((node) => ({ ...coreOf(node, megahertz), ...reach(node) })),
      banks: banks.map(bankOf),
      channels: channels.map((node) => channelOf(node, megahertz * 1e6)),
      device: device ? deviceOf(device) : null,
    },
  };
}

export function clockOf(node: DocumentNode): number {
  return integerOf(parametersOf('fabric', node), 'clockMegahertz', 1);
}

function coreOf(node: DocumentNode, megahertz: number): Core {
  const p = parametersOf('fabric', node);
  const lanes: Partial<Record<TaskFormat, number>> = {};
  const joules: Partial<Record<TaskFormat, number>> = {};
  for (const format of TASK_FORMATS) {
    const count = integerOf(p, lanesId(format));
    if (count <= 0) continue;
    lanes[format] = count;
    const picojoules = integerOf(p, energyId(format), NOT_GIVEN);
    joules[format] = rounded(
      picojoules < 0 ? standardJoules(format, integerOf(p, 'nanometres', 45)) : picojoules * PICO,
    );
  }
  return {
    node: node.id,
    name: node.name,
    operation: node.type === 'special-unit' ? 'special' : 'mac',
    lanes,
    ticksPerCycle: Math.max(1, Math.round(megahertz / clockOf(node))),
    reconfiguration: reconfigurationOf(p),
    joulesPerOperation: joules,
    staticWatts: integerOf(p, 'staticWatts'),
  };
}

function reconfigurationOf(p: ParameterValues): Reconfiguration {
  const kind = textOf(p, 'reconfiguration');
  if (kind === 'context')
    return { kind, bytes: integerOf(p, 'contextBytes'), bytesPerTick: integerOf(p, 'contextBytesPerCycle', 1) };
  if (kind === 'partial')
    return { kind, bytes: integerOf(p, 'bitstreamBytes'), bytesPerSecond: integerOf(p, 'bitstreamBytesPerSecond', 1) };
  return { kind: 'mux', ticks: integerOf(p, 'switchCycles') };
}

function bankOf(node: DocumentNode): Bank {
  const p = parametersOf('fabric', node);
  const kind = textOf(p, 'kind');
  const capacityBytes = integerOf(p, 'capacityBytes');
  const picojoules = integerOf(p, 'energyPerByte', NOT_GIVEN);
  const sram = () => sramFigures(capacityBytes, integerOf(p, 'nanometres', 45));
  return {
    node: node.id,
    name: node.name,
    kind: kind === 'uram' || kind === 'sram' ? kind : 'bram',
    capacityBytes,
    ports: integerOf(p, 'ports', 1),
    bytesPerTick: integerOf(p, 'bytesPerCycle', 1),
    joulesPerByte: rounded(
      picojoules < 0 ? (sram().readJoulesPerByte + sram().writeJoulesPerByte) / 2 : picojoules * PICO,
    ),
  };
}

function channelOf(node: DocumentNode, hertz: number): OffChipChannel {
  const p = parametersOf('fabric', node);
  const kind = textOf(p, 'kind');
  return {
    node: node.id,
    name: node.name,
    bytesPerTick: rounded((integerOf(p, 'gigabytesPerSecond', 1) * 1e9) / hertz),
    latencyTicks: integerOf(p, 'latencyCycles'),
    responseTicks: integerOf(p, 'responseCycles'),
    outstanding: integerOf(p, 'outstanding', 1),
    arbitration: textOf(p, 'arbitration') === 'round-robin' ? 'round-robin' : 'first-come',
    joulesPerByte:
      kind === OTHER_KIND ? rounded(integerOf(p, 'energyPerByte') * PICO) : dramJoulesPerByte(dramKind(kind)),
  };
}

function deviceOf(node: DocumentNode): Device {
  const p = parametersOf('fabric', node);
  const limit = (id: string) => {
    const value = integerOf(p, id, NOT_GIVEN);
    return value === NOT_GIVEN ? Number.POSITIVE_INFINITY : value;
  };
  return textOf(p, 'kind') === 'asic'
    ? { kind: 'asic', pes: limit('pes'), sramBytes: limit('sramBytes') }
    : { kind: 'fpga', dsp: limit('dsp'), bram18: limit('bram18'), uram: limit('uram'), lut: limit('lut') };
}
