/**
 * Plays a program on numbers: a scratchpad of bytes, tile buffers, off-chip memory. A command reads when it starts and
 * writes when it finishes; what it is about to overwrite is unknown in between, and what it has read must still be
 * there when it finishes. Played by the times of a simulation, a missing dependency shows as soon as two commands meet.
 */
import { type Control, uncontrolled } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import type { KernelBodies } from '#core/compile/kernel-body.ts';
import type { KernelGraph } from '#core/compile/kernel-graph.ts';
import type { MappedOperator } from '#core/compile/map.ts';
import { type KernelPieces, type Piece, type Pieces, tileNumbers } from '#core/compile/pieces.ts';
import { EXECUTE, IN_BUFFER, LOAD, OPCODES, type Program, STORE, WEIGHTS } from '#core/program/program.ts';
import { type NumberArray, numberArray, type ValueSource } from '#core/reference/values.ts';
import type { ScheduleProblem } from '#core/schedule/problem.ts';
import type { Timing } from '../simulator.ts';
import { gathered, type Kept, OperandBuffer, ResultBuffer, rowsOf } from './buffers.ts';
import { asStored, KernelRun } from './kernel-run.ts';
import { OffChip } from './off-chip.ts';
import { type FactorBlock, rangesOf } from './product.ts';
import { Scratchpad, type Stored, type Tenancy } from './scratchpad.ts';

export interface PlayInputs {
  readonly graph: KernelGraph;
  readonly bodies: KernelBodies;
  readonly mapped: readonly Pick<MappedOperator, 'mapping'>[];
  readonly pieces: readonly KernelPieces[];
  readonly problem: ScheduleProblem;
  readonly program: Program;
  /** Scratchpad capacity, bytes. */
  readonly capacity: number;
  readonly source: ValueSource;
  readonly control?: Control;
}

export interface Played {
  /** Why it stopped before its end, with the command in `facts.command`; null when every command was played. */
  readonly fault: Problem | null;
  readonly offChip: OffChip;
  readonly commands: number;
  readonly bytesMoved: number;
}

/** `timing` null plays the rows one after the other. */
export function play(inputs: PlayInputs, timing: Timing | null): Played {
  return new Play(inputs, timing).run();
}

/** What is left to do when a command finishes; a text says what is wrong. */
type Finish = () => string | null;

class Play {
  readonly #inputs: PlayInputs;
  readonly #timing: Timing | null;
  readonly #program: Program;
  readonly #stored: readonly Stored[];
  readonly #scratchpad: Scratchpad;
  readonly #offChip: OffChip;
  /** Kernels under way, and what finished ones have made that is still to be stored. */
  readonly #runs = new Map<number, KernelRun>();
  readonly #results = new Map<number, readonly NumberArray[]>();
  readonly #executed: readonly Uint8Array[];
  readonly #tilesLeft: number[];
  readonly #operandBuffers = new Map<string, OperandBuffer>();
  readonly #resultBuffers = new Map<number, ResultBuffer>();
  /** By load of a piece: the load whose piece is spared in the half it overwrites. */
  readonly #spared: Int32Array;
  /** Results of each operator that some command stores. */
  readonly #storedResults: readonly Set<number>[];
  readonly #pendingStores: (() => void)[][];
  readonly #finishes: (Finish | undefined)[];
  #bytesMoved = 0;

