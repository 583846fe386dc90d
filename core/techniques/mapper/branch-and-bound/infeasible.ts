/** Why no mapping at all fits: the level, how far over, and what would mend it. */
import { type Problem, problem } from '#core/base/problem.ts';
import { effectiveCapacity, type MemoryTree } from '#core/mapping/memory-tree.ts';
import { boxWords, type Workload } from '#core/mapping/workload.ts';

/**
 * Null when some mapping may fit. The outermost level must hold every data space as a whole; an inner level at least
 * one word of every data space it must keep.
 */
export function infeasibility(tree: MemoryTree, workload: Workload, mayBypass: boolean): Problem | null {
  const sizes = workload.dimensions.map(({ size }) => size);
  const outermost = tree.levels.length - 1;
  for (const [index, level] of tree.levels.entries()) {
    const capacity = effectiveCapacity(level);
    if (capacity === null || level.isDummy) continue;
    const isWhole = index === outermost;
    if (!isWhole && mayBypass) continue;
    const demand = workload.dataSpaces.reduce((words, space) => words + (isWhole ? boxWords(space, sizes) : 1), 0);
    if (demand <= capacity) continue;
    const overBytes = Math.ceil(((demand - capacity) * level.wordBits) / 8);
    const lever = isWhole
      ? `give ${level.name} at least ${demand * level.multipleBuffering} words, or put a larger memory above it`
      : `give ${level.name} at least ${demand * level.multipleBuffering} words, or let data pass it by`;
    return problem(
      'mapping.infeasible',
      `No mapping fits: ${level.name} needs ${demand} words and has room for ${capacity}, ${overBytes} bytes too few; ${lever}`,
      { facts: { level: level.name, demand, bound: capacity, unit: 'words', overBytes, lever } },
    );
  }
  return null;
}

/** No mapping was found although no level is too small by itself: utilisation that a level insists on is out of reach. */
export function nothingFound(tree: MemoryTree, evaluations: number): Problem {
  const strict = tree.levels.filter(({ minimumUtilisation }) => minimumUtilisation > 0).map(({ name }) => name);
  const lever = strict.length > 0 ? `lower the minimum utilisation of ${strict.join(', ')}` : 'allow more evaluations';
  return problem('mapping.none-found', `No mapping that fits was found among ${evaluations}; ${lever}`, {
    facts: { evaluations, lever },
  });
}
