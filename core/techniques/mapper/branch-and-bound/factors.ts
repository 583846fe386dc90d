/** Ways to split sizes into factors. */

export function divisors(size: number): readonly number[] {
  const [low, high]: [number[], number[]] = [[], []];
  for (let divisor = 1; divisor * divisor <= size; divisor++)
    if (size % divisor === 0) {
      low.push(divisor);
      if (divisor * divisor !== size) high.unshift(size / divisor);
    }
  return [...low, ...high];
}

/** Prime factors in ascending order, each as often as it divides. */
export function primes(size: number): readonly number[] {
  const result: number[] = [];
  let rest = size;
  for (let divisor = 2; divisor * divisor <= rest; divisor++)
    for (; rest % divisor === 0; rest /= divisor) result.push(divisor);
  if (rest > 1) result.push(rest);
  return result;
}

export interface Spread {
  /** A factor for every dimension. */
  readonly factors: readonly number[];
  /** The dimensions along X before those along Y. */
  readonly order: readonly number[];
  readonly split: number;
  readonly units: number;
}

/** Every way to lay factors of `sizes` over a mesh, the widest first; a dimension lies along one axis. */
export function spreads(sizes: readonly number[], x: number, y: number): readonly Spread[] {
  const result: Spread[] = [];
  const factors = sizes.map(() => 1);
  const isY = sizes.map(() => false);
  const place = (dimension: number, roomX: number, roomY: number): void => {
    if (dimension === sizes.length) {
      const every = sizes.map((_, index) => index);
      const order = [...every.filter((index) => !isY[index]), ...every.filter((index) => isY[index])];
      const units = factors.reduce((product, factor) => product * factor, 1);
      result.push({ factors: [...factors], order, split: isY.filter((along) => !along).length, units });
      return;
    }
    for (const factor of divisors(sizes[dimension]!)) {
      if (factor > Math.max(roomX, roomY)) break;
      factors[dimension] = factor;
      if (factor <= roomX) place(dimension + 1, Math.floor(roomX / factor), roomY);
      if (factor > 1 && factor <= roomY) {
        isY[dimension] = true;
        place(dimension + 1, roomX, Math.floor(roomY / factor));
        isY[dimension] = false;
      }
    }
    factors[dimension] = 1;
  };
  place(0, x, y);
  // Sorting is stable: ties stay in the order they were found in.
  return result.sort((a, b) => b.units - a.units);
}
