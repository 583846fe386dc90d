/**
 * Emission: schedule + mappings → command stream. Tiles are walked in loop order, dealt in contiguous blocks to
 * equal units; operands off chip are streamed through the unit's two-slot buffers, resident ones are loaded whole
 * where their interval begins. Dependencies carry data (read after write) and space (a slot or a scratchpad
 * region may be overwritten only when its last readers are done). Queues are in order, so the last command of
 * each queue stands for all before it.
 */
import type { Machine } from '#core/architecture/machine.ts';
import { ProgramBuilder } from '#core/program/builder.ts';
import { COMPULSORY, IN_BUFFER, LOAD, type Program, REFETCH, SPILL, STORE, WEIGHTS } from '#core/program/program.ts';
import type { ScheduleAnswer, ScheduleProblem } from '#core/schedule/problem.ts';
import { emitGiven, type GivenCommand, type GivenLowerings, type Slots } from './given.ts';
import type { MappedOperator } from './map.ts';
import { bytesOf, type KernelPieces, missing, type Piece, type Pieces, tileNumbers } from './pieces.ts';
import { type OperandPlace, placesOf, type ResultPlace, type StepPlaces } from './residency-plan.ts';
import type { Mapping, TileCounts } from './unit-model.ts';

export interface Emitted {
  readonly program: Program;
  /** Bytes each operator read from and wrote to the scratchpad. */
  readonly scratchpadBytes: Float64Array;
  /** By row: the command of its operator's given lowering that it is of; −1 elsewhere. */
  readonly givenCommand: Int32Array;
}

