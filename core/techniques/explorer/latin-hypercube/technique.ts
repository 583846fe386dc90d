/**
 * Latin hypercube sampling over discrete levels: each axis is cut into as many strata of equal probability as there are
 * points, each stratum is drawn from once, and the axes are paired at random (McKay, Beckman and Conover 1979, section 2.3).
 */
import { createRng, type Rng } from '#core/base/rng.ts';
import type { ParameterValues } from '#core/base/value.ts';
import { integerOf } from '#core/catalog/parameter.ts';
import {
  type Choice,
  choiceKey,
  type Explorer,
  type ExplorerSpace,
  listed,
  MOST_DRAWN,
  SEED_PARAMETER,
} from '#core/technique/explorer.ts';

const DEFAULT_POINTS = 256;

/** The levels of one axis, by point. Stratum i covers [i, i + 1) × levels ÷ points of the levels laid end to end. */
function column(levels: number, points: number, rng: Rng): readonly number[] {
  const drawn = Array.from({ length: points }, (_, stratum) =>
    Math.min(levels - 1, Math.floor(((stratum + rng.next()) * levels) / points)),
  );
  for (let i = points - 1; i > 0; i--) {
    const other = rng.below(i + 1);
    [drawn[i], drawn[other]] = [drawn[other]!, drawn[i]!];
  }
  return drawn;
}

/** Where levels are few the same point can come twice; it is looked at once. */
function design({ levels }: ExplorerSpace, parameters: ParameterValues): readonly Choice[] {
  const rng = createRng(integerOf(parameters, 'seed', 1));
  const points = integerOf(parameters, 'points', DEFAULT_POINTS);
  const columns = levels.map((count) => column(count, points, rng));
  const distinct = new Map<string, Choice>();
  for (let point = 0; point < points; point++) {
    const choice = columns.map((each) => each[point]!);
    const key = choiceKey(choice);
    if (!distinct.has(key)) distinct.set(key, choice);
  }
  return [...distinct.values()];
}

export const technique: Explorer = {
  manifest: {
    id: 'explorer/latin-hypercube',
    kind: 'explorer',
    version: '1.0.0',
    title: 'Latin hypercube',
    summary: 'As few points as wanted that take the values of every axis evenly.',
    maturity: 'stable',
    citations: [
      {
        text: 'McKay, Beckman and Conover: A comparison of three methods for selecting values of input variables in the analysis of output from a computer code, Technometrics 21(2), 1979',
        reference: 'doi:10.1080/00401706.1979.10489755',
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
        help: 'Strata of every axis. Where the values are few, equal points are looked at once.',
      },
      SEED_PARAMETER,
    ],
  },
  planned: (space, parameters) => design(space, parameters).length,
  explore: (space, parameters, state) => {
    const points = design(space, parameters);
    return listed(points.length, (place) => points[place]!, state);
  },
};
