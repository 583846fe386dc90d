/**
 * Products and convolutions tile by tile against the plain reference: ragged tiles, strides, dilations, padding on either side,
 * groups, batches, one to three spatial axes, integers with zero points; operands resident or streamed with halos.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { LOAD, REFETCH } from '#core/program/program.ts';
import { randomSource } from '#core/reference/source.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { cases } from '../support/cases.ts';
import { certified, ranProgram } from '../support/certified.ts';
import { KERNELS, randomKernel, smallArchitecture } from '../support/random-kernel.ts';

const SEEDS = cases(40, 600);

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

describe.each(KERNELS.map((type) => [type]))('%s', (type) => {
  it('equals the reference', () => {
    const seen = { played: 0, tiled: 0, deep: 0, refetched: 0, streamed: 0 };
    for (let seed = 0; seed < SEEDS; seed++) {
      const rng = createRng(seed);
      const model = randomKernel(rng, type);
      const run = ranProgram(
        model,
        smallArchitecture(rng),
        { mode: rng.below(2) === 0 ? 'stream' : 'strict', S: rng.below(2) === 0 ? 16 : null },
        mip,
      );
      const where = `seed ${seed}`;
      if (!run.ok) {
        expect(run.error.code, `${where}: ${run.error.message}`).toMatch(/^schedule\.(?!rejected)|buffers-too-small/);
        continue;
      }
      const made = certified(run.value, randomSource(run.value.model, seed));
      expect(made.ok || made.error.message, where).toBe(true);
      if (!made.ok) continue;
      expect(made.value.statement, where).toMatch(/^Values verified/);
      expect(made.value.relativeError, where).toBeLessThan(1e-6);
      seen.played++;
      const { pieces, compiled, program } = run.value;
      if (pieces[0]!.gemm && pieces[0]!.results[0]!.count > 1) seen.tiled++;
      if (pieces[0]!.gemm && compiled.mapped[0]!.mapping.loop.counts.k > 1) seen.deep++;
      if (program.bindings[0]!.operands.some(({ address }) => address < 0)) seen.streamed++;
      for (let i = 0; i < program.length; i++)
        if (program.opcode[i] === LOAD && program.traffic[i] === REFETCH) {
          seen.refetched++;
          break;
        }
    }
    expect(seen.played, JSON.stringify(seen)).toBeGreaterThan(SEEDS / 2);
    if (type === 'conv-transpose' || type === 'einsum') return;
    for (const count of [seen.tiled, seen.streamed]) expect(count, JSON.stringify(seen)).toBeGreaterThan(3);
    if (type === 'conv' || type === 'matmul')
      for (const count of [seen.deep, seen.refetched]) expect(count, JSON.stringify(seen)).toBeGreaterThan(3);
  });
});