/** @param given operators whose commands are given instead of following from their mappings. */
export function emit(
  problem: ScheduleProblem,
  answer: ScheduleAnswer,
  mapped: readonly MappedOperator[],
  pieces: readonly KernelPieces[],
  machine: Machine,
  given: GivenLowerings = new Map(),
): Emitted {
  const emitter = new Emitter(problem, answer, mapped, pieces, machine);
  for (const step of placesOf(problem, answer)) {
    const commands = given.get(step.operator);
    if (commands) emitter.given(step, commands);
    else emitter.step(step);
  }
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

/** A piece in a half of a unit's buffer, and the commands that brought it. */
interface Held {
  readonly piece: Piece;
  readonly slot: 0 | 1;
  readonly commands: readonly number[];
}

/** One operand of the operator at hand as its tiles stream: which piece each unit holds, what has been fetched once. */
interface Stream {
  readonly tensor: number;
  readonly pieces: Pieces;
  readonly firstTraffic: number;
  readonly fetched: Set<string>;
  readonly buffer: number;
  /** Resident operands cost scratchpad reads instead of loads. */
  readonly tenant: Tenant | null;
  /** Per unit. */
  readonly held: (Held | null)[];
}

interface Result {
  readonly place: ResultPlace;
  readonly tenant: Tenant | null;
  readonly spaceAfter: readonly number[];
  readonly pieces: Pieces;
}

type Block = Pick<TileCounts, 'g' | 'm' | 'n'>;

class Emitter {
  readonly #problem: ScheduleProblem;
  readonly #answer: ScheduleAnswer;
  readonly #mapped: readonly MappedOperator[];
  readonly #pieces: readonly KernelPieces[];
  readonly #machine: Machine;
  readonly #builder: ProgramBuilder;
  readonly #scratchpadBytes: Float64Array;
  readonly #tenants: (Tenant | undefined)[];
  /** Off-chip writes of each tensor, for those who read it back. */
  readonly #stores: LastByEngine[];
  /** Per unit and buffer (one an operand, one for results). */
  readonly #slots = new Map<string, Slots>();
  readonly #givenRows = new Map<number, number>();
  #turn = 0;

  constructor(
    problem: ScheduleProblem,
    answer: ScheduleAnswer,
    mapped: readonly MappedOperator[],
    pieces: readonly KernelPieces[],
    machine: Machine,
  ) {
    this.#problem = problem;
    this.#answer = answer;
    this.#mapped = mapped;
    this.#pieces = pieces;
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
    const program = this.#builder.build();
    const givenCommand = new Int32Array(program.length).fill(-1);
    for (const [row, command] of this.#givenRows) givenCommand[row] = command;
    return { program, scratchpadBytes: this.#scratchpadBytes, givenCommand };
  }

  step(step: StepPlaces): void {
    const { operator } = step;
    const { mapping, units } = this.#mapped[operator]!;
    const pieces = this.#pieces[operator]!;
    const streams = this.#streamsOf(step, pieces, units.length);
    const results = this.#resultsOf(step, pieces);
    this.#bind(step);
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

  given(step: StepPlaces, commands: readonly GivenCommand[]): void {
    const { operator } = step;
    const pieces = this.#pieces[operator]!;
    const fetched = new Set(commands.flatMap((command) => (command.kind === 'fetch' ? [command.operand] : [])));
    const spaceAfter = step.operands.map(({ interval }) => (interval < 0 ? [] : this.#spaceAfter(interval)));
    const streams = this.#streamsOf(step, pieces, 1, fetched);
    const results = this.#resultsOf(step, pieces);
    this.#bind(step);
    const first = this.#builder.length;
    const { scratchpadBytes, commandOf } = emitGiven(commands, {
      builder: this.#builder,
      machine: this.#machine,
      operator,
      mapping: this.#mapped[operator]!.mapping,
      pieces,
      operands: streams.map((stream, index) => ({
        ...stream,
        fetched: fetched.has(index)
          ? { address: this.#answer.intervals[step.operands[index]!.interval]!.addr, spaceAfter: spaceAfter[index]! }
          : null,
      })),
      results,
      widthOf: (tensor) => this.#elementsOf(tensor).width,
      slotsOf: (unit, buffer) => this.#slotsOf(unit, buffer),
      nextTransfer: (opcode) => this.#nextTransfer(opcode),
      storesOf: (tensor) => this.#stores[tensor]!,
    });
    this.#scratchpadBytes[operator]! += scratchpadBytes;
    commandOf.forEach((command, row) => {
      this.#givenRows.set(first + row, command);
    });
  }

  #resultsOf(step: StepPlaces, pieces: KernelPieces): readonly Result[] {
    return step.results.map(
      (place, index): Result => ({
        place,
        pieces: pieces.results[index]!,
        tenant: place.interval >= 0 ? this.#occupy(place.interval) : null,
        spaceAfter: place.interval >= 0 ? this.#spaceAfter(place.interval) : [],
      }),
    );
  }

  #bind(step: StepPlaces): void {
    const bound = ({ tensor, interval }: { readonly tensor: number; readonly interval: number }) => ({
      tensor,
      address: interval >= 0 ? this.#answer.intervals[interval]!.addr : IN_BUFFER,
    });
    this.#builder.bind(step.operator, { operands: step.operands.map(bound), results: step.results.map(bound) });
  }

  /** All k tiles of one output tile, then its stores. */
  #block(
    operator: number,
    mapping: Mapping,
    unit: number,
    lane: number,
    block: Block,
    streams: readonly Stream[],
    results: readonly Result[],
  ): void {
    const { counts } = mapping.loop;
    const { ticksPerCycle } = this.#machine.units[unit]!;
    const numbers = tileNumbers(counts);
    const outputSlots = this.#slotsOf(unit, 'results');
    const slot = outputSlots.next;
    let executed = -1;
    for (let k = 0; k < counts.k; k++) {
      const tile = { ...block, k };
      const depends: number[] = [];
      let scratchpadBytes = 0;
      for (const stream of streams) scratchpadBytes += this.#bring(operator, stream, tile, unit, lane, depends);
      if (k === 0) {
        depends.push(outputSlots.last[slot]);
        for (const { spaceAfter } of results) depends.push(...spaceAfter);
      }
      if (k === counts.k - 1) {
        for (const { tenant, pieces } of results)
          if (tenant) scratchpadBytes += bytesOf(pieces.piece(pieces.indexOf(tile)));
      }
      this.#scratchpadBytes[operator]! += scratchpadBytes;
      const compute = mapping.tileCycles(block.g, block.m, block.n, k) * ticksPerCycle;
      const ticks = Math.max(1, Math.ceil(compute), Math.ceil(scratchpadBytes / this.#machine.scratchpad.bytesPerTick));
      executed = this.#builder.execute(
        {
          engine: unit,
          operator,
          tensor: results[0]?.place.tensor ?? WEIGHTS,
          ticks,
          tile: numbers.indexOf(tile),
          slot,
        },
        depends,
      );
      for (const { tenant, buffer, held } of streams) {
        tenant?.readers.set(unit, executed);
        const piece = held[lane];
        if (!tenant && piece) this.#slotsOf(unit, buffer).last[piece.slot] = executed;
      }
    }
    outputSlots.last[slot] = this.#results(operator, unit, block, slot, executed, results);
    outputSlots.next = other(slot);
  }

  /**
   * Sees to it that the unit has the piece of `stream` that `tile` needs and appends what to wait for. Returns the bytes
   * it reads from the scratchpad. What the piece has in common with the one before (a halo) stays in the buffer, whose
   * halves are parts of one ring: the load after it does not write there.
   */
  #bring(operator: number, stream: Stream, tile: TileCounts, unit: number, lane: number, depends: number[]): number {
    const { pieces, tenant, held } = stream;
    const index = pieces.indexOf(tile);
    const piece = pieces.piece(index);
    const before = held[lane] ?? null;
    // Fewer elements than tiles: this one has none to bring, and what is held stays.
    if (!tenant && bytesOf(piece) === 0) return 0;
    const isHeld =
      before !== null &&
      before.piece.key === piece.key &&
      before.piece.from <= piece.from &&
      piece.to <= before.piece.to;
    if (tenant) {
      depends.push(...tenant.writers.values());
      if (isHeld) return 0;
      held[lane] = { piece, slot: 0, commands: [] };
      return missing(piece, before?.piece ?? null).reduce(
        (sum, [from, to]) => sum + (to - from) * piece.positionBytes,
        0,
      );
    }
    if (!isHeld) {
      const slots = this.#slotsOf(unit, stream.buffer);
      const slot = slots.next;
      const gaps = missing(piece, before?.piece ?? null);
      const commands: number[] = [];
      const load = (from: number, to: number, traffic: number): void => {
        const bytes = (to - from) * piece.positionBytes;
        if (bytes === 0) return;
        const { engine, channel } = this.#nextTransfer(LOAD);
        const stored = stream.tensor === WEIGHTS ? [] : this.#stores[stream.tensor]!.values();
        const place = { unit, buffer: stream.buffer, slot, tile: index };
        commands.push(
          this.#builder.transfer(
            { opcode: LOAD, engine, channel, operator, tensor: stream.tensor, bytes, traffic, offset: from, place },
            [slots.last[slot], ...stored],
          ),
        );
      };
      const own = `${piece.key}:${piece.ownFrom}`;
      if (piece.ownFrom < piece.ownTo && !stream.fetched.has(own)) {
        stream.fetched.add(own);
        for (const [from, to] of gaps) load(from, Math.min(to, Math.max(from, piece.ownFrom)), REFETCH);
        load(piece.ownFrom, piece.ownTo, stream.firstTraffic);
        for (const [from, to] of gaps) load(Math.max(from, Math.min(to, piece.ownTo)), to, REFETCH);
      } else for (const [from, to] of gaps) load(from, to, REFETCH);
      held[lane] = { piece, slot, commands };
      slots.next = other(slot);
    }
    depends.push(...held[lane]!.commands);
    return 0;
  }

  /** Stores the block's results that go off chip; returns the command after which the output slot is free. */
  #results(
    operator: number,
    unit: number,
    block: Block,
    slot: 0 | 1,
    executed: number,
    results: readonly Result[],
  ): number {
    let released = executed;
    results.forEach(({ place, tenant, pieces }, buffer) => {
      tenant?.writers.set(unit, executed);
      if (place.stored === 'no') return;
      const tile = pieces.indexOf({ ...block, k: 0 });
      const piece = pieces.piece(tile);
      const bytes = bytesOf(piece);
      if (bytes === 0) return;
      const { engine, channel } = this.#nextTransfer(STORE);
      const traffic = place.stored === 'compulsory' ? COMPULSORY : SPILL;
      const row = {
        opcode: STORE,
        engine,
        channel,
        operator,
        tensor: place.tensor,
        bytes,
        traffic,
        offset: piece.from,
      };
      // A later store of the slot waits for the earlier ones, so that the last stands for all of them.
      released = this.#builder.transfer({ ...row, place: { unit, buffer, slot, tile } }, [executed, released]);
      this.#stores[place.tensor]!.set(engine * 256 + channel, released);
    });
    return released;
  }

  /** @param fetched operands that are not brought to the scratchpad here: commands that follow do. */
  #streamsOf(
    step: StepPlaces,
    pieces: KernelPieces,
    lanes: number,
    fetched: ReadonlySet<number> = new Set(),
  ): readonly Stream[] {
    const fresh = () => ({ fetched: new Set<string>(), held: new Array<Held | null>(lanes).fill(null) });
    const streams = step.operands.map((place, buffer): Stream => {
      const tenant =
        place.interval < 0
          ? null
          : fetched.has(buffer)
            ? this.#occupy(place.interval)
            : place.loadsFirst
              ? this.#loadWhole(step.operator, place)
              : this.#tenants[place.interval]!;
      const firstTraffic = place.compulsory ? COMPULSORY : SPILL;
      return { tensor: place.tensor, pieces: pieces.operands[buffer]!, firstTraffic, buffer, tenant, ...fresh() };
    });
    if (pieces.weights)
      streams.push({
        tensor: WEIGHTS,
        pieces: pieces.weights,
        firstTraffic: COMPULSORY,
        buffer: step.operands.length,
        tenant: null,
        ...fresh(),
      });
    return streams;
  }

  /** Brings a whole tensor into the scratchpad, in DMA-sized commands so that several engines can share it. */
  #loadWhole(operator: number, place: OperandPlace): Tenant {
    const { bytes } = this.#problem.tensors[place.tensor]!;
    const { elements, width } = this.#elementsOf(place.tensor);
    const { addr } = this.#answer.intervals[place.interval]!;
    const spaceAfter = this.#spaceAfter(place.interval);
    const tenant = this.#occupy(place.interval);
    const pieces = Math.max(1, Math.ceil(bytes / WHOLE_LOAD_BYTES));
    for (let piece = 0; piece < pieces; piece++) {
      const from = Math.floor((piece * elements) / pieces);
      const to = Math.floor(((piece + 1) * elements) / pieces);
      if (from === to) continue;
      const { engine, channel } = this.#nextTransfer(LOAD);
      const command = this.#builder.transfer(
        {
          opcode: LOAD,
          engine,
          channel,
          operator,
          tensor: place.tensor,
          bytes: (to - from) * width,
          traffic: place.compulsory ? COMPULSORY : SPILL,
          address: addr + from * width,
          offset: from,
        },
        [...spaceAfter, ...this.#stores[place.tensor]!.values()],
      );
      tenant.writers.set(engine * 256 + channel, command);
    }
    return tenant;
  }

  #elementsOf(tensor: number): { readonly elements: number; readonly width: number } {
    const { bytes, shape } = this.#problem.tensors[tensor]!;
    const elements = shape.reduce((total, extent) => total * extent, 1);
    return { elements, width: elements === 0 ? 0 : bytes / elements };
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

  #slotsOf(unit: number, buffer: number | 'results'): Slots {
    const key = `${unit}:${buffer}`;
    let slots = this.#slots.get(key);
    if (!slots) {
      slots = { last: [-1, -1], next: 0 };
      this.#slots.set(key, slots);
    }
    return slots;
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

const other = (slot: 0 | 1): 0 | 1 => (slot === 0 ? 1 : 0);

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
