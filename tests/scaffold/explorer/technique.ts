/** Every point of the grid, the last first. */
import { choiceAt, type Explorer, listed, spaceSize } from '#core/technique/explorer.ts';

export const technique: Explorer = {
  manifest: {
    id: 'explorer/example',
    kind: 'explorer',
    version: '0.1.0',
    title: 'Example',
    summary: 'Looks at every combination, the last first.',
    maturity: 'experimental',
    citations: [{ text: 'Where the idea comes from: authors, title, place and year' }],
    parameters: [],
  },
  planned: spaceSize,
  explore(space, _parameters, state) {
    const size = spaceSize(space);
    return listed(size, (place) => choiceAt(space, size - 1 - place), state);
  },
};
