/** Timeloop mappings: a list of directives (temporal, spatial, datatype) for levels by name or number. */
import type { LevelMapping, Mapping } from '#core/mapping/mapping.ts';
import { fanout, type MemoryTree } from '#core/mapping/memory-tree.ts';
import type { Workload } from '#core/mapping/workload.ts';
import { countAt, isRecord, listOf, type Record_, textOf, Unreadable } from './read.ts';

/**
 * Throws Unreadable. What a directive leaves out is 1 (factors), in front (dimensions of a permutation), all along X
 * (split) and kept (data spaces), as the front-end of Timeloop fills it in.
 */
export function readMapping(given: unknown, tree: MemoryTree, workload: Workload): Mapping {
  const every = workload.dimensions.map((_, dimension) => dimension);
  const levels = tree.levels.map(({ isDummy }, index) => ({
    temporal: every.map(() => 1),
    temporalOrder: every,
    spatial: every.map(() => 1),
    spatialOrder: every,
    split: fanout(tree, index).x > 1 ? every.length : 0,
    keep: workload.dataSpaces.map(() => !isDummy),
  }));
  for (const directive of listOf(given)) {
    if (!isRecord(directive)) throw new Unreadable('mapping', 'A mapping directive is not a map');
    const index = target(directive, tree);
    const level = levels[index]!;
    const type = (textOf(directive.type) ?? textOf(directive['!']) ?? '').toLowerCase();
    if (type === 'temporal') {
      level.temporal = factors(directive, workload);
      level.temporalOrder = permutation(directive, workload, every);
    } else if (type === 'spatial') {
      level.spatial = factors(directive, workload);
      level.spatialOrder = permutation(directive, workload, every);
      level.split = Math.min(countAt(tree.levels[index]!.name, directive, 'split') ?? level.split, every.length);
    } else if (/^(datatype|dataspace|bypass|bypassing)$/.test(type)) {
      for (const [key, value] of [
        ['keep', true],
        ['bypass', false],
      ] as const)
        for (const name of listOf(directive[key])) level.keep[dataSpace(name, workload)] = value;
    } else
      throw new Unreadable(
        'mapping',
        `A mapping directive of type ${type || 'none'}; there are temporal, spatial and datatype`,
      );
  }
  return { levels: levels satisfies readonly LevelMapping[] };
}

function target(directive: Record_, tree: MemoryTree): number {
  const name = textOf(directive.target)?.replace(/\[\d+\.\.\d+\]$/, '') ?? '';
  // The spatial loops of a container PE are those of the level inter_PE_spatial.
  const index = tree.levels.findIndex((level) => level.name === name || level.name === `inter_${name}_spatial`);
  if (index >= 0) return index;
  if (/^\d+$/.test(name) && Number(name) < tree.levels.length) return Number(name);
  const known = tree.levels.map((level) => level.name).join(', ');
  throw new Unreadable('target', `The mapping targets ${name || 'nothing'}; the levels are ${known}`, { target: name });
}

function factors(directive: Record_, workload: Workload): number[] {
  const result = workload.dimensions.map(() => 1);
  const given = directive.factors;
  const pairs: [string, number][] = [];
  if (isRecord(given))
    for (const [name, value] of Object.entries(given))
      pairs.push([name, typeof value === 'number' ? value : Number.NaN]);
  else {
    const text = listOf(given)
      .map((item) => textOf(item) ?? '?')
      .join(' ');
    // `R=3`, `R3`, separated by spaces or commas; `R=3,2` would be a factor with a remainder.
    let rest = text;
    while (rest !== '') {
      const found = /^[\s,]*(?:([A-Za-z_]\w*)\s*=\s*|([A-Za-z_]+))(\d+)(?:\s*,\s*(\d+))?[\s,]*/.exec(rest);
      if (found === null)
        throw new Unreadable('factors', `${JSON.stringify(text)} is not a list of factors such as R=3 P=16`);
      const [all, spaced, tight, value, remainder] = found;
      if (remainder !== undefined && remainder !== value)
        throw new Unreadable('imperfect', `The factor ${all.trim()} has a remainder; factors must divide evenly`);
      pairs.push([spaced ?? tight ?? '', Number(value)]);
      rest = rest.slice(all.length);
    }
  }
  for (const [name, value] of pairs) {
    const dimension = workload.dimensions.findIndex((known) => known.name === name);
    if (dimension < 0)
      throw new Unreadable('factors', `${name} in the factors is not a dimension`, { dimension: name });
    if (!Number.isSafeInteger(value) || value < 0 || value > 2 ** 31 - 1)
      throw new Unreadable('factors', `The factor of ${name} is not a whole number`, { dimension: name });
    // Timeloop reads 0 as the whole dimension.
    result[dimension] = value === 0 ? workload.dimensions[dimension]!.size : value;
  }
  return result;
}

function permutation(directive: Record_, workload: Workload, every: readonly number[]): number[] {
  const text = listOf(directive.permutation)
    .map((item) => textOf(item) ?? '?')
    .join(' ')
    .trim();
  const known = (name: string): number => workload.dimensions.findIndex((dimension) => dimension.name === name);
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  const names = words.flatMap((word) => (known(word) >= 0 ? [word] : [...word]));
  const order = names.map((name) => {
    const dimension = known(name);
    if (dimension < 0)
      throw new Unreadable('permutation', `${name} in the permutation ${text} is not a dimension`, { name });
    return dimension;
  });
  if (new Set(order).size < order.length)
    throw new Unreadable('permutation', `A dimension is twice in the permutation ${text}`);
  return [...every.filter((dimension) => !order.includes(dimension)), ...order];
}

function dataSpace(name: unknown, workload: Workload): number {
  const index = workload.dataSpaces.findIndex((space) => space.name === name);
  if (index < 0) throw new Unreadable('data-space', `${JSON.stringify(name)} is not a data space of the problem`);
  return index;
}
