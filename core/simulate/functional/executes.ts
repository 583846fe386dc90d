/**
 * Executes: a kernel begins with the first of its tiles, each tile takes its operands from buffers and scratchpad and
 * accumulates in a half of its unit's result buffer, and with the last tile the kernel's results are there.
 */
import { type Piece, tileNumbers } from '#core/compile/pieces.ts';
import { IN_BUFFER, type Program } from '#core/program/program.ts';
import { gathered, rowsOf } from './buffers.ts';
import { KernelRun } from './kernel-run.ts';
import type { Finish, Memories, PlayInputs } from './memories.ts';
import type { FactorBlock } from './product.ts';
import { Scratchpad, type Tenancy } from './scratchpad.ts';

export class Executes {
  readonly #memories: Memories;
  readonly #inputs: PlayInputs;
  readonly #program: Program;
  /** Kernels under way. */
  readonly #runs = new Map<number, KernelRun>();
  /** Operands that results overwrite, as they were at the kernel's first tile. */
  readonly #snapshots = new Map<string, Float64Array>();
  readonly #executed: readonly Uint8Array[];
  readonly #tilesLeft: number[];

  constructor(memories: Memories) {
    this.#memories = memories;
    this.#inputs = memories.inputs;
    this.#program = memories.inputs.program;
    const counts = this.#inputs.mapped.map(({ mapping }) => {
      const { g, m, n, k } = mapping.loop.counts;
      return g * m * n * k;
    });
    this.#executed = counts.map((count) => new Uint8Array(count));
    this.#tilesLeft = counts;
  }

  /** An operator with tiles that were never executed, and how many; null when there is none. */
  unfinished(): { readonly operator: number; readonly tiles: number } | null {
    const operator = this.#tilesLeft.findIndex((count) => count > 0);
    return operator === -1 ? null : { operator, tiles: this.#tilesLeft[operator]! };
  }

  execute(command: number): Finish | string {
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
      const buffer = this.#memories.operandBuffer(unit, operands.length);
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
    const buffer = this.#memories.resultBuffer(unit);
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
    return [...this.#memories.storedResults[operator]!].filter((result) => {
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
      operands: this.#memories.operands(operator),
      source,
    });
    this.#runs.set(operator, run);
    const { operands, results } = this.#program.bindings[operator]!;
    const places = results.filter(({ address }) => address >= 0);
    for (const [index, { tensor, address }] of operands.entries()) {
      const stored = this.#memories.stored[tensor]!;
      const isShared =
        address >= 0 &&
        places.some((result) => {
          const { elements, width } = this.#memories.stored[result.tensor]!;
          return Scratchpad.overlaps(stored, address, result.address, result.address + elements * width);
        });
      if (!isShared) continue;
      const tenancy = this.#memories.scratchpad.find(tensor, address);
      if (!tenancy || tenancy.written.includes(0)) return this.#notThere(tensor, address);
      this.#snapshots.set(`${operator}/${index}`, Float64Array.from(this.#memories.scratchpad.read(tenancy)));
    }
    for (const { tensor, address } of places) {
      const tenancy = this.#memories.scratchpad.claim(this.#memories.stored[tensor]!, address);
      if (!tenancy) return `its result ${this.#memories.name(tensor)} does not fit the scratchpad at ${address}`;
      this.#memories.scratchpad.clobber(tenancy, 0, tenancy.stored.elements);
    }
    return run;
  }

  /** A piece of an operand, rows × positions, or what is wrong. */
  #operand(operator: number, operand: number, unit: number, piece: Piece, stays: Finish[]): Float64Array | string {
    const { tensor, address } = this.#program.bindings[operator]!.operands[operand]!;
    const into = new Float64Array(rowsOf(piece) * (piece.to - piece.from));
    if (address === IN_BUFFER) {
      const buffer = this.#memories.operandBuffer(unit, operand);
      const isEmpty = into.length === 0;
      const runs = isEmpty ? [] : buffer.holding(operator, piece);
      const text = `its piece of ${this.#memories.name(tensor)} (positions ${piece.from} to ${piece.to}) is not in the buffer`;
      if (!runs) return text;
      stays.push(() => (isEmpty || buffer.holding(operator, piece) ? null : text));
      return gathered(runs, piece, into);
    }
    const snapshot = this.#snapshots.get(`${operator}/${operand}`);
    const tenancy = snapshot ? null : this.#memories.scratchpad.find(tensor, address);
    if (!snapshot && !tenancy) return this.#notThere(tensor, address);
    const values = snapshot ?? this.#memories.scratchpad.read(tenancy!);
    const element = this.#memories.elementOf(operator, operand);
    const { g, d } = piece.block ?? { g: [0, 1], d: [0, 1] };
    let at = 0;
    for (let group = g[0]; group < g[1]; group++)
      for (let depth = d[0]; depth < d[1]; depth++)
        for (let s = piece.from; s < piece.to; s++) {
          const index = element(group, depth, s);
          if (tenancy && !tenancy.written[index])
            return `it reads element ${index} of ${this.#memories.name(tensor)} at ${address} before it is written`;
          into[at++] = values[index]!;
        }
    if (tenancy) {
      const { stamp } = tenancy;
      stays.push(() =>
        tenancy.isAlive && tenancy.stamp === stamp
          ? null
          : `${this.#memories.name(tensor)} was overwritten while it was read`,
      );
    }
    return into;
  }

  #notThere(tensor: number, address: number): string {
    return `${this.#memories.name(tensor)} is not at ${address}`;
  }

  /** Last tile: the results are there. */
  #endKernel(operator: number, run: KernelRun): string | null {
    const made = run.finish();
    if (!made.ok) return made.error.message;
    const { results } = this.#program.bindings[operator]!;
    for (const [index, { tensor, address }] of results.entries()) {
      const tenancy: Tenancy | null = address >= 0 ? this.#memories.scratchpad.find(tensor, address) : null;
      if (tenancy) this.#memories.scratchpad.write(tenancy, made.value[index]!, 0, tenancy.stored.elements);
      else if (address >= 0)
        return `the place of its result ${this.#memories.name(tensor)} was taken before it was written`;
    }
    if (this.#memories.storedResults[operator]!.size > 0) this.#memories.results.set(operator, made.value);
    for (const store of this.#memories.pendingStores[operator]!) store();
    this.#memories.pendingStores[operator] = [];
    this.#runs.delete(operator);
    for (const index of this.#memories.operands(operator).keys()) this.#snapshots.delete(`${operator}/${index}`);
    return null;
  }
}
