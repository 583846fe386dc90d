/** Every registered rewrite on random models: what it proposes can be done, undone, and is said with figures. */
import { describe, expect, it } from 'vitest';
import { resolveMachine } from '#core/architecture/machine.ts';
import { PRESETS } from '#core/architecture/presets.ts';
import { canonicalJson } from '#core/base/canonical.ts';
import { createRng } from '#core/base/rng.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { apply } from '#core/document/apply.ts';
import { toFile } from '#core/document/document.ts';
import { buildModel } from '#core/model/build.ts';
import { techniques } from '#core/technique/registry.ts';
import type { Rewrite } from '#core/technique/rewrite.ts';
import { randomModel } from '../support/random-model.ts';

const rewrites: readonly Rewrite[] = techniques.rewrite;
const machines = PRESETS.flatMap((preset) => resolveMachine(preset.build('a')).machine ?? []);
const compiler = { passes: techniques.pass, units: techniques.unit };
const MODELS = 12;

describe.each(rewrites.map((rewrite) => ({ id: rewrite.manifest.id, rewrite })))('$id', ({ rewrite }) => {
  it(`conforms on ${MODELS} models`, () => {
    const parameters = defaultParameters(rewrite.manifest.parameters);
    for (let seed = 0; seed < MODELS; seed++) {
      const model = randomModel(createRng(seed));
      const before = canonicalJson(toFile(model));
      const settings = { format: 'int8', objective: 'cycles' } as const;
      const request = { model, machine: machines[seed % machines.length]!, compiler, settings, parameters };
      const made = rewrite.propose(request);
      if (!made.ok) throw new Error(`seed ${seed}: ${made.error.message}`);
      expect(rewrite.propose(request), `seed ${seed}`).toEqual(made);
      expect(canonicalJson(toFile(model)), `seed ${seed}`).toBe(before);
      const { command, finding, after } = made.value;
      expect(finding).toMatch(/\.$/);
      if (!command) {
        expect(after).toEqual(made.value.before);
        continue;
      }
      const applied = apply(model, command);
      if (!applied.ok) throw new Error(`seed ${seed}: ${applied.error.message}`);
      expect(buildModel(applied.value.document).graph, `seed ${seed}`).not.toBeNull();
      for (const figure of Object.values(after)) expect(Number.isFinite(figure) && figure >= 0).toBe(true);
    }
  });
});
