/** Every registered model of an array: no faster than its cells, no fewer reads than operands, the same each time. */
import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '#core/base/rng.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { type ArrayDescription, type ArrayModel, type ArrayWorkload, macsOf } from '#core/cost/array-model.ts';
import { techniques } from '#core/technique/registry.ts';

const models: readonly ArrayModel[] = techniques['array-model'];
const CASES = 300;

function drawnArray(rng: Rng): ArrayDescription {
  const bytes = () => 256 << rng.below(8);
  const ports = (['input', 'weight', 'output'] as const).map((operand) => ({
    name: `${operand} port`,
    level: 'buffers' as const,
    operands: [operand],
    bytesPerCycle: 1 + rng.below(64),
  }));
  return {
    rows: 1 + rng.below(32),
    columns: 1 + rng.below(32),
    dataflow: (['os', 'ws', 'is'] as const)[rng.below(3)]!,
    bufferBytes: { input: bytes(), weight: bytes(), output: bytes() },
    elementBytes: { input: 1, weight: 1, output: 1 },
    partialSumBytes: 4,
    scratchpadBytes: rng.below(2) * 65_536,
    ports,
  };
}

describe.each(models.map((model) => ({ id: model.manifest.id, model })))('$id', ({ model }) => {
  it(`conforms on ${CASES} products`, () => {
    const parameters = defaultParameters(model.manifest.parameters);
    for (let seed = 0; seed < CASES; seed++) {
      const rng = createRng(seed);
      const array = drawnArray(rng);
      const size = (most: number) => 1 + rng.below(most);
      const work: ArrayWorkload = {
        groups: rng.below(4) === 0 ? size(8) : 1,
        m: size(200),
        n: size(100),
        k: size(300),
      };
      const where = JSON.stringify({ seed, work, array });
      const made = model.estimate(work, array, parameters);
      expect(model.estimate(work, array, parameters), where).toEqual(made);
      const { cycles, stallCycles, overallUtilisation, mappingEfficiency, computeUtilisation, sram } = made;
      const cells = array.rows * array.columns;
      if (cycles !== null) {
        expect(cycles * cells, where).toBeGreaterThanOrEqual(macsOf(work));
        if (overallUtilisation !== null)
          expect(overallUtilisation, where).toBeCloseTo((100 * macsOf(work)) / (cells * cycles), 6);
      }
      if (stallCycles !== null) expect(stallCycles, where).toBeGreaterThanOrEqual(0);
      for (const share of [mappingEfficiency, computeUtilisation]) {
        expect(share, where).toBeGreaterThan(0);
        expect(share, where).toBeLessThanOrEqual(100 + 1e-9);
      }
      expect(sram.filterReads, where).toBeGreaterThanOrEqual(work.groups * work.k * work.n);
      expect(sram.ofmapWrites, where).toBeGreaterThanOrEqual(work.groups * work.m * work.n);
    }
  });
});
