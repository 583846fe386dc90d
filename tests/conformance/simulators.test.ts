/** Every registered simulator on compiled models: engines do one thing at a time, in order, after what it depends on. */
import { beforeAll, describe, expect, it } from 'vitest';
import { presetById } from '#core/architecture/presets.ts';
import { uncontrolled } from '#core/base/control.ts';
import { createRng } from '#core/base/rng.ts';
import { toFile } from '#core/document/document.ts';
import { dependenciesOf, EXECUTE } from '#core/program/program.ts';
import { programRun } from '#core/run/program-run.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import type { Simulator } from '#core/simulate/simulator.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { techniques } from '#core/technique/registry.ts';
import { randomModel } from '../support/random-model.ts';

const simulators: readonly Simulator[] = techniques.simulator;
const MODELS = 3;
let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

describe.each(simulators.map((simulator) => ({ id: simulator.manifest.id, simulator })))('$id', ({ simulator }) => {
  it(`conforms on ${MODELS} programs`, () => {
    for (let seed = 0; seed < MODELS; seed++) {
      const architecture = toFile(presetById('systolic-32x32')!.build('a'));
      const inputs = { model: toFile(randomModel(createRng(seed))), architecture, settings: DEFAULT_SETTINGS };
      const ran = programRun(inputs, { mip, control: uncontrolled });
      if (!ran.ok) throw new Error(`seed ${seed}: ${ran.error.message}`);
      const { program, machine } = ran.value;
      const timing = simulator.simulate(program, machine, uncontrolled);
      if (!timing) throw new Error(`seed ${seed}: cancelled by nobody`);
      const free = program.engines.map(() => 0);
      for (let command = 0; command < program.length; command++) {
        const engine = program.engine[command]!;
        expect(timing.start[command]).toBeGreaterThanOrEqual(free[engine]!);
        for (const before of dependenciesOf(program, command))
          expect(timing.start[command]).toBeGreaterThanOrEqual(timing.finish[before]!);
        free[engine] = timing.release[command]!;
        if (program.opcode[command] === EXECUTE)
          expect(free[engine]! - timing.start[command]!).toBeGreaterThanOrEqual(program.ticks[command]!);
        expect(timing.finish[command]).toBeLessThanOrEqual(timing.makespan);
      }
      expect(simulator.simulate(program, machine, uncontrolled), `seed ${seed}`).toEqual(timing);
      // A run may be over before anybody asks whether it was cancelled.
      const cancelled = simulator.simulate(program, machine, { report: () => {}, cancelled: () => true });
      if (cancelled) expect(cancelled, `seed ${seed}`).toEqual(timing);
    }
  });
});
