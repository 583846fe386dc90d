/** Every combination of the values of all axes, once, the last axis fastest. */
import type { Explorer } from '#core/technique/explorer.ts';
import { choiceAt, listed, spaceSize } from '#core/technique/explorer.ts';

export const technique: Explorer = {
  manifest: {
    id: 'explorer/grid',
    kind: 'explorer',
    version: '1.0.0',
    title: 'Every combination',
    summary: 'Full factorial: each value of each axis with each of the others, once.',
    maturity: 'stable',
    citations: [
      {
        text: 'Fisher: The Design of Experiments, Oliver and Boyd, 1935, chapter VI: the factorial design in experimentation',
      },
    ],
    parameters: [],
  },
  planned: spaceSize,
  explore: (space, _, state) => listed(spaceSize(space), (place) => choiceAt(space, place), state),
};
