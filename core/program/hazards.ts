/**
 * Hazards of a program, found from its rows alone: every byte of the scratchpad, of tile buffers and off chip is written before it
 * is read, nothing is overwritten before its last reader is done, and buffers are never overfull (capacity.ts), by order
 * alone (order.ts), not by luck of timing. Rows are taken in order; tiles of one kernel may share bytes of an operand and a result (element-wise in place).
 */
import { type Problem, problem } from '#core/base/problem.ts';
import type { ScheduleProblem } from '#core/schedule/problem.ts';
import { type Fill, overfull, type UnitBuffers, waitingForRoom } from './capacity.ts';
import { type Front, ProgramOrder } from './order.ts';
import { EXECUTE, IN_BUFFER, OPCODES, type Program, STORE, WEIGHTS } from './program.ts';

/** A tensor in the scratchpad, with who has touched it. */
interface Tenant {
  readonly tensor: number;
  readonly from: number;
  readonly to: number;
  readonly writers: Front;
  readonly readers: Front;
  /** Bytes written; loads of a tensor do not overlap. */
  written: number;
  /** The kernel that makes it; −1 where it is loaded. */
  readonly maker: number;
  /** Tenants whose bytes it took, and the commands that had used them by then. */
  readonly evicted: readonly { readonly tenant: Tenant; readonly users: readonly number[] }[];
}

/** Half of a tile buffer as it was filled last; results go on to their last tile. */
interface Half extends Fill {
  tile: number;
}

/**
 * Which piece of a buffer's operand an execute reads. Without it, it is taken to read the half filled last, as the compiler's
 * own programs do.
 */
export type PieceRead = (execute: number, buffer: number) => number;

export function hazards(
  program: Program,
  schedule: ScheduleProblem,
  pieceRead: PieceRead | null = null,
  buffers: UnitBuffers | null = null,
): readonly Problem[] {
  return new Hazards(program, schedule, pieceRead).check(buffers);
}

/** The program with waits for room in the units' buffers (capacity.ts). */
export function withRoom(
  program: Program,
  schedule: ScheduleProblem,
  pieceRead: PieceRead | null,
  buffers: UnitBuffers,
): Program {
  return new Hazards(program, schedule, pieceRead).withRoom(buffers);
}

class Hazards {
  readonly #program: Program;
  readonly #schedule: ScheduleProblem;
  readonly #order: ProgramOrder;
  readonly #pieceRead: PieceRead | null;
  readonly #found: Problem[] = [];
  /** By half (`halfKey`). */
  readonly #halves = new Map<number, Half>();
  /** Half filled last, by buffer (`bufferKey`). */
  readonly #current = new Map<number, Half>();
  /** By kernel: operands, weights among them, that stream through buffers. */
  readonly #streamed: (readonly number[])[] = [];
  readonly #fills: Fill[] = [];
  readonly #stores: readonly Front[];
  readonly #storedBytes: Float64Array;
  #tenants: Tenant[] = [];

  constructor(program: Program, schedule: ScheduleProblem, pieceRead: PieceRead | null) {
    this.#pieceRead = pieceRead;
    this.#program = program;
    this.#schedule = schedule;
    this.#order = new ProgramOrder(program);
    this.#stores = schedule.tensors.map(() => this.#order.front());
    this.#storedBytes = Float64Array.from(schedule.tensors, ({ kind, bytes }) => (kind === 'input' ? bytes : 0));
  }

