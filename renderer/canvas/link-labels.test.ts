import { describe, expect, it } from 'vitest';
import { placedLabels } from './link-labels.ts';

const label = (id: string, x: number, y = 0) => ({ id, text: '1×256×28×28 fp32', x, y });

describe('labels of links', () => {
  it('stay where they are while there is room', () => {
    const apart = [label('a', 0), label('b', 260)];
    expect(placedLabels(apart, 1)).toEqual(apart);
  });

  it('move up a row rather than lie on each other, and are left out where that is taken too', () => {
    const placed = placedLabels([label('a', 0), label('b', 260), label('c', 380)], 0.25);
    expect(placed.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(placed[0]?.y).toBe(0);
    expect(placed[1]!.y * 0.25).toBeLessThanOrEqual(-18);
  });
});
