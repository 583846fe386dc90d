/**
 * A run's program as text, a line at a time. A finished run keeps how it begins; the rest is made again from its stored
 * schedule, without scheduling: compiling and emitting are deterministic.
 */
import { canonicalJson } from '#core/base/canonical.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { Program } from '#core/program/program.ts';
import { commandText, programPreamble } from '#core/program/text.ts';
import type { ScheduleProblem } from '#core/schedule/problem.ts';
import { compiledRun, emittedRun } from './program-run.ts';
import type { ProgramExcerpt, RunResult } from './result.ts';

export interface ReadableProgram {
  /** Lines before the first command. */
  readonly preamble: readonly string[];
  readonly commands: number;
  /** The line of a command. */
  line(command: number): string;
}

const PREAMBLE_HEAD = 40;
const COMMANDS_HEAD = 60;

export function readableProgram(program: Program, { ops, tensors }: ScheduleProblem): ReadableProgram {
  const names = {
    operator: (index: number) => ops[index]?.name ?? '',
    tensor: (id: number) => tensors[id]?.name ?? '',
  };
  return {
    preamble: programPreamble(program, names),
    commands: program.length,
    line: (command) => commandText(program, command, names),
  };
}

export function excerptOf({ preamble, commands, line }: ReadableProgram): ProgramExcerpt {
  return {
    commands,
    preamble: preamble.length,
    preambleHead: preamble.slice(0, PREAMBLE_HEAD),
    commandsHead: Array.from({ length: Math.min(commands, COMMANDS_HEAD) }, (_, command) => line(command)),
  };
}

/**
 * Compiles and emits a finished run again. Problems: those of compile, `program.*`, and `program.of-another-version` where
 * this version makes another scheduling problem of the same inputs, so that the stored schedule is not its own.
 */
export function programOfRun({ inputs, schedule, appVersion }: RunResult): Result<ReadableProgram, Problem> {
  const compiled = compiledRun(inputs);
  if (!compiled.ok) return compiled;
  const { problem: instance } = compiled.value;
  if (canonicalJson(instance) !== canonicalJson(schedule.problem)) return err(ofAnotherVersion(appVersion));
  const emitted = emittedRun(compiled.value, schedule.answer);
  return emitted.ok ? ok(readableProgram(emitted.value.program, instance)) : emitted;
}

function ofAnotherVersion(appVersion: string): Problem {
  return problem(
    'program.of-another-version',
    `This run was made by Weft ${appVersion}, whose compiler cut the model otherwise; run it again to read its program`,
    { facts: { appVersion } },
  );
}

export interface Page {
  /** Line, from 0. */
  readonly from: number;
  readonly count: number;
  /** The page begins at the first line at or after `from` that has it, whatever the case. */
  readonly find?: string | undefined;
}

export interface ProgramPage {
  /** Of the whole text. */
  readonly lines: number;
  /** Command i is line `preamble` + i; the lines before say engines and kernels. */
  readonly preamble: number;
  readonly commands: number;
  /** Number of the first line given, from 0; null when `find` is nowhere at or after `from`. */
  readonly from: number | null;
  readonly text: readonly string[];
}

export function pageOf({ preamble, commands, line }: ReadableProgram, { from, count, find }: Page): ProgramPage {
  const lines = preamble.length + commands;
  const textOf = (at: number) => preamble[at] ?? line(at - preamble.length);
  let first: number | null = Math.min(from, lines);
  if (find !== undefined) {
    const wanted = find.toLowerCase();
    while (first < lines && !textOf(first).toLowerCase().includes(wanted)) first++;
    if (first >= lines) first = null;
  }
  const text =
    first === null ? [] : Array.from({ length: Math.min(count, lines - first) }, (_, at) => textOf(first + at));
  return { lines, preamble: preamble.length, commands, from: first, text };
}
