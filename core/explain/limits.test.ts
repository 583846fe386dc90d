import { describe, expect, it } from 'vitest';
import { resolveMachine } from '#core/architecture/machine.ts';
import { presetById } from '#core/architecture/presets.ts';
import { encodeColumn } from '#core/base/columns.ts';
import { toRunData } from '#core/report/run-data.ts';
import { fixtureRun } from '../../tests/support/run-fixture.ts';
import { attributionOf, CAUSES } from './attribution.ts';

/** One array, one channel: intervals [lane, start, end, operator] of a run of two operators. */
function dataOf(
  rows: readonly (readonly [number, number, number, number])[],
  cycles: number,
  limits = ['compute', 'off-chip'],
) {
  const run = fixtureRun({ blocks: 1 });
  const column = (at: number) => Float64Array.from(rows, (row) => row[at]!);
  const operators = run.operators.slice(0, 2).map((operator, at) => ({
    ...operator,
    limit: limits[at] === 'compute' ? ('compute' as const) : ('off-chip' as const),
    compulsoryBytes: 60,
    spillBytes: 30,
    refetchBytes: 10,
  }));
  return toRunData({
    ...run,
    operators,
    timeline: {
      lanes: [
        { component: 'array', title: 'Array', kind: 'compute' },
        { component: 'dma', title: 'DMA', kind: 'dma' },
        { component: 'dram', title: 'DRAM', kind: 'channel' },
      ],
      makespanCycles: cycles,
      clockHertz: 1e9,
      lane: encodeColumn(Uint16Array.from(rows, ([lane]) => lane)),
      start: encodeColumn(column(1)),
      end: encodeColumn(column(2)),
      operator: encodeColumn(Int32Array.from(rows, (row) => row[3])),
      kind: encodeColumn(new Uint8Array(rows.length)),
    },
  });
}
const { machine } = resolveMachine(presetById('systolic-32x32')!.build('a'));
const units = machine!.units.map((unit) => (unit.kind === 'systolic-array' ? { ...unit, node: 'array' } : unit));

describe('what cycles wait for', () => {
  it('a unit where it works alone, the channel where it works alone or holds the unit up, latency where neither does', () => {
    const data = dataOf(
      [
        [0, 20, 40, 0],
        [0, 50, 90, 1],
        [1, 0, 20, 0],
        [2, 5, 15, 0],
        [2, 30, 60, 1],
      ],
      100,
    );
    const { cycles, operators } = attributionOf(data, { units });
    // 0–5 and 15–20: data on their way. 5–15: loads. 20–40: the array, limited by itself. 40–50: loads. 50–60: the array is
    // held up by its loads. 60–90: the array. 90–100: nothing.
    expect(cycles.latency).toBe(5 + 5 + 10);
    expect(cycles.array).toBe(20 + 30);
    expect(cycles.bandwidth + cycles.capacity + cycles.buffers).toBeCloseTo(10 + 10 + 10, 9);
    expect([cycles.bandwidth, cycles.capacity, cycles.buffers].map((one) => Math.round(one * 1e6) / 1e6)).toEqual([
      18, 9, 3,
    ]);
    expect(operators.map(({ array, latency }) => [array, latency])).toEqual([
      [20, 10],
      [30, 0],
    ]);
  });

  it('add up to the makespan, phase by phase', () => {
    const rows = [...Array(40).keys()].map((at) => [at % 2 === 0 ? 0 : 2, at * 7, at * 7 + 6, at % 2] as const);
    const sorted = rows.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
    const { cycles, phases } = attributionOf(dataOf(sorted, 300), { units });
    expect(CAUSES.reduce((sum, cause) => sum + cycles[cause], 0)).toBeCloseTo(300, 6);
    expect(phases[0]?.from).toBe(0);
    expect(phases.at(-1)?.to).toBe(300);
    phases.slice(1).forEach((phase, at) => {
      expect(phase.from).toBe(phases[at]!.to);
      expect(phase.cause).not.toBe(phases[at]!.cause);
    });
  });
});
