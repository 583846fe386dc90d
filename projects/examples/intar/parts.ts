/** Words for drawing a kernel's designs: tasks, streams, tensors and the cores they run on, with their usual values. */
import { dramJoulesPerByte, dramKind } from '#core/energy/dram.ts';
import type { Bank, Core, Device, Fabric, OffChipChannel } from '#core/fabric/fabric.ts';
import type {
  Access,
  DesignNote,
  Granularity,
  LoopNest,
  OffChipTensor,
  Stream,
  Task,
  TaskFormat,
  TaskGraph,
} from '#core/taskgraph/task-graph.ts';
import {
  BOARD,
  CLAIM,
  CLOCK_HERTZ,
  FIFO_DEPTH,
  HBM_BYTES_PER_TICK,
  LOAD_LATENCY,
  LOOP_EXIT,
  MAC_DEPTH,
  STORE_RESPONSE,
  SWITCH_TICKS,
} from './constants.ts';

/** A loop that is left and entered again `starts` times a firing. */
export function nested(drawn: Partial<LoopNest> = {}): LoopNest {
  return { isFlattened: false, interval: 1, depth: MAC_DEPTH, exit: LOOP_EXIT, starts: 1, overhead: 0, ...drawn };
}

/** A loop that is filled once. */
export function flattened(drawn: Partial<LoopNest> = {}): LoopNest {
  return { ...nested(drawn), isFlattened: true };
}

export interface StreamPattern {
  readonly per: Granularity;
  readonly tokens: number;
}

export function every(tokens = 1): StreamPattern {
  return { per: 'firing', tokens };
}
export function everyBlock(tokens: number): StreamPattern {
  return { per: 'block', tokens };
}
export function atOnce(tokens: number): StreamPattern {
  return { per: 'task', tokens };
}

/** Collects one drawing. */
export class Drawing {
  readonly #tasks: Task[] = [];
  readonly #streams: Stream[] = [];
  readonly #tensors = new Map<string, OffChipTensor>();
  readonly #format: TaskFormat;

  constructor(format: TaskFormat = 'int16') {
    this.#format = format;
  }

  /** Returns its index. `work`: MACs (evaluations) of a firing. */
  task(name: string, drawn: Partial<Omit<Task, 'node' | 'name'>> & Pick<Task, 'firings' | 'work'>): number {
    return (
      this.#tasks.push({
        node: `task${this.#tasks.length + 1}`,
        name,
        operation: 'mac',
        format: this.#format,
        blocks: 1,
        nest: nested(),
        times: [],
        unroll: 0,
        cores: [],
        stage: 0,
        ...drawn,
      }) - 1
    );
  }

  firings(task: number): number {
    const { blocks, firings } = this.#tasks[task]!;
    return blocks * firings;
  }

  stream(
    name: string,
    from: number,
    write: StreamPattern,
    to: number,
    read: StreamPattern,
    { depth = FIFO_DEPTH, bits = 16 }: { readonly depth?: number; readonly bits?: number } = {},
  ): void {
    this.#streams.push({
      node: `stream${this.#streams.length + 1}`,
      name,
      from: { task: from, per: write.per, rates: [write.tokens] },
      to: { task: to, per: read.per, rates: [read.tokens] },
      depth,
      bits,
      initial: 0,
    });
  }

  /** A tensor off chip with one more end; equal names are one tensor. */
  tensor(
    name: string,
    bytes: number,
    task: number,
    direction: 'load' | 'store',
    end: {
      readonly access?: Access;
      readonly per?: Granularity;
      readonly passes?: number;
      readonly beatBytes?: number;
      readonly channel?: string;
    } = {},
  ): void {
    const { access = 'burst', per = 'firing', passes = 1, beatBytes = 2, channel = '' } = end;
    const known = this.#tensors.get(name);
    this.#tensors.set(name, {
      node: known?.node ?? `tensor${this.#tensors.size + 1}`,
      name,
      bytes,
      ends: [...(known?.ends ?? []), { task, direction, access, per, passes, beatBytes, channel }],
    });
  }

  graph(title: string, note: Partial<DesignNote> & Pick<DesignNote, 'mode'>): TaskGraph {
    const { measuredCycles = 0 } = note;
    return {
      title,
      tasks: this.#tasks,
      streams: this.#streams,
      tensors: [...this.#tensors.values()],
      note: {
        node: 'note',
        fabric: '',
        measuredCycles,
        measuredSource: measuredCycles > 0 ? BOARD : '',
        claim: note.mode === 'reconfigurable' ? CLAIM : '',
        calibration: 'none',
        ...note,
      },
    };
  }
}

function idOf(name: string): string {
  return name.toLowerCase().replaceAll(/\W+/g, '-');
}

/** The same tasks with nothing decided: no stages, no cores, so that a search may. */
export function leftOpen({ title, tasks, note, ...graph }: TaskGraph): TaskGraph {
  return {
    ...graph,
    title: `${title.slice(0, title.lastIndexOf(','))}, open`,
    tasks: tasks.map((task) => ({ ...task, cores: [], stage: 0 })),
    note: note && { ...note, mode: 'any', claim: '' },
  };
}

/** A compute core with so many MACs a cycle. */
export function core(name: string, lanes: number, format: TaskFormat = 'int16'): Core {
  return {
    node: idOf(name),
    name,
    operation: 'mac',
    lanes: { [format]: lanes },
    ticksPerCycle: 1,
    reconfiguration: { kind: 'mux', ticks: SWITCH_TICKS },
    joulesPerOperation: {},
    staticWatts: 0,
  };
}

/** A unit for exponentials and the like, one a cycle. */
export function special(name: string, format: TaskFormat = 'int16', lanes = 1): Core {
  return { ...core(name, lanes, format), operation: 'special' };
}

export function channel(name: string, bytesPerTick = HBM_BYTES_PER_TICK): OffChipChannel {
  return {
    node: idOf(name),
    name,
    bytesPerTick,
    latencyTicks: LOAD_LATENCY,
    responseTicks: STORE_RESPONSE,
    outstanding: 64,
    arbitration: 'first-come',
    joulesPerByte: dramJoulesPerByte(dramKind('hbm2')),
  };
}

export function bank(name: string, kind: Bank['kind'], capacityBytes: number): Bank {
  return {
    node: idOf(name),
    name,
    kind,
    capacityBytes,
    ports: 2,
    bytesPerTick: 16,
    joulesPerByte: 1e-12,
  };
}

/** What a U280 has. Source: AMD, Alveo U280 data sheet DS963. */
export const U280: Device = { kind: 'fpga', dsp: 9024, bram18: 4032, uram: 960, lut: 1_303_680 };

export function fabric(
  title: string,
  cores: readonly Core[],
  channels: readonly OffChipChannel[],
  banks: readonly Bank[],
): Fabric {
  return { title, clockHertz: CLOCK_HERTZ, cores, banks, channels, device: U280 };
}

export interface Kernel {
  readonly slug: string;
  readonly title: string;
  readonly summary: string;
  readonly fabrics: readonly Fabric[];
  readonly designs: readonly TaskGraph[];
}
