/**
 * What passes and mappings make of a model still computes it: attention with folded constants, scale and mask, element-wise chains,
 * groups side by side on an array, whole and split, played on numbers against the reference.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { presetById } from '#core/architecture/presets.ts';
import { createRng, type Rng } from '#core/base/rng.ts';
import type { Document } from '#core/document/document.ts';
import { randomSource } from '#core/reference/source.ts';
import type { ProgramRun } from '#core/run/program-run.ts';
import { SCHEDULE_MODES } from '#core/schedule/problem.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { Sketch } from '#projects/examples/sketch.ts';
import { attentionModel } from '../support/attention-model.ts';
import { certified, ranProgram } from '../support/certified.ts';

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

/** A grouped or depthwise convolution in some corner of its parameters. */
function groupedModel(rng: Rng): Document {
  const s = new Sketch();
  const pick = <T>(list: readonly T[]): T => list[rng.below(list.length)]!;
  const groups = pick([2, 3, 8, 24]);
  const channels = groups * pick([1, 2, 5]);
  const x = s.add('input', 'in', { shape: [pick([1, 3]), channels, pick([6, 9, 17]), pick([6, 11])] });
  const made = s.add(
    'conv',
    'grouped',
    {
      outChannels: groups * pick([1, 2, 3]),
      groups,
      kernel: pick([
        [3, 3],
        [1, 1],
        [2, 5],
      ]),
      strides: pick([
        [1, 1],
        [2, 1],
      ]),
      dilations: pick([
        [1, 1],
        [2, 1],
      ]),
    },
    x,
  );
  s.add('output', 'out', {}, s.add('activation', 'relu', { function: 'relu' }, made));
  return s.document('model', 'grouped');
}

/** y = x · (1 + erf(x ÷ c)) · ½ as exporters write it, with full and broadcast operands. */
function chainModel(rng: Rng): Document {
  const s = new Sketch();
  const shape = [1 + rng.below(6), 1 + rng.below(60), 1 + rng.below(30)];
  const x = s.add('input', 'in', { shape });
  let at = s.add('elementwise', 'scale', { operation: 'mul' }, x, s.add('constant', 'c', { shape: [] }));
  for (let i = 1 + rng.below(5); i > 0; i--)
    at =
      rng.below(3) === 0
        ? s.add(
            'elementwise',
            `add ${i}`,
            { operation: 'add' },
            at,
            s.add('input', `row ${i}`, { shape: shape.slice(-1) }),
          )
        : s.add('activation', `relu ${i}`, { function: 'relu' }, at);
  s.add('output', 'out', {}, s.add('elementwise', 'again', { operation: 'mul' }, at, x));
  return s.document('model', 'chain');
}

describe.each([
  {
    name: 'attention',
    draw: attentionModel,
    shows: (run: ProgramRun) => run.compiled.graph.operators.some(({ group }) => group),
  },
  {
    name: 'grouped convolutions',
    draw: groupedModel,
    shows: (run: ProgramRun) => run.compiled.mapped.some(({ mapping }) => (mapping.groupsAtOnce ?? 1) > 1),
  },
  {
    name: 'element-wise chains',
    draw: chainModel,
    shows: (run: ProgramRun) => run.compiled.graph.operators.some(({ types }) => types.length > 2),
  },
])('$name', ({ draw, shows }) => {
  it('computes what was drawn', () => {
    let shown = 0;
    let split = 0;
    for (let seed = 0; seed < 24; seed++) {
      const model = draw(createRng(seed));
      const architecture = presetById(seed % 2 ? 'systolic-32x32' : 'gemmini-16x16')!.build('a');
      const mode = SCHEDULE_MODES[seed % 3]!;
      const ran = ranProgram(
        model,
        architecture,
        { mode, S: [512, 4096, null][(seed >> 1) % 3]!, format: 'model' },
        mip,
      );
      if (!ran.ok) throw new Error(`seed ${seed}: ${ran.error.message}`);
      const certificate = certified(ran.value, randomSource(ran.value.model, seed));
      if (!certificate.ok) throw new Error(`seed ${seed}: ${certificate.error.message}`);
      expect(certificate.value.isVerified, `seed ${seed}: ${certificate.value.fault?.problem.message}`).toBe(true);
      if (shows(ran.value)) shown++;
      if (ran.value.findings.some(({ code }) => code === 'compile.split')) split++;
    }
    expect(shown).toBeGreaterThan(5);
    expect(split).toBeGreaterThan(2);
  });
});
