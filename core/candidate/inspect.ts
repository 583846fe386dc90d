/**
 * The buffers of one operator's commands, replayed row by row without numbers: every tile finds the pieces it reads, nothing is
 * overwritten before its last reader is done, by order alone; every tile is executed and every result stored exactly once.
 * Together with program/hazards.ts, which sees what lies outside of the operator.
 */
import { bytesOf, type KernelPieces, type Piece, type Pieces, tileNumbers } from '#core/compile/pieces.ts';
import type { TileCounts } from '#core/compile/unit-model.ts';
import { ProgramOrder } from '#core/program/order.ts';
import { EXECUTE, IN_BUFFER, LOAD, type Program } from '#core/program/program.ts';

export interface BufferFault {
  /** Row of the program; null where something is missing at the end. */
  readonly row: number | null;
  readonly message: string;
}

export interface InspectedOperator {
  readonly program: Program;
  readonly operator: number;
  readonly pieces: KernelPieces;
  readonly counts: TileCounts;
  /** By result: whether it is to be stored. */
  readonly isStored: readonly boolean[];
  /** Words for an operand's buffer (weights after the last operand) and for a result. */
  readonly nameOf: (buffer: number) => string;
  readonly resultName: (result: number) => string;
  /** Words for a row in messages: `line 12`. */
  readonly rowName: (row: number) => string;
}

/** Faults told at most. */
const MOST_FAULTS = 20;
/** Loads that bring parts of one block: more are not followed. */
const MOST_PARTS = 1024;

export function inspectBuffers(inspected: InspectedOperator): readonly BufferFault[] {
  return new Inspection(inspected).run();
}

/** Positions [from, to) of a piece as a load brought them, and the last tile that read them. */
interface Run {
  readonly from: number;
  readonly to: number;
  readonly row: number;
  reader: number;
}

interface Half {
  readonly index: number;
  readonly key: number;
  runs: Run[];
  /** What is left of the piece before it for the one in the other half. */
  readonly leftoverKey: number;
  leftover: Run[];
}

interface Sums {
  readonly block: number;
  nextK: number;
  computed: number;
  stored: number;
  readonly unstored: Set<number>;
}

class Inspection {
  readonly #in: InspectedOperator;
  readonly #order: ProgramOrder;
  readonly #faults: BufferFault[] = [];
  readonly #halves = new Map<string, (Half | null)[]>();
  readonly #lastLoad = new Map<string, Piece>();
  readonly #sums = new Map<string, Sums>();
  readonly #executed: Uint8Array;
  readonly #unread = new Map<number, string>();

  constructor(inspected: InspectedOperator) {
    this.#in = inspected;
    this.#order = new ProgramOrder(inspected.program);
    const { g, m, n, k } = inspected.counts;
    this.#executed = new Uint8Array(g * m * n * k);
  }

  run(): readonly BufferFault[] {
    const { program, operator } = this.#in;
    for (let row = 0; row < program.length && this.#faults.length < MOST_FAULTS; row++) {
      if (program.operator[row] !== operator) continue;
      if (program.opcode[row] === EXECUTE) this.#execute(row);
      else if (program.opcode[row] !== LOAD) this.#store(row);
      else if (program.address[row] === IN_BUFFER) this.#load(row);
    }
    if (this.#faults.length === 0) this.#end();
    return this.#faults;
  }

  #fault(row: number | null, message: string): void {
    this.#faults.push({ row, message });
  }

  #after(row: number, other: number, why: string): void {
    if (other !== row && !this.#order.isOver(other, row))
      this.#fault(row, `does not wait for ${this.#in.rowName(other)}, ${why}`);
  }

