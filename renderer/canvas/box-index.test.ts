import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoxIndex } from './box-index.ts';
import { type Box, contains, overlaps } from './geometry.ts';

const box = fc.record({
  x: fc.integer({ min: -5000, max: 5000 }),
  y: fc.integer({ min: -5000, max: 5000 }),
  width: fc.integer({ min: 1, max: 6000 }),
  height: fc.integer({ min: 1, max: 3000 }),
});

describe('box index', () => {
  it('finds the same boxes as looking at each one', () => {
    fc.assert(
      fc.property(fc.array(box, { maxLength: 60 }), box, (boxes, query) => {
        const index = new BoxIndex<Box>(boxes);
        const expected = boxes.filter((each) => overlaps(each, query));
        expect(new Set(index.within(query))).toEqual(new Set(expected));
        expect(index.within(query)).toHaveLength(new Set(expected).size);
        const point = { x: query.x, y: query.y };
        expect(new Set(index.at(point))).toEqual(new Set(boxes.filter((each) => contains(each, point))));
      }),
    );
  });
});
