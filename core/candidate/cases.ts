/**
 * Numbers a candidate is tried on: random ones from several seeds, and the edges where wrong lowerings hide or arithmetic differs.
 * Weights and constants stay those of the seed; operands that are indices or truth values stay random, for they must be in range.
 */
import { createRng } from '#core/base/rng.ts';
import { type ElementType, elementCount } from '#core/catalog/operator-type.ts';
import type { ModelGraph } from '#core/model/graph.ts';
import { rangeOf, rounded } from '#core/reference/rounding.ts';
import { randomSource } from '#core/reference/source.ts';
import { numberArray, type ValueSource } from '#core/reference/values.ts';

export interface ValueCase {
  /** `random, seed 1`. */
  readonly name: string;
  readonly seed: number;
  readonly source: ValueSource;
}

type Pattern = (index: number, count: number, least: number, most: number, random: () => number) => number;

/** Largest magnitude of reals: far beyond activations, far from overflow in sums of products. */
const largeOf = (elementType: ElementType) => (/^(fp32|fp64|bf16)$/.test(elementType) ? 2 ** 40 : 2 ** 6);

const PATTERNS: readonly (readonly [name: string, pattern: Pattern])[] = [
  [
    'alternating signs',
    (i, _count, least, most) => (i % 2 === 0 ? Math.min(most, 100) : Math.max(least, -100)) - (i % 7),
  ],
  [
    'extremes of the format',
    (i, _count, least, most, random) => ((random() < 0.5 ? i : i + 1) % 2 === 0 ? least : most),
  ],
  ['one hot', (i, count) => (i === Math.floor(count / 2) ? 1 : 0)],
  ['zeros', () => 0],
  ['ones', () => 1],
  ['small magnitudes', (_i, _count, _least, _most, random) => (2 * random() - 1) * 2 ** -60],
  ['one hot, last', (i, count) => (i === count - 1 ? 1 : 0)],
];

const RANDOM_SEEDS = 3;

/** In the order in which they are tried: what finds most comes first. */
export function valueCases(model: ModelGraph, seed: number): readonly ValueCase[] {
  const random = Array.from({ length: RANDOM_SEEDS }, (_, index): ValueCase => {
    const own = seed + index;
    return { name: `random, seed ${own}`, seed: own, source: randomSource(model, own) };
  });
  const edges = PATTERNS.map(([name, pattern], index): ValueCase => {
    const own = seed + index;
    return { name, seed: own, source: patterned(model, own, pattern) };
  });
  return [random[0]!, ...edges.slice(0, 3), ...random.slice(1), ...edges.slice(3)];
}

function patterned(model: ModelGraph, seed: number, pattern: Pattern): ValueSource {
  const base = randomSource(model, seed);
  return {
    weight: base.weight,
    tensor(index) {
      const { type, kind } = model.tensors[index]!;
      const { elementType, shape } = type;
      if (kind === 'constant' || !isVaried(elementType)) return base.tensor(index);
      const count = elementCount(shape);
      const data = numberArray(elementType, count);
      const [low, high] = rangeOf(elementType);
      const isInteger = elementType.includes('int');
      const [least, most] = isInteger ? [low, high] : [-largeOf(elementType), largeOf(elementType)];
      const rng = createRng(seed * 31 + index);
      for (let i = 0; i < count; i++) {
        const value = pattern(i, count, least, most, () => rng.next());
        data[i] = isInteger ? Math.min(most, Math.max(least, Math.round(value))) : value;
      }
      return { type, data: rounded(elementType, data) };
    },
  };
}

/** Wide integers and truth values choose among things. */
function isVaried(elementType: ElementType): boolean {
  return elementType.startsWith('fp') || elementType.startsWith('bf') || /^u?int(8|16)$/.test(elementType);
}
