/** Loads and stores: between off-chip memory, the scratchpad and the units' tile buffers. */
import { type Piece, tileNumbers } from '#core/compile/pieces.ts';
import { IN_BUFFER, LOAD, type Program, WEIGHTS } from '#core/program/program.ts';
import { numberArray } from '#core/reference/values.ts';
import { type Kept, rowsOf } from './buffers.ts';
import type { Finish, Memories, PlayInputs } from './memories.ts';
import { rangesOf } from './product.ts';

export class Transfers {
  readonly #memories: Memories;
  readonly #inputs: PlayInputs;
  readonly #program: Program;
  /** By load of a piece: the load whose piece is spared in the half it overwrites. */
  readonly #spared: Int32Array;

  constructor(memories: Memories) {
    this.#memories = memories;
    this.#inputs = memories.inputs;
    this.#program = memories.inputs.program;
    this.#spared = sparedLoads(this.#program);
  }

  /** Off chip → scratchpad. */
  loadWhole(command: number): Finish | string {
    const { tensor, bytes, address, offset } = this.#program;
    const stored = this.#memories.stored[tensor[command]!];
    if (!stored) return 'it loads no tensor';
    const { elements, width } = stored;
    const from = offset[command]!;
    const to = from + bytes[command]! / width;
    if (!(Number.isInteger(to) && from >= 0 && to <= elements))
      return `it moves elements ${from} to ${to} of a tensor of ${elements}`;
    const place = this.#memories.scratchpad.claim(stored, address[command]! - from * width);
    if (!place) return 'it writes outside the scratchpad';
    const gap = this.#gapOffChip(stored.tensor, from, to);
    if (gap !== null) return gap;
    this.#memories.scratchpad.clobber(place, from, to);
    return () => {
      if (!place.isAlive) return `the place of ${this.#memories.name(stored.tensor)} was taken while it was loaded`;
      this.#memories.scratchpad.write(place, this.#memories.offChip.image(stored.tensor).values, from, to);
      this.#memories.bytesMoved += bytes[command]!;
      return null;
    };
  }

  /** Off chip → tile buffer. */
  loadPiece(command: number): Finish | string {
    const program = this.#program;
    const operator = program.operator[command]!;
    const tensor = program.tensor[command]!;
    const number = program.buffer[command]!;
    const index = program.tile[command]!;
    const pieces = this.#memories.piecesOf(operator, number);
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
    const buffer = this.#memories.operandBuffer(program.unit[command]!, number);
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
      this.#memories.bytesMoved += program.bytes[command]!;
      return null;
    };
  }

  /** The piece that an earlier load has brought or will have brought. */
  #keptFor(load: number): Kept | null {
    const { operator, buffer, tile } = this.#program;
    const pieces = this.#memories.piecesOf(operator[load]!, buffer[load]!);
    const index = tile[load]!;
    return pieces && index >= 0 && index < pieces.count
      ? { operator: operator[load]!, piece: pieces.piece(index) }
      : null;
  }

  /** Positions [from, to) of a piece, or what is missing of them. */
  #fromOffChip(operator: number, operand: number, piece: Piece, from: number, to: number) {
    const stored = this.#memories.operands(operator)[operand]!;
    const { values, writer } = this.#memories.offChip.image(stored.tensor);
    const element = this.#memories.elementOf(operator, operand);
    const { g, d } = piece.block ?? { g: [0, 1], d: [0, 1] };
    const data = numberArray(stored.elementType, rowsOf(piece) * (to - from));
    let at = 0;
    for (let group = g[0]; group < g[1]; group++)
      for (let depth = d[0]; depth < d[1]; depth++)
        for (let s = from; s < to; s++) {
          const index = element(group, depth, s);
          if (writer[index] === -1)
            return `it reads element ${index} of ${this.#memories.name(stored.tensor)} before it is stored`;
          data[at++] = values[index]!;
        }
    return data;
  }

  #gapOffChip(tensor: number, from: number, to: number): string | null {
    const { writer } = this.#memories.offChip.image(tensor);
    for (let i = from; i < to; i++)
      if (writer[i] === -1) return `it reads element ${i} of ${this.#memories.name(tensor)} before it is stored`;
    return null;
  }

  /** Result buffer → off chip. */
  store(command: number): Finish | string {
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
    const half = this.#memories.resultBuffer(program.unit[command]!).at(program.slot[command]!);
    const { counts } = this.#inputs.mapped[operator]!.mapping.loop;
    const isThere =
      half?.operator === operator &&
      half.isComplete &&
      pieces.indexOf(tileNumbers(counts).at(half.block * counts.k)) === index;
    if (!half || !isThere) return `piece ${index} of ${this.#memories.name(tensor)} is not in the result buffer`;
    if (!half.unstored.has(result)) return `piece ${index} of ${this.#memories.name(tensor)} is stored twice`;
    const { block } = half;
    return () => {
      half.unstored.delete(result);
      this.#memories.bytesMoved += program.bytes[command]!;
      const write = () => this.#writeBlock(operator, result, block, piece, command);
      if (this.#memories.results.has(operator)) write();
      else this.#memories.pendingStores[operator]!.push(write);
      return null;
    };
  }

  #writeBlock(operator: number, result: number, block: number, piece: Piece, command: number): void {
    const values = this.#memories.results.get(operator)![result]!;
    const { tensor } = this.#program.bindings[operator]!.results[result]!;
    const { gemm } = this.#inputs.pieces[operator]!;
    const { counts, tile } = this.#inputs.mapped[operator]!.mapping.loop;
    if (!gemm || !tile) {
      for (let i = piece.from; i < piece.to; i++) this.#memories.offChip.write(tensor, i, values[i]!, command);
      return;
    }
    const { g, m, n } = rangesOf(gemm.form, tile, tileNumbers(counts).at(block * counts.k));
    for (let group = g[0]; group < g[1]; group++)
      for (let row = m[0]; row < m[1]; row++)
        for (let column = n[0]; column < n[1]; column++) {
          const element = gemm.places.result(group, row, column);
          this.#memories.offChip.write(tensor, element, values[element]!, command);
        }
  }
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