  /** @param buffers of the units, which are then not to be overfull either. */
  check(buffers: UnitBuffers | null): readonly Problem[] {
    this.#walk();
    this.#unused();
    if (this.#found.length > 0 || !buffers) return this.#found;
    return overfull(this.#program, this.#order, this.#fills, buffers);
  }

  withRoom(buffers: UnitBuffers): Program {
    this.#walk();
    return waitingForRoom(this.#program, this.#order, this.#fills, buffers);
  }

  #walk(): void {
    const { opcode, address, length } = this.#program;
    for (let i = 0; i < length && this.#found.length < 20; i++) {
      if (!this.#isKnown(i)) continue;
      if (opcode[i] === EXECUTE) this.#execute(i);
      else if (opcode[i] === STORE) this.#store(i);
      else if (address[i] === IN_BUFFER) this.#loadPiece(i);
      else this.#loadWhole(i);
    }
  }

  #fault(code: string, command: number, message: string): void {
    const name = OPCODES[this.#program.opcode[command]!] ?? 'unknown';
    this.#found.push(problem(`program.${code}`, `Command ${command} (${name}) ${message}`, { facts: { command } }));
  }

  /** Columns name what there is. */
  #isKnown(command: number): boolean {
    const { operator, tensor, opcode, bindings, unit, engines, address } = this.#program;
    const kernel = bindings[operator[command]!];
    const isTensor = tensor[command] === WEIGHTS ? opcode[command] !== STORE : this.#schedule.tensors[tensor[command]!];
    const usesBuffer = opcode[command] !== EXECUTE && address[command] === IN_BUFFER;
    if (kernel && isTensor && (!usesBuffer || engines[unit[command]!]?.kind === 'unit')) return true;
    this.#fault('unknown', command, 'names an operator, tensor or unit that is not there');
    return false;
  }

  #name(tensor: number): string {
    return tensor === WEIGHTS ? 'weights' : this.#schedule.tensors[tensor]!.name;
  }

  /** `command` must find all of `others` over. */
  #after(command: number, others: Front | readonly number[], why: string): void {
    const isEarly = (other: number) => other !== command && !this.#order.isOver(other, command);
    const early = others.find(isEarly);
    if (early !== undefined) this.#fault('order', command, `does not wait for command ${early}, ${why}`);
  }

