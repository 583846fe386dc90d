/**
 * Configuration ↔ architecture. SCALE-Sim knows an array, three SRAMs and a bandwidth in words a cycle; the drawing adds
 * a channel, a bus, a DMA engine and a scratchpad that do not slow that down, at one byte a word and 1 GHz.
 */
import type { ArrayUnit, Dataflow, Machine } from '#core/architecture/machine.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import { componentType } from '#core/catalog/components.ts';
import { defaultParameters, parameterFault } from '#core/catalog/parameter.ts';
import { drawnArray } from '#core/cost/drawn-array.ts';
import type { Document, DocumentLink, DocumentNode } from '#core/document/document.ts';
import { formatConfig, type ScaleSimConfig } from './config.ts';

/** Of SCALE-Sim itself where its file gives none. */
const DEFAULT_WORDS = 10;

export interface DrawnConfig {
  readonly document: Document;
  /** What was assumed. Never errors. */
  readonly problems: readonly Problem[];
}

/** @param id of the document to make. Fails where a figure is beyond what can be drawn. */
export function configDocument(config: ScaleSimConfig, id: string, file: string): Result<DrawnConfig, Problem> {
  const { kilobytes, wordsPerCycle } = config;
  const words = wordsPerCycle ?? { input: DEFAULT_WORDS, weight: DEFAULT_WORDS, output: DEFAULT_WORDS };
  const width = words.input + words.weight + words.output;
  const rows: readonly (readonly [id: string, type: string, name: string, ParameterValues])[] = [
    ['dram', 'dram-channel', 'DRAM', { gigabytesPerSecond: width, latencyNanoseconds: 0 }],
    ['bus', 'bus', 'Bus', { bytesPerCycle: width, latencyCycles: 0 }],
    ['dma', 'dma', 'DMA', { bytesPerCycle: width, setupCycles: 0 }],
    [
      'spm',
      'scratchpad',
      'Scratchpad',
      {
        capacityBytes: 1024 * (kilobytes.input + kilobytes.weight + kilobytes.output),
        alignmentBytes: 1,
        bytesPerCycle: 2 * config.rows + 2 * config.columns,
      },
    ],
    [
      'array',
      'systolic-array',
      'Array',
      {
        rows: config.rows,
        columns: config.columns,
        dataflow: config.dataflow,
        clockMegahertz: 1000,
        inputBufferBytes: 1024 * kilobytes.input,
        weightBufferBytes: 1024 * kilobytes.weight,
        outputBufferBytes: 1024 * kilobytes.output,
      },
    ],
  ];
  const nodes = new Map<string, DocumentNode>();
  for (const [column, [node, type, name, given]] of rows.entries()) {
    const specs = componentType(type)?.parameters ?? [];
    const parameters = { ...defaultParameters(specs), ...given };
    const fault = specs.map((spec) => parameterFault(spec, parameters[spec.id])).find((found) => found !== null);
    if (fault) return err(problem('scale-sim.config', `${name}: ${fault}`, { where: { file } }));
    nodes.set(node, { id: node, type, name, x: column * 260, y: 0, parent: null, parameters });
  }
  const wires = [
    ['dram', 'bus', 'bus', 'channels'],
    ['bus', 'engines', 'dma', 'bus'],
    ['dma', 'memory', 'spm', 'memory'],
    ['spm', 'units', 'array', 'operands'],
  ] as const;
  const links = new Map(
    wires.map(([from, fromPort, to, toPort], i): [string, DocumentLink] => [
      `l${i + 1}`,
      { id: `l${i + 1}`, from: { node: from, port: fromPort }, to: { node: to, port: toPort } },
    ]),
  );
  const message = `SCALE-Sim has no scratchpad, no clock and an interface for each operand: drawn are a scratchpad as large as the three SRAMs, 1 GHz, and one channel of ${width} bytes a cycle${wordsPerCycle ? '' : ' (the file gives no Bandwidth)'}`;
  return ok({
    document: { id, kind: 'architecture', title: config.name, nodes, links },
    problems: [problem('scale-sim.assumed', message, { severity: 'info', where: { file } })],
  });
}

export interface WrittenConfig {
  readonly text: string;
  /** What the format cannot say. Never errors. */
  readonly problems: readonly Problem[];
}

/**
 * The configuration of a drawn array, USER mode: the channel's bandwidth in whole words of a byte for each interface.
 * @param dataflow where the drawing leaves it open.
 */
export function machineConfig(machine: Machine, unit: ArrayUnit, dataflow: Dataflow, file: string): WrittenConfig {
  const array = drawnArray(machine, unit, dataflow);
  const offChip = array.ports.find(({ level }) => level === 'off-chip')?.bytesPerCycle ?? DEFAULT_WORDS;
  const words = Math.max(1, Math.floor(offChip));
  const kilobytes = (bytes: number) => Math.max(1, Math.round(bytes / 1024));
  const { bufferBytes } = array;
  const text = formatConfig({
    name: machine.title,
    rows: array.rows,
    columns: array.columns,
    dataflow,
    kilobytes: {
      input: kilobytes(bufferBytes.input),
      weight: kilobytes(bufferBytes.weight),
      output: kilobytes(bufferBytes.output),
    },
    interface: 'user',
    wordsPerCycle: { input: words, weight: words, output: words },
    problems: [],
  });
  const note = (message: string) => problem('scale-sim.assumed', message, { severity: 'info', where: { file } });
  const problems = [
    note(
      `SCALE-Sim has an interface for each operand: each gets the ${words} bytes a cycle that they share in the drawing, and the scratchpad is left out`,
    ),
  ];
  if (Object.values(bufferBytes).some((bytes) => bytes % 1024 !== 0))
    problems.push(note('Buffers that are not whole KiB were rounded'));
  return { text, problems };
}
