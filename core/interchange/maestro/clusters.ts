/**
 * A layer's dataflow as nested clusters: each level has its units, its directives completed by what the level above says
 * and by whole dimensions, in terms of the input's rows and columns, and the extents one of the units above gets.
 * Source: Kwon et al., MICRO 2019, section 3; MAESTRO, dataflow-analysis.
 */
import type { Dimension, LayerType, MapDirective, NetworkLayer } from './network.ts';

export type Role = 'input' | 'filter' | 'output';
/** The dimensions an element of each tensor depends on; the output's Y and X stand for its own rows and columns. */
export type Tensors = Readonly<Record<Role, readonly Dimension[]>>;
export type Extents = ReadonlyMap<Dimension, number>;

export interface Level {
  readonly units: number;
  /** Units at work in the last step over the spatial dimension. */
  readonly edgeUnits: number;
  readonly directives: readonly MapDirective[];
  readonly extents: Extents;
  /** Rows and columns of the input slide under the kernel's: Y over R, X over S. */
  readonly isSliding: boolean;
}

/** Thrown by the analysis where MAESTRO ends or breaks; caught in evaluate.ts. */
export class Refusal extends Error {}

const KERNEL: ReadonlyMap<Dimension, Dimension> = new Map([
  ['Y', 'R'],
  ['X', 'S'],
]);
const OUTPUT: ReadonlyMap<Dimension, Dimension> = new Map([
  ['Y', "Y'"],
  ['X', "X'"],
]);

/** The kernel's dimension that an input's slides over, where it does. */
export function kernelOf(dimension: Dimension, isSliding: boolean): Dimension | undefined {
  return isSliding ? KERNEL.get(dimension) : undefined;
}

/** The output's dimension that an input's becomes. */
export function outputOf(dimension: Dimension): Dimension {
  return OUTPUT.get(dimension) ?? dimension;
}

export function tensorsOf(type: LayerType, hasBatch: boolean): Tensors {
  if (type === 'GEMM') return { input: ['M', 'K'], filter: ['K', 'N'], output: ['M', 'N'] };
  const batch: readonly Dimension[] = hasBatch ? ['N'] : [];
  if (type === 'DSCONV')
    return { input: [...batch, 'C', 'Y', 'X'], filter: ['C', 'R', 'S'], output: [...batch, 'C', 'Y', 'X'] };
  if (type === 'NGCONV') {
    // With a batch MAESTRO counts the channels into the output.
    const channels: readonly Dimension[] = hasBatch ? ['C'] : [];
    return {
      input: [...batch, 'G', 'C', 'Y', 'X'],
      filter: ['G', 'K', 'C', 'R', 'S'],
      output: [...batch, 'G', 'K', ...channels, 'Y', 'X'],
    };
  }
  return { input: [...batch, 'C', 'Y', 'X'], filter: ['K', 'C', 'R', 'S'], output: [...batch, 'K', 'Y', 'X'] };
}

/** MAESTRO's machine has as many networks. */
const MOST_LEVELS = 4;

type Mutable = { -readonly [key in keyof MapDirective]: MapDirective[key] };

/** @throws {Refusal} where the dataflow cannot be analysed. */
export function clusterLevels(layer: NetworkLayer, tensors: Tensors, elements: number): readonly Level[] {
  const isSliding = layer.type !== 'GEMM';
  const { extents: whole, strides } = fullExtents(layer);
  const operands = [...new Set([...tensors.input, ...tensors.filter])].sort();
  const groups: Mutable[][] = [[]];
  const sizes: number[] = [];
  for (const directive of layer.directives)
    if (directive.kind === 'cluster') {
      sizes.push(directive.size);
      groups.push([]);
    } else groups.at(-1)!.push({ ...directive });
  if (groups.length > MOST_LEVELS)
    throw new Refusal(`${groups.length} levels of clusters; MAESTRO's machine has networks for ${MOST_LEVELS}`);
  const clusters = sizes.reduce((product, size) => product * size, 1);
  if (clusters > elements)
    throw new Refusal(`clusters of ${sizes.join(' × ')} need ${clusters} processing elements; there are ${elements}`);

  const levels: Level[] = [];
  let extents: Extents = whole;
  let above: readonly MapDirective[] = [];
  for (const [index, directives] of groups.entries()) {
    inputCentric(directives);
    for (const upper of above)
      if (!directives.some(({ dimension }) => dimension === upper.dimension))
        directives.unshift({ ...upper, kind: 'temporal' });
    for (const dimension of operands) {
      const extent = extents.get(dimension);
      if (extent !== undefined && !directives.some((one) => one.dimension === dimension))
        directives.push({ kind: 'temporal', dimension, size: extent, offset: extent });
    }
    if (isSliding) stretch(directives, whole, extents, strides, index === 0);
    const units = index === 0 ? Math.trunc(elements / clusters) : sizes[index - 1]!;
    levels.push(checkedLevel(units, directives, extents, isSliding, index));
    const inner = new Map<Dimension, number>();
    for (const dimension of operands) {
      const directive = directives.find((one) => one.dimension === dimension);
      if (!directive) throw new Refusal(`nothing says how ${dimension} is mapped, and the layer has no extent of it`);
      inner.set(dimension, Math.min(directive.size, extents.get(dimension)!));
    }
    extents = inner;
    above = directives;
  }
  return levels;
}

