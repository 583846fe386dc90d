/** The program as text people can read and diff: one command a line, numbered, dependencies at the end. */
import { EXECUTE, OPCODES, type Program, TRAFFIC, WEIGHTS } from './program.ts';

export interface ProgramNames {
  readonly operator: (index: number) => string;
  readonly tensor: (id: number) => string;
}

export function programText(program: Program, names: ProgramNames): string {
  const lines: string[] = [];
  for (let i = 0; i < program.length; i++) {
    const opcode = program.opcode[i]!;
    const engine = program.engines[program.engine[i]!]!.name;
    const after = [...program.depends.subarray(program.dependsStart[i]!, program.dependsStart[i + 1]!)];
    const what =
      opcode === EXECUTE
        ? `${names.operator(program.operator[i]!)} for ${program.ticks[i]} cycles`
        : `${program.bytes[i]} B of ${program.tensor[i] === WEIGHTS ? `weights of ${names.operator(program.operator[i]!)}` : names.tensor(program.tensor[i]!)} ${
            program.address[i]! < 0 ? 'through a tile buffer' : `at ${program.address[i]}`
          } (${TRAFFIC[program.traffic[i]!]})`;
    lines.push(
      `${String(i).padStart(6)} ${engine}: ${OPCODES[opcode]} ${what}${after.length > 0 ? ` after ${after.join(' ')}` : ''}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
