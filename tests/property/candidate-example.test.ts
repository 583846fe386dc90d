/** The candidate shipped with MobileNetV1: right, and faster than the compiler's own lowering. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { toFile } from '#core/document/document.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { loadModel } from '../../main/cli/inputs.ts';
import { candidateBench } from '../support/candidates.ts';

const EXAMPLE = join(import.meta.dirname, '../../projects/examples/mobilenet-v1');

it('two blocks of rows side by side read the weights once, not twice', async () => {
  const loaded = loadModel(EXAMPLE, { shapes: {}, values: {} });
  if (!loaded.ok) throw new Error(loaded.error.message);
  const { model, architecture } = loaded.value;
  const settings = { ...DEFAULT_SETTINGS, format: 'model' } as const;
  const bench = candidateBench(
    { model: toFile(model), architecture: toFile(architecture!), settings },
    await loadHighs(),
  );
  const text = readFileSync(join(EXAMPLE, 'candidates/separable-6-pointwise.txt'), 'utf8');
  const report = bench.check('separable 6 · pointwise', text);
  expect(report).toMatchObject({ isAccepted: true, problems: [] });
  expect(report.values?.played).toHaveLength(10);
  const { candidate, compiler, speedup } = report.alone!;
  // 256 × 512 weights and 512 biases of 4 B, once less.
  const weights = bench.compiler.problem.ops.find(({ name }) => name === 'separable 6 · pointwise')!.weightBytes;
  expect(compiler.offChipBytes - candidate.offChipBytes).toBe(weights);
  // Off-chip bound on a channel of equal width: time goes with the bytes.
  expect(speedup).toBeGreaterThan(1.2);
  expect(speedup).toBeLessThan(compiler.offChipBytes / candidate.offChipBytes + 0.01);
  expect(report.run!.candidate.cycles).toBeLessThan(report.run!.compiler.cycles);
}, 120_000);
