/** One command at a time, in the order of the program: the ceiling over what any machine takes. */
import type { Machine } from '#core/architecture/machine.ts';
import { EXECUTE, type Program } from '#core/program/program.ts';
import type { Simulator, Timing } from '#core/simulate/simulator.ts';

export const technique: Simulator = {
  manifest: {
    id: 'simulator/example',
    kind: 'simulator',
    version: '0.1.0',
    title: 'Example',
    summary: 'Plays one command after another; nothing overlaps.',
    maturity: 'experimental',
    citations: [{ text: 'Where the idea comes from: authors, title, place and year' }],
    parameters: [],
  },
  simulate: (program, machine, control) => (control.cancelled() ? null : oneByOne(program, machine)),
};

function oneByOne(program: Program, machine: Machine): Timing {
  const column = () => new Float64Array(program.length);
  const [start, finish, release, channelStart, channelEnd] = [column(), column(), column(), column(), column()];
  let now = 0;
  for (let command = 0; command < program.length; command++) {
    start[command] = now;
    if (program.opcode[command] === EXECUTE) {
      now += program.ticks[command]!;
    } else {
      // A read and a write queue for every DMA engine follow the units.
      const engine = machine.engines[(program.engine[command]! - machine.units.length) >> 1]!;
      const channel = machine.channels[program.channel[command]!]!;
      const width = Math.min(channel.bytesPerTick, engine.bytesPerTick, engine.bus?.bytesPerTick ?? Infinity);
      const begin = now + engine.setupTicks;
      const end = begin + Math.max(1, Math.ceil(program.bytes[command]! / width));
      channelStart[command] = begin;
      channelEnd[command] = end;
      now = end + channel.latencyTicks + (engine.bus?.latencyTicks ?? 0);
    }
    release[command] = now;
    finish[command] = now;
  }
  return { makespan: now, start, finish, release, channelStart, channelEnd, events: program.length };
}
