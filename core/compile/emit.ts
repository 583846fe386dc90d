/**
 * Emission: schedule + mappings → command stream. Tiles are walked in loop order, dealt in contiguous blocks to
 * equal units; operands off chip are streamed through the unit's two-slot buffers, resident ones are loaded whole
 * where their interval begins. Dependencies carry data (read after write) and space (a slot or a scratchpad
 * region may be overwritten only when its last readers are done). Engines are in order, so the last command of
 * each engine stands for all before it.
 */
import type { Machine } from '#core/architecture/machine.ts';
import { ProgramBuilder } from '#core/program/builder.ts';
import { COMPULSORY, LOAD, type Program, REFETCH, SPILL, STORE, WEIGHTS } from '#core/program/program.ts';
import type { ScheduleAnswer, ScheduleProblem } from '#core/schedule/problem.ts';
import type { MappedOperator } from './map.ts';
import { type OperandPlace, placesOf, type ResultPlace, type StepPlaces } from './residency-plan.ts';
import type { Axis, Mapping, OperandAccess } from './unit-model.ts';

export interface Emitted {
  readonly program: Program;
  /** Bytes each operator read from and wrote to the scratchpad. */
  readonly scratchpadBytes: Float64Array;
}

export function emit(
  problem: ScheduleProblem,
  answer: ScheduleAnswer,
  mapped: readonly MappedOperator[],
  machine: Machine,
): Emitted {
  const emitter = new Emitter(problem, answer, mapped, machine);
  for (const step of placesOf(problem, answer)) emitter.step(step);
  return emitter.finish();
}

/** The last command of each engine that touched something; engines finish in order. */
type LastByEngine = Map<number, number>;

interface Tenant {
  readonly from: number;
  readonly to: number;
  readonly writers: LastByEngine;
  readonly readers: LastByEngine;
}

/** One operand of the operator at hand as its tiles stream: which piece each unit holds, how often each was fetched. */
interface Stream {
  readonly tensor: number;
  readonly access: OperandAccess;
  readonly bytes: number;
  readonly pieces: number;
  readonly firstTraffic: number;
  readonly fetched: Uint8Array;
  readonly buffer: number;
  /** Resident operands cost scratchpad reads instead of loads. */
  readonly tenant: Tenant | null;
  /** Per unit: piece in the buffer and the command that brought it. */
  readonly held: Int32Array;
  readonly heldBy: Int32Array;
}

interface Block {
  readonly g: number;
  readonly m: number;
  readonly n: number;
}

class Emitter {
  readonly #problem: ScheduleProblem;
  readonly #answer: ScheduleAnswer;
  readonly #mapped: readonly MappedOperator[];
  readonly #machine: Machine;
  readonly #builder: ProgramBuilder;
  readonly #scratchpadBytes: Float64Array;
  readonly #tenants: (Tenant | undefined)[];
  /** Off-chip writes of each tensor, for those who read it back. */
  readonly #stores: LastByEngine[];
  /** Per unit and buffer (one an operand, one for results): the last command that used each of the two slots, and which is next. */
  readonly #slots = new Map<string, { readonly last: [number, number]; next: 0 | 1 }>();
  #turn = 0;

