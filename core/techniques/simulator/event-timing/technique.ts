/**
 * Plays a program on the event kernel. Units and DMA queues (one for reads, one for writes an engine) work in
 * order; a transfer holds its queue, waits first come first served for channel and bus, occupies both for
 * ⌈bytes ÷ narrowest width⌉ ticks, and its data are there one latency later (latencies of transfers overlap).
 */
import type { Machine } from '#core/architecture/machine.ts';
import type { Control } from '#core/base/control.ts';
import { EXECUTE, type Program } from '#core/program/program.ts';
import { EventKernel } from '#core/simulate/kernel.ts';
import type { Simulator, Timing } from '#core/simulate/simulator.ts';

export const technique: Simulator = {
  manifest: {
    id: 'simulator/event-timing',
    kind: 'simulator',
    version: '1',
    title: 'Event-driven timing',
    summary: 'Plays the command stream against units, DMA engines, buses and off-chip channels, to the cycle.',
    maturity: 'stable',
    citations: [
      { text: 'Fujimoto, Parallel and Distributed Simulation Systems, 2000, chapter 2: event list and tie-breaking' },
    ],
    parameters: [],
  },
  simulate: (program, machine, control) => new TimingRun(program, machine, control).run(),
};

/** Events. Finishing before starting at the same tick: resources are free for those who wait. */
const FINISH = 0;
const RELEASE = 1;
const REQUEST = 2;
const READY = 3;

class TimingRun {
  readonly #program: Program;
  readonly #machine: Machine;
  readonly #control: Control;
  readonly #kernel = new EventKernel();
  readonly #waiting: Int32Array;
  readonly #dependentsStart: Uint32Array;
  readonly #dependents: Uint32Array;
  /** Commands of each engine in order, and how many of them have started. */
  readonly #queues: readonly number[][];
  readonly #started: Int32Array;
  readonly #busy: Uint8Array;
  readonly #channelFree: Float64Array;
  readonly #busFree = new Map<string, number>();
  readonly #start: Float64Array;
  readonly #finish: Float64Array;
  readonly #release: Float64Array;
  readonly #channelStart: Float64Array;
  readonly #channelEnd: Float64Array;
  readonly #units: number;
  #done = 0;

  constructor(program: Program, machine: Machine, control: Control) {
    this.#program = program;
    this.#machine = machine;
    this.#control = control;
    const n = program.length;
    this.#units = machine.units.length;
    this.#waiting = new Int32Array(n);
    this.#dependentsStart = new Uint32Array(n + 1);
    for (const before of program.depends) this.#dependentsStart[before + 1]!++;
    for (let i = 0; i < n; i++) this.#dependentsStart[i + 1]! += this.#dependentsStart[i]!;
    this.#dependents = new Uint32Array(program.depends.length);
    const fill = this.#dependentsStart.slice(0, n);
    for (let i = 0; i < n; i++) {
      this.#waiting[i] = program.dependsStart[i + 1]! - program.dependsStart[i]!;
      for (let d = program.dependsStart[i]!; d < program.dependsStart[i + 1]!; d++)
        this.#dependents[fill[program.depends[d]!]!++] = i;
    }
    this.#queues = program.engines.map(() => []);
    for (let i = 0; i < n; i++) this.#queues[program.engine[i]!]!.push(i);
    this.#started = new Int32Array(program.engines.length);
    this.#busy = new Uint8Array(program.engines.length);
    this.#channelFree = new Float64Array(machine.channels.length);
    this.#start = new Float64Array(n);
    this.#finish = new Float64Array(n);
    this.#release = new Float64Array(n);
    this.#channelStart = new Float64Array(n);
    this.#channelEnd = new Float64Array(n);
  }

  run(): Timing | null {
    const { length } = this.#program;
    for (let engine = 0; engine < this.#queues.length; engine++) this.#tryStart(engine);
    const ranDry = this.#kernel.run(
      (code, command) => this.#handle(code, command),
      () => {
        this.#control.report({
          phase: 'simulate',
          fraction: this.#done / length,
          message: `Cycle ${Math.round(this.#kernel.now).toLocaleString('en')}`,
          figures: { cycle: this.#kernel.now, events: this.#kernel.processed, commands: this.#done },
        });
        return this.#control.cancelled();
      },
    );
    if (!ranDry) return null;
    if (this.#done !== length) throw new Error(`deadlock: ${length - this.#done} of ${length} commands never started`);
    let makespan = 0;
    for (const time of this.#finish) if (time > makespan) makespan = time;
    return {
      makespan,
      start: this.#start,
      finish: this.#finish,
      release: this.#release,
      channelStart: this.#channelStart,
      channelEnd: this.#channelEnd,
      events: this.#kernel.processed,
    };
  }

  #handle(code: number, command: number): void {
    switch (code) {
      case RELEASE: {
        const engine = this.#program.engine[command]!;
        this.#busy[engine] = 0;
        this.#tryStart(engine);
        break;
      }
      case FINISH:
        this.#finish[command] = this.#kernel.now;
        this.#done++;
        for (let d = this.#dependentsStart[command]!; d < this.#dependentsStart[command + 1]!; d++) {
          const dependent = this.#dependents[d]!;
          if (--this.#waiting[dependent]! === 0) this.#kernel.schedule(this.#kernel.now, READY, READY, dependent);
        }
        break;
      case READY:
        this.#tryStart(this.#program.engine[command]!);
        break;
      case REQUEST:
        this.#transfer(command);
        break;
    }
  }

  /** Starts the engine's next command when the engine is free and nothing is missing. */
  #tryStart(engine: number): void {
    if (this.#busy[engine]) return;
    const command = this.#queues[engine]![this.#started[engine]!];
    if (command === undefined || this.#waiting[command]! > 0) return;
    this.#busy[engine] = 1;
    this.#started[engine]!++;
    const now = this.#kernel.now;
    this.#start[command] = now;
    if (this.#program.opcode[command] === EXECUTE) {
      const end = now + this.#program.ticks[command]!;
      this.#release[command] = end;
      this.#kernel.schedule(end, FINISH, FINISH, command);
      this.#kernel.schedule(end, RELEASE, RELEASE, command);
    } else {
      this.#kernel.schedule(now + this.#dma(engine).setupTicks, REQUEST, REQUEST, command);
    }
  }

  /** Program engines: the units, then a read and a write queue for every DMA engine. */
  #dma(engine: number): Machine['engines'][number] {
    return this.#machine.engines[(engine - this.#units) >> 1]!;
  }

  #transfer(command: number): void {
    const engine = this.#dma(this.#program.engine[command]!);
    const index = this.#program.channel[command]!;
    const channel = this.#machine.channels[index]!;
    const busFree = engine.bus ? (this.#busFree.get(engine.bus.node) ?? 0) : 0;
    const width = Math.min(
      channel.bytesPerTick,
      engine.bytesPerTick,
      engine.bus?.bytesPerTick ?? Number.POSITIVE_INFINITY,
    );
    const begin = Math.max(this.#kernel.now, this.#channelFree[index]!, busFree);
    const end = begin + Math.max(1, Math.ceil(this.#program.bytes[command]! / width));
    this.#channelFree[index] = end;
    if (engine.bus) this.#busFree.set(engine.bus.node, end);
    this.#channelStart[command] = begin;
    this.#channelEnd[command] = end;
    this.#release[command] = end;
    this.#kernel.schedule(end, RELEASE, RELEASE, command);
    this.#kernel.schedule(end + channel.latencyTicks + (engine.bus?.latencyTicks ?? 0), FINISH, FINISH, command);
  }
}
