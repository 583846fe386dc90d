/**
 * Which of a unit's memories hold what a program numbers as its buffers, and how much a piece takes there: an array has one for
 * activations, one for weights (or a second factor) and one for sums, lanes have one for all. Sums take accumulators, however
 * narrow what is stored of them; biases and addends are what they start from, and need no room beside them.
 */
import type { ComputeUnit, Machine } from '#core/architecture/machine.ts';
import type { Held, Room, UnitBuffers } from '#core/program/capacity.ts';
import type { ScheduleProblem } from '#core/schedule/problem.ts';
import type { KernelGraph } from './kernel-graph.ts';
import { bytesOf, type KernelPieces, type Piece, tileNumbers } from './pieces.ts';
import { ACCUMULATOR_BYTES } from './schedule-problem.ts';
import type { Mapping, TileCounts } from './unit-model.ts';

const [INPUT, WEIGHT, SUMS] = [0, 1, 2];

/** @param pieces of kernels as they are mapped; both by operator. */
export function unitBuffers(
  problem: ScheduleProblem,
  graph: KernelGraph,
  pieces: readonly KernelPieces[],
  mapped: readonly { readonly mapping: Mapping }[],
  { units }: Pick<Machine, 'units'>,
): UnitBuffers {
  const isArray = (unit: number) => units[unit]?.kind === 'systolic-array';
  return {
    rooms: units.map(roomsOf),
    roomOf(unit, operator, buffer) {
      if (!isArray(unit)) return 0;
      if (buffer === null) return SUMS;
      const { a, b } = factors(operator);
      return buffer === a ? INPUT : buffer === b || buffer === graph.operators[operator]!.inputs.length ? WEIGHT : SUMS;
    },
    held(unit, operator, buffer, index) {
      const { operands, weights, results } = pieces[operator]!;
      const { inputs, outputs } = problem.ops[operator]!;
      const { counts, tile } = mapped[operator]!.mapping.loop;
      if (!isArray(unit) || !tile) {
        if (buffer !== null) return (operands[buffer] ?? weights)?.piece(index) ?? whole(index, 0);
        const at = tileNumbers(counts).at(index);
        return whole(index, sum(results.map((result) => bytesOf(result.piece(result.indexOf(at))))));
      }
      if (buffer === null) {
        const at = tileNumbers(counts).at(index);
        const elements = results.map((result, number) => {
          const bytes = bytesOf(result.piece(result.indexOf(at)));
          return Math.min(bytes / widthOf(outputs[number]!), tile.g * tile.m * tile.n);
        });
        return whole(index, sum(elements) * ACCUMULATOR_BYTES);
      }
      const { a, b } = factors(operator);
      const operand = operands[buffer];
      if (operand && buffer === a) return unrolled(operand.piece(index), tile, widthOf(inputs[buffer]!));
      if (operand) return buffer === b ? operand.piece(index) : whole(index, 0);
      if (!weights) return whole(index, 0);
      const { weightElements, biasElements } = graph.operators[operator]!;
      const width = (problem.ops[operator]!.weightBytes - biasElements * ACCUMULATOR_BYTES) / weightElements;
      return whole(index, Math.min(bytesOf(weights.piece(index)), tile.g * tile.n * tile.k * width));
    },
  };

  /** Operands that are factors; −1 where the weights are the second. */
  function factors(operator: number): { readonly a: number; readonly b: number } {
    const { kernel } = graph.operators[operator]!;
    return pieces[operator]!.gemm?.roles ?? { a: 0, b: kernel.kind === 'gemm' && kernel.bIsActivation ? 1 : -1 };
  }

  function widthOf(tensor: number): number {
    const { elements } = graph.tensors[tensor]!;
    return elements === 0 ? 1 : problem.tensors[tensor]!.bytes / elements;
  }
}

function roomsOf(unit: ComputeUnit): readonly Room[] {
  if (unit.kind !== 'systolic-array') return [{ name: 'buffer', bytes: unit.bufferBytes }];
  return [
    { name: 'input buffer', bytes: unit.inputBufferBytes },
    { name: 'weight buffer', bytes: unit.weightBufferBytes },
    { name: 'output buffer', bytes: unit.outputBufferBytes },
  ];
}

/** The image under a tile's windows, or where that is less (holes of strides and dilations) its rows one by one. */
function unrolled(piece: Piece, tile: TileCounts, width: number): Held {
  const bytes = tile.g * tile.m * tile.k * width;
  return bytes < bytesOf(piece) ? whole(-1, bytes) : piece;
}

const sum = (list: readonly number[]) => list.reduce((total, value) => total + value, 0);

function whole(key: number, positionBytes: number): Held {
  return { key, from: 0, to: 1, positionBytes };
}
