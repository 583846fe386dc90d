import { describe, expect, it } from 'vitest';
import type { ScheduleCurve } from '#core/schedule/curve.ts';
import { fixtureRun } from '../../tests/support/run-fixture.ts';
import type { Block, Inline } from './blocks.ts';
import { tensorFates } from './compare.ts';
import { renderReport } from './render.ts';
import { toRunData } from './run-data.ts';
import { scheduleSections } from './schedule-blocks.ts';

const KiB = 1024;
const curve: ScheduleCurve = {
  format: 'weft-curve/1',
  name: 'test',
  mode: 'strict',
  technique: { id: 'scheduler/test', version: '7' },
  limits: { MR: 200 * KiB, MH: 300 * KiB, MP: 400 * KiB, isMPExact: true },
  points: [
    { S: 100_000, objective: null, bound: null, optimal: false, stop: 'infeasible', baselines: {} },
    { S: 204_800, objective: 123_457, bound: 120_001, optimal: false, stop: 'nodes', baselines: { noReuse: 987_654 } },
    { S: 409_600, objective: 0, bound: 0, optimal: true, stop: 'proven', baselines: {} },
  ],
};
const run = fixtureRun();
const withLimits = { ...run, schedule: { ...run.schedule, limits: curve.limits } };

const tables = (blocks: readonly Block[]) => blocks.flatMap((block) => (block.kind === 'table' ? [block] : []));
const cellValue = (cell: Inline | undefined) => (typeof cell === 'object' ? cell.value : cell);
const blocksOf = (...given: Parameters<typeof scheduleSections>) =>
  scheduleSections(...given).flatMap(({ blocks }) => blocks);
const textOf = (blocks: readonly Block[]) =>
  blocks.flatMap((block) => (block.kind === 'text' ? block.content.map(cellValue) : [])).join('');

describe('the schedule in a report', () => {
  it('tells the limits, and what ended the search', () => {
    const { answer } = run.schedule;
    const stopped = {
      ...withLimits,
      schedule: { ...withLimits.schedule, answer: { ...answer, stop: 'nodes' as const } },
    };
    const text = textOf(blocksOf(toRunData(stopped), null));
    for (const part of [String(200 * KiB), String(400 * KiB), 'M_R', 'M_P, the least peak of any order', 'node budget'])
      expect(text).toContain(part);
    const inAny = {
      ...withLimits,
      schedule: { ...withLimits.schedule, limits: { ...curve.limits, MR: 0, isMPExact: false } },
    };
    expect(textOf(blocksOf(toRunData(inAny), null))).toMatch(/runs in any scratchpad.*of the best order found/);
    expect(textOf(blocksOf(toRunData(run), null))).not.toContain('M_R');
  });

  it('says under which rules it was made', () => {
    const { answer } = run.schedule;
    const flags = { inPlace: true, aliasConcat: false, doubleBuffer: true, pinned: [0, 2] };
    const flagged = { ...run, schedule: { ...run.schedule, answer: { ...answer, flags } } };
    const [table] = tables(blocksOf(toRunData(flagged), null));
    expect(table?.caption).toContain(
      `Mode ${answer.mode}, element-wise in place, operands double-buffered, 2 tensors pinned.`,
    );
  });

  it('lists what causes the traffic; the bytes listed add up to the bytes moved', () => {
    const { problem, answer } = run.schedule;
    const bare = { problem, answer: { ...answer, intervals: [] } };
    const [, causes] = tables(blocksOf(toRunData({ ...run, schedule: bare }), null));
    const listed = causes!.rows.reduce((sum, row) => sum + Number(cellValue(row[1])), 0);
    expect(listed).toBe(tensorFates(bare).reduce((sum, fate) => sum + fate.moved, 0));
    expect(listed).toBeGreaterThan(0);
  });

  it('has the curve where it was computed: every figure of every point', () => {
    const points = tables(blocksOf(toRunData(withLimits), curve)).at(-1);
    expect(points?.caption).toContain('scheduler/test 7');
    expect(points?.rows.map((row) => row.map(cellValue))).toEqual([
      [100_000, '–', '–', '–', 'infeasible'],
      [204_800, 123_457, 120_001, '2.8 %', 'nodes'],
      [409_600, 0, 0, '0.0 %', 'proven'],
    ]);
    const html = renderReport(withLimits, 'html', curve);
    for (const part of ['id="curve"', '<data value="123457">', '<data value="120001">', 'Best schedule found', 'M_R'])
      expect(html.includes(part)).toBe(true);
    expect(renderReport(withLimits, 'html').includes('id="curve"')).toBe(false);
  });
});
