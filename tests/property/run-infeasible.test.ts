/**
 * P-16: models that cannot run in the scratchpad given, through the whole run: what is missing is told with demand, bound and
 * unit at the drawn scratchpad, and each lever it offers, applied, makes the same run come to an end.
 */
import { describe, expect, it } from 'vitest';
import { presetById } from '#core/architecture/presets.ts';
import { uncontrolled } from '#core/base/control.ts';
import { apply } from '#core/document/apply.ts';
import { type DocumentFile, fromFile, toFile } from '#core/document/document.ts';
import { runPipeline } from '#core/run/pipeline.ts';
import { DEFAULT_SETTINGS, RUN_FORMATS, type RunSettings } from '#core/run/settings.ts';
import { withoutMip } from '#core/solver/mip.ts';
import { Sketch } from '#projects/examples/sketch.ts';

const PRESETS = ['systolic-32x32', 'gemmini-16x16', 'tpu-256x256', 'ethos-u55-256', 'fpga-2-cores'] as const;
const FORMATS = [
  ['int8', 1],
  ['int16', 2],
] as const;
/** Input channels, output channels, side of the image, kernel. */
const SHAPES = [
  [32, 64, 14, 1],
  [64, 16, 14, 1],
  [16, 16, 20, 3],
  [128, 8, 9, 1],
  [24, 96, 12, 3],
] as const;

function modelOf([inputs, outputs, side, kernel]: (typeof SHAPES)[number]): DocumentFile {
  const sketch = new Sketch();
  const image = sketch.add('input', 'in', { shape: [1, inputs, side, side] });
  const conv = sketch.add('conv', 'conv', { outChannels: outputs, kernel: [kernel, kernel], bias: false }, image);
  sketch.add('output', 'out', {}, conv);
  return toFile(sketch.document('m', 'm'));
}

/** The only operator has operand and result on chip at once. */
const cases = PRESETS.flatMap((preset) =>
  FORMATS.flatMap(([format, width]) =>
    SHAPES.map((shape) => {
      const [inputs, outputs, side] = shape;
      const demand = width * side * side * (inputs + outputs);
      return { title: `${shape.join(' ')} in ${format} on ${preset}`, preset, format, shape, demand };
    }),
  ),
);

function run(model: DocumentFile, architecture: DocumentFile, settings: RunSettings) {
  return runPipeline({ model, architecture, settings }, { mip: withoutMip, control: uncontrolled, appVersion: 'test' });
}

describe('P-16: what cannot run says what is missing and what would mend it', () => {
  it('are fifty cases', () => expect(cases).toHaveLength(50));

  it.each(cases)('$title', ({ preset, format, shape, demand }) => {
    const model = modelOf(shape);
    const drawn = presetById(preset)!.build('a');
    const scratchpad = [...drawn.nodes.values()].find(({ type }) => type === 'scratchpad')!;
    const bound = 2048;
    const small = apply(drawn, {
      type: 'node.set-parameter',
      node: scratchpad.id,
      parameter: 'capacityBytes',
      value: bound,
    });
    if (!small.ok) throw new Error(small.error.message);
    const architecture = toFile(small.value.document);
    const settings: RunSettings = {
      ...DEFAULT_SETTINGS,
      format,
      split: false,
      values: 'never',
      scheduler: { ...DEFAULT_SETTINGS.scheduler, parameters: { mode: 'strict' } },
    };
    const found = run(model, architecture, settings);
    if (found.ok) throw new Error('it ran');
    const { code, where, facts, fixes, levers = [] } = found.error;
    expect({ code, where }).toEqual({ code: 'schedule.infeasible', where: { document: 'a', node: scratchpad.id } });
    expect(facts).toMatchObject({ bound, unit: 'B' });
    expect(facts.demand).toBeGreaterThanOrEqual(demand);
    // Whole granules of the scratchpad, for operand and result.
    expect(facts.demand).toBeLessThan(demand + 2 * 256);

    const [fix] = fixes;
    const edit = fix?.edits[0];
    if (edit?.type !== 'set-parameter') throw new Error('no mend of the drawing');
    const mended = apply(fromFile(architecture), { ...edit, type: 'node.set-parameter' });
    if (!mended.ok) throw new Error(mended.error.message);
    expect(run(model, toFile(mended.value.document), settings).ok).toBe(true);

    expect(levers.length).toBeGreaterThanOrEqual(2);
    for (const { title, scratchpadBytes, format: narrower, parameters } of levers) {
      const changed: RunSettings = {
        ...settings,
        ...(scratchpadBytes !== undefined && { scratchpadBytes }),
        format: RUN_FORMATS.find((one) => one === narrower) ?? settings.format,
        scheduler: { id: settings.scheduler.id, parameters: { ...settings.scheduler.parameters, ...parameters } },
      };
      expect(run(model, architecture, changed).ok, title).toBe(true);
    }
  });
});