  /** What lies at `from` of the tensor, begun now if it is new; what it overlaps ends. */
  #tenant(command: number, tensor: number, from: number, maker: number): Tenant {
    const known = this.#tenants.find((each) => each.tensor === tensor && each.from === from && each.maker === maker);
    // Loaded once more, it is overwritten by itself.
    const isAgain = known && maker === -1 && known.written >= known.to - known.from;
    if (known && !isAgain) return known;
    const to = from + this.#schedule.tensors[tensor]!.bytes;
    const overlaps = (each: Tenant) => each.from < to && from < each.to;
    const evicted = this.#tenants.filter(overlaps).map((each) => ({
      tenant: each,
      // The kernel itself reads what it overwrites, each tile its own part.
      users: [...each.writers.commands(), ...each.readers.commands()].filter((other) => other !== command),
    }));
    const fresh: Tenant = {
      tensor,
      from,
      to,
      writers: this.#order.front(),
      readers: this.#order.front(),
      written: 0,
      maker,
      evicted,
    };
    this.#tenants = [...this.#tenants.filter((each) => !overlaps(each)), fresh];
    return fresh;
  }

  /** A write of [from, to) waits for all who touched those bytes for another tensor. */
  #spaceFor(command: number, tenant: Tenant, from: number, to: number): void {
    for (const { tenant: before, users } of tenant.evicted)
      if (before.from < to && from < before.to)
        this.#after(command, users, `which uses ${this.#name(before.tensor)} in the same bytes`);
  }

  #loadWhole(command: number): void {
    const { tensor, bytes, address, offset } = this.#program;
    const id = tensor[command]!;
    if (id === WEIGHTS) {
      this.#fault('unknown', command, 'loads weights to an address');
      return;
    }
    const { shape, bytes: size } = this.#schedule.tensors[id]!;
    const elements = shape.reduce((total, extent) => total * extent, 1);
    const base = address[command]! - offset[command]! * (size / elements);
    const tenant = this.#tenant(command, id, base, -1);
    const [from, to] = [address[command]!, address[command]! + bytes[command]!];
    if (from < tenant.from || to > tenant.to) this.#fault('address', command, `writes outside ${this.#name(id)}`);
    this.#spaceFor(command, tenant, from, to);
    this.#offChip(command, id);
    tenant.writers.add(command);
    tenant.written += bytes[command]!;
  }

  /** A read from off chip waits for everything that was stored there. */
  #offChip(command: number, tensor: number): void {
    if (tensor === WEIGHTS) return;
    if (this.#storedBytes[tensor] !== this.#schedule.tensors[tensor]!.bytes)
      this.#fault('read-before-write', command, `reads ${this.#name(tensor)} before all of it is off chip`);
    this.#after(command, this.#stores[tensor]!, `which stores part of ${this.#name(tensor)}`);
  }

  /** A half filled anew, by `command` first. */
  #fill(command: number, unit: number, buffer: number | null, tile: number): Half {
    const { operator, slot } = this.#program;
    const fill: Half = {
      operator: operator[command]!,
      unit,
      buffer,
      slot: slot[command]!,
      piece: tile,
      tile,
      first: command,
      writers: this.#order.front(),
      users: this.#order.front(),
    };
    this.#halves.set(halfKey(bufferKey(unit, buffer), slot[command]!), fill);
    this.#fills.push(fill);
    return fill;
  }

  #loadPiece(command: number): void {
    const { operator, tensor, tile, unit, buffer, slot, bindings } = this.#program;
    const { operands } = bindings[operator[command]!]!;
    const number = buffer[command]!;
    const bound = number < operands.length ? operands[number]! : null;
    if (
      (bound?.tensor ?? WEIGHTS) !== tensor[command] ||
      (bound && bound.address !== IN_BUFFER) ||
      number > operands.length
    ) {
      this.#fault('binding', command, `loads ${this.#name(tensor[command]!)} where its kernel does not read it`);
      return;
    }
    const key = bufferKey(unit[command]!, number);
    const before = this.#halves.get(halfKey(key, slot[command]!));
    const isMore = before?.operator === operator[command] && before?.piece === tile[command] && before?.users.isEmpty;
    if (before && !isMore) {
      this.#after(command, before.users, 'which still reads that half of the buffer');
      this.#after(command, before.writers, 'which fills that half of the buffer');
    }
    const half = before && isMore ? before : this.#fill(command, unit[command]!, number, tile[command]!);
    half.writers.add(command);
    this.#current.set(key, half);
    this.#offChip(command, tensor[command]!);
  }

  #streams(kernel: number): readonly number[] {
    const known = this.#streamed[kernel];
    if (known) return known;
    const { operands } = this.#program.bindings[kernel]!;
    const weights = this.#schedule.ops[kernel]!.weightBytes > 0 ? [operands.length] : [];
    const streamed = operands.flatMap(({ tensor, address }, number) =>
      address === IN_BUFFER && this.#schedule.tensors[tensor]!.bytes > 0 ? [number] : [],
    );
    this.#streamed[kernel] = [...streamed, ...weights];
    return this.#streamed[kernel];
  }

  /** The half with the piece the tile reads, or else the one filled last. */
  #halfRead(command: number, buffer: number): Half | undefined {
    const { operator, engine } = this.#program;
    const key = bufferKey(engine[command]!, buffer);
    const current = this.#current.get(key);
    const piece = this.#pieceRead?.(command, buffer) ?? current?.piece;
    if (current?.piece === piece) return current;
    for (let slot = 0; slot < 2; slot++) {
      const half = this.#halves.get(halfKey(key, slot));
      if (half?.operator === operator[command] && half?.piece === piece) return half;
    }
    return current;
  }

  #execute(command: number): void {
    const { operator, engine, slot, tile, bindings } = this.#program;
    const kernel = operator[command]!;
    const { operands, results } = bindings[kernel]!;
    for (const number of this.#streams(kernel)) {
      const half = this.#halfRead(command, number);
      // Where an operand has fewer elements than there are tiles, some tiles read none of it.
      if (half?.operator !== kernel) continue;
      this.#after(command, half.writers, 'which fills the buffer it reads');
      half.users.add(command);
    }
    for (const { tensor, address } of operands) {
      if (address === IN_BUFFER) continue;
      const tenant = this.#lying(tensor, address, kernel);
      if (!tenant) this.#fault('read-before-write', command, `reads ${this.#name(tensor)}, which is not at ${address}`);
      else {
        if (tenant.written < tenant.to - tenant.from)
          this.#fault('read-before-write', command, `reads ${this.#name(tensor)} before all of it is written`);
        this.#after(command, tenant.writers, `which writes ${this.#name(tensor)}`);
        tenant.readers.add(command);
      }
    }
    for (const { tensor, address } of results) {
      if (address === IN_BUFFER) continue;
      const tenant = this.#tenant(command, tensor, address, kernel);
      this.#spaceFor(command, tenant, tenant.from, tenant.to);
      tenant.writers.add(command);
      // How much a tile writes is the mapping's; the kernel's tiles together write all.
      tenant.written = tenant.to - tenant.from;
    }
    const before = this.#halves.get(halfKey(bufferKey(engine[command]!, null), slot[command]!));
    const isMore = before?.operator === kernel && before?.users.isEmpty && before?.tile < tile[command]!;
    if (before && !isMore) this.#after(command, before.users, 'which stores what is in that half of the result buffer');
    const half = before && isMore ? before : this.#fill(command, engine[command]!, null, tile[command]!);
    half.tile = tile[command]!;
    half.writers.add(command);
  }

  /** An operand where the kernel reads it: there now, or taken by a result of the kernel itself. */
  #lying(tensor: number, address: number, kernel: number): Tenant | null {
    const lies = (each: Tenant) => each.tensor === tensor && each.from === address;
    const evicted = this.#tenants
      .filter(({ maker }) => maker === kernel)
      .flatMap((each) => each.evicted.map(({ tenant }) => tenant));
    return this.#tenants.find(lies) ?? evicted.find(lies) ?? null;
  }

  #store(command: number): void {
    const { operator, tensor, bytes, unit, buffer, slot, bindings } = this.#program;
    const id = tensor[command]!;
    if (bindings[operator[command]!]!.results[buffer[command]!]?.tensor !== id)
      this.#fault('binding', command, `stores ${this.#name(id)}, which its kernel does not make`);
    const half = this.#halves.get(halfKey(bufferKey(unit[command]!, null), slot[command]!));
    if (half && half.operator === operator[command]) {
      this.#after(command, half.writers, 'which computes what it stores');
      half.users.add(command);
    } else this.#fault('read-before-write', command, 'stores what is not in that half of the result buffer');
    this.#stores[id]!.add(command);
    this.#storedBytes[id]! += bytes[command]!;
  }

  /** Every result is read on chip by a later kernel or stored. */
  #unused(): void {
    const { bindings } = this.#program;
    const read = new Set(bindings.flatMap(({ operands }) => operands.map(({ tensor }) => tensor)));
    for (const { results } of bindings)
      for (const { tensor } of results)
        if (!read.has(tensor) && this.#storedBytes[tensor] === 0 && this.#schedule.tensors[tensor]!.bytes > 0)
          this.#found.push(
            problem('program.unused', `The result ${this.#name(tensor)} is neither stored nor read by another kernel`),
          );
  }
}

/** Of a unit's buffer; `buffer` null is that of results. Buffers are numbered in 16 bits. */
const bufferKey = (unit: number, buffer: number | null) => unit * 2 ** 17 + (buffer === null ? 0 : buffer + 1);
const halfKey = (buffer: number, slot: number) => buffer * 256 + slot;
