import { expect, it } from 'vitest';
import { type ConvergenceSample, MOST_SAMPLES, withReport } from './convergence.ts';

const report = (figures: Record<string, number>) => ({ phase: 'p', fraction: 0, message: '', figures });

it('keeps what changed, carries what is not said, and stays short with both ends', () => {
  let samples: readonly ConvergenceSample[] = [];
  samples = withReport(samples, { phase: 'p', fraction: 0, message: '' }, 0);
  expect(samples).toEqual([]);
  samples = withReport(samples, report({ bound: 3 }), 1);
  samples = withReport(samples, report({ incumbent: 9 }), 2);
  const before = samples;
  samples = withReport(samples, report({ incumbent: 9, bound: 3 }), 3);
  expect(samples).toBe(before);
  expect(samples).toEqual([
    { seconds: 1, incumbent: null, bound: 3 },
    { seconds: 2, incumbent: 9, bound: 3 },
  ]);
  for (let step = 0; step < 5 * MOST_SAMPLES; step++)
    samples = withReport(samples, report({ incumbent: 9e6 - step }), step);
  expect(samples.length).toBeLessThanOrEqual(MOST_SAMPLES);
  expect(samples[0]?.seconds).toBe(1);
  expect(samples.at(-1)?.incumbent).toBe(9e6 - 5 * MOST_SAMPLES + 1);
});
