/** Timeloop problems: a shape (by name, or written out with dimensions, coefficients and projections) and its sizes. */
import type { DataSpace, Term, Workload } from '#core/mapping/workload.ts';
import { countAt, isRecord, listOf, numberAt, pick, type Record_, textOf, Unreadable } from './read.ts';

/** Timeloop's own shapes, written out as in its problem-shapes folder. */
const SHAPES: Readonly<Record<string, Record_>> = {
  gemm_ABZ: {
    name: 'gemm-ABZ',
    dimensions: ['M', 'N', 'K'],
    data_spaces: [
      { name: 'A', projection: [[['M']], [['K']]] },
      { name: 'B', projection: [[['N']], [['K']]] },
      { name: 'Z', projection: [[['M']], [['N']]], read_write: true },
    ],
  },
  cnn_layer: {
    name: 'cnn-layer',
    dimensions: ['R', 'S', 'P', 'Q', 'C', 'K', 'N'],
    coefficients: ['Wstride', 'Hstride', 'Wdilation', 'Hdilation'].map((name) => ({ name, default: 1 })),
    data_spaces: [
      { name: 'Weights', projection: [[['C']], [['K']], [['R']], [['S']]] },
      {
        name: 'Inputs',
        projection: [
          [['N']],
          [['C']],
          [
            ['R', 'Wdilation'],
            ['P', 'Wstride'],
          ],
          [
            ['S', 'Hdilation'],
            ['Q', 'Hstride'],
          ],
        ],
      },
      { name: 'Outputs', projection: [[['N']], [['K']], [['Q']], [['P']]], read_write: true },
    ],
  },
};

/** Throws Unreadable. */
export function readWorkload(given: unknown, notes: string[]): Workload {
  if (!isRecord(given)) throw new Unreadable('problem', 'The problem is not a map');
  const shape = shapeOf(given.shape);
  const instance = isRecord(given.instance) ? given.instance : given;
  const densities = instance.densities;
  if (isRecord(densities) && Object.keys(densities).length > 0) notes.push('densities: counted as dense');
  const coefficients = new Map<string, number>();
  for (const entry of listOf(shape.coefficients)) {
    if (!isRecord(entry)) throw new Unreadable('problem', 'A coefficient is not a map');
    const name = named(entry, 'coefficient');
    coefficients.set(name, numberAt(name, instance, normal(name)) ?? numberAt(name, entry, 'default') ?? 1);
  }
  const names = listOf(shape.dimensions).map((name) => {
    const text = textOf(name);
    if (text === null) throw new Unreadable('problem', 'A dimension has no name');
    return text;
  });
  const dimensions = names.map((name) => {
    const size = countAt(name, instance, normal(name));
    if (size === null)
      throw new Unreadable('problem', `The problem gives no size of dimension ${name}`, { dimension: name });
    return { name, size };
  });
  const dataSpaces = listOf(shape.data_spaces).map((space): DataSpace => {
    if (!isRecord(space)) throw new Unreadable('problem', 'A data space is not a map');
    const name = named(space, 'data space');
    const projection = listOf(space.projection).map((rank) => rankOf(name, rank, names, coefficients));
    return { name, isReadWrite: space.read_write === true, projection };
  });
  return { name: textOf(shape.name) ?? 'problem', dimensions, dataSpaces };
}

function shapeOf(shape: unknown): Record_ {
  if (isRecord(shape)) return shape;
  const name = textOf(shape)?.replace(/\.yaml$/, '');
  if (name === undefined) throw new Unreadable('problem', 'The problem has no shape');
  const known = Object.hasOwn(SHAPES, normal(name)) ? SHAPES[normal(name)] : undefined;
  if (known) return known;
  throw new Unreadable(
    'shape',
    `There is no shape ${name} here; there are gemm-ABZ and cnn-layer, others are to be written out`,
    {
      shape: name,
    },
  );
}

/** A rank is a sum of products: [[R, Wdilation], [P, Wstride]]; a term alone may stand without its brackets. */
function rankOf(
  space: string,
  rank: unknown,
  names: readonly string[],
  coefficients: ReadonlyMap<string, number>,
): readonly Term[] {
  const terms = Array.isArray(rank) && rank.some(Array.isArray) ? rank : [rank];
  return terms.map((term): Term => {
    const [name, coefficient] = listOf(term);
    const dimension = names.indexOf(textOf(name) ?? '');
    if (dimension < 0)
      throw new Unreadable('projection', `${space}: ${JSON.stringify(name)} in its projection is not a dimension`, {
        space,
      });
    if (coefficient === undefined) return { dimension, coefficient: 1 };
    const value = typeof coefficient === 'number' ? coefficient : coefficients.get(textOf(coefficient) ?? '');
    if (value === undefined)
      throw new Unreadable(
        'projection',
        `${space}: ${JSON.stringify(coefficient)} in its projection is not a coefficient`,
        {
          space,
        },
      );
    return { dimension, coefficient: value };
  });
}

function named(record: Record_, what: string): string {
  const name = textOf(pick(record, 'name'));
  if (name === null) throw new Unreadable('problem', `A ${what} has no name`);
  return name;
}

function normal(name: string): string {
  return name.replaceAll('-', '_');
}
