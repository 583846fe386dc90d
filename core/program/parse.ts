/** Program text back into columns. What it returns is well-formed; whether it is right is for verify.ts to say. */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { type CommandRow, fromRows } from './builder.ts';
import {
  type Binding,
  type Bound,
  EXECUTE,
  IN_BUFFER,
  LOAD,
  NONE,
  type Program,
  type ProgramEngine,
  STORE,
  TRAFFIC,
  TRAFFIC_NONE,
  WEIGHTS,
} from './program.ts';
import { PROGRAM_HEADER } from './text.ts';

const TRAFFIC_NAMES: readonly string[] = TRAFFIC;
const COUNT = '(\\d{1,15})';
const TILE = '(\\d{1,9})';
const TENSOR = '(weights|t\\d{1,9})';
const ENGINE_LINE = /^engine e(\d{1,5}) (unit|dma) ("(?:[^"\\]|\\.)*") ("(?:[^"\\]|\\.)*")$/;
const KERNEL_LINE =
  /^kernel k(\d{1,9}) reads((?: t\d{1,9}@(?:buffer|\d{1,15}))*) makes((?: t\d{1,9}@(?:buffer|\d{1,15}))*)$/;
const HEAD = /^(\d{1,9}) e(\d{1,5}) (load|store|execute) k(\d{1,9}) (.*?)(?: after((?: \d{1,9})+))?$/;
const EXECUTE_TAIL = new RegExp(`^tile ${TILE} slot ([01]) makes ${TENSOR} in ${COUNT}$`);
const TRANSFER_TAIL = new RegExp(
  `^${TENSOR} ${COUNT} B (${TRAFFIC.join('|')}) (into|out of) (?:e(\\d{1,5})\\.(\\d{1,4})\\.([01]) piece ${TILE}|@${COUNT}) from ${COUNT} over c(\\d|\\d\\d|1\\d\\d|2[0-4]\\d|25[0-5])$`,
);

/**
 * Problems: `program.text`, with its line. Engines, kernels and commands are numbered from 0 without gaps;
 * dependencies point backwards; blank lines and what follows `  #` say nothing.
 */
export function parseProgram(text: string): Result<Program, Problem> {
  const engines: ProgramEngine[] = [];
  const bindings: Binding[] = [];
  const rows: CommandRow[] = [];
  let isBegun = false;
  let number = 0;
  for (const raw of text.split('\n')) {
    number++;
    const line = withoutComment(raw).trim();
    if (line === '') continue;
    const fault = !isBegun
      ? line === PROGRAM_HEADER
        ? null
        : `the first line is '${PROGRAM_HEADER}'`
      : line.startsWith('engine ')
        ? readEngine(line, engines)
        : line.startsWith('kernel ')
          ? readKernel(line, bindings)
          : readCommand(line, rows, engines, bindings);
    isBegun = true;
    if (fault !== null) return err(faultAt(number, fault));
  }
  if (!isBegun) return err(faultAt(1, `the first line is '${PROGRAM_HEADER}'`));
  return ok(fromRows({ engines, bindings }, rows));
}

function faultAt(line: number, fault: string): Problem {
  return problem('program.text', `Line ${line}: ${fault}`, { where: { line } });
}

/** Problems of a program that was read from `text`, each with the line of the command it names. */
export function inText(problems: readonly Problem[], text: string): readonly Problem[] {
  const lines = text.split('\n').flatMap((line, index) => (/^\s*\d/.test(line) ? [index + 1] : []));
  return problems.map((fault) => {
    const line = lines[Number(fault.facts.command ?? -1)];
    return line === undefined ? fault : { ...fault, where: { ...fault.where, line } };
  });
}

/** A comment follows two blanks; names in quotes may hold such a thing. */
function withoutComment(line: string): string {
  if (line.trimStart().startsWith('#')) return '';
  if (line.startsWith('engine ')) return line;
  const at = line.indexOf('  #');
  return at === -1 ? line : line.slice(0, at);
}

function readEngine(line: string, engines: ProgramEngine[]): string | null {
  const [, index, kind, component, name] = ENGINE_LINE.exec(line) ?? [];
  if (component === undefined || name === undefined) return 'an engine reads: engine e0 unit|dma "component" "name"';
  if (Number(index) !== engines.length) return `engine e${engines.length} comes next, not e${index}`;
  const texts = [component, name].map(unquoted);
  const [node, title] = texts;
  if (typeof node !== 'string' || typeof title !== 'string') return 'a name in quotes is no JSON text';
  engines.push({ component: node, name: title, kind: kind === 'unit' ? 'unit' : 'dma' });
  return null;
}

function unquoted(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}

function readKernel(line: string, bindings: Binding[]): string | null {
  const [, index, reads, makes] = KERNEL_LINE.exec(line) ?? [];
  if (reads === undefined || makes === undefined) return 'a kernel reads: kernel k0 reads t0@buffer t1@1024 makes t2@0';
  if (Number(index) !== bindings.length) return `kernel k${bindings.length} comes next, not k${index}`;
  bindings.push({ operands: boundsOf(reads), results: boundsOf(makes) });
  return null;
}

function boundsOf(list: string): readonly Bound[] {
  return [...list.matchAll(/t(\d+)@(buffer|\d+)/g)].map(([, tensor, place]) => ({
    tensor: Number(tensor),
    address: place === 'buffer' ? IN_BUFFER : Number(place),
  }));
}

function readCommand(
  line: string,
  rows: CommandRow[],
  engines: readonly ProgramEngine[],
  bindings: readonly Binding[],
): string | null {
  const [, index, engine, opcode, operator, rest, after] = HEAD.exec(line) ?? [];
  if (rest === undefined) return 'a command begins with its number, engine, what it does and kernel: 0 e1 load k0 …';
  if (Number(index) !== rows.length) return `command ${rows.length} comes next, not ${index}`;
  if (!engines[Number(engine)]) return `there is no engine e${engine}`;
  if (!bindings[Number(operator)]) return `there is no kernel k${operator}`;
  const depends = (after ?? '')
    .split(' ')
    .filter((each) => each !== '')
    .map(Number);
  const late = depends.find((each) => each >= rows.length);
  if (late !== undefined) return `it waits for command ${late}, which comes later`;
  const head = { engine: Number(engine), operator: Number(operator), depends };
  const row = opcode === 'execute' ? readExecute(rest, head) : readTransfer(rest, opcode === 'store', head, engines);
  if (typeof row === 'string') return row;
  rows.push(row);
  return null;
}

type Head = Pick<CommandRow, 'engine' | 'operator' | 'depends'>;

const tensorOf = (text: string) => (text === 'weights' ? WEIGHTS : Number(text.slice(1)));

function readExecute(rest: string, head: Head): CommandRow | string {
  const [, tile, slot, tensor, ticks] = EXECUTE_TAIL.exec(rest) ?? [];
  if (tensor === undefined) return 'an execute reads: tile 0 slot 0 makes t2 in 120';
  return {
    ...head,
    opcode: EXECUTE,
    tensor: tensorOf(tensor),
    bytes: 0,
    traffic: TRAFFIC_NONE,
    address: IN_BUFFER,
    tile: Number(tile),
    offset: 0,
    unit: NONE,
    buffer: 0,
    slot: Number(slot),
    channel: 0,
    ticks: Number(ticks),
  };
}

function readTransfer(
  rest: string,
  isStore: boolean,
  head: Head,
  engines: readonly ProgramEngine[],
): CommandRow | string {
  const [, tensor, bytes, traffic, way, unit, buffer, slot, piece, address, from, channel] =
    TRANSFER_TAIL.exec(rest) ?? [];
  if (tensor === undefined || way !== (isStore ? 'out of' : 'into'))
    return isStore
      ? 'a store reads: t2 64 B spill out of e0.0.1 piece 3 from 0 over c0'
      : 'a load reads: t0 64 B spill into e0.0.1 piece 3 from 0 over c0, or … into @1024 from 0 over c0';
  if (unit !== undefined && !engines[Number(unit)]) return `there is no engine e${unit}`;
  return {
    ...head,
    opcode: isStore ? STORE : LOAD,
    tensor: tensorOf(tensor),
    bytes: Number(bytes),
    traffic: TRAFFIC_NAMES.indexOf(traffic ?? ''),
    address: address === undefined ? IN_BUFFER : Number(address),
    tile: piece === undefined ? NONE : Number(piece),
    offset: Number(from),
    unit: unit === undefined ? NONE : Number(unit),
    buffer: Number(buffer ?? 0),
    slot: Number(slot ?? 0),
    channel: Number(channel),
    ticks: 0,
  };
}
