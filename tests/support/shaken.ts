/** Other times for a program: execution, set-up, latency and bandwidth drawn anew, order of queues and dependencies kept. */
import type { Machine } from '#core/architecture/machine.ts';
import { uncontrolled } from '#core/base/control.ts';
import type { Rng } from '#core/base/rng.ts';
import type { Program } from '#core/program/program.ts';
import type { Timing } from '#core/simulate/simulator.ts';
import { technique } from '#core/techniques/simulator/event-timing/technique.ts';

export function shakenTiming(program: Program, machine: Machine, rng: Rng): Timing {
  /** Many short, some very long. */
  const draw = (most: number) => Math.max(1, Math.floor(most ** rng.next()));
  const timing = technique.simulate(
    { ...program, ticks: program.ticks.map((ticks) => (ticks > 0 ? draw(20_000) : 0)) },
    {
      ...machine,
      engines: machine.engines.map((engine) => ({ ...engine, setupTicks: draw(2000) })),
      channels: machine.channels.map((channel) => ({
        ...channel,
        latencyTicks: draw(2000),
        bytesPerTick: draw(1000) / 10,
      })),
    },
    uncontrolled,
  );
  if (timing === null) throw new Error('nobody cancels this simulation');
  return timing;
}
