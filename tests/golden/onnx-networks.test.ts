/**
 * Random networks of several operators against ONNX Runtime, in the forms exporters and quantisers write: the reference agrees,
 * integers to the bit, and the program compiled of each computes what the reference does. WEFT_REFERENCE_CASES sets how many.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { PRESETS } from '#core/architecture/presets.ts';
import { createRng } from '#core/base/rng.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { cases } from '../support/cases.ts';
import { certified, ranProgram } from '../support/certified.ts';
import { CaseBuilder } from '../support/onnx-cases.ts';
import { openModel, runReference, sourceOf } from '../support/onnx-model.ts';
import { floatNetwork, integerNetwork, qdqNetwork } from '../support/onnx-networks.ts';
import { difference, runOnnx } from '../support/onnxruntime.ts';

const CASES = cases(12, 200);
/** What single precision loses where numbers near 1 are all a result has. */
const NOTHING = 1e-7;

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

async function faultOf(make: (c: CaseBuilder) => void, tolerance: number, seed: number): Promise<string | null> {
  const built = new CaseBuilder(createRng(seed));
  make(built);
  const file = built.file();
  const what = `seed ${seed}: ${built.describe()}`;
  const theirs = await runOnnx(file, built.inputs).catch((cause: unknown) => `ONNX Runtime: ${cause}`);
  if (typeof theirs === 'string') return `${what}: ${theirs}`;
  const model = openModel(file);
  const ours = runReference(model, file, built.inputs);
  for (const [name, expected] of theirs) {
    const found = ours.get(name);
    const { relative, absolute } = found ? difference(found, expected) : { relative: Infinity, absolute: Infinity };
    const isClose = relative <= tolerance || (tolerance > 0 && absolute <= NOTHING);
    if (!isClose) return `${what}: ${name} is off by ${relative} of its range, ${absolute}`;
  }
  const preset = PRESETS[seed % PRESETS.length]!;
  const S = [1024, 16_384, null][seed % 3]!;
  const ran = ranProgram(model.imported.document, preset.build('architecture'), { S }, mip);
  // What does not fit is refused; nothing else may be.
  if (!ran.ok) return /^schedule\.(?!rejected)/.test(ran.error.code) ? null : `${what}: ${ran.error.message}`;
  const certificate = certified(ran.value, sourceOf(openModel(file), file, built.inputs));
  if (!certificate.ok) return `${what}: ${certificate.error.message}`;
  return certificate.value.isVerified ? null : `${what} on ${preset.id}: ${certificate.value.statement}`;
}

describe.each([
  ['convolutions, pools, resizes, branches, recurrences', floatNetwork, 1e-4],
  ['8 bits in QDQ form', qdqNetwork, 0],
  ['integer operators', integerNetwork, 0],
] as const)('%s', (_, make, tolerance) => {
  it(`${CASES} random networks agree and their programs are verified`, async () => {
    const faults: string[] = [];
    for (let seed = 0; seed < CASES; seed++) {
      const fault = await faultOf(make, tolerance, 31 * seed + 1);
      if (fault) faults.push(fault);
    }
    expect(faults).toEqual([]);
  });
});
