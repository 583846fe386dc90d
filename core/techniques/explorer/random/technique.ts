/** Points drawn at random from the grid, none twice. */
import { createRng } from '#core/base/rng.ts';
import { integerOf } from '#core/catalog/parameter.ts';
import {
  type Choice,
  choiceAt,
  choiceKey,
  type Explorer,
  type ExplorerSpace,
  listed,
  MOST_DRAWN,
  SEED_PARAMETER,
  spaceSize,
} from '#core/technique/explorer.ts';

const DEFAULT_POINTS = 256;

const planned: Explorer['planned'] = (space, parameters) =>
  Math.min(integerOf(parameters, 'points', DEFAULT_POINTS), spaceSize(space));

/** The choice at a place of the drawing, all those before it drawn first; every order of the whole space is equally likely. */
function drawing(space: ExplorerSpace, count: number, seed: number): (place: number) => Choice {
  const rng = createRng(seed);
  const size = spaceSize(space);
  const drawn: Choice[] = [];
  // Where less than half is wanted, what was drawn already is drawn again; else the whole grid is shuffled (Fisher–Yates).
  const isSparse = count * 2 <= size;
  const seen = new Set<string>();
  const moved = new Map<number, number>();
  const draw = (): Choice => {
    if (!isSparse) {
      const last = size - 1 - drawn.length;
      const place = rng.below(last + 1);
      const found = moved.get(place) ?? place;
      moved.set(place, moved.get(last) ?? last);
      return choiceAt(space, found);
    }
    for (;;) {
      const choice = space.levels.map((levels) => rng.below(levels));
      const key = choiceKey(choice);
      if (seen.has(key)) continue;
      seen.add(key);
      return choice;
    }
  };
  return (place) => {
    while (drawn.length <= place) drawn.push(draw());
    return drawn[place]!;
  };
}

export const technique: Explorer = {
  manifest: {
    id: 'explorer/random',
    kind: 'explorer',
    version: '1.0.0',
    title: 'Random points',
    summary: 'Points drawn evenly from all combinations, without replacement.',
    maturity: 'stable',
    citations: [
      {
        text: 'Bergstra and Bengio: Random search for hyper-parameter optimization, JMLR 13, 2012, pages 281–305',
        reference: 'https://jmlr.org/papers/v13/bergstra12a.html',
      },
    ],
    parameters: [
      {
        id: 'points',
        title: 'Points',
        kind: 'integer',
        unit: '',
        minimum: 1,
        maximum: MOST_DRAWN,
        default: DEFAULT_POINTS,
        help: 'How many are drawn; all combinations where there are no more.',
      },
      SEED_PARAMETER,
    ],
  },
  planned,
  explore: (space, parameters, state) => {
    const count = planned(space, parameters);
    return listed(count, drawing(space, count, integerOf(parameters, 'seed', 1)), state);
  },
};
