import { describe, expect, it } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import { runPipeline } from '#core/run/pipeline.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { withoutMip } from '#core/solver/mip.ts';
import { examples } from '#projects/examples/make.ts';
import { bandwidthOf, channelUses } from './channels.ts';
import { toRunData } from './run-data.ts';

describe('channels of a run', () => {
  const [model, architecture] = examples().find(({ slug }) => slug === 'mlp-two-cores')!.project.documents;
  const ran = runPipeline(
    { model: model!, architecture: architecture!, settings: { ...DEFAULT_SETTINGS, values: 'never' } },
    { mip: withoutMip, control: uncontrolled, appVersion: 'test' },
  );

  it('move the bytes the run counted, but for the last cycle of each transfer', () => {
    if (!ran.ok) throw new Error(ran.error.message);
    const data = toRunData(ran.value);
    const uses = channelUses(data);
    const counted = ran.value.totals.find(({ id }) => id === 'offchip.bytes')!.value;
    const moved = uses.reduce((sum, { loadedBytes, storedBytes }) => sum + loadedBytes + storedBytes, 0);
    const transfers = uses.reduce((sum, { lane, rate }) => {
      return sum + rate * (data.timeline.laneFirst[lane + 1]! - data.timeline.laneFirst[lane]!);
    }, 0);
    expect(moved).toBeGreaterThanOrEqual(counted);
    expect(moved).toBeLessThan(counted + transfers);
    for (const use of uses) {
      const { bucket, values } = bandwidthOf(data, use, 100);
      expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(use.loadedBytes + use.storedBytes, 3);
      for (const value of values) expect(value / bucket).toBeLessThanOrEqual(use.peak * (1 + 1e-9));
    }
  });
});
