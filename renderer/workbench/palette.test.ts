import { expect, it } from 'vitest';
import { HUES } from '#core/report/palette.ts';
import { COMPONENT_COLOURS, OPERATOR_COLOURS } from '../widgets/palette.ts';

it('gives operators and components the same colours on the canvas, in the figures and in the report', () => {
  for (const colours of [OPERATOR_COLOURS, COMPONENT_COLOURS])
    for (const [category, { light, dark }] of Object.entries(colours))
      expect(Object.entries(HUES).find(([hue]) => hue === category)?.[1]).toMatchObject({ light, dark });
});
