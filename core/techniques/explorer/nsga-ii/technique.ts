/**
 * NSGA-II (Deb, Pratap, Agarwal and Meyarivan 2002) over integer-coded choices. Unlike in the paper no point is looked at
 * twice: a child that is known is made anew. Each generation draws from its own generator, so that a state is no more than
 * the parents, what was seen before them, and what was told since.
 */
import { z } from 'zod';
import { createRng } from '#core/base/rng.ts';
import type { Json, ParameterValues } from '#core/base/value.ts';
import { integerOf } from '#core/catalog/parameter.ts';
import {
  type Choice,
  type Exploration,
  type Explored,
  type Explorer,
  type ExplorerSpace,
  SEED_PARAMETER,
  spaceSize,
} from '#core/technique/explorer.ts';
import { offspring, randomChoices, type Variation } from './offspring.ts';
import { survivors } from './ranking.ts';

const exploredSchema: z.ZodType<Explored> = z.strictObject({
  choice: z.array(z.number().int().min(0)),
  objectives: z.array(z.number()).nullable(),
});

const stateSchema = z.strictObject({
  generation: z.number().int().min(0),
  /** Survivors of the generations before this one. */
  parents: z.array(exploredSchema),
  /** Asked for before this generation. */
  seen: z.array(z.string()),
  /** Of this generation, in order. */
  told: z.array(exploredSchema),
});
type State = z.infer<typeof stateSchema>;

const BEGIN: State = { generation: 0, parents: [], seen: [], told: [] };

interface Settings extends Variation {
  readonly population: number;
  readonly generations: number;
  readonly seed: number;
}

function settingsOf({ levels }: ExplorerSpace, parameters: ParameterValues): Settings {
  const mutation = integerOf(parameters, 'mutation', 0);
  return {
    population: integerOf(parameters, 'population', 64),
    generations: integerOf(parameters, 'generations', 32),
    seed: integerOf(parameters, 'seed', 1),
    crossover: integerOf(parameters, 'crossover', 0.9),
    mutation: mutation > 0 ? mutation : 1 / levels.length,
  };
}

const planned: Explorer['planned'] = (space, parameters) => {
  const { population, generations } = settingsOf(space, parameters);
  return Math.min(population * generations, spaceSize(space));
};

/** The golden ratio's multiplier keeps the generators of neighbouring generations and seeds apart. */
const generator = (seed: number, generation: number) => createRng(seed ^ Math.imul(generation + 1, 0x9e3779b1));

function explore(space: ExplorerSpace, parameters: ParameterValues, from: Json): Exploration {
  const settings = settingsOf(space, parameters);
  const { population, generations, seed } = settings;
  const restored = stateSchema.safeParse(from);
  let { generation, parents, seen: before, told } = restored.success ? restored.data : BEGIN;
  let seen = new Set(before);
  let asked = told.length;
  let current = bred();

  /** The points of this generation; adds them to `seen`. */
  function bred(): readonly Choice[] {
    if (generation >= generations) return [];
    const rng = generator(seed, generation);
    return generation === 0
      ? randomChoices(space, population, seen, rng)
      : offspring(survivors(parents, population), space, settings, population, seen, rng);
  }

  function nextGeneration(): void {
    parents = survivors([...parents, ...told], population).map(({ choice, objectives }) => ({
      choice: [...choice],
      objectives: objectives && [...objectives],
    }));
    generation++;
    told = [];
    asked = 0;
    before = [...seen];
    seen = new Set(before);
    current = bred();
  }

  return {
    ask: (most) => {
      const choices = current.slice(asked, asked + most);
      asked += choices.length;
      return choices;
    },
    tell: (explored) => {
      told = [...told, ...explored];
      if (current.length > 0 && told.length === current.length) nextGeneration();
    },
    isDone: () => asked === current.length && (current.length === 0 || generation + 1 >= generations),
    state: () => ({
      generation,
      parents: parents.map(plain),
      seen: before,
      told: told.map(plain),
    }),
  };
}

const plain = ({ choice, objectives }: Explored) => ({ choice, objectives });

export const technique: Explorer = {
  manifest: {
    id: 'explorer/nsga-ii',
    kind: 'explorer',
    version: '1.0.0',
    title: 'NSGA-II',
    summary:
      'Genetic search led by the objectives: keeps the points that none dominates, and among equals those in thinly ' +
      'settled parts of the front.',
    maturity: 'stable',
    citations: [
      {
        text: 'Deb, Pratap, Agarwal and Meyarivan: A fast and elitist multiobjective genetic algorithm: NSGA-II, IEEE Transactions on Evolutionary Computation 6(2), 2002',
        reference: 'doi:10.1109/4235.996017',
      },
      {
        text: 'Syswerda: Uniform crossover in genetic algorithms, ICGA 1989, pages 2–9',
      },
    ],
    parameters: [
      {
        id: 'population',
        title: 'Population',
        kind: 'integer',
        unit: '',
        minimum: 4,
        maximum: 1000,
        default: 64,
        help: 'Points of a generation, and how many of the best are parents of the next.',
      },
      {
        id: 'generations',
        title: 'Generations',
        kind: 'integer',
        unit: '',
        minimum: 1,
        maximum: 1000,
        default: 32,
        help: 'The first is drawn at random; ends sooner where every combination has been looked at.',
      },
      SEED_PARAMETER,
      {
        id: 'crossover',
        title: 'Crossover',
        kind: 'number',
        unit: '',
        minimum: 0,
        maximum: 1,
        default: 0.9,
        help: 'Probability that two parents mix their values; they swap each with probability ½.',
        source: 'Deb et al. 2002, section V',
        advanced: true,
      },
      {
        id: 'mutation',
        title: 'Mutation',
        kind: 'number',
        unit: '',
        minimum: 0,
        maximum: 1,
        default: 0,
        help: 'Probability that a value is drawn anew; 0 is one of all axes at a time, on average.',
        source: 'Deb et al. 2002, section V: 1 ÷ number of variables',
        advanced: true,
      },
    ],
  },
  planned,
  explore,
};
