/**
 * Every operator type on random operands and attributes, corners included, against ONNX Runtime: through the ONNX writer,
 * the importer, weights read by offset and the reference executor. WEFT_REFERENCE_CASES sets how many of each.
 */
import { describe, expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { EVALUATORS } from '#core/reference/operators/index.ts';
import { cases } from '../support/cases.ts';
import { CaseBuilder } from '../support/onnx-cases.ts';
import { openModel, runReference } from '../support/onnx-model.ts';
import { GENERATORS, type Generator } from '../support/onnx-operator-cases.ts';
import { difference, runOnnx } from '../support/onnxruntime.ts';

const CASES = cases(12, 200);
/** What single precision loses where terms near 1 cancel. */
const NOTHING = 1e-7;
const seen = new Set<string>();

async function faultOf(generator: Generator, seed: number): Promise<string | null> {
  const built = new CaseBuilder(createRng(seed));
  generator.make(built);
  const file = built.file();
  const theirs = await runOnnx(file, built.inputs);
  const model = openModel(file);
  for (const { type } of model.graph.operators) {
    seen.add(type.id);
    if (!generator.types.includes(type.id)) return `seed ${seed}: ${built.describe()} is drawn as '${type.id}'`;
  }
  const ours = runReference(model, file, built.inputs);
  for (const [name, expected] of theirs) {
    const found = ours.get(name);
    if (!found) return `seed ${seed}: ${built.describe()}: ${name} is missing`;
    const { relative, absolute } = difference(found, expected);
    const error = generator.tolerance >= 1 ? absolute : relative;
    const isClose = error <= generator.tolerance || (generator.tolerance > 0 && absolute <= NOTHING);
    if (!isClose || found.type.elementType !== expected.type.elementType)
      return `seed ${seed}: ${built.describe()}: ${name} is off by ${error} (${found.type.elementType})`;
  }
  return null;
}

describe.each(GENERATORS.map((generator, at) => ({ ...generator, at })))('$title', (generator) => {
  const count = CASES * (generator.share ?? 1);
  it(`${count} random cases agree${generator.quirk ? `; ${generator.quirk}` : ''}`, async () => {
    const faults: string[] = [];
    for (let i = 0; i < count; i++) {
      const fault = await faultOf(generator, 1000 * generator.at + 7919 * i);
      if (fault) faults.push(fault);
    }
    expect(faults).toEqual([]);
  });
});

it('together they meet every operator type that has a value', () => {
  expect([...EVALUATORS.keys()].filter((type) => !seen.has(type))).toEqual([]);
});