  constructor(problem: ScheduleProblem, answer: ScheduleAnswer, mapped: readonly MappedOperator[], machine: Machine) {
    this.#problem = problem;
    this.#answer = answer;
    this.#mapped = mapped;
    this.#machine = machine;
    this.#builder = new ProgramBuilder([
      ...machine.units.map((unit) => ({ component: unit.node, name: unit.name, kind: 'unit' as const })),
      ...machine.engines.flatMap((engine) => [
        { component: engine.node, name: `${engine.name} read`, kind: 'dma' as const },
        { component: engine.node, name: `${engine.name} write`, kind: 'dma' as const },
      ]),
    ]);
    this.#scratchpadBytes = new Float64Array(problem.ops.length);
    this.#tenants = new Array<Tenant | undefined>(answer.intervals.length);
    this.#stores = problem.tensors.map(() => new Map());
  }

  finish(): Emitted {
    return { program: this.#builder.build(), scratchpadBytes: this.#scratchpadBytes };
  }

  step(step: StepPlaces): void {
    const operator = step.operator;
    const { mapping, units } = this.#mapped[operator]!;
    const streams = this.#streamsOf(step, mapping, units.length);
    const results = step.results.map((place) => ({
      place,
      tenant: place.interval >= 0 ? this.#occupy(place.interval) : null,
      spaceAfter: place.interval >= 0 ? this.#spaceAfter(place.interval) : [],
    }));
    const blocks = blocksOf(mapping);
    const perUnit = Math.ceil(blocks.length / units.length);
    for (let round = 0; round < perUnit; round++) {
      units.forEach((unit, lane) => {
        const index = lane * perUnit + round;
        const block = blocks[index];
        if (block && index < (lane + 1) * perUnit) this.#block(operator, mapping, unit, lane, block, streams, results);
      });
    }
  }

  /** All k tiles of one output tile, then its stores. */
  #block(
    operator: number,
    mapping: Mapping,
    unit: number,
    lane: number,
    block: Block,
    streams: readonly Stream[],
    results: readonly {
      readonly place: ResultPlace;
      readonly tenant: Tenant | null;
      readonly spaceAfter: readonly number[];
    }[],
  ): void {
    const { counts } = mapping.loop;
    const { ticksPerCycle } = this.#machine.units[unit]!;
    const outputSlot = this.#slot(unit, 'results');
    let executed = -1;
    for (let k = 0; k < counts.k; k++) {
      const depends: number[] = [];
      let scratchpadBytes = 0;
      const slotsUsed: { readonly last: [number, number]; readonly index: 0 | 1 }[] = [];
      for (const stream of streams) {
        const piece = pieceOf(stream.access, mapping, block, k);
        const fresh = stream.held[lane] !== piece;
        if (stream.tenant) {
          for (const writer of stream.tenant.writers.values()) depends.push(writer);
          if (fresh) scratchpadBytes += shareOf(stream.bytes, stream.pieces, piece);
          stream.held[lane] = piece;
          continue;
        }
        const slot = this.#slot(unit, stream.buffer);
        if (fresh) {
          const at = slot.next;
          stream.heldBy[lane] = this.#load(operator, stream, piece, slot.last[at]);
          stream.held[lane] = piece;
          slot.next = at === 0 ? 1 : 0;
        }
        if (stream.heldBy[lane]! >= 0) depends.push(stream.heldBy[lane]!);
        slotsUsed.push({ last: slot.last, index: slot.next === 0 ? 1 : 0 });
      }
      if (k === 0) {
        depends.push(outputSlot.last[outputSlot.next]);
        for (const { spaceAfter } of results) depends.push(...spaceAfter);
      }
      if (k === counts.k - 1) {
        const piece = pieceOf(mapping.outputs, mapping, block, 0);
        const pieces = pieceCount(mapping.outputs, mapping);
        for (const { place, tenant } of results)
          if (tenant) scratchpadBytes += shareOf(this.#problem.tensors[place.tensor]!.bytes, pieces, piece);
      }
      this.#scratchpadBytes[operator]! += scratchpadBytes;
      const compute = mapping.tileCycles(block.g, block.m, block.n, k) * ticksPerCycle;
      const ticks = Math.max(1, Math.ceil(compute), Math.ceil(scratchpadBytes / this.#machine.scratchpad.bytesPerTick));
      executed = this.#builder.execute(
        { engine: unit, operator, tensor: results[0]?.place.tensor ?? WEIGHTS, ticks },
        depends,
      );
      for (const { last, index } of slotsUsed) last[index] = executed;
      for (const stream of streams) stream.tenant?.readers.set(unit, executed);
    }
    const released = this.#results(operator, mapping, unit, block, executed, results);
    outputSlot.last[outputSlot.next] = released;
    outputSlot.next = outputSlot.next === 0 ? 1 : 0;
  }

  /** Stores the block's results that go off chip; returns the command after which the output slot is free. */
  #results(
    operator: number,
    mapping: Mapping,
    unit: number,
    block: Block,
    executed: number,
    results: readonly { readonly place: ResultPlace; readonly tenant: Tenant | null }[],
  ): number {
    let released = executed;
    const pieces = pieceCount(mapping.outputs, mapping);
    const piece = pieceOf(mapping.outputs, mapping, block, 0);
    for (const { place, tenant } of results) {
      tenant?.writers.set(unit, executed);
      if (place.stored === 'no') continue;
      const bytes = shareOf(this.#problem.tensors[place.tensor]!.bytes, pieces, piece);
      if (bytes === 0) continue;
      const { engine, channel } = this.#nextTransfer(STORE);
      const traffic = place.stored === 'compulsory' ? COMPULSORY : SPILL;
      released = this.#builder.transfer(
        { opcode: STORE, engine, channel, operator, tensor: place.tensor, bytes, traffic },
        [executed],
      );
      this.#stores[place.tensor]!.set(engine * 256 + channel, released);
    }
    return released;
  }

  #streamsOf(step: StepPlaces, mapping: Mapping, lanes: number): readonly Stream[] {
    const operator = this.#problem.ops[step.operator]!;
    const gemmOfActivations =
      operator.weightBytes === 0 && mapping.weights.axes.includes('n') && step.operands.length > 1;
    const streams = step.operands.map((place, index): Stream => {
      const tenant =
        place.interval < 0
          ? null
          : place.loadsFirst
            ? this.#loadWhole(step.operator, place)
            : this.#tenants[place.interval]!;
      const access = gemmOfActivations && index === 1 ? mapping.weights : mapping.inputs;
      return this.#stream(
        place.tensor,
        access,
        this.#problem.tensors[place.tensor]!.bytes,
        place.compulsory ? COMPULSORY : SPILL,
        index,
        tenant,
        mapping,
        lanes,
      );
    });
    if (operator.weightBytes > 0)
      streams.push(
        this.#stream(
          WEIGHTS,
          mapping.weights,
          operator.weightBytes,
          COMPULSORY,
          step.operands.length,
          null,
          mapping,
          lanes,
        ),
      );
    return streams;
  }

  #stream(
    tensor: number,
    access: OperandAccess,
    bytes: number,
    firstTraffic: number,
    buffer: number,
    tenant: Tenant | null,
    mapping: Mapping,
    lanes: number,
  ): Stream {
    const pieces = pieceCount(access, mapping);
    return {
      tensor,
      access,
      bytes,
      pieces,
      firstTraffic,
      fetched: new Uint8Array(pieces),
      buffer,
      tenant,
      held: new Int32Array(lanes).fill(-1),
      heldBy: new Int32Array(lanes).fill(-1),
    };
  }

  #load(operator: number, stream: Stream, piece: number, slotFreeAfter: number): number {
    const bytes = shareOf(stream.bytes, stream.pieces, piece);
    if (bytes === 0) return -1;
    const traffic = stream.fetched[piece] ? REFETCH : stream.firstTraffic;
    stream.fetched[piece] = 1;
    const { engine, channel } = this.#nextTransfer(LOAD);
    const stored = stream.tensor === WEIGHTS ? [] : this.#stores[stream.tensor]!.values();
    return this.#builder.transfer({ opcode: LOAD, engine, channel, operator, tensor: stream.tensor, bytes, traffic }, [
      slotFreeAfter,
      ...stored,
    ]);
  }

  /** Brings a whole tensor into the scratchpad, in DMA-sized commands so that several engines can share it. */
  #loadWhole(operator: number, place: OperandPlace): Tenant {
    const { bytes } = this.#problem.tensors[place.tensor]!;
    const { addr } = this.#answer.intervals[place.interval]!;
    const spaceAfter = this.#spaceAfter(place.interval);
    const tenant = this.#occupy(place.interval);
    const pieces = Math.max(1, Math.ceil(bytes / WHOLE_LOAD_BYTES));
    for (let piece = 0; piece < pieces; piece++) {
      const { engine, channel } = this.#nextTransfer(LOAD);
      const offset = Math.floor((piece * bytes) / pieces);
      const command = this.#builder.transfer(
        {
          opcode: LOAD,
          engine,
          channel,
          operator,
          tensor: place.tensor,
          bytes: shareOf(bytes, pieces, piece),
          traffic: place.compulsory ? COMPULSORY : SPILL,
          address: addr + offset,
        },
        [...spaceAfter, ...this.#stores[place.tensor]!.values()],
      );
      tenant.writers.set(engine * 256 + channel, command);
    }
    return tenant;
  }

  #occupy(interval: number): Tenant {
    const { addr, t } = this.#answer.intervals[interval]!;
    const tenant: Tenant = {
      from: addr,
      to: addr + this.#problem.tensors[t]!.bytes,
      writers: new Map(),
      readers: new Map(),
    };
    this.#tenants[interval] = tenant;
    return tenant;
  }

  /**
   * Commands that must be done before the region of `interval` may be overwritten: all so far that touched what lay
   * there. A tenant still there shares its place (a result in place of its operand); its own step is not yet emitted.
   */
  #spaceAfter(interval: number): readonly number[] {
    const { addr, t } = this.#answer.intervals[interval]!;
    const end = addr + this.#problem.tensors[t]!.bytes;
    const last: LastByEngine = new Map();
    this.#tenants.forEach((tenant, index) => {
      if (!tenant || index === interval || tenant.from >= end || tenant.to <= addr) return;
      for (const touched of [tenant.writers, tenant.readers])
        for (const [engine, command] of touched) if ((last.get(engine) ?? -1) < command) last.set(engine, command);
    });
    return [...last.values()];
  }

  #slot(unit: number, buffer: number | 'results') {
    const key = `${unit}:${buffer}`;
    let slot = this.#slots.get(key);
    if (!slot) {
      slot = { last: [-1, -1], next: 0 };
      this.#slots.set(key, slot);
    }
    return slot;
  }

  /** DMA engines take turns (each has a queue for reads and one for writes), and each takes turns over the channels it reaches. */
  #nextTransfer(opcode: typeof LOAD | typeof STORE): { readonly engine: number; readonly channel: number } {
    const turn = this.#turn++;
    const { engines, units } = this.#machine;
    const index = turn % engines.length;
    const { channels } = engines[index]!;
    return {
      engine: units.length + 2 * index + (opcode === LOAD ? 0 : 1),
      channel: channels[Math.floor(turn / engines.length) % channels.length]!,
    };
  }
}

