/** A mapping as Timeloop v4 YAML, every directive written out. */
import type { Mapping } from '#core/mapping/mapping.ts';
import { fanout, type MemoryTree } from '#core/mapping/memory-tree.ts';
import type { Workload } from '#core/mapping/workload.ts';

export function formatTimeloopMapping(tree: MemoryTree, workload: Workload, mapping: Mapping): string {
  const { dimensions, dataSpaces } = workload;
  const factors = (list: readonly number[]): string =>
    dimensions.map(({ name }, index) => `${name}=${list[index]}`).join(', ');
  const order = (list: readonly number[]): string => `[${list.map((index) => dimensions[index]!.name).join(', ')}]`;
  const lines = ['mapping:'];
  for (const [index, level] of mapping.levels.entries()) {
    const { name, isDummy } = tree.levels[index]!;
    const target = `  - target: ${JSON.stringify(name)}`;
    const names = (isKept: boolean): string =>
      dataSpaces
        .filter((_, space) => level.keep[space] === isKept)
        .map((space) => space.name)
        .join(', ');
    if (!isDummy)
      lines.push(target, '    type: dataspace', `    keep: [${names(true)}]`, `    bypass: [${names(false)}]`);
    lines.push(target, '    type: temporal', `    factors: ${JSON.stringify(factors(level.temporal))}`);
    lines.push(`    permutation: ${order(level.temporalOrder)}`);
    const { x, y } = fanout(tree, index);
    if (x * y === 1) continue;
    lines.push(target, '    type: spatial', `    factors: ${JSON.stringify(factors(level.spatial))}`);
    lines.push(`    permutation: ${order(level.spatialOrder)}`, `    split: ${level.split}`);
  }
  return `${lines.join('\n')}\n`;
}
