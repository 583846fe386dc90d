/**
 * What is said to make a run shorter does: random models on every preset, in several formats and scratchpads; each lever
 * applied to the drawing or the settings, and run. A prediction is an estimate: its direction must hold, its size mostly.
 */
import { describe, expect, it } from 'vitest';
import { PRESETS } from '#core/architecture/presets.ts';
import { uncontrolled } from '#core/base/control.ts';
import { createRng } from '#core/base/rng.ts';
import { type DocumentFile, toFile } from '#core/document/document.ts';
import { CAUSES } from '#core/explain/attribution.ts';
import { programLevers } from '#core/explain/levers.ts';
import { limitsOfRun } from '#core/explain/limits.ts';
import type { ProgramLever } from '#core/explain/program-lever.ts';
import { toRunData } from '#core/report/run-data.ts';
import { runPipeline } from '#core/run/pipeline.ts';
import { DEFAULT_SETTINGS, type RunSettings } from '#core/run/settings.ts';
import { withoutMip } from '#core/solver/mip.ts';
import { randomModel } from '../support/random-model.ts';

const ROUNDS = process.env.WEFT_LONG ? 120 : 8;
const MACHINES = PRESETS.filter(({ build }) => build('a').kind === 'architecture');
/** Of the run: starts of transfers fall otherwise, so that a gain of less may be lost. */
const NOISE = 0.01;

function applied(architecture: DocumentFile, { edits }: ProgramLever): DocumentFile {
  return {
    ...architecture,
    nodes: architecture.nodes.map((node) => {
      const mine = edits.filter((edit) => edit.node === node.id).map(({ parameter, value }) => [parameter, value]);
      return mine.length > 0 ? { ...node, parameters: { ...node.parameters, ...Object.fromEntries(mine) } } : node;
    }),
  };
}

describe('levers of a program run', () => {
  it('predict the direction of a run with them, and most of its size', () => {
    const errors: number[] = [];
    const causes = new Set<string>();
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const model = toFile(randomModel(createRng(seed)));
      const architecture = toFile(MACHINES[seed % MACHINES.length]!.build('a'));
      const settings: RunSettings = {
        ...DEFAULT_SETTINGS,
        values: 'never',
        format: (['int8', 'int16', 'fp32'] as const)[seed % 3]!,
        scratchpadBytes: seed % 4 === 0 ? 16_384 : null,
      };
      const run = (on: DocumentFile, asked: RunSettings) => {
        const services = { mip: withoutMip, control: uncontrolled, appVersion: 'test' };
        const ran = runPipeline({ model, architecture: on, settings: asked }, services);
        if (!ran.ok) throw new Error(`${seed}: ${ran.error.message}`);
        return ran.value;
      };
      const data = toRunData(run(architecture, settings));
      const before = data.timeline.makespanCycles;
      const found = limitsOfRun(data);
      const given = CAUSES.reduce((sum, cause) => sum + found!.attribution.cycles[cause], 0);
      expect(given / before, `${seed}`).toBeCloseTo(1, 9);
      for (const lever of programLevers(data)) {
        const after = run(applied(architecture, lever), { ...settings, ...lever.settings }).timeline.makespanCycles;
        expect(lever.predictedCycles, lever.title).toBeLessThan(before);
        expect(after, `${seed}: ${lever.title}`).toBeLessThanOrEqual(before * (1 + NOISE));
        if (lever.basis === 'estimate') errors.push(Math.abs(after - lever.predictedCycles) / before);
        causes.add(lever.cause);
      }
    }
    errors.sort((a, b) => a - b);
    expect(errors.length).toBeGreaterThan(2 * ROUNDS);
    expect(causes.size).toBeGreaterThanOrEqual(4);
    expect(errors[errors.length >> 1]).toBeLessThan(0.05);
  });
});
