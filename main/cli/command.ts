/** One CLI command: its help is complete, its exit code 0 done, 1 failed, 2 wrong usage unless it says otherwise. */
import type { ParseArgsConfig } from 'node:util';
import { parseArgs } from 'node:util';
import { parseByteSize } from '#core/base/byte-size.ts';
import type { Problem } from '#core/base/problem.ts';

export interface Option {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  /** Shown in the help: `BYTES`, `FILE`. */
  readonly value?: string;
  readonly help: string;
}

export type OptionValues = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

export interface Io {
  /** JSON and results; nothing else goes here. */
  readonly out: (text: string) => void;
  /** Problems and remarks. */
  readonly err: (text: string) => void;
  /** One line that the next replaces; null takes it away. Absent where nobody watches. */
  readonly status?: (text: string | null) => void;
}

export interface Command {
  readonly name: string;
  /** `FILE`, `RUN.json` …: the positional arguments, all required. */
  readonly positionals: readonly string[];
  readonly summary: string;
  readonly details: string;
  readonly options: Readonly<Record<string, Option>>;
  /** Where they mean something else than done and failed. */
  readonly exitCodes?: string;
  run(positionals: readonly string[], options: OptionValues, io: Io): Promise<number>;
}

/** Thrown for what only a different command line can mend. */
export class UsageError extends Error {}

export const DONE = 0;
export const FAILED = 1;
export const WRONG_USAGE = 2;

export async function runCommand(command: Command, args: readonly string[], io: Io): Promise<number> {
  const options: NonNullable<ParseArgsConfig['options']> = { help: { type: 'boolean', short: 'h' } };
  for (const [name, { type, multiple }] of Object.entries(command.options))
    options[name] = multiple ? { type, multiple } : { type };
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (values.help) {
      io.out(helpOf(command));
      return DONE;
    }
    if (positionals.length !== command.positionals.length) {
      throw new UsageError(
        `${command.name} takes ${command.positionals.join(' ') || 'no arguments'}, not ${positionals.length} of them`,
      );
    }
    return await command.run(positionals, values, io);
  } catch (cause) {
    const isUsage =
      cause instanceof UsageError ||
      (cause instanceof TypeError && 'code' in cause && String(cause.code).startsWith('ERR_PARSE_ARGS'));
    if (!isUsage) throw cause;
    io.err(`weft ${command.name}: ${cause.message}`);
    io.err(`usage: ${usageOf(command)}   (weft ${command.name} --help)`);
    return WRONG_USAGE;
  }
}

export function usageOf(command: Command): string {
  return ['weft', command.name, ...command.positionals, '[options]'].join(' ');
}

function helpOf(command: Command): string {
  const all: Readonly<Record<string, Option>> = { ...command.options, help: { type: 'boolean', help: 'This text.' } };
  const rows = Object.entries(all).map(([name, { type, value, help }]): [string, string] => [
    `--${name}${type === 'string' ? ` ${value ?? 'TEXT'}` : ''}`,
    help,
  ]);
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    `usage: ${usageOf(command)}`,
    '',
    command.summary,
    '',
    command.details,
    '',
    'options:',
    ...rows.map(([name, help]) => `  ${name.padEnd(width)}  ${help}`),
    '',
    `exit code: ${command.exitCodes ?? '0 done, 1 failed (problems on stderr), 2 wrong usage'}`,
  ].join('\n');
}

/** One problem a line, errors first: `error onnx.truncated: … [file.onnx at byte 17]`. */
export function printProblems(problems: readonly Problem[], io: Io): void {
  const rank = { error: 0, warning: 1, info: 2 };
  for (const found of [...problems].sort((a, b) => rank[a.severity] - rank[b.severity])) {
    const { file, byteOffset, node, parameter } = found.where;
    const place = [
      file,
      byteOffset === undefined ? undefined : `at byte ${byteOffset}`,
      node === undefined ? undefined : `node ${node}`,
      parameter,
    ].filter((part) => part !== undefined);
    io.err(`${found.severity} ${found.code}: ${found.message}${place.length > 0 ? ` [${place.join(' ')}]` : ''}`);
  }
}

export function textOption(options: OptionValues, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** A whole number in a range, or a usage error naming the option. */
export function integerOption(options: OptionValues, name: string, minimum: number): number | undefined {
  const text = textOption(options, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < minimum)
    throw new UsageError(`--${name} takes a whole number of at least ${minimum}, not '${text}'`);
  return value;
}

/** A size: `131072`, `128KiB`, `2MiB`, `1.5GiB`; or a usage error naming the option. */
export function bytesOption(options: OptionValues, name: string, minimum: number): number | undefined {
  const text = textOption(options, name);
  if (text === undefined) return undefined;
  const value = parseByteSize(text);
  if (value === null || value < minimum)
    throw new UsageError(
      `--${name} takes a whole number of bytes, of at least ${minimum}, as in 131072, 128KiB or 2MiB, not '${text}'`,
    );
  return value;
}

/** A number greater than 0, or a usage error naming the option. */
export function positiveOption(options: OptionValues, name: string): number | undefined {
  const text = textOption(options, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || !(value > 0))
    throw new UsageError(`--${name} takes a number above 0, not '${text}'`);
  return value;
}

/** The value of an option that must be given, or a usage error. */
export function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new UsageError(`--${name} is needed`);
  return value;
}

export function choiceOption<T extends string>(
  options: OptionValues,
  name: string,
  choices: readonly T[],
): T | undefined {
  const text = textOption(options, name);
  if (text === undefined) return undefined;
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new UsageError(`--${name} takes one of ${choices.join(', ')}, not '${text}'`);
  return found;
}
