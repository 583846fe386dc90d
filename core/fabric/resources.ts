/**
 * What a design takes of a device, stage by stage: DSP slices, block RAM, UltraRAM and look-up tables of an FPGA, cells
 * and SRAM of an ASIC; whether it fits, and if not what is over, by how much, and what would mend it. A memory of d words
 * of w bits is ⌈w/18⌉·⌈d/1024⌉ BRAM18 or ⌈w/72⌉·⌈d/4096⌉ URAM a partition (AMD UG573); a FIFO up to 32 deep is shift
 * registers, a LUT a bit (UG574).
 */
import { type Fix, type Problem, problem } from '#core/base/problem.ts';
import type { Design } from '#core/stages/design.ts';
import type { Stream, TaskFormat, TaskGraph } from '#core/taskgraph/task-graph.ts';
import { tokensOf } from '#core/taskgraph/tokens.ts';
import type { Device, Fabric } from './fabric.ts';

export type Resource = 'dsp' | 'bram18' | 'uram' | 'lut' | 'pes' | 'sramBytes';

export interface ResourcePart {
  /** Document node: of the fabric for cores, of the task graph for streams. */
  readonly node: string;
  readonly name: string;
  readonly count: number;
}

export interface ResourceUse {
  readonly resource: Resource;
  readonly demand: number;
  /** Infinity where the device does not limit it, or none is drawn. */
  readonly bound: number;
  /** What takes it, most first. */
  readonly parts: readonly ResourcePart[];
}

/** Of each stage of the design, in order; only resources that are used. */
export type StageResources = readonly (readonly ResourceUse[])[];

/**
 * DSP slices (27 × 18 bits) a multiply-accumulate a cycle. Two int8 (AMD WP486) and four int4 (WP521) share a slice where
 * they are packed; wider formats as Vitis HLS reports its operators: fp32 3 to multiply and 2 to add, fp16 2 and 2.
 */
const DSP_A_MAC: Readonly<Record<TaskFormat, number>> = { int4: 1, int8: 1, int16: 1, int32: 3, fp16: 4, fp32: 5 };
const PACKED: Readonly<Partial<Record<TaskFormat, number>>> = { int4: 1 / 4, int8: 1 / 2 };
/** A pipelined exponential as Vitis HLS reports it. */
const DSP_A_SPECIAL = 7;
/** FIFOs up to here are shift registers. */
const SHIFT_DEPTH = 32;

/** BRAM18 of `partitions` memories of `words` × `bits`. */
export function bram18Of(words: number, bits: number, partitions = 1): number {
  return partitions * Math.ceil(bits / 18) * Math.ceil(words / 1024);
}

export function uramOf(words: number, bits: number, partitions = 1): number {
  return partitions * Math.ceil(bits / 72) * Math.ceil(words / 4096);
}

export interface ResourceOptions {
  /** Whether int8 and int4 multiplies share DSP slices; default true. */
  readonly isPacked?: boolean;
}

export function resourcesOf(
  graph: TaskGraph,
  fabric: Fabric,
  design: Pick<Design, 'stages' | 'spilled'>,
  { isPacked = true }: ResourceOptions = {},
): StageResources {
  const isAsic = fabric.device?.kind === 'asic';
  const stageOf = new Map(design.stages.flatMap(({ tasks }, stage) => tasks.map(({ task }) => [task, stage] as const)));
  const spilled = new Set(design.spilled);
  const largest = fabric.banks.toSorted((a, b) => b.capacityBytes - a.capacityBytes)[0];
  return design.stages.map((stage, index) => {
    const parts = new Map<Resource, ResourcePart[]>();
    const take = (resource: Resource, part: ResourcePart) => {
      if (part.count > 0) parts.set(resource, [...(parts.get(resource) ?? []), part]);
    };
    const lanes = new Map<number, number>();
    for (const { task, shares } of stage.tasks) {
      const { format, operation } = graph.tasks[task]!;
      const dsp =
        operation === 'special' ? DSP_A_SPECIAL : ((isPacked ? PACKED[format] : undefined) ?? DSP_A_MAC[format]);
      for (const share of shares)
        lanes.set(share.core, (lanes.get(share.core) ?? 0) + share.lanes * (isAsic ? 1 : dsp));
    }
    for (const [core, count] of lanes) {
      const { node, name } = fabric.cores[core]!;
      take(isAsic ? 'pes' : 'dsp', { node, name, count: Math.ceil(count) });
    }
    for (const [at, stream] of graph.streams.entries()) {
      const from = stageOf.get(stream.from.task);
      const to = stageOf.get(stream.to.task);
      if (from === undefined || to === undefined || Math.min(from, to) > index || Math.max(from, to) < index) continue;
      const isFifo = from === to;
      if (!isFifo && spilled.has(at)) continue;
      const [resource, count] = memoryOf(stream, graph, isFifo, isAsic ? 'sram' : (largest?.kind ?? 'bram'));
      take(resource, { node: stream.node, name: stream.name, count });
    }
    return [...parts].map(([resource, list]) => ({
      resource,
      demand: list.reduce((sum, { count }) => sum + count, 0),
      bound: boundOf(fabric.device, resource),
      parts: list.toSorted((a, b) => b.count - a.count),
    }));
  });
}

