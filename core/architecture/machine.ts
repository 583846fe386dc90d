/**
 * The machine a drawn architecture stands for: units, one scratchpad, DMA engines and off-chip channels with
 * their figures in ticks (cycles of the fastest clock drawn). Compilation and simulation see only this.
 */
import type { Problem } from '#core/base/problem.ts';
import type { ParameterValues } from '#core/base/value.ts';
import { DEFAULT_NODE } from '#core/catalog/components/common.ts';
import { componentType } from '#core/catalog/components.ts';
import { integerOf, textOf } from '#core/catalog/parameter.ts';
import { type Document, type DocumentNode, isPart } from '#core/document/document.ts';
import { dramJoulesPerByte, dramKind } from '#core/energy/dram.ts';
import { validateArchitecture } from './validate.ts';

interface Unit {
  readonly node: string;
  readonly name: string;
  /** Ticks of one cycle of this unit's clock, ≥ 1. */
  readonly ticksPerCycle: number;
  /** Technology node; sets energy and area only. */
  readonly nanometres: number;
}

export type Dataflow = 'os' | 'ws' | 'is';

export interface ArrayUnit extends Unit {
  readonly kind: 'systolic-array';
  readonly rows: number;
  readonly columns: number;
  readonly dataflows: readonly Dataflow[];
  readonly inputBufferBytes: number;
  readonly weightBufferBytes: number;
  readonly outputBufferBytes: number;
  /** What holds operands in its cells; sets energy only. */
  readonly cells: 'pipeline' | 'register-file';
}

export interface LaneUnit extends Unit {
  readonly kind: 'vector-unit' | 'special-function-unit';
  readonly lanes: number;
  readonly depth: number;
  readonly bufferBytes: number;
}

export type ComputeUnit = ArrayUnit | LaneUnit;

export interface Channel {
  readonly node: string;
  readonly name: string;
  readonly bytesPerTick: number;
  readonly latencyTicks: number;
  /** Joules a byte, with where the figure is from. */
  readonly joulesPerByte: number;
  readonly energySource: string;
}

export interface Engine {
  readonly node: string;
  readonly name: string;
  readonly bytesPerTick: number;
  readonly setupTicks: number;
  /** The bus it hangs on, or null when wired straight to a channel. */
  readonly bus: {
    readonly node: string;
    readonly name: string;
    readonly bytesPerTick: number;
    readonly latencyTicks: number;
  } | null;
  /** Indices into `channels`; transfers take turns over them. */
  readonly channels: readonly number[];
}

export interface Machine {
  readonly title: string;
  readonly clockHertz: number;
  readonly units: readonly ComputeUnit[];
  readonly scratchpad: {
    readonly node: string;
    readonly name: string;
    readonly capacityBytes: number;
    readonly alignmentBytes: number;
    readonly bytesPerTick: number;
    readonly nanometres: number;
  };
  readonly engines: readonly Engine[];
  readonly channels: readonly Channel[];
}

export interface ResolvedMachine {
  /** Null when a problem of severity error stands in the way. */
  readonly machine: Machine | null;
  readonly problems: readonly Problem[];
}

