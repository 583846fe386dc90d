import { describe, expect, it } from 'vitest';
import { sequentialColour } from './colour-scale.ts';
import { panRange, rangeShowing, zoomRange } from './range.ts';

const limits = { from: 0, to: 1000 };

describe('range', () => {
  it('keeps the anchor where it is', () => {
    const zoomed = zoomRange({ from: 200, to: 600 }, limits, 300, 0.5, 1);
    expect(zoomed).toEqual({ from: 250, to: 450 });
    expect((300 - zoomed.from) / (zoomed.to - zoomed.from)).toBeCloseTo((300 - 200) / 400);
  });

  it('stays within the limits and above the smallest width', () => {
    expect(zoomRange({ from: 0, to: 500 }, limits, 100, 10, 1)).toEqual(limits);
    const narrow = zoomRange({ from: 0, to: 20 }, limits, 0, 0.001, 10);
    expect(narrow.to - narrow.from).toBe(10);
    expect(panRange({ from: 900, to: 1000 }, limits, 500)).toEqual({ from: 900, to: 1000 });
    expect(panRange({ from: 100, to: 200 }, limits, -500)).toEqual({ from: 0, to: 100 });
  });
});

describe('viridis', () => {
  it('has the published end colours and clamps outside', () => {
    expect(sequentialColour(0)).toBe('rgb(68 1 84)');
    expect(sequentialColour(1)).toBe('rgb(253 231 37)');
    expect(sequentialColour(-1)).toBe(sequentialColour(0));
    expect(sequentialColour(Number.NaN)).toBe(sequentialColour(0));
  });
});

describe('bringing into view', () => {
  const limits = { from: 0, to: 1000 };
  it('leaves a range that shows it wide enough', () => {
    expect(rangeShowing({ from: 0, to: 100 }, limits, { from: 40, to: 60 }, 0.01)).toEqual({ from: 0, to: 100 });
  });
  it('moves to what lies outside, in the middle and within the limits', () => {
    expect(rangeShowing({ from: 0, to: 100 }, limits, { from: 500, to: 520 }, 0.01)).toEqual({ from: 460, to: 560 });
    expect(rangeShowing({ from: 0, to: 100 }, limits, { from: 990, to: 1000 }, 0.01)).toEqual({ from: 900, to: 1000 });
  });
  it('narrows until the thing can be seen', () => {
    expect(rangeShowing(limits, limits, { from: 500, to: 501 }, 0.01)).toEqual({ from: 450.5, to: 550.5 });
  });
});
