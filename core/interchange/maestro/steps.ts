/**
 * The steps of a cluster level: along each directive the first, the steady and the last, ragged one; a case is one of each,
 * with how often it comes. Source: Kwon et al., MICRO 2019, section 4.1; MAESTRO, DFA_iteration-analysis.
 */
import { type Extents, type Level, Refusal } from './clusters.ts';
import type { Dimension } from './network.ts';

export interface Step {
  readonly at: 'first' | 'steady' | 'last';
  readonly count: number;
  /** One step covers the dimension. */
  readonly isWhole: boolean;
  /** The last step, or a first one that is wider than the dimension. */
  readonly isEdge: boolean;
  /** The last unit at work has less than the others. */
  readonly hasRaggedUnit: boolean;
}

export interface StepCase {
  readonly steps: ReadonlyMap<Dimension, Step>;
  readonly occurrences: number;
  readonly isFirst: boolean;
}

/** Three of each of ten directives. */
const MOST_CASES = 3 ** 10;

/** Every case; the one of all first steps comes first, then the inner directives turn fastest, each from its second step. */
export function stepCases(level: Level, extents: Extents): readonly StepCase[] {
  const choices = level.directives.map(({ dimension, kind, size, offset }) => {
    const extent = extents.get(dimension)!;
    return kind === 'temporal' ? temporalSteps(extent, size, offset) : spatialSteps(extent, size, offset, level.units);
  });
  const total = choices.reduce((product, { length }) => product * length, 1);
  if (total > MOST_CASES) throw new Refusal(`${total} cases of steps in one cluster, more than ${MOST_CASES}`);
  const cases: StepCase[] = [];
  for (let index = 0; index < total; index++) {
    const steps = new Map<Dimension, Step>();
    let occurrences = 1;
    let inner = 1;
    for (let at = choices.length - 1; at >= 0; at--) {
      const choice = choices[at]!;
      const step = choice[Math.ceil(index / inner) % choice.length]!;
      inner *= choice.length;
      occurrences *= step.count;
      const { dimension } = level.directives[at]!;
      // Of two directives for one dimension the later one's step counts.
      if (!steps.has(dimension)) steps.set(dimension, step);
    }
    cases.push({ steps, occurrences, isFirst: [...steps.values()].every(({ at }) => at === 'first') });
  }
  return cases;
}

function temporalSteps(extent: number, size: number, offset: number): readonly Step[] {
  const steps = [first(extent <= size, extent < size, false)];
  const steady = Math.trunc((extent - size) / offset);
  if (size < extent && steady > 0) steps.push(later('steady', steady));
  if (extent >= size && steady * offset + size < extent) steps.push(later('last', 1));
  return steps;
}

function spatialSteps(extent: number, size: number, offset: number, units: number): readonly Step[] {
  const covered = size + offset * (units - 1);
  const isWide = extent < covered;
  const steps = [first(extent <= covered, isWide, isWide)];
  const steady = Math.trunc((Math.trunc((extent - size) / offset) + 1) / units) - 1;
  if (covered < extent && steady > 0) steps.push(later('steady', steady));
  const hasLast =
    extent > covered &&
    (steady + 1) * offset * units + covered > extent &&
    steady * offset * units + covered !== extent;
  if (hasLast) {
    const left = extent - (steady + 1) * offset * units;
    const full = left < size ? 1 : Math.trunc((left - size) / offset) + 1;
    steps.push({ ...later('last', 1), hasRaggedUnit: (full - 1) * offset + size < left });
  }
  return steps;
}

function first(isWhole: boolean, isEdge: boolean, hasRaggedUnit: boolean): Step {
  return { at: 'first', count: 1, isWhole, isEdge, hasRaggedUnit };
}

function later(at: 'steady' | 'last', count: number): Step {
  return { at, count, isWhole: false, isEdge: at === 'last', hasRaggedUnit: false };
}
