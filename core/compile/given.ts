/**
 * An operator emitted from commands that are given instead of from its tile loop. The commands say what moves where and what
 * waits for what inside the operator; what they have to wait for outside of it (operands being made or brought, room, halves
 * of buffers others still use) is added here, as are bytes, ticks and why bytes are moved.
 */
import type { Machine } from '#core/architecture/machine.ts';
import type { ProgramBuilder } from '#core/program/builder.ts';
import { COMPULSORY, LOAD, REFETCH, SPILL, STORE, WEIGHTS } from '#core/program/program.ts';
import { IntervalSet } from './interval-set.ts';
import { bytesOf, type KernelPieces, missing, type Piece, type Pieces, tileNumbers } from './pieces.ts';
import { other, type Queues, queueOf } from './queues.ts';
import type { ResultPlace } from './residency-plan.ts';
import type { Tenant } from './tenants.ts';
import type { Mapping, TileCounts } from './unit-model.ts';

/** Which queue and channel a transfer takes; null leaves it to the emitter, which takes turns. */
export interface GivenRoute {
  /** Index into machine.engines and machine.channels. */
  readonly engine: number;
  readonly channel: number;
}

interface Given {
  /** Earlier commands of the list. */
  readonly after: readonly number[];
}

interface GivenTransfer extends Given {
  readonly route: GivenRoute | null;
}

/** Elements from … to of an operand into the scratchpad, `offset` bytes from where the schedule puts the operand. */
export interface GivenFetch extends GivenTransfer {
  readonly kind: 'fetch';
  readonly operand: number;
  readonly from: number;
  readonly to: number;
  readonly offset: number;
}

/** Positions from … to of a piece into a half of a unit's buffer; weights have the buffer after the last operand's. */
export interface GivenLoad extends GivenTransfer {
  readonly kind: 'load';
  readonly buffer: number;
  readonly piece: number;
  readonly from: number;
  readonly to: number;
  readonly unit: number;
  readonly slot: 0 | 1;
}

export interface GivenExecute extends Given {
  readonly kind: 'execute';
  readonly tile: TileCounts;
  readonly unit: number;
  readonly slot: 0 | 1;
}

export interface GivenStore extends GivenTransfer {
  readonly kind: 'store';
  readonly result: number;
  readonly piece: number;
  readonly unit: number;
  readonly slot: 0 | 1;
}

export type GivenCommand = GivenFetch | GivenLoad | GivenExecute | GivenStore;

export type GivenLowerings = ReadonlyMap<number, readonly GivenCommand[]>;

export interface GivenOperand {
  readonly tensor: number;
  readonly pieces: Pieces;
  readonly firstTraffic: number;
  /** Null where it streams. */
  readonly tenant: Tenant | null;
  /** Address of the operand and what must be over before it is brought there, where the commands bring it; else null. */
  readonly fetched: { readonly address: number; readonly spaceAfter: readonly number[] } | null;
}

export interface GivenResult {
  readonly place: ResultPlace;
  readonly pieces: Pieces;
  readonly tenant: Tenant | null;
  readonly spaceAfter: readonly number[];
}

/** What surrounds the operator in the program. */
export interface Surroundings {
  readonly builder: ProgramBuilder;
  readonly machine: Machine;
  readonly operator: number;
  readonly mapping: Mapping;
  readonly pieces: KernelPieces;
  /** Operands, then weights if any. */
  readonly operands: readonly GivenOperand[];
  readonly results: readonly GivenResult[];
  /** Bytes an element of an operand. */
  readonly widthOf: (tensor: number) => number;
  readonly queues: Queues;
}

export interface GivenEmitted {
  readonly scratchpadBytes: number;
  /** By row that was emitted, from the first one: the command it is of. */
  readonly commandOf: readonly number[];
}

/** A half of a buffer as the operator has used it so far. */
interface Half {
  /** The last command outside of the operator that used it; −1 once a tile of the operator has. */
  before: number;
  piece: number;
}

export function emitGiven(commands: readonly GivenCommand[], around: Surroundings): GivenEmitted {
  return new GivenEmitter(commands, around).emit();
}

class GivenEmitter {
  readonly #commands: readonly GivenCommand[];
  readonly #around: Surroundings;
  readonly #first: readonly IntervalSet[];
  readonly #rowsOf: number[][] = [];
  readonly #commandOf: number[] = [];
  readonly #halves = new Map<string, [Half, Half]>();
  readonly #filledLast = new Map<string, 0 | 1>();
  /** By unit and operand: the piece read last from the scratchpad. */
  readonly #read = new Map<string, Piece>();
  /** By unit and half: the last store since it was computed in. */
  readonly #storedLast = new Map<string, number>();
  #scratchpadBytes = 0;

