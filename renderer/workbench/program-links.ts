/** Commands of a run's program and the intervals of its timeline, each found from the other. */
import { decodeColumn } from '#core/base/columns.ts';
import type { Timeline } from '#core/run/result.ts';

/** Sixteen times what the largest program measured has. */
const MOST_COMMANDS = 2 ** 24;

export interface ProgramLinks {
  /** Command of each interval, −1 where it has none. */
  readonly commandOf: Int32Array;
  /** Intervals of a command: one on its engine, for a transfer one on its channel too. */
  intervalsOf(command: number): Int32Array;
  /** Operator of a command; null where the timeline has no interval of it. */
  operatorOf(command: number): number | null;
  /** The first command of an operator, in the order of the program; null where it has none. */
  firstOf(operator: number): number | null;
}

/**
 * Null for runs of versions before commands were kept with intervals, and for files from outside that name commands beyond
 * what there is room for. Linear in intervals and commands.
 */
export function programLinks(timeline: Timeline): ProgramLinks | null {
  if (!timeline.command) return null;
  const commandOf = Int32Array.from(decodeColumn(timeline.command));
  const operators = decodeColumn(timeline.operator);
  const commands = commandOf.reduce((most, command) => Math.max(most, command), -1) + 1;
  if (commands > MOST_COMMANDS) return null;
  const start = new Int32Array(commands + 1);
  for (const command of commandOf) if (command >= 0) start[command + 1]!++;
  for (let command = 0; command < commands; command++) start[command + 1]! += start[command]!;
  const intervals = new Int32Array(start[commands]!);
  const next = start.slice(0, commands);
  const firsts = new Map<number, number>();
  commandOf.forEach((command, interval) => {
    if (command < 0) return;
    intervals[next[command]!++] = interval;
    const operator = operators[interval]!;
    const known = firsts.get(operator);
    if (known === undefined || command < known) firsts.set(operator, command);
  });
  const intervalsOf = (command: number) =>
    command >= 0 && command < commands ? intervals.subarray(start[command]!, start[command + 1]!) : new Int32Array();
  return {
    commandOf,
    intervalsOf,
    operatorOf: (command) => {
      const [interval] = intervalsOf(command);
      return interval === undefined ? null : operators[interval]!;
    },
    firstOf: (operator) => firsts.get(operator) ?? null,
  };
}
