import { describe, expect, it } from 'vitest';
import { presetById } from '#core/architecture/presets.ts';
import { toFile } from '#core/document/document.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { studyMetrics } from '#core/study/metrics.ts';
import { ProgramPoints } from '#core/study/program-points.ts';
import type { StudySpec } from '#core/study/study.ts';
import { Sketch } from '#projects/examples/sketch.ts';
import { evaluated, expectSound } from '../../../tests/support/explained.ts';
import { fixtureRun } from '../../../tests/support/run-fixture.ts';
import { explainStudyMetric } from './study.ts';

describe('a point of a study', () => {
  const sketch = new Sketch();
  const image = sketch.add('input', 'image', { shape: [1, 16, 28, 28] });
  const first = sketch.add('conv', 'first', { outChannels: 32, kernel: [3, 3] }, image);
  sketch.add('output', 'result', {}, sketch.add('conv', 'second', { outChannels: 24, kernel: [1, 1] }, first));
  const drawn = presetById('systolic-32x32')!.build('a');
  const array = [...drawn.nodes.values()].find(({ type }) => type === 'systolic-array')!;
  const spec: StudySpec = {
    title: 'Rows',
    kind: 'program',
    model: 'm',
    architecture: 'a',
    settings: DEFAULT_SETTINGS,
    axes: [
      { of: 'architecture', nodes: [array.id], parameter: 'rows', title: 'Rows', unit: '', values: [8, 32] },
      { of: 'settings', nodes: [], parameter: 'format', title: 'Format', unit: '', values: ['int8', 'fp16'] },
    ],
    explorer: { id: 'explorer/grid', parameters: {} },
    fidelity: 'estimate',
    objectives: ['time.cycles', 'area.total'],
  };
  const points = new ProgramPoints(spec, { model: toFile(sketch.document('m', 'Two')), architecture: toFile(drawn) });
  const choice = [0, 1];
  const { metrics, failure } = points.evaluate(choice);
  const study = { spec, metrics: studyMetrics('program', 'estimate') };
  const again = points.estimated(choice);
  const site = {
    study,
    point: { index: 4, choice, metrics, failure, run: null },
    run: null,
    estimated: () => (again.ok ? again.value : null),
  };

  it('has every metric explained, with the values swept and where they are set', () => {
    expect(failure).toBeNull();
    for (const { id } of study.metrics) {
      const made = explainStudyMetric(site, id)!;
      expectSound(made);
      expect(made.value, id).toBe(metrics[id]);
      expect(made.title).toContain('point 5');
      expect(made.terms.slice(-2)).toMatchObject([
        { symbol: 'Rows', value: 8, where: { kind: 'node', document: 'a', node: array.id } },
        { symbol: 'Format', value: 'fp16', where: { kind: 'setting', id: 'format' } },
      ]);
    }
    expect(explainStudyMetric(site, 'memory.peak')).toBeNull();
  });

  it('is followed to its kernels, and time to the drawn clock', () => {
    const cycles = explainStudyMetric(site, 'time.cycles')!;
    const kernels = cycles.terms[0]!;
    expect(kernels).toMatchObject({ symbol: 'its 2 kernels', value: metrics['time.cycles'] });
    expect(explainStudyMetric({ ...site, estimated: () => null }, 'time.cycles')?.terms).toHaveLength(2);
    const clock = explainStudyMetric(site, 'time.seconds')!.terms.find(({ symbol }) => symbol === 'clock')!;
    expect(clock.value).toBe(again.ok ? again.value.machine.clockHertz : 0);
    // Eight rows of 32 cells.
    const utilisation = explainStudyMetric(site, 'compute.utilisation')!;
    expect(utilisation.terms.find(({ symbol }) => symbol === 'peak')?.value).toBe(8 * 32);
    expect(evaluated(utilisation)).toBeCloseTo(metrics['compute.utilisation']!, 12);
    const alone = explainStudyMetric({ ...site, estimated: () => null }, 'compute.utilisation')!;
    expect(evaluated(alone)).toBeCloseTo(metrics['compute.utilisation']!, 12);
  });

  it('that is a run has the figure of the run', () => {
    const run = fixtureRun();
    const total = run.totals.find(({ id }) => id === 'time.cycles')!;
    const point = { ...site.point, metrics: { 'time.cycles': total.value }, run: 'r' };
    const made = explainStudyMetric(
      { ...site, study: { ...study, spec: { ...spec, fidelity: 'run' } }, point, run },
      'time.cycles',
    );
    expect(made).toMatchObject({ title: total.title, value: total.value, badge: 'simulated' });
  });
});