export function resolveMachine(document: Document): ResolvedMachine {
  const problems = validateArchitecture(document);
  // An empty drawing is no error to its author, but nothing to run on either.
  if (![...document.nodes.values()].some(isPart) || problems.some((found) => found.severity === 'error'))
    return { machine: null, problems };

  const nodes = [...document.nodes.values()];
  const ofCategory = (category: string) => nodes.filter((node) => componentType(node.type)?.category === category);
  const compute = ofCategory('compute');
  const clockMegahertz = Math.max(...compute.map((node) => integerOf(node.parameters, 'clockMegahertz', 1000)));
  const clockHertz = clockMegahertz * 1e6;

  const channelNodes = nodes.filter((node) => node.type === 'dram-channel');
  const channels = channelNodes.map((node): Channel => {
    const kind = dramKind(textOf(node.parameters, 'kind', 'lpddr4'));
    return {
      node: node.id,
      name: node.name,
      bytesPerTick: (integerOf(node.parameters, 'gigabytesPerSecond', 16) * 1e9) / clockHertz,
      latencyTicks: Math.ceil(integerOf(node.parameters, 'latencyNanoseconds', 100) * 1e-9 * clockHertz),
      joulesPerByte: dramJoulesPerByte(kind),
      energySource: `${kind.title}, ${kind.energy.value} pJ a bit: ${kind.energy.source}`,
    };
  });
  const memory = nodes.find((node) => node.type === 'scratchpad')!;
  return {
    problems,
    machine: {
      title: document.title,
      clockHertz,
      units: compute.map((node) => computeUnit(node, clockMegahertz)),
      scratchpad: {
        node: memory.id,
        name: memory.name,
        capacityBytes: integerOf(memory.parameters, 'capacityBytes'),
        alignmentBytes: integerOf(memory.parameters, 'alignmentBytes', 1),
        bytesPerTick: integerOf(memory.parameters, 'bytesPerCycle', 64),
        nanometres: integerOf(memory.parameters, 'nanometres', DEFAULT_NODE),
      },
      engines: nodes.filter((node) => node.type === 'dma').map((node) => engine(document, node, channelNodes)),
      channels,
    },
  };
}

function computeUnit(node: DocumentNode, fastestMegahertz: number): ComputeUnit {
  const p: ParameterValues = node.parameters;
  const unit = {
    node: node.id,
    name: node.name,
    ticksPerCycle: fastestMegahertz / integerOf(p, 'clockMegahertz', 1000),
    nanometres: integerOf(p, 'nanometres', DEFAULT_NODE),
  };
  if (node.type === 'systolic-array') {
    const dataflow = textOf(p, 'dataflow', 'auto');
    return {
      ...unit,
      kind: 'systolic-array',
      rows: integerOf(p, 'rows'),
      columns: integerOf(p, 'columns'),
      dataflows: dataflow === 'os' || dataflow === 'ws' || dataflow === 'is' ? [dataflow] : ['os', 'ws', 'is'],
      inputBufferBytes: integerOf(p, 'inputBufferBytes'),
      weightBufferBytes: integerOf(p, 'weightBufferBytes'),
      outputBufferBytes: integerOf(p, 'outputBufferBytes'),
      cells: textOf(p, 'cells') === 'register-file' ? 'register-file' : 'pipeline',
    };
  }
  return {
    ...unit,
    kind: node.type === 'vector-unit' ? 'vector-unit' : 'special-function-unit',
    lanes: integerOf(p, 'lanes'),
    depth: integerOf(p, 'depth'),
    bufferBytes: integerOf(p, 'bufferBytes'),
  };
}

function engine(document: Document, node: DocumentNode, channelNodes: readonly DocumentNode[]): Engine {
  const links = [...document.links.values()];
  const upstream = (id: string) =>
    links.filter((link) => link.to.node === id).map((link) => document.nodes.get(link.from.node)!);
  const sources = upstream(node.id).filter((source) => source.type !== 'scratchpad');
  const busNode = sources.find((source) => source.type === 'bus');
  const reached = busNode ? upstream(busNode.id) : sources;
  return {
    node: node.id,
    name: node.name,
    bytesPerTick: integerOf(node.parameters, 'bytesPerCycle', 64),
    setupTicks: integerOf(node.parameters, 'setupCycles'),
    bus: busNode
      ? {
          node: busNode.id,
          name: busNode.name,
          bytesPerTick: integerOf(busNode.parameters, 'bytesPerCycle', 64),
          latencyTicks: integerOf(busNode.parameters, 'latencyCycles'),
        }
      : null,
    channels: channelNodes.flatMap((channel, index) => (reached.includes(channel) ? [index] : [])),
  };
}