/** The extents given, with the input's from the output's or the other way round. */
function fullExtents({ extents, strides, type }: NetworkLayer): {
  readonly extents: Extents;
  readonly strides: Extents;
} {
  const full = new Map(extents);
  const steps = new Map(strides);
  if (type !== 'GEMM')
    for (const [input, kernel] of KERNEL) {
      const output = outputOf(input);
      const window = extents.get(kernel);
      const [given, made] = [extents.get(input), extents.get(output)];
      if (window === undefined) throw new Refusal(`the layer has no extent of ${kernel}`);
      if (given !== undefined && made !== undefined) throw new Refusal(`both ${input} and ${output} are given`);
      if (given !== undefined) full.set(output, given - window + 1);
      else if (made !== undefined) {
        full.set(input, made + window - 1);
        const stride = strides.get(output);
        if (stride !== undefined) steps.set(input, stride);
      }
    }
  return { extents: full, strides: steps };
}

/** A map of output rows is one of the input rows under their windows. */
function inputCentric(directives: readonly Mutable[]): void {
  for (const [input, kernel] of KERNEL) {
    const output = outputOf(input);
    const directive = directives.find(({ dimension }) => dimension === output);
    if (!directive) continue;
    const window = directives.findLast(({ dimension }) => dimension === kernel);
    if (directives.some(({ dimension }) => dimension === input))
      throw new Refusal(`both ${input} and ${output} are mapped in one cluster`);
    if (!window) throw new Refusal(`${output} is mapped in a cluster without ${kernel}`);
    directive.dimension = input;
    directive.size += window.size - 1;
  }
}

/** With a stride, as many outputs as the mapped rows give; their rows are as far apart as the stride. */
function stretch(
  directives: readonly Mutable[],
  whole: Extents,
  extents: Extents,
  strides: Extents,
  isOutermost: boolean,
): void {
  for (const directive of directives) {
    const kernel = KERNEL.get(directive.dimension);
    const stride = extents.has(directive.dimension) ? (strides.get(directive.dimension) ?? 1) : 1;
    if (kernel === undefined || stride === 1) continue;
    const window = whole.get(kernel)!;
    if (directive.size < window) continue;
    const outputs = Math.trunc((directive.size + stride - window) / stride);
    directive.size = outputs * Math.min(stride, window) + Math.max(window - stride, 0);
    directive.offset = outputs * (!isOutermost && window < stride ? window : stride);
  }
}

function checkedLevel(
  units: number,
  directives: readonly MapDirective[],
  extents: Extents,
  isSliding: boolean,
  index: number,
): Level {
  const where = index === 0 ? 'outermost cluster' : `cluster ${index} from outside`;
  const spatial = directives.filter(({ kind }) => kind === 'spatial');
  const [first] = spatial;
  if (!first) throw new Refusal(`no SpatialMap in the ${where}`);
  if (spatial.length > 2) throw new Refusal(`more than two SpatialMaps in the ${where}`);
  for (const { dimension } of directives)
    if (!extents.has(dimension)) throw new Refusal(`${dimension} is mapped in the ${where}, but has no extent there`);
  return { units, edgeUnits: edgeUnitsOf(first, extents.get(first.dimension)!, units), directives, extents, isSliding };
}

function edgeUnitsOf({ size, offset }: MapDirective, extent: number, units: number): number {
  if (extent <= size) return 1;
  if (extent > offset * (units - 1) + size) {
    const steady = Math.trunc((Math.trunc((extent - size) / offset) + 1) / units) - 1;
    const left = extent - (steady + 1) * offset * units;
    return left < size ? 1 : Math.trunc((left - size) / offset) + 1;
  }
  const full = Math.trunc((extent - size) / offset) + 1;
  return offset * (full - 1) + size < extent ? full + 1 : full;
}
