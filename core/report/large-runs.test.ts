import { describe, expect, it } from 'vitest';
import { rooflinePlace } from './figures/paint-roofline.ts';
import { toMarkdown } from './markdown.ts';
import { runSchema } from './run-schema.ts';

const MANY = 200_000;

describe('a run much larger than most', () => {
  it('is read: a column of more than a million intervals', () => {
    const column = runSchema.shape.timeline.shape.start;
    const of = (base64: string) => column.safeParse({ type: 'f64', length: 1, base64 }).success;
    expect(of('AAAA'.repeat(4 * MANY * 4))).toBe(true);
    expect(['', 'AAA=', 'AA=='].map(of)).toEqual([true, true, true]);
    expect(['A', 'AA=A', 'A===', '====', 'AA A', 'AAA\n', 'ÄAAA'].map(of)).toEqual(Array(7).fill(false));
  });

  it('has its place in figures and text, however many operators it has', () => {
    const point = { key: 'a', name: 'a', hue: 'linear', intensity: 1, rate: 1, share: 0 } as const;
    const points = Array.from({ length: MANY }, (_, at) => ({ ...point, key: String(at) }));
    const roofline = { roofs: [{ title: 'array', peak: 100 }], bandwidth: 1, points, simulated: [], unplaced: 0 };
    const { x, y } = rooflinePlace(roofline, 720, 340, point);
    expect(Number.isFinite(x + y)).toBe(true);

    const blocks = [{ kind: 'listing', caption: 'Program', text: '` '.repeat(MANY) }] as const;
    const [report] = toMarkdown({ title: 'large', front: blocks, sections: [] });
    expect(report?.text).toContain('```text');
  });
});
