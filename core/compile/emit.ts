/**
 * Emission: schedule + mappings → command stream. Tiles are walked in loop order, dealt in contiguous blocks to
 * equal units; operands off chip are streamed through the unit's two-slot buffers, resident ones are loaded whole
 * where their interval begins. Dependencies carry data (read after write) and space (a slot or a scratchpad
 * region may be overwritten only when its last readers are done). Queues are in order, so the last command of
 * each queue stands for all before it.
 */
import type { Machine } from '#core/architecture/machine.ts';
import { ProgramBuilder } from '#core/program/builder.ts';
import { COMPULSORY, IN_BUFFER, type Program, SPILL, STORE, WEIGHTS } from '#core/program/program.ts';
import type { ScheduleAnswer, ScheduleProblem } from '#core/schedule/problem.ts';
import { emitGiven, type GivenCommand, type GivenLowerings } from './given.ts';
import type { MappedOperator } from './map.ts';
import { elementsOf, OperandStreams, type Stream } from './operand-streams.ts';
import { bytesOf, type KernelPieces, type Pieces, tileNumbers } from './pieces.ts';
import { other, Queues, queueOf } from './queues.ts';
import { placesOf, type ResultPlace, type StepPlaces } from './residency-plan.ts';
import { type Tenant, Tenants } from './tenants.ts';
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
  readonly #tenants: Tenants;
  readonly #queues: Queues;
  readonly #streams: OperandStreams;
  readonly #givenRows = new Map<number, number>();

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
    this.#tenants = new Tenants(problem, answer);
    this.#queues = new Queues(machine, problem.tensors.length);
    this.#streams = new OperandStreams(problem, answer, this.#builder, this.#tenants, this.#queues);
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
    const streams = this.#streams.of(step, pieces, units.length);
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
    const spaceAfter = step.operands.map(({ interval }) => (interval < 0 ? [] : this.#tenants.spaceAfter(interval)));
    const streams = this.#streams.of(step, pieces, 1, fetched);
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
      widthOf: (tensor) => elementsOf(this.#problem, tensor).width,
      queues: this.#queues,
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
        tenant: place.interval >= 0 ? this.#tenants.occupy(place.interval) : null,
        spaceAfter: place.interval >= 0 ? this.#tenants.spaceAfter(place.interval) : [],
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
    const outputSlots = this.#queues.slotsOf(unit, 'results');
    const slot = outputSlots.next;
    let executed = -1;
    for (let k = 0; k < counts.k; k++) {
      const tile = { ...block, k };
      const depends: number[] = [];
      let scratchpadBytes = 0;
      for (const stream of streams) scratchpadBytes += this.#streams.bring(operator, stream, tile, unit, lane, depends);
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
        if (!tenant && piece) this.#queues.slotsOf(unit, buffer).last[piece.slot] = executed;
      }
    }
    outputSlots.last[slot] = this.#results(operator, unit, block, slot, executed, results);
    outputSlots.next = other(slot);
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
      const { engine, channel } = this.#queues.nextTransfer(STORE);
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
      this.#queues.storesOf(place.tensor).set(queueOf(engine, channel), released);
    });
    return released;
  }
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
