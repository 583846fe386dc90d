/** Every registered pass on random models: the graph stays whole, work and results are kept, running it twice changes nothing. */
import { describe, expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { lower, verifyKernelGraph } from '#core/compile/kernel-graph.ts';
import type { Pass } from '#core/compile/pass.ts';
import { buildModel } from '#core/model/build.ts';
import { techniques } from '#core/technique/registry.ts';
import { attentionModel } from '../support/attention-model.ts';
import { randomModel } from '../support/random-model.ts';
import { transposedModel } from '../support/transposed-model.ts';

const DRAWN = [randomModel, attentionModel, transposedModel] as const;

const passes: readonly Pass[] = techniques.pass;

describe.each(passes.map((pass) => ({ id: pass.manifest.id, pass })))('$id', ({ pass }) => {
  it('conforms on random models', () => {
    let rewritten = 0;
    for (let seed = 0; seed < 300; seed++) {
      const rng = createRng(seed);
      const built = buildModel(DRAWN[seed % 3]!(rng));
      if (built.graph === null) throw new Error(`seed ${seed}: ${built.problems[0]?.message}`);
      const before = lower(built.graph);
      const after = pass.run(before);
      const where = `seed ${seed}`;
      expect(verifyKernelGraph(after, pass.manifest.id), where).toEqual([]);
      const macs = (graph: typeof before) => graph.operators.reduce((sum, operator) => sum + operator.macs, 0);
      expect(macs(after), where).toBe(macs(before));
      const outputs = (graph: typeof before) =>
        graph.tensors.filter((tensor) => tensor.kind === 'output').reduce((sum, tensor) => sum + tensor.elements, 0);
      expect(outputs(after), where).toBe(outputs(before));
      const inputs = (graph: typeof before) => graph.tensors.filter((tensor) => tensor.kind === 'input').length;
      expect(inputs(after), where).toBe(inputs(before));
      expect(pass.run(after), where).toEqual(after);
      if (JSON.stringify(after) !== JSON.stringify(before)) rewritten++;
    }
    // Drawn models have no dead code: what nobody reads is an output. One that is being written may find nothing yet.
    if (pass.manifest.id !== 'pass/dead-code' && pass.manifest.maturity === 'stable')
      expect(rewritten).toBeGreaterThan(20);
  });
});
