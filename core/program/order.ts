/**
 * What is certain to be over when a command starts, by dependencies and the order of queues alone, whatever times a simulator
 * finds. A unit finishes a command before it starts the next; transfers of one queue over one channel finish in order,
 * but the next may start while data of the one before are still under way. Vector clocks, after Fidge and Mattern.
 */
import { dependenciesOf, EXECUTE, type Program } from './program.ts';

export class ProgramOrder {
  readonly #queues: number;
  readonly #queueOf: Uint16Array;
  readonly #placeOf: Int32Array;
  /** By command and queue: how many commands of the queue are over when the command starts. */
  readonly #over: Int32Array;

  constructor(program: Program) {
    const { length } = program;
    const queues = new Map<number, number>();
    const lengths: number[] = [];
    this.#queueOf = new Uint16Array(length);
    this.#placeOf = new Int32Array(length);
    for (let i = 0; i < length; i++) {
      const key = program.engine[i]! * 256 + program.channel[i]!;
      let queue = queues.get(key);
      if (queue === undefined) {
        queue = queues.size;
        queues.set(key, queue);
        lengths.push(0);
      }
      this.#queueOf[i] = queue;
      this.#placeOf[i] = lengths[queue]!++;
    }
    this.#queues = queues.size;
    this.#over = new Int32Array(length * this.#queues);
    const before = new Int32Array(program.engines.length).fill(-1);
    for (let i = 0; i < length; i++) {
      const engine = program.engine[i]!;
      const previous = before[engine] ?? -1;
      if (previous >= 0) this.#inherit(i, previous, program.opcode[previous] === EXECUTE);
      before[engine] = i;
      for (const other of dependenciesOf(program, i)) if (other < i) this.#inherit(i, other, true);
    }
  }

  /** Whether `earlier` is over when `later` starts. */
  isOver(earlier: number, later: number): boolean {
    return this.#over[later * this.#queues + this.#queueOf[earlier]!]! > this.#placeOf[earlier]!;
  }

  /** A set of commands of which the last of each queue is kept: when that is over, so are the others. */
  front(): Front {
    return new Front(this.#queueOf);
  }

  #inherit(command: number, other: number, isOver: boolean): void {
    const [into, from] = [command * this.#queues, other * this.#queues];
    for (let queue = 0; queue < this.#queues; queue++) {
      const count = this.#over[from + queue]!;
      if (count > this.#over[into + queue]!) this.#over[into + queue] = count;
    }
    const queue = this.#queueOf[other]!;
    if (isOver) this.#over[into + queue] = Math.max(this.#over[into + queue]!, this.#placeOf[other]! + 1);
  }
}

/** Most have one command: it has a place of its own. */
export class Front {
  readonly #queueOf: Uint16Array;
  #one = -1;
  #more: number[] | null = null;

  constructor(queueOf: Uint16Array) {
    this.#queueOf = queueOf;
  }

  get isEmpty(): boolean {
    return this.#one === -1;
  }

  /** Later than those of its queue before it. */
  add(command: number): void {
    const queue = this.#queueOf[command]!;
    if (this.#one === -1 || this.#queueOf[this.#one] === queue) {
      this.#one = command;
      return;
    }
    this.#more ??= [];
    const at = this.#more.findIndex((each) => this.#queueOf[each] === queue);
    if (at === -1) this.#more.push(command);
    else this.#more[at] = command;
  }

  find(isWanted: (command: number) => boolean): number | undefined {
    if (this.#one === -1) return undefined;
    return isWanted(this.#one) ? this.#one : this.#more?.find(isWanted);
  }

  /** Whether all of them are over when `later` starts; it is not over itself. */
  isOver(order: ProgramOrder, later: number): boolean {
    if (this.#one !== -1 && !order.isOver(this.#one, later)) return false;
    if (this.#more) for (const each of this.#more) if (!order.isOver(each, later)) return false;
    return true;
  }

  commands(): readonly number[] {
    return this.#one === -1 ? [] : this.#more ? [this.#one, ...this.#more] : [this.#one];
  }
}
