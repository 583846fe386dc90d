/** Every registered mapper on small products and convolutions: its mapping is counted again, its bound holds. */
import { describe, expect, it } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import { createRng } from '#core/base/rng.ts';
import { evaluate } from '#core/mapping/evaluate.ts';
import { MAPPING_OBJECTIVES, type Mapper, type MapRequest, objectiveValue } from '#core/mapping/mapper.ts';
import { mappingFault } from '#core/mapping/mapping.ts';
import { techniques } from '#core/technique/registry.ts';
import { randomWorkload, treeOf } from '../property/mapping-nests.ts';

const mappers: readonly Mapper[] = techniques.mapper;
const CASES = 12;

describe.each(mappers.map((mapper) => ({ id: mapper.manifest.id, mapper })))('$id', ({ mapper }) => {
  it(`conforms on ${CASES} workloads`, () => {
    for (let seed = 0; seed < CASES; seed++) {
      const rng = createRng(seed);
      const workload = randomWorkload(rng);
      const tree = treeOf([[1, 4][rng.below(2)]!, 1], 2);
      const objective = MAPPING_OBJECTIVES[seed % MAPPING_OBJECTIVES.length]!;
      const request: MapRequest = {
        tree,
        workload,
        objective,
        reuse: 'exact',
        mayBypass: false,
        evaluationLimit: 2_000,
        control: uncontrolled,
      };
      const made = mapper.map(request);
      if (!made.ok) throw new Error(`seed ${seed}: ${made.error.message}`);
      const { mapping, value, lowerBound, stop } = made.value;
      expect(mappingFault(tree, workload, mapping), `seed ${seed}`).toBeNull();
      const counted = evaluate(tree, workload, mapping, 'exact');
      if (!counted.ok) throw new Error(`seed ${seed}: ${counted.error.message}`);
      expect(objectiveValue(counted.value, objective), `seed ${seed}`).toBe(value);
      expect(lowerBound, `seed ${seed}`).toBeLessThanOrEqual(value);
      if (stop === 'proven') expect(lowerBound, `seed ${seed}`).toBe(value);
      expect(mapper.map(request), `seed ${seed}`).toEqual(made);
      const cancelled = mapper.map({ ...request, control: { report: () => {}, cancelled: () => true } });
      if (cancelled.ok) expect(cancelled.value.value, `seed ${seed}`).toBeGreaterThanOrEqual(lowerBound);
    }
  });
});
