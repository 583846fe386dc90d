import { describe, expect, it } from 'vitest';
import { tabsThatFit } from './tab-overflow.ts';

const fit = (widths: readonly number[], selected: number, room: number) =>
  [...tabsThatFit(widths, selected, room, 40)].sort((a, b) => a - b);

describe('tabs in a strip', () => {
  it('all stand there while they have room, without a menu', () => {
    expect(fit([100, 100, 100], 0, 300)).toEqual([0, 1, 2]);
    expect(fit([], -1, 0)).toEqual([]);
  });

  it('as many as have room beside the menu, from the first on', () => {
    expect(fit([100, 100, 100], 0, 299)).toEqual([0, 1]);
    expect(fit([100, 100, 100], 0, 239)).toEqual([0]);
    // A narrow one does not go before a wide one.
    expect(fit([100, 200, 20], 0, 300)).toEqual([0]);
  });

  it('the selected one always, however narrow it is', () => {
    expect(fit([100, 100, 100, 100], 3, 340)).toEqual([0, 1, 3]);
    expect(fit([100, 100, 100, 100], 3, 50)).toEqual([3]);
    expect(fit([100, 100, 100, 100], -1, 340)).toEqual([0, 1, 2]);
  });
});