/** A FIFO holds its depth, all its tokens where it has no bound; a buffer between stages all of them. */
function memoryOf(
  stream: Stream,
  graph: TaskGraph,
  isFifo: boolean,
  bank: 'bram' | 'uram' | 'sram',
): readonly [Resource, number] {
  const whole = stream.initial + tokensOf(stream.from, graph.tasks[stream.from.task]!);
  const words = isFifo && stream.depth > 0 ? stream.depth : Math.max(whole, 1);
  if (bank === 'sram') return ['sramBytes', Math.ceil((words * stream.bits) / 8)];
  if (isFifo && words <= SHIFT_DEPTH) return ['lut', stream.bits];
  return bank === 'uram' && !isFifo ? ['uram', uramOf(words, stream.bits)] : ['bram18', bram18Of(words, stream.bits)];
}

function boundOf(device: Device | null, resource: Resource): number {
  const limits: Partial<Record<Resource, number>> = device ?? {};
  return limits[resource] ?? Number.POSITIVE_INFINITY;
}

const TITLES: Readonly<Record<Resource, string>> = {
  dsp: 'DSP slices',
  bram18: 'BRAM18',
  uram: 'URAM',
  lut: 'LUTs',
  pes: 'processing elements',
  sramBytes: 'bytes of SRAM',
};
const LEVERS: Readonly<Record<Resource, string>> = {
  dsp: 'give its tasks fewer lanes, a narrower format, or a stage of their own',
  pes: 'give its tasks fewer lanes, or a stage of their own',
  bram18: 'make a FIFO shallower, or let a tensor go off chip',
  uram: 'let a tensor go off chip',
  lut: 'make a FIFO narrower',
  sramBytes: 'make a FIFO shallower, or let a tensor go off chip',
};

/** One problem a stage and resource that is over: how much, what takes most of it, and what would mend it. */
export function resourceProblems(
  graph: TaskGraph,
  stages: StageResources,
  /** Document of the task graph, where its streams are; absent: not told. */
  document?: string,
): readonly Problem[] {
  return stages.flatMap((uses, stage) =>
    uses
      .filter(({ demand, bound }) => demand > bound)
      .map(({ resource, demand, bound, parts: [most] }) => {
        const counted = (count: number) => count.toLocaleString('en-GB');
        const message = `Stage ${stage + 1} takes ${counted(demand)} ${TITLES[resource]}, ${counted(demand - bound)} more than the ${counted(bound)} there are; ${most!.name} takes ${counted(most!.count)}. To mend it: ${LEVERS[resource]}`;
        const stream = graph.streams.find(({ node }) => node === most!.node);
        const fixes: readonly Fix[] =
          stream && stream.depth > SHIFT_DEPTH
            ? [
                {
                  title: `Set Depth of ${stream.name} to ${SHIFT_DEPTH}: shift registers`,
                  edits: [{ type: 'set-parameter', node: stream.node, parameter: 'depth', value: SHIFT_DEPTH }],
                },
              ]
            : [];
        return problem(`resources.${resource}`, message, {
          where: { ...(document !== undefined && { document }), ...(stream && { node: stream.node }) },
          facts: { stage: stage + 1, demand, bound, over: demand - bound },
          fixes,
        });
      }),
  );
}
