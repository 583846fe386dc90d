import { expect, it } from 'vitest';
import { presetById } from '#core/architecture/presets.ts';
import { uncontrolled } from '#core/base/control.ts';
import { toFile } from '#core/document/document.ts';
import { withoutMip } from '#core/solver/mip.ts';
import { Sketch } from '#projects/examples/sketch.ts';
import { runPipeline } from './pipeline.ts';
import { DEFAULT_SETTINGS } from './settings.ts';

it('a run without room, where nothing is to be split, is told at the drawn scratchpad, with the capacity that mends it', () => {
  const sketch = new Sketch();
  const image = sketch.add('input', 'in', { shape: [1, 32, 14, 14] });
  const conv = sketch.add('conv', 'pointwise', { outChannels: 64, kernel: [1, 1], bias: false }, image);
  sketch.add('output', 'out', {}, conv);
  const run = (scratchpadBytes: number | null, capacityBytes: number) => {
    const drawn = toFile(presetById('systolic-32x32')!.build('a'));
    const architecture = {
      ...drawn,
      nodes: drawn.nodes.map((node) =>
        node.type === 'scratchpad' ? { ...node, parameters: { ...node.parameters, capacityBytes } } : node,
      ),
    };
    const scheduler = { ...DEFAULT_SETTINGS.scheduler, parameters: { mode: 'strict' } };
    const inputs = {
      model: toFile(sketch.document('m', 'm')),
      architecture,
      settings: { ...DEFAULT_SETTINGS, scratchpadBytes, split: false, scheduler },
    };
    const ran = runPipeline(inputs, { mip: withoutMip, control: uncontrolled, appVersion: 'test' });
    return { ran, scratchpad: drawn.nodes.find(({ type }) => type === 'scratchpad')!.id };
  };
  // Operand and result of the only operator: 32 · 14 · 14 + 64 · 14 · 14 bytes, and 19 KiB hold them.
  const demand = 96 * 14 * 14;
  const { ran, scratchpad } = run(null, 8192);
  expect(ran).toMatchObject({
    ok: false,
    error: {
      code: 'schedule.infeasible',
      where: { document: 'a', node: scratchpad },
      facts: { demand, bound: 8192 },
      fixes: [{ edits: [{ type: 'set-parameter', node: scratchpad, parameter: 'capacityBytes', value: 19 * 1024 }] }],
      levers: expect.arrayContaining([
        expect.objectContaining({ scratchpadBytes: Math.ceil(demand / 64) * 64 }),
        expect.objectContaining({ parameters: { mode: 'stream' } }),
      ]),
    },
  });
  expect(run(null, 19 * 1024).ran.ok).toBe(true);
  expect(run(8192, 2 ** 20).ran).toMatchObject({ ok: false, error: { fixes: [] } });
});
