/**
 * The program as text that people read, compare and write: one line a command, everything it says in words, names as
 * comments. `parseProgram` (parse.ts) reads it back. Grammar in the README.
 */
import {
  type Bound,
  dependenciesOf,
  EXECUTE,
  IN_BUFFER,
  NONE,
  OPCODES,
  type Program,
  STORE,
  TRAFFIC,
  WEIGHTS,
} from './program.ts';

export interface ProgramNames {
  readonly operator: (index: number) => string;
  readonly tensor: (id: number) => string;
  /** What of its tensors a command touches, e.g. `m 0–62, n 0–70`; null says nothing. */
  readonly region?: (command: number) => string | null;
}

export const PROGRAM_HEADER = 'weft-program/1';

export function programText(program: Program, names?: ProgramNames): string {
  const lines = programPreamble(program, names);
  for (let i = 0; i < program.length; i++) lines.push(commandText(program, i, names));
  return `${lines.join('\n')}\n`;
}

/** The lines before the first command: header, engines, kernels. */
export function programPreamble(program: Program, names?: ProgramNames): string[] {
  const lines = [PROGRAM_HEADER];
  program.engines.forEach(({ kind, component, name }, index) => {
    lines.push(`engine e${index} ${kind} ${JSON.stringify(component)} ${JSON.stringify(name)}`);
  });
  program.bindings.forEach(({ operands, results }, index) => {
    const comment = names
      ? `  # ${oneLine(names.operator(index))}: ${[...operands, ...results].map(({ tensor }) => oneLine(names.tensor(tensor))).join(', ')}`
      : '';
    lines.push(
      `kernel k${index} reads${operands.map(boundText).join('')} makes${results.map(boundText).join('')}${comment}`,
    );
  });
  return lines;
}

const boundText = ({ tensor, address }: Bound) => ` t${tensor}@${address === IN_BUFFER ? 'buffer' : address}`;

/** Names may hold anything; a comment ends with its line. */
const oneLine = (name: string) => name.replaceAll(/\s+/g, ' ');

/** The line of command `i`. */
export function commandText(program: Program, i: number, names?: ProgramNames): string {
  const after = [...dependenciesOf(program, i)];
  const head = `${String(i).padStart(6)} e${program.engine[i]} ${OPCODES[program.opcode[i]!]} k${program.operator[i]}`;
  const tail = after.length > 0 ? ` after ${after.join(' ')}` : '';
  const comments = [
    program.opcode[i] !== EXECUTE && program.tensor[i] !== WEIGHTS ? names?.tensor(program.tensor[i]!) : null,
    names?.region?.(i),
  ].filter((each) => each !== null && each !== undefined);
  const comment = comments.length > 0 ? `  # ${comments.map(oneLine).join(', ')}` : '';
  return `${head} ${program.opcode[i] === EXECUTE ? executeText(program, i) : transferText(program, i)}${tail}${comment}`;
}

function executeText(program: Program, i: number): string {
  return `tile ${program.tile[i]} slot ${program.slot[i]} makes ${tensorText(program, i)} in ${program.ticks[i]}`;
}

function transferText(program: Program, i: number): string {
  const isStore = program.opcode[i] === STORE;
  const place =
    program.address[i] === IN_BUFFER && program.unit[i] !== NONE
      ? `e${program.unit[i]}.${program.buffer[i]}.${program.slot[i]} piece ${program.tile[i]}`
      : `@${program.address[i]}`;
  return `${tensorText(program, i)} ${program.bytes[i]} B ${TRAFFIC[program.traffic[i]!]} ${isStore ? 'out of' : 'into'} ${place} from ${program.offset[i]} over c${program.channel[i]}`;
}

const tensorText = (program: Program, i: number) =>
  program.tensor[i] === WEIGHTS ? 'weights' : `t${program.tensor[i]}`;