/** Whole-tensor loads are cut into commands of about this many bytes. */
const WHOLE_LOAD_BYTES = 65_536;

/** Bytes of piece `index` when `total` bytes are cut into `pieces`; the pieces add up to the total exactly. */
export function shareOf(total: number, pieces: number, index: number): number {
  return Math.floor(((index + 1) * total) / pieces) - Math.floor((index * total) / pieces);
}

function pieceCount(access: OperandAccess, mapping: Mapping): number {
  return access.axes.reduce((count, axis) => count * mapping.loop.counts[axis], 1);
}

function pieceOf(access: OperandAccess, mapping: Mapping, block: Block, k: number): number {
  let piece = 0;
  for (const axis of access.axes)
    piece = piece * mapping.loop.counts[axis] + (axis === 'k' ? k : block[axis as Exclude<Axis, 'k'>]);
  return piece;
}

/** Output tiles in loop order. */
function blocksOf(mapping: Mapping): readonly Block[] {
  const { counts, outer } = mapping.loop;
  const blocks: Block[] = [];
  for (let g = 0; g < counts.g; g++) {
    if (outer === 'm') for (let m = 0; m < counts.m; m++) for (let n = 0; n < counts.n; n++) blocks.push({ g, m, n });
    else for (let n = 0; n < counts.n; n++) for (let m = 0; m < counts.m; m++) blocks.push({ g, m, n });
  }
  return blocks;
}
