/** What people call the kernels and tensors of a program, and which part of them each command touches: comments of its text. */
import { EXECUTE, IN_BUFFER, LOAD, type Program } from '#core/program/program.ts';
import type { ProgramNames } from '#core/program/text.ts';
import type { Range } from './gemm-form.ts';
import type { KernelGraph } from './kernel-graph.ts';
import { blockRange, type KernelPieces, tileNumbers } from './pieces.ts';
import type { Mapping } from './unit-model.ts';

export function programNames(
  program: Program,
  graph: KernelGraph,
  pieces: readonly KernelPieces[],
  mapped: readonly { readonly mapping: Mapping }[],
): ProgramNames {
  return {
    operator: (index) => graph.operators[index]?.name ?? '',
    tensor: (id) => graph.tensors[id]?.name ?? '',
    region(command) {
      const operator = program.operator[command]!;
      const of = pieces[operator];
      const mapping = mapped[operator]?.mapping;
      if (!of || !mapping) return null;
      if (program.opcode[command] === EXECUTE) return tileText(of, mapping, program.tile[command]!);
      if (program.address[command] !== IN_BUFFER || program.opcode[command] !== LOAD) return null;
      const buffer = program.buffer[command]!;
      const operand = buffer < of.operands.length ? of.operands[buffer] : null;
      const index = program.tile[command]!;
      if (!operand || !(index >= 0 && index < operand.count)) return null;
      const { block, positionBytes } = operand.piece(index);
      const from = program.offset[command]!;
      const positions: Range = [from, from + program.bytes[command]! / positionBytes];
      if (!block) return `elements ${rangeText(positions)}`;
      return `groups ${rangeText(block.g)}, depths ${rangeText(block.d)}, positions ${rangeText(positions)}`;
    },
  };
}

function tileText({ gemm }: KernelPieces, { loop }: Mapping, index: number): string | null {
  const { counts, tile } = loop;
  if (!gemm || !tile) return null;
  const at = tileNumbers(counts).at(index);
  const extents = gemm.form;
  return (['groups', 'm', 'n', 'k'] as const)
    .flatMap((name) => {
      const axis = name === 'groups' ? 'g' : name;
      return extents[name] === 1 ? [] : [`${name} ${rangeText(blockRange(extents[name], tile[axis], at[axis]))}`];
    })
    .join(', ');
}

/** First and last. */
function rangeText([from, to]: Range): string {
  return to - from === 1 ? String(from) : `${from}–${to - 1}`;
}
