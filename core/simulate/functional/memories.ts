/**
 * What the commands of a program act upon: scratchpad, tile buffers, off-chip memory, and the results of kernels until
 * they are stored. Commands run through it; each says itself what it reads and writes when.
 */
import type { Control } from '#core/base/control.ts';
import type { KernelBodies } from '#core/compile/kernel-body.ts';
import type { KernelGraph } from '#core/compile/kernel-graph.ts';
import type { MappedOperator } from '#core/compile/map.ts';
import type { KernelPieces, Pieces } from '#core/compile/pieces.ts';
import { type Program, STORE } from '#core/program/program.ts';
import { type NumberArray, numberArray, type ValueSource } from '#core/reference/values.ts';
import type { ScheduleProblem } from '#core/schedule/problem.ts';
import { OperandBuffer, ResultBuffer } from './buffers.ts';
import { asStored } from './kernel-run.ts';
import { OffChip } from './off-chip.ts';
import { Scratchpad, type Stored } from './scratchpad.ts';

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

/** What is left to do when a command finishes; a text says what is wrong. */
export type Finish = () => string | null;

export class Memories {
  readonly inputs: PlayInputs;
  readonly stored: readonly Stored[];
  readonly scratchpad: Scratchpad;
  readonly offChip: OffChip;
  /** What finished kernels have made that is still to be stored, and stores that wait for their kernel to finish. */
  readonly results = new Map<number, readonly NumberArray[]>();
  readonly pendingStores: (() => void)[][];
  /** Results of each operator that some command stores. */
  readonly storedResults: readonly Set<number>[];
  bytesMoved = 0;
  readonly #operandBuffers = new Map<string, OperandBuffer>();
  readonly #resultBuffers = new Map<number, ResultBuffer>();

  constructor(inputs: PlayInputs) {
    const { problem: schedule, graph, program, bodies, source } = inputs;
    this.inputs = inputs;
    this.stored = graph.tensors.map(({ id, elements, elementType }) => ({
      tensor: id,
      elements,
      elementType,
      width: elements === 0 ? 0 : schedule.tensors[id]!.bytes / elements,
    }));
    const scale = this.stored.reduce(
      (most, { elementType, width }) =>
        width === 0 ? most : Math.max(most, Math.ceil(numberArray(elementType, 0).BYTES_PER_ELEMENT / width)),
      1,
    );
    this.scratchpad = new Scratchpad(inputs.capacity, scale);
    this.offChip = new OffChip(this.stored);
    bodies.model.tensors.forEach((tensor) => {
      const id = bodies.kernelTensor[tensor.index]!;
      if (tensor.kind === 'input' && id !== -1)
        this.offChip.give(id, asStored(source.tensor(tensor.index), bodies.place[tensor.index]!));
    });
    this.storedResults = graph.operators.map(() => new Set());
    this.pendingStores = graph.operators.map(() => []);
    for (let i = 0; i < program.length; i++)
      if (program.opcode[i] === STORE) this.storedResults[program.operator[i]!]?.add(program.buffer[i]!);
  }

  /** Where a position of an operand's pieces is in the tensor. */
  elementOf(operator: number, operand: number): (g: number, d: number, s: number) => number {
    const { gemm } = this.inputs.pieces[operator]!;
    if (gemm?.roles.a === operand) return gemm.places.a;
    if (gemm?.roles.b === operand) return gemm.places.b;
    return (_g, _d, s) => s;
  }

  piecesOf(operator: number, buffer: number): Pieces | null {
    const { operands, weights } = this.inputs.pieces[operator]!;
    return buffer === operands.length ? weights : (operands[buffer] ?? null);
  }

  operands(operator: number): readonly Stored[] {
    return this.inputs.program.bindings[operator]!.operands.map(({ tensor }) => this.stored[tensor]!);
  }

  operandBuffer(unit: number, buffer: number): OperandBuffer {
    const key = `${unit}/${buffer}`;
    let found = this.#operandBuffers.get(key);
    if (!found) {
      found = new OperandBuffer();
      this.#operandBuffers.set(key, found);
    }
    return found;
  }

  resultBuffer(unit: number): ResultBuffer {
    let found = this.#resultBuffers.get(unit);
    if (!found) {
      found = new ResultBuffer();
      this.#resultBuffers.set(unit, found);
    }
    return found;
  }

  name(tensor: number): string {
    return this.inputs.graph.tensors[tensor]?.name ?? `tensor ${tensor}`;
  }
}