  constructor(commands: readonly GivenCommand[], around: Surroundings) {
    this.#commands = commands;
    this.#around = around;
    this.#first = firstBrought(commands, around);
  }

  emit(): GivenEmitted {
    this.#commands.forEach((command, index) => {
      const begun = this.#around.builder.length;
      const depends = command.after.flatMap((other) => this.#rowsOf[other] ?? []);
      switch (command.kind) {
        case 'fetch':
          this.#fetch(command, index, depends);
          break;
        case 'load':
          this.#load(command, index, depends);
          break;
        case 'execute':
          this.#execute(command, depends);
          break;
        case 'store':
          this.#store(command, depends);
          break;
      }
      const rows = Array.from({ length: this.#around.builder.length - begun }, (_, row) => begun + row);
      this.#rowsOf.push(rows);
      for (const _row of rows) this.#commandOf.push(index);
    });
    return { scratchpadBytes: this.#scratchpadBytes, commandOf: this.#commandOf };
  }

  #route(opcode: typeof LOAD | typeof STORE, route: GivenRoute | null) {
    const next = this.#around.queues.nextTransfer(opcode);
    if (!route) return next;
    const { units } = this.#around.machine;
    return { engine: units.length + 2 * route.engine + (opcode === LOAD ? 0 : 1), channel: route.channel };
  }

  #fetch({ operand, from, to, offset, route }: GivenFetch, index: number, depends: readonly number[]): void {
    const { builder, operator, operands, widthOf, queues } = this.#around;
    const { tensor, firstTraffic, tenant, fetched } = operands[operand]!;
    if (!fetched || !tenant) return;
    const width = widthOf(tensor);
    for (const [a, b, isFirst] of cut(from, to, this.#first[index]!)) {
      const { engine, channel } = this.#route(LOAD, route);
      const row = builder.transfer(
        {
          opcode: LOAD,
          engine,
          channel,
          operator,
          tensor,
          bytes: (b - a) * width,
          traffic: isFirst ? firstTraffic : REFETCH,
          address: fetched.address + offset + (a - from) * width,
          offset: a,
        },
        [...fetched.spaceAfter, ...queues.storesOf(tensor).values(), ...depends],
      );
      tenant.writers.set(queueOf(engine, channel), row);
    }
  }

  #halvesOf(unit: number, buffer: number | 'results'): [Half, Half] {
    const key = `${unit}/${buffer}`;
    let halves = this.#halves.get(key);
    if (!halves) {
      const { last } = this.#around.queues.slotsOf(unit, buffer);
      halves = [
        { before: last[0], piece: -1 },
        { before: last[1], piece: -1 },
      ];
      this.#halves.set(key, halves);
    }
    return halves;
  }

  #load({ buffer, piece, from, to, unit, slot, route }: GivenLoad, index: number, depends: readonly number[]): void {
    const { builder, operator, operands, queues } = this.#around;
    const { tensor, pieces, firstTraffic } = operands[buffer]!;
    const half = this.#halvesOf(unit, buffer)[slot];
    const { positionBytes } = pieces.piece(piece);
    const stored = tensor === WEIGHTS ? [] : queues.storesOf(tensor).values();
    const place = { unit, buffer, slot, tile: piece };
    for (const [a, b, isFirst] of cut(from, to, this.#first[index]!)) {
      const { engine, channel } = this.#route(LOAD, route);
      const bytes = (b - a) * positionBytes;
      const traffic = isFirst ? firstTraffic : REFETCH;
      builder.transfer({ opcode: LOAD, engine, channel, operator, tensor, bytes, traffic, offset: a, place }, [
        half.before,
        ...stored,
        ...depends,
      ]);
    }
    half.piece = piece;
    this.#filledLast.set(`${unit}/${buffer}`, slot);
    queues.slotsOf(unit, buffer).next = other(slot);
  }

