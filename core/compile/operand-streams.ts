/**
 * The operands of an operator as its tiles need them: those off chip streamed piece by piece into the unit's two-slot buffers,
 * resident ones loaded whole where their interval begins.
 */
import type { ProgramBuilder } from '#core/program/builder.ts';
import { COMPULSORY, LOAD, REFETCH, SPILL, WEIGHTS } from '#core/program/program.ts';
import type { ScheduleAnswer, ScheduleProblem } from '#core/schedule/problem.ts';
import { bytesOf, type KernelPieces, missing, type Piece, type Pieces } from './pieces.ts';
import { other, type Queues, queueOf } from './queues.ts';
import type { OperandPlace, StepPlaces } from './residency-plan.ts';
import type { Tenant, Tenants } from './tenants.ts';
import type { TileCounts } from './unit-model.ts';

/** Whole-tensor loads are cut into commands of about this many bytes. */
const WHOLE_LOAD_BYTES = 65_536;

/** A piece in a half of a unit's buffer, and the commands that brought it. */
interface Held {
  readonly piece: Piece;
  readonly slot: 0 | 1;
  readonly commands: readonly number[];
}

/** One operand of the operator at hand as its tiles stream: which piece each unit holds, what has been fetched once. */
export interface Stream {
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

export class OperandStreams {
  readonly #problem: ScheduleProblem;
  readonly #answer: ScheduleAnswer;
  readonly #builder: ProgramBuilder;
  readonly #tenants: Tenants;
  readonly #queues: Queues;

  constructor(
    problem: ScheduleProblem,
    answer: ScheduleAnswer,
    builder: ProgramBuilder,
    tenants: Tenants,
    queues: Queues,
  ) {
    this.#problem = problem;
    this.#answer = answer;
    this.#builder = builder;
    this.#tenants = tenants;
    this.#queues = queues;
  }

  /**
   * Those of a step, weights last.
   * @param fetched operands that are not brought to the scratchpad here: commands that follow do.
   */
  of(
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
            ? this.#tenants.occupy(place.interval)
            : place.loadsFirst
              ? this.#loadWhole(step.operator, place)
              : this.#tenants.at(place.interval);
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

  /**
   * Sees to it that the unit has the piece of `stream` that `tile` needs and appends what to wait for. Returns the bytes
   * it reads from the scratchpad. What the piece has in common with the one before (a halo) stays in the buffer, whose
   * halves are parts of one ring: the load after it does not write there.
   */
  bring(operator: number, stream: Stream, tile: TileCounts, unit: number, lane: number, depends: number[]): number {
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
      const slots = this.#queues.slotsOf(unit, stream.buffer);
      const slot = slots.next;
      const gaps = missing(piece, before?.piece ?? null);
      const commands: number[] = [];
      const load = (from: number, to: number, traffic: number): void => {
        const bytes = (to - from) * piece.positionBytes;
        if (bytes === 0) return;
        const { engine, channel } = this.#queues.nextTransfer(LOAD);
        const stored = stream.tensor === WEIGHTS ? [] : this.#queues.storesOf(stream.tensor).values();
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

  /** Brings a whole tensor into the scratchpad, in DMA-sized commands so that several engines can share it. */
  #loadWhole(operator: number, place: OperandPlace): Tenant {
    const { bytes } = this.#problem.tensors[place.tensor]!;
    const { elements, width } = elementsOf(this.#problem, place.tensor);
    const { addr } = this.#answer.intervals[place.interval]!;
    const spaceAfter = this.#tenants.spaceAfter(place.interval);
    const tenant = this.#tenants.occupy(place.interval);
    const pieces = Math.max(1, Math.ceil(bytes / WHOLE_LOAD_BYTES));
    for (let piece = 0; piece < pieces; piece++) {
      const from = Math.floor((piece * elements) / pieces);
      const to = Math.floor(((piece + 1) * elements) / pieces);
      if (from === to) continue;
      const { engine, channel } = this.#queues.nextTransfer(LOAD);
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
        [...spaceAfter, ...this.#queues.storesOf(place.tensor).values()],
      );
      tenant.writers.set(queueOf(engine, channel), command);
    }
    return tenant;
  }
}

/** Elements of a tensor, and bytes of each. */
export function elementsOf(
  problem: ScheduleProblem,
  tensor: number,
): { readonly elements: number; readonly width: number } {
  const { bytes, shape } = problem.tensors[tensor]!;
  const elements = shape.reduce((total, extent) => total * extent, 1);
  return { elements, width: elements === 0 ? 0 : bytes / elements };
}
