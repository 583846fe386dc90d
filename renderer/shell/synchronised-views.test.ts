import { expect, it } from 'vitest';
import { lookOf, viewportOf } from './synchronised-views.ts';

it('two panes of different size look at the same point, at the same zoom', () => {
  const wide = { width: 800, height: 400 };
  const narrow = { width: 300, height: 400 };
  const look = lookOf({ x: -200, y: 50, zoom: 2 }, wide);
  expect(look).toEqual({ x: 300, y: 75, zoom: 2 });
  const there = viewportOf(look, narrow);
  expect(there).toEqual({ x: -450, y: 50, zoom: 2 });
  expect(lookOf(there, narrow)).toEqual(look);
});