  #execute({ tile, unit, slot }: GivenExecute, after: readonly number[]): void {
    const { builder, machine, operator, mapping, operands, results, queues } = this.#around;
    const depends = [...after];
    let scratchpadBytes = 0;
    operands.forEach(({ tenant, pieces }, buffer) => {
      if (!tenant) return;
      depends.push(...tenant.writers.values());
      const key = `${unit}/${buffer}`;
      const piece = pieces.piece(pieces.indexOf(tile));
      const before = this.#read.get(key) ?? null;
      if (before?.key === piece.key && before.from <= piece.from && piece.to <= before.to) return;
      this.#read.set(key, piece);
      for (const [from, to] of missing(piece, before)) scratchpadBytes += (to - from) * piece.positionBytes;
    });
    if (tile.k === 0) {
      const sums = this.#halvesOf(unit, 'results')[slot];
      depends.push(sums.before);
      sums.before = -1;
      for (const { spaceAfter } of results) depends.push(...spaceAfter);
    }
    const { counts } = mapping.loop;
    if (tile.k === counts.k - 1)
      for (const { tenant, pieces } of results)
        if (tenant) scratchpadBytes += bytesOf(pieces.piece(pieces.indexOf(tile)));
    this.#scratchpadBytes += scratchpadBytes;
    const compute = mapping.tileCycles(tile.g, tile.m, tile.n, tile.k) * machine.units[unit]!.ticksPerCycle;
    const ticks = Math.max(1, Math.ceil(compute), Math.ceil(scratchpadBytes / machine.scratchpad.bytesPerTick));
    const executed = builder.execute(
      {
        engine: unit,
        operator,
        tensor: results[0]?.place.tensor ?? WEIGHTS,
        ticks,
        tile: tileNumbers(counts).indexOf(tile),
        slot,
      },
      depends,
    );
    operands.forEach(({ tenant, pieces }, buffer) => {
      if (tenant) tenant.readers.set(unit, executed);
      else {
        const held = this.#halfRead(unit, buffer, pieces.indexOf(tile));
        if (held === null) return;
        queues.slotsOf(unit, buffer).last[held] = executed;
        this.#halvesOf(unit, buffer)[held].before = -1;
      }
    });
    for (const { tenant } of results) tenant?.writers.set(unit, executed);
    this.#storedLast.delete(`${unit}/${slot}`);
    const own = queues.slotsOf(unit, 'results');
    own.last[slot] = executed;
    own.next = slot === 0 ? 1 : 0;
  }

  /** The half that a tile reads: with its piece, or else the one filled last; null where the operator has filled none. */
  #halfRead(unit: number, buffer: number, piece: number): 0 | 1 | null {
    const last = this.#filledLast.get(`${unit}/${buffer}`);
    if (last === undefined) return null;
    const halves = this.#halvesOf(unit, buffer);
    const other = last === 0 ? 1 : 0;
    return halves[last].piece !== piece && halves[other].piece === piece ? other : last;
  }

  #store({ result, piece: tile, unit, slot, route }: GivenStore, depends: readonly number[]): void {
    const { builder, operator, results, queues } = this.#around;
    const { place, pieces } = results[result]!;
    const piece = pieces.piece(tile);
    const bytes = bytesOf(piece);
    if (bytes === 0) return;
    const { engine, channel } = this.#route(STORE, route);
    const key = `${unit}/${slot}`;
    // A later store of the half waits for the earlier ones, so that the last stands for all of them.
    const released = builder.transfer(
      {
        opcode: STORE,
        engine,
        channel,
        operator,
        tensor: place.tensor,
        bytes,
        traffic: place.stored === 'compulsory' ? COMPULSORY : SPILL,
        offset: piece.from,
        place: { unit, buffer: result, slot, tile },
      },
      [...depends, this.#storedLast.get(key) ?? -1],
    );
    this.#storedLast.set(key, released);
    queues.slotsOf(unit, 'results').last[slot] = released;
    queues.storesOf(place.tensor).set(queueOf(engine, channel), released);
  }
}

/**
 * By command: what of it counts as brought for the first time. A piece's own positions are first looked for where that piece is
 * loaded, as the tile loop does; what nobody brings so, where it comes first. Every position is counted once.
 */
function firstBrought(commands: readonly GivenCommand[], { operands }: Surroundings): readonly IntervalSet[] {
  const first = commands.map(() => new IntervalSet());
  const covered = new Map<string, IntervalSet>();
  for (const ownOnly of [true, false])
    commands.forEach((command, index) => {
      if (command.kind !== 'fetch' && command.kind !== 'load') return;
      const isPiece = command.kind === 'load';
      const operand = isPiece ? command.buffer : command.operand;
      const piece = isPiece ? operands[operand]!.pieces.piece(command.piece) : null;
      const key = `${operand}/${piece?.key ?? ''}`;
      let known = covered.get(key);
      if (!known) {
        known = new IntervalSet();
        covered.set(key, known);
      }
      const from = ownOnly && piece ? Math.max(command.from, piece.ownFrom) : command.from;
      const to = ownOnly && piece ? Math.min(command.to, piece.ownTo) : command.to;
      for (const [a, b] of known.add(from, to)) first[index]!.add(a, b);
    });
  return first;
}

/** [from, to) in parts that are brought first and parts that are brought again. */
function cut(from: number, to: number, first: IntervalSet): readonly (readonly [number, number, boolean])[] {
  const parts: (readonly [number, number, boolean])[] = [];
  let at = from;
  for (const [a, b] of first.intervals()) {
    if (at < a) parts.push([at, a, false]);
    parts.push([a, b, true]);
    at = b;
  }
  if (at < to) parts.push([at, to, false]);
  return parts;
}
