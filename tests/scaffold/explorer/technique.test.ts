import { expect, it } from 'vitest';
import { technique } from './technique.ts';

it('explorer/example begins with the last point', () => {
  const exploration = technique.explore({ levels: [2, 3] }, {}, null);
  expect(exploration.ask(2)).toEqual([
    [1, 2],
    [1, 1],
  ]);
});
