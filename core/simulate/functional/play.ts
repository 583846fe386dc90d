/**
 * Plays a program on numbers: a scratchpad of bytes, tile buffers, off-chip memory. A command reads when it starts and
 * writes when it finishes; what it is about to overwrite is unknown in between, and what it has read must still be
 * there when it finishes. Played by the times of a simulation, a missing dependency shows as soon as two commands meet.
 */
import { uncontrolled } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { EXECUTE, IN_BUFFER, LOAD, OPCODES, type Program, STORE } from '#core/program/program.ts';
import type { Timing } from '../simulator.ts';
import { Executes } from './executes.ts';
import { type Finish, Memories, type PlayInputs } from './memories.ts';
import type { OffChip } from './off-chip.ts';
import { Transfers } from './transfers.ts';

export interface Played {
  /** Why it stopped before its end, with the command in `facts.command`; null when every command was played. */
  readonly fault: Problem | null;
  readonly offChip: OffChip;
  readonly commands: number;
  readonly bytesMoved: number;
}

/** `timing` null plays the rows one after the other. */
export function play(inputs: PlayInputs, timing: Timing | null): Played {
  return new Play(inputs, timing).run();
}

class Play {
  readonly #inputs: PlayInputs;
  readonly #timing: Timing | null;
  readonly #program: Program;
  readonly #memories: Memories;
  readonly #transfers: Transfers;
  readonly #executes: Executes;
  readonly #finishes: (Finish | undefined)[];

  constructor(inputs: PlayInputs, timing: Timing | null) {
    this.#inputs = inputs;
    this.#timing = timing;
    this.#program = inputs.program;
    this.#memories = new Memories(inputs);
    this.#transfers = new Transfers(this.#memories);
    this.#executes = new Executes(this.#memories);
    this.#finishes = new Array<Finish | undefined>(inputs.program.length);
  }

  run(): Played {
    const { length } = this.#program;
    const control = this.#inputs.control ?? uncontrolled;
    const order = this.#timing ? eventsInTime(length, this.#timing) : null;
    let fault: Problem | null = null;
    for (let at = 0; at < 2 * length && !fault; at++) {
      const event = order ? order[at]! : at;
      if ((at & 1023) === 0) {
        if (control.cancelled()) fault = problem('run.cancelled', 'Playing the program was stopped');
        control.report({ phase: 'verify', fraction: at / (2 * length), message: `Command ${event >> 1} of ${length}` });
      }
      const message = event & 1 ? this.#finish(event >> 1) : this.#start(event >> 1);
      if (message !== null) fault = this.#fault(event >> 1, message);
    }
    const left = this.#executes.unfinished();
    if (!fault && left)
      fault = problem(
        'functional.not-executed',
        `${left.tiles} tiles of ${this.#inputs.graph.operators[left.operator]!.name} are never executed`,
      );
    return { fault, offChip: this.#memories.offChip, commands: length, bytesMoved: this.#memories.bytesMoved };
  }

  #fault(command: number, message: string): Problem {
    const operator = this.#program.operator[command]!;
    const name = this.#inputs.graph.operators[operator]?.name ?? 'no operator';
    return problem(
      'functional.fault',
      `Command ${command} (${OPCODES[this.#program.opcode[command]!] ?? 'unknown'}, ${name}): ${message}`,
      { facts: { command } },
    );
  }

  #start(command: number): string | null {
    const made = this.#begin(command);
    if (typeof made === 'string') return made;
    this.#finishes[command] = made;
    return null;
  }

  #finish(command: number): string | null {
    const finish = this.#finishes[command];
    this.#finishes[command] = undefined;
    return finish ? finish() : 'it finishes before it starts';
  }

  #begin(command: number): Finish | string {
    const { opcode, operator, address } = this.#program;
    if (!this.#inputs.graph.operators[operator[command]!]) return 'there is no such operator';
    switch (opcode[command]) {
      case LOAD:
        return address[command] === IN_BUFFER ? this.#transfers.loadPiece(command) : this.#transfers.loadWhole(command);
      case STORE:
        return this.#transfers.store(command);
      case EXECUTE:
        return this.#executes.execute(command);
      default:
        return 'there is no such command';
    }
  }
}

/** Starts (2·command) and finishes (2·command + 1) by time; at one time what finishes comes first, then rows in order. */
function eventsInTime(length: number, timing: Timing): Uint32Array {
  const times = new Float64Array(2 * length);
  for (let i = 0; i < length; i++) {
    times[2 * i] = timing.start[i]!;
    times[2 * i + 1] = timing.finish[i]!;
  }
  const order = Uint32Array.from(times, (_, event) => event);
  return order.sort((a, b) => times[a]! - times[b]! || (b & 1) - (a & 1) || a - b);
}