  #piecesOf(buffer: number): Pieces {
    const { operands, weights } = this.#in.pieces;
    return buffer === operands.length ? weights! : operands[buffer]!;
  }

  #load(row: number): void {
    const { program, nameOf } = this.#in;
    const buffer = program.buffer[row]!;
    const slot = program.slot[row]!;
    const index = program.tile[row]!;
    const piece = this.#piecesOf(buffer).piece(index);
    const from = program.offset[row]!;
    const to = from + program.bytes[row]! / piece.positionBytes;
    const key = `${program.unit[row]}/${buffer}`;
    const halves = this.#halves.get(key) ?? this.#halves.set(key, [null, null]).get(key)!;
    const old = halves[slot] ?? null;
    const gone: Run[] = [];
    const fresh: Run = { from, to, row, reader: -1 };
    if (old && old.index === index) {
      old.runs = [...split(old.runs, from, to, gone), fresh];
      if (old.runs.length > MOST_PARTS) {
        this.#fault(row, `brings a block of ${nameOf(buffer)} in more than ${MOST_PARTS} parts`);
        for (let rest = this.#faults.length; rest < MOST_FAULTS; rest++) this.#faults.push(this.#faults.at(-1)!);
      }
    } else {
      const kept = this.#lastLoad.get(`${key}/${1 - slot}`) ?? null;
      const spared: Run[] = [];
      for (const [runKey, runs] of old
        ? ([
            [old.key, old.runs],
            [old.leftoverKey, old.leftover],
          ] as const)
        : [])
        for (const run of runs) {
          const stays = kept !== null && kept.key === runKey && run.from < kept.to && kept.from < run.to;
          if (!stays) gone.push(run);
          else {
            const inside: Run[] = [];
            gone.push(...split([run], kept.from, kept.to, inside));
            spared.push(...inside);
          }
        }
      halves[slot] = { index, key: piece.key, runs: [fresh], leftoverKey: kept?.key ?? -1, leftover: spared };
    }
    for (const run of gone) {
      this.#after(row, run.row, `which fills that half of the buffer of ${nameOf(buffer)}`);
      if (run.reader >= 0) this.#after(row, run.reader, `which still reads what it overwrites of ${nameOf(buffer)}`);
    }
    this.#lastLoad.set(`${key}/${slot}`, piece);
    this.#unread.set(row, nameOf(buffer));
  }

  #execute(row: number): void {
    const { program, operator, pieces, counts } = this.#in;
    const tile = program.tile[row]!;
    const at = tileNumbers(counts).at(tile);
    if (this.#executed[tile]) this.#fault(row, `executes tile ${words(at)} a second time`);
    this.#executed[tile] = 1;
    const { operands } = program.bindings[operator]!;
    operands.forEach(({ address }, buffer) => {
      if (address === IN_BUFFER) this.#read(row, buffer, pieces.operands[buffer]!, at);
    });
    if (pieces.weights) this.#read(row, operands.length, pieces.weights, at);
    this.#accumulate(row, Math.floor(tile / counts.k), at.k);
  }

  #read(row: number, buffer: number, all: Pieces, at: TileCounts): void {
    const { program, nameOf } = this.#in;
    const piece = all.piece(all.indexOf(at));
    if (bytesOf(piece) === 0) return;
    const found: Run[] = [];
    for (const half of this.#halves.get(`${program.engine[row]}/${buffer}`) ?? []) {
      if (!half) continue;
      if (half.key === piece.key) half.runs = split(half.runs, piece.from, piece.to, found, true);
      if (half.leftoverKey === piece.key) half.leftover = split(half.leftover, piece.from, piece.to, found, true);
    }
    let reached = piece.from;
    for (const { from, to } of [...found].sort((a, b) => a.from - b.from))
      if (from <= reached) reached = Math.max(reached, to);
    if (reached < piece.to) {
      const what = piece.block ? `positions ${reached}:${piece.to} of ` : '';
      this.#fault(row, `reads ${what}${nameOf(buffer)} for tile ${words(at)}, which its buffer does not hold then`);
      return;
    }
    for (const run of found) {
      this.#after(row, run.row, `which fills the buffer of ${nameOf(buffer)} it reads`);
      run.reader = row;
      this.#unread.delete(run.row);
    }
  }

  #accumulate(row: number, block: number, k: number): void {
    const { program, counts, isStored, pieces, resultName } = this.#in;
    const key = `${program.engine[row]}/${program.slot[row]}`;
    const sums = this.#sums.get(key);
    if (k > 0) {
      if (sums?.block !== block || sums.nextK !== k)
        this.#fault(row, `adds k ${k} where the sums of the k before it are not`);
      else {
        sums.nextK++;
        sums.computed = row;
      }
      return;
    }
    if (sums && sums.unstored.size > 0) {
      const [result] = sums.unstored;
      this.#fault(row, `overwrites sums of ${resultName(result!)} that are not yet stored`);
    }
    if (sums && sums.stored >= 0) this.#after(row, sums.stored, 'which stores what is in that half');
    const at = tileNumbers(counts).at(block * counts.k);
    const unstored = isStored.flatMap((stored, result) => {
      const all = pieces.results[result]!;
      return stored && bytesOf(all.piece(all.indexOf(at))) > 0 ? [result] : [];
    });
    this.#sums.set(key, { block, nextK: 1, computed: row, stored: -1, unstored: new Set(unstored) });
  }

  #store(row: number): void {
    const { program, pieces, counts, resultName } = this.#in;
    const result = program.buffer[row]!;
    const sums = this.#sums.get(`${program.unit[row]}/${program.slot[row]}`);
    const all = pieces.results[result]!;
    const block = sums && all.indexOf(tileNumbers(counts).at(sums.block * counts.k));
    if (!sums || block !== program.tile[row] || sums.nextK !== counts.k) {
      this.#fault(row, `stores a block of ${resultName(result)} that is not, or not whole, in that half`);
      return;
    }
    if (!sums.unstored.delete(result)) this.#fault(row, `stores this block of ${resultName(result)} a second time`);
    this.#after(row, sums.computed, 'which computes what it stores');
    sums.stored = row;
  }

  #end(): void {
    const { counts, resultName } = this.#in;
    const missing = this.#executed.indexOf(0);
    if (missing !== -1) this.#fault(null, `tile ${words(tileNumbers(counts).at(missing))} is never executed`);
    for (const { block, unstored } of this.#sums.values())
      for (const result of unstored) {
        const { g, m, n } = tileNumbers(counts).at(block * counts.k);
        this.#fault(null, `block g ${g} m ${m} n ${n} of ${resultName(result)} is never stored`);
      }
    const [unread] = this.#unread;
    if (unread) this.#fault(unread[0], `loads a part of ${unread[1]} that no tile reads`);
  }
}

const words = ({ g, m, n, k }: TileCounts) => `g ${g} m ${m} n ${n} k ${k}`;

/** The runs outside of [from, to); what is inside goes to `inside`, or stays too where `keeps`. */
function split(runs: readonly Run[], from: number, to: number, inside: Run[], keeps = false): Run[] {
  const left: Run[] = [];
  for (const run of runs) {
    if (run.to <= from || to <= run.from) {
      left.push(run);
      continue;
    }
    if (run.from < from) left.push({ ...run, to: from });
    if (to < run.to) left.push({ ...run, from: to });
    const middle = { ...run, from: Math.max(from, run.from), to: Math.min(to, run.to) };
    inside.push(middle);
    if (keeps) left.push(middle);
  }
  return left;
}
