/** Every registered explorer: within the axes, nothing twice, as many as planned, the same however it is asked, resumed exactly. */
import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '#core/base/rng.ts';
import type { ParameterValues } from '#core/base/value.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { choiceKey, type Explorer, type ExplorerSpace, spaceSize } from '#core/technique/explorer.ts';
import { techniques } from '#core/technique/registry.ts';
import { type Judge, play } from '../support/explore.ts';

const explorers: readonly Explorer[] = techniques.explorer;
const CASES = 40;

function drawnSpace(rng: Rng): ExplorerSpace {
  return { levels: Array.from({ length: 1 + rng.below(5) }, () => 1 + rng.below(6)) };
}

/** Small, so that a case is quick; what an explorer does not know is not given to it. */
function drawnParameters({ manifest }: Explorer, rng: Rng): ParameterValues {
  const some: ParameterValues = {
    points: 1 + rng.below(200),
    population: 4 + rng.below(20),
    generations: 1 + rng.below(8),
    seed: rng.below(1000),
    mutation: rng.below(2) * 0.4,
    crossover: rng.next(),
  };
  return Object.fromEntries(Object.entries(some).filter(([id]) => manifest.parameters.some((spec) => spec.id === id)));
}

/** Two objectives that disagree, some ties, and points that fail. */
const judge: Judge = (choice) => {
  const sum = choice.reduce((total, value) => total + value, 0);
  const mixed = choice.reduce((total, value, axis) => (total * 31 + value * (axis + 7)) % 101, 5);
  return mixed % 7 === 0 ? null : [sum, Math.floor(mixed / 3)];
};

describe.each(explorers.map((explorer) => ({ id: explorer.manifest.id, explorer })))('$id', ({ explorer }) => {
  it(`conforms on ${CASES} random spaces`, () => {
    for (let seed = 0; seed < CASES; seed++) {
      const rng = createRng(seed);
      const space = drawnSpace(rng);
      const parameters = drawnParameters(explorer, rng);
      const where = JSON.stringify({ space, parameters });
      const whole = play(explorer, space, parameters, judge);
      const { explored } = whole;
      const planned = explorer.planned(space, { ...defaultParameters(explorer.manifest.parameters), ...parameters });
      expect(explored.length, where).toBe(planned);
      expect(planned, where).toBeLessThanOrEqual(spaceSize(space));
      expect(whole.isDone, where).toBe(true);
      expect(new Set(explored.map(({ choice }) => choiceKey(choice))).size, where).toBe(planned);
      for (const { choice } of explored) {
        expect(choice.length, where).toBe(space.levels.length);
        choice.forEach((value, axis) => {
          expect(Number.isInteger(value) && value >= 0 && value < space.levels[axis]!, where).toBe(true);
        });
      }
      const other = play(explorer, space, parameters, judge, { batch: (played) => 1 + ((played * 7 + seed) % 23) });
      expect(other.explored, where).toEqual(explored);
      expect(play(explorer, space, parameters, judge).explored, where).toEqual(explored);
    }
  });

  it('goes on exactly where it was stopped, through JSON, what was not told asked again', () => {
    for (let seed = 0; seed < CASES; seed++) {
      const rng = createRng(1000 + seed);
      const space = drawnSpace(rng);
      const parameters = { ...defaultParameters(explorer.manifest.parameters), ...drawnParameters(explorer, rng) };
      const { explored } = play(explorer, space, parameters, judge);
      const first = play(explorer, space, parameters, judge, {
        batch: () => 1 + rng.below(5),
        until: rng.below(explored.length + 1),
      });
      const stopped = explorer.explore(space, parameters, JSON.parse(JSON.stringify(first.state)));
      // Asked for, and lost with the process.
      stopped.ask(3);
      const state = JSON.parse(JSON.stringify(stopped.state()));
      const rest = play(explorer, space, parameters, judge, { state });
      expect([...first.explored, ...rest.explored], JSON.stringify({ seed, space, parameters })).toEqual(explored);
    }
  });

  it('starts anew from a state that is none of its own', () => {
    const space = { levels: [3, 4] };
    const parameters = defaultParameters(explorer.manifest.parameters);
    for (const state of ['nonsense', -1, [], { generation: 'one' }, 1e9])
      expect(play(explorer, space, parameters, judge, { state }).explored).toHaveLength(12);
  });
});