  constructor(inputs: PlayInputs, timing: Timing | null) {
    const { problem: schedule, graph, program, bodies, source } = inputs;
    this.#inputs = inputs;
    this.#timing = timing;
    this.#program = program;
    this.#stored = graph.tensors.map(({ id, elements, elementType }) => ({
      tensor: id,
      elements,
      elementType,
      width: elements === 0 ? 0 : schedule.tensors[id]!.bytes / elements,
    }));
    const scale = this.#stored.reduce(
      (most, { elementType, width }) =>
        width === 0 ? most : Math.max(most, Math.ceil(numberArray(elementType, 0).BYTES_PER_ELEMENT / width)),
      1,
    );
    this.#scratchpad = new Scratchpad(inputs.capacity, scale);
    this.#offChip = new OffChip(this.#stored);
    bodies.model.tensors.forEach((tensor) => {
      const id = bodies.kernelTensor[tensor.index]!;
      if (tensor.kind === 'input' && id !== -1)
        this.#offChip.give(id, asStored(source.tensor(tensor.index), bodies.place[tensor.index]!));
    });
    const counts = inputs.mapped.map(({ mapping }) => {
      const { g, m, n, k } = mapping.loop.counts;
      return g * m * n * k;
    });
    this.#executed = counts.map((count) => new Uint8Array(count));
    this.#tilesLeft = counts;
    this.#storedResults = graph.operators.map(() => new Set());
    this.#pendingStores = graph.operators.map(() => []);
    this.#finishes = new Array<Finish | undefined>(program.length);
    this.#spared = sparedLoads(program);
    for (let i = 0; i < program.length; i++)
      if (program.opcode[i] === STORE) this.#storedResults[program.operator[i]!]?.add(program.buffer[i]!);
  }

  run(): Played {
    const { length } = this.#program;
    const control = this.#inputs.control ?? uncontrolled;
    const order = this.#timing ? eventsInTime(length, this.#timing) : null;
    let fault: Problem | null = null;
    for (let at = 0; at < 2 * length && !fault; at++) {
      const event = order ? order[at]! : at;
      if ((at & 1023) === 0) {
        if (control.cancelled()) fault = problem('run.cancelled', 'Playing the program was stopped');
        control.report({ phase: 'verify', fraction: at / (2 * length), message: `Command ${event >> 1} of ${length}` });
      }
      const message = event & 1 ? this.#finish(event >> 1) : this.#start(event >> 1);
      if (message !== null) fault = this.#fault(event >> 1, message);
    }
    const left = this.#tilesLeft.findIndex((count) => count > 0);
    if (!fault && left !== -1)
      fault = problem(
        'functional.not-executed',
        `${this.#tilesLeft[left]} tiles of ${this.#inputs.graph.operators[left]!.name} are never executed`,
      );
    return { fault, offChip: this.#offChip, commands: length, bytesMoved: this.#bytesMoved };
  }

  #fault(command: number, message: string): Problem {
    const operator = this.#program.operator[command]!;
    const name = this.#inputs.graph.operators[operator]?.name ?? 'no operator';
    return problem(
      'functional.fault',
      `Command ${command} (${OPCODES[this.#program.opcode[command]!] ?? 'unknown'}, ${name}): ${message}`,
      { facts: { command } },
    );
  }

  #start(command: number): string | null {
    const made = this.#begin(command);
    if (typeof made === 'string') return made;
    this.#finishes[command] = made;
    return null;
  }

  #finish(command: number): string | null {
    const finish = this.#finishes[command];
    this.#finishes[command] = undefined;
    return finish ? finish() : 'it finishes before it starts';
  }

  #begin(command: number): Finish | string {
    const { opcode, operator, address } = this.#program;
    if (!this.#inputs.graph.operators[operator[command]!]) return 'there is no such operator';
    switch (opcode[command]) {
      case LOAD:
        return address[command] === IN_BUFFER ? this.#loadPiece(command) : this.#loadWhole(command);
      case STORE:
        return this.#store(command);
      case EXECUTE:
        return this.#execute(command);
      default:
        return 'there is no such command';
    }
  }

  /** Off chip → scratchpad. */
  #loadWhole(command: number): Finish | string {
    const { tensor, bytes, address, offset } = this.#program;
    const stored = this.#stored[tensor[command]!];
    if (!stored) return 'it loads no tensor';
    const { elements, width } = stored;
    const from = offset[command]!;
    const to = from + bytes[command]! / width;
    if (!(Number.isInteger(to) && from >= 0 && to <= elements))
      return `it moves elements ${from} to ${to} of a tensor of ${elements}`;
    const place = this.#scratchpad.claim(stored, address[command]! - from * width);
    if (!place) return 'it writes outside the scratchpad';
    const gap = this.#gapOffChip(stored.tensor, from, to);
    if (gap !== null) return gap;
    this.#scratchpad.clobber(place, from, to);
    return () => {
      if (!place.isAlive) return `the place of ${this.#name(stored.tensor)} was taken while it was loaded`;
      this.#scratchpad.write(place, this.#offChip.image(stored.tensor).values, from, to);
      this.#bytesMoved += bytes[command]!;
      return null;
    };
  }

  /** Off chip → tile buffer. */
  #loadPiece(command: number): Finish | string {
    const program = this.#program;
    const operator = program.operator[command]!;
    const tensor = program.tensor[command]!;
    const number = program.buffer[command]!;
    const index = program.tile[command]!;
    const pieces = this.#piecesOf(operator, number);
    const binding = program.bindings[operator]!;
    const bound = number < binding.operands.length ? binding.operands[number]!.tensor : WEIGHTS;
    if (!pieces || bound !== tensor) return 'it loads what its kernel does not read there';
    if (!(index >= 0 && index < pieces.count)) return `there is no piece ${index}`;
    const unit = program.engines[program.unit[command]!];
    if (unit?.kind !== 'unit') return 'it loads into no unit';
    const piece = pieces.piece(index);
    const from = program.offset[command]!;
    const to = from + program.bytes[command]! / piece.positionBytes;
    if (!(Number.isInteger(to) && from >= piece.from && to <= piece.to && from < to))
      return `it moves positions ${from} to ${to} of a piece from ${piece.from} to ${piece.to}`;
    const data = tensor === WEIGHTS ? new Uint8Array(0) : this.#fromOffChip(operator, number, piece, from, to);
    if (typeof data === 'string') return data;
    const spared = this.#spared[command]!;
    const buffer = this.#operandBuffer(program.unit[command]!, number);
    const run = buffer.begin(
      program.slot[command]!,
      { operator, index, piece },
      [from, to],
      data,
      spared === -1 ? null : this.#keptFor(spared),
    );
    return () => {
      if (!buffer.finish(program.slot[command]!, run))
        return 'its half of the buffer was overwritten while it was loaded';
      this.#bytesMoved += program.bytes[command]!;
      return null;
    };
  }

  /** The piece that an earlier load has brought or will have brought. */
  #keptFor(load: number): Kept | null {
    const { operator, buffer, tile } = this.#program;
    const pieces = this.#piecesOf(operator[load]!, buffer[load]!);
    const index = tile[load]!;
    return pieces && index >= 0 && index < pieces.count
      ? { operator: operator[load]!, piece: pieces.piece(index) }
      : null;
  }

  /** Positions [from, to) of a piece, or what is missing of them. */
  #fromOffChip(operator: number, operand: number, piece: Piece, from: number, to: number) {
    const stored = this.#operands(operator)[operand]!;
    const { values, writer } = this.#offChip.image(stored.tensor);
    const element = this.#elementOf(operator, operand);
    const { g, d } = piece.block ?? { g: [0, 1], d: [0, 1] };
    const data = numberArray(stored.elementType, rowsOf(piece) * (to - from));
    let at = 0;
    for (let group = g[0]; group < g[1]; group++)
      for (let depth = d[0]; depth < d[1]; depth++)
        for (let s = from; s < to; s++) {
          const index = element(group, depth, s);
          if (writer[index] === -1)
            return `it reads element ${index} of ${this.#name(stored.tensor)} before it is stored`;
          data[at++] = values[index]!;
        }
    return data;
  }

  /** Where a position of an operand's pieces is in the tensor. */
  #elementOf(operator: number, operand: number): (g: number, d: number, s: number) => number {
    const { gemm } = this.#inputs.pieces[operator]!;
    if (gemm?.roles.a === operand) return gemm.places.a;
    if (gemm?.roles.b === operand) return gemm.places.b;
    return (_g, _d, s) => s;
  }

  #gapOffChip(tensor: number, from: number, to: number): string | null {
    const { writer } = this.#offChip.image(tensor);
    for (let i = from; i < to; i++)
      if (writer[i] === -1) return `it reads element ${i} of ${this.#name(tensor)} before it is stored`;
    return null;
  }

  #execute(command: number): Finish | string {
    const program = this.#program;
    const operator = program.operator[command]!;
    const unit = program.engine[command]!;
    const { mapping } = this.#inputs.mapped[operator]!;
    const { counts, tile: extents } = mapping.loop;
    const number = program.tile[command]!;
    const executed = this.#executed[operator]!;
    if (!(number >= 0 && number < executed.length)) return `there is no tile ${number}`;
    if (executed[number]) return `tile ${number} is executed twice`;
    executed[number] = 1;
    const at = tileNumbers(counts).at(number);
    const half = this.#accumulator(unit, program.slot[command]!, operator, Math.floor(number / counts.k), at.k);
    if (typeof half === 'string') return half;
    const run = this.#runs.get(operator) ?? this.#beginKernel(operator);
    if (typeof run === 'string') return run;

    // Every operand is looked at again at the end: what was read must have stayed.
    const stays: Finish[] = [];
    const { gemm, operands, weights } = this.#inputs.pieces[operator]!;
    const blocks = new Map<number, FactorBlock>();
    for (const [operand, pieces] of operands.entries()) {
      const piece = pieces.piece(pieces.indexOf(at));
      const read = this.#operand(operator, operand, unit, piece, stays);
      if (typeof read === 'string') return read;
      run.stage(operand, piece, read);
      if (gemm?.roles.a === operand) blocks.set(operand, { ...piece.block!, s: [piece.from, piece.to], data: read });
      if (gemm?.roles.b === operand) blocks.set(operand, run.secondFactor(piece, read));
    }
    if (weights) {
      const piece = weights.piece(weights.indexOf(at));
      const buffer = this.#operandBuffer(unit, operands.length);
      const holds = () =>
        piece.to * piece.positionBytes === piece.from * piece.positionBytes || buffer.holding(operator, piece)
          ? null
          : `piece ${weights.indexOf(at)} of its weights is not in the buffer`;
      const missing = holds();
      if (missing !== null) return missing;
      stays.push(holds);
    }
    if (gemm && extents) run.multiply(at, blocks.get(gemm.roles.a)!, blocks.get(gemm.roles.b) ?? null);
    return () => {
      for (const stay of stays) {
        const gone = stay();
        if (gone !== null) return gone;
      }
      half.isBusy = false;
      half.nextK++;
      half.isComplete = half.nextK === counts.k;
      this.#tilesLeft[operator]!--;
      return this.#tilesLeft[operator] === 0 ? this.#endKernel(operator, run) : null;
    };
  }

  /** The half of the result buffer that the tile accumulates in. */
  #accumulator(unit: number, slot: number, operator: number, block: number, k: number) {
    let buffer = this.#resultBuffers.get(unit);
    if (!buffer) {
      buffer = new ResultBuffer();
      this.#resultBuffers.set(unit, buffer);
    }
    const half = buffer.at(slot);
    if (k > 0) {
      if (half?.operator !== operator || half.block !== block || half.nextK !== k || half.isBusy)
        return `k tile ${k} comes where the sums of the tiles before it are not`;
      half.isBusy = true;
      return half;
    }
    if (half && half.unstored.size > 0) return 'it overwrites a result that is not yet stored';
    const fresh = {
      operator,
      block,
      nextK: 0,
      isBusy: true,
      isComplete: false,
      unstored: new Set(this.#storedBlocks(operator, block)),
    };
    buffer.put(slot, fresh);
    return fresh;
  }

  /** Results of which a block has bytes to store. */
  #storedBlocks(operator: number, block: number): readonly number[] {
    const { counts } = this.#inputs.mapped[operator]!.mapping.loop;
    const at = tileNumbers(counts).at(block * counts.k);
    return [...this.#storedResults[operator]!].filter((result) => {
      const pieces = this.#inputs.pieces[operator]!.results[result];
      if (!pieces) return false;
      const { from, to, positionBytes } = pieces.piece(pieces.indexOf(at));
      return (to - from) * positionBytes > 0;
    });
  }

  /** First tile: what lies where results will is read now; then their places are taken. */
  #beginKernel(operator: number): KernelRun | string {
    const { bodies, pieces, mapped, source } = this.#inputs;
    const run = new KernelRun({
      operator,
      bodies,
      pieces: pieces[operator]!,
      tile: mapped[operator]!.mapping.loop.tile,
      operands: this.#operands(operator),
      source,
    });
    this.#runs.set(operator, run);
    const { operands, results } = this.#program.bindings[operator]!;
    const places = results.filter(({ address }) => address >= 0);
    for (const [index, { tensor, address }] of operands.entries()) {
      const stored = this.#stored[tensor]!;
      const isShared =
        address >= 0 &&
        places.some((result) => {
          const { elements, width } = this.#stored[result.tensor]!;
          return Scratchpad.overlaps(stored, address, result.address, result.address + elements * width);
        });
      if (!isShared) continue;
      const tenancy = this.#scratchpad.find(tensor, address);
      if (!tenancy || tenancy.written.includes(0)) return this.#notThere(tensor, address);
      this.#snapshots.set(`${operator}/${index}`, Float64Array.from(this.#scratchpad.read(tenancy)));
    }
    for (const { tensor, address } of places) {
      const tenancy = this.#scratchpad.claim(this.#stored[tensor]!, address);
      if (!tenancy) return `its result ${this.#name(tensor)} does not fit the scratchpad at ${address}`;
      this.#scratchpad.clobber(tenancy, 0, tenancy.stored.elements);
    }
    return run;
  }

  /** Operands that results overwrite, as they were at the kernel's first tile. */
  readonly #snapshots = new Map<string, Float64Array>();

  /** A piece of an operand, rows × positions, or what is wrong. */
  #operand(operator: number, operand: number, unit: number, piece: Piece, stays: Finish[]): Float64Array | string {
    const { tensor, address } = this.#program.bindings[operator]!.operands[operand]!;
    const into = new Float64Array(rowsOf(piece) * (piece.to - piece.from));
    if (address === IN_BUFFER) {
      const buffer = this.#operandBuffer(unit, operand);
      const isEmpty = into.length === 0;
      const runs = isEmpty ? [] : buffer.holding(operator, piece);
      const text = `its piece of ${this.#name(tensor)} (positions ${piece.from} to ${piece.to}) is not in the buffer`;
      if (!runs) return text;
      stays.push(() => (isEmpty || buffer.holding(operator, piece) ? null : text));
      return gathered(runs, piece, into);
    }
    const snapshot = this.#snapshots.get(`${operator}/${operand}`);
    const tenancy = snapshot ? null : this.#scratchpad.find(tensor, address);
    if (!snapshot && !tenancy) return this.#notThere(tensor, address);
    const values = snapshot ?? this.#scratchpad.read(tenancy!);
    const element = this.#elementOf(operator, operand);
    const { g, d } = piece.block ?? { g: [0, 1], d: [0, 1] };
    let at = 0;
    for (let group = g[0]; group < g[1]; group++)
      for (let depth = d[0]; depth < d[1]; depth++)
        for (let s = piece.from; s < piece.to; s++) {
          const index = element(group, depth, s);
          if (tenancy && !tenancy.written[index])
            return `it reads element ${index} of ${this.#name(tensor)} at ${address} before it is written`;
          into[at++] = values[index]!;
        }
    if (tenancy) {
      const { stamp } = tenancy;
      stays.push(() =>
        tenancy.isAlive && tenancy.stamp === stamp ? null : `${this.#name(tensor)} was overwritten while it was read`,
      );
    }
    return into;
  }

  #notThere(tensor: number, address: number): string {
    return `${this.#name(tensor)} is not at ${address}`;
  }

  /** Last tile: the results are there. */
  #endKernel(operator: number, run: KernelRun): string | null {
    const made = run.finish();
    if (!made.ok) return made.error.message;
    const { results } = this.#program.bindings[operator]!;
    for (const [index, { tensor, address }] of results.entries()) {
      const tenancy: Tenancy | null = address >= 0 ? this.#scratchpad.find(tensor, address) : null;
      if (tenancy) this.#scratchpad.write(tenancy, made.value[index]!, 0, tenancy.stored.elements);
      else if (address >= 0) return `the place of its result ${this.#name(tensor)} was taken before it was written`;
    }
    if (this.#storedResults[operator]!.size > 0) this.#results.set(operator, made.value);
    for (const store of this.#pendingStores[operator]!) store();
    this.#pendingStores[operator] = [];
    this.#runs.delete(operator);
    for (const index of this.#operands(operator).keys()) this.#snapshots.delete(`${operator}/${index}`);
    return null;
  }

  /** Result buffer → off chip. */
  #store(command: number): Finish | string {
    const program = this.#program;
    const operator = program.operator[command]!;
    const result = program.buffer[command]!;
    const tensor = program.tensor[command]!;
    const index = program.tile[command]!;
    const pieces = this.#inputs.pieces[operator]!.results[result];
    if (!pieces || program.bindings[operator]!.results[result]?.tensor !== tensor)
      return 'it stores what its kernel does not make';
    if (program.address[command] !== IN_BUFFER) return 'results are stored from the result buffer, not the scratchpad';
    if (!(index >= 0 && index < pieces.count)) return `there is no piece ${index}`;
    const piece = pieces.piece(index);
    if (
      program.offset[command] !== piece.from ||
      program.bytes[command] !== (piece.to - piece.from) * piece.positionBytes
    )
      return `it moves ${program.bytes[command]} bytes of a piece of ${(piece.to - piece.from) * piece.positionBytes}`;
    const half = this.#resultBuffers.get(program.unit[command]!)?.at(program.slot[command]!);
    const { counts } = this.#inputs.mapped[operator]!.mapping.loop;
    const isThere =
      half?.operator === operator &&
      half.isComplete &&
      pieces.indexOf(tileNumbers(counts).at(half.block * counts.k)) === index;
    if (!half || !isThere) return `piece ${index} of ${this.#name(tensor)} is not in the result buffer`;
    if (!half.unstored.has(result)) return `piece ${index} of ${this.#name(tensor)} is stored twice`;
    const { block } = half;
    return () => {
      half.unstored.delete(result);
      this.#bytesMoved += program.bytes[command]!;
      const write = () => this.#writeBlock(operator, result, block, piece, command);
      if (this.#results.has(operator)) write();
      else this.#pendingStores[operator]!.push(write);
      return null;
    };
  }

  #writeBlock(operator: number, result: number, block: number, piece: Piece, command: number): void {
    const values = this.#results.get(operator)![result]!;
    const { tensor } = this.#program.bindings[operator]!.results[result]!;
    const { gemm } = this.#inputs.pieces[operator]!;
    const { counts, tile } = this.#inputs.mapped[operator]!.mapping.loop;
    if (!gemm || !tile) {
      for (let i = piece.from; i < piece.to; i++) this.#offChip.write(tensor, i, values[i]!, command);
      return;
    }
    const { g, m, n } = rangesOf(gemm.form, tile, tileNumbers(counts).at(block * counts.k));
    for (let group = g[0]; group < g[1]; group++)
      for (let row = m[0]; row < m[1]; row++)
        for (let column = n[0]; column < n[1]; column++) {
          const element = gemm.places.result(group, row, column);
          this.#offChip.write(tensor, element, values[element]!, command);
        }
  }

  #piecesOf(operator: number, buffer: number): Pieces | null {
    const { operands, weights } = this.#inputs.pieces[operator]!;
    return buffer === operands.length ? weights : (operands[buffer] ?? null);
  }

  #operands(operator: number): readonly Stored[] {
    return this.#program.bindings[operator]!.operands.map(({ tensor }) => this.#stored[tensor]!);
  }

  #operandBuffer(unit: number, buffer: number): OperandBuffer {
    const key = `${unit}/${buffer}`;
    let found = this.#operandBuffers.get(key);
    if (!found) {
      found = new OperandBuffer();
      this.#operandBuffers.set(key, found);
    }
    return found;
  }

  #name(tensor: number): string {
    return this.#inputs.graph.tensors[tensor]?.name ?? `tensor ${tensor}`;
  }
}

/** Starts (2·command) and finishes (2·command + 1) by time; at one time what finishes comes first, then rows in order. */
function eventsInTime(length: number, timing: Timing): Uint32Array {
  const times = new Float64Array(2 * length);
  for (let i = 0; i < length; i++) {
    times[2 * i] = timing.start[i]!;
    times[2 * i + 1] = timing.finish[i]!;
  }
  const order = Uint32Array.from(times, (_, event) => event);
  return order.sort((a, b) => times[a]! - times[b]! || (b & 1) - (a & 1) || a - b);
}

/** For each load of a piece, the load before it in row order into the other half of its buffer; −1 for none. */
function sparedLoads(program: Program): Int32Array {
  const spared = new Int32Array(program.length).fill(-1);
  const last = new Map<string, number>();
  for (let i = 0; i < program.length; i++) {
    if (program.opcode[i] !== LOAD || program.address[i] !== IN_BUFFER) continue;
    const key = `${program.unit[i]}/${program.buffer[i]}/`;
    spared[i] = last.get(`${key}${program.slot[i] === 0 ? 1 : 0}`) ?? -1;
    last.set(`${key}${program.slot[i]}`, i);
  }
  return spared;
}
