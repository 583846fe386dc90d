import { describe, expect, it } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import { runPipeline } from '#core/run/pipeline.ts';
import type { RunResult } from '#core/run/result.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { withoutMip } from '#core/solver/mip.ts';
import { examples } from '#projects/examples/make.ts';
import { bandwidthOf, bytesBefore, channelUses, intervalBytes } from './channels.ts';
import { toRunData } from './run-data.ts';

describe('channels of a run', () => {
  const [model, architecture] = examples().find(({ slug }) => slug === 'mlp-two-cores')!.project.documents;
  const ran = runPipeline(
    { model: model!, architecture: architecture!, settings: { ...DEFAULT_SETTINGS, values: 'never' } },
    { mip: withoutMip, control: uncontrolled, appVersion: 'test' },
  );
  if (!ran.ok) throw new Error(ran.error.message);
  const data = toRunData(ran.value);
  const total = ({ totals }: RunResult, id: string) => totals.find((one) => one.id === id)!.value;
  const moved = (of: typeof data) =>
    channelUses(of).reduce((sum, { loadedBytes, storedBytes }) => sum + loadedBytes + storedBytes, 0);

  it('move exactly the bytes the run counted', () => {
    expect(moved(data)).toBe(total(ran.value, 'offchip.bytes'));
    const bytes = intervalBytes(data);
    const { timeline, result } = data;
    const byOperator = new Float64Array(result.operators.length);
    for (const { lane } of channelUses(data))
      for (let at = timeline.laneFirst[lane]!; at < timeline.laneFirst[lane + 1]!; at++)
        byOperator[timeline.operator[at]!]! += bytes[at]!;
    expect([...byOperator]).toEqual(
      result.operators.map(
        ({ compulsoryBytes, spillBytes, refetchBytes }) => compulsoryBytes + spillBytes + refetchBytes,
      ),
    );
  });

  it('spread them over the run, never above what the channel can', () => {
    for (const use of channelUses(data)) {
      const { bucket, values } = bandwidthOf(data, use, 100);
      expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(use.loadedBytes + use.storedBytes, 3);
      for (const value of values) expect(value / bucket).toBeLessThanOrEqual(use.peak * (1 + 1e-9));
      let before = 0;
      for (const [slot, value] of values.entries()) {
        const until = bytesBefore(data, use.lane, (slot + 1) * bucket);
        expect(until - before).toBeCloseTo(value, 3);
        before = until;
      }
    }
  });

  it('of a run from before transfers kept their bytes add up all the same', () => {
    const { bytes: _, ...timeline } = ran.value.timeline;
    expect(moved(toRunData({ ...ran.value, timeline }))).toBeCloseTo(total(ran.value, 'offchip.bytes'), 3);
  });
});
