/**
 * What a cluster level takes in and gives out in one case of its steps: elements new to its units, results that leave, partial
 * sums computed. Reuse over time is that of the innermost directive that moved; over units, of neighbours that overlap.
 * Source: Kwon et al., MICRO 2019, section 4.2; MAESTRO, CA_reuse-analysis, whose special cases are kept.
 */
import { kernelOf, type Level, outputOf, Refusal } from './clusters.ts';
import type { Dimension, MapDirective } from './network.ts';
import type { Step, StepCase } from './steps.ts';

/** Of one dimension on one unit, in a full step and in a last one: elements, and those its neighbour in time or space has not. */
interface Share {
  readonly mapped: number;
  readonly unique: number;
  readonly mappedEdge: number;
  readonly uniqueEdge: number;
}

/** Which unit: the first in a row reuses nothing of a neighbour's; a ragged one has what is left. */
interface Unit {
  readonly isFirst: boolean;
  readonly isRagged: boolean;
}

const FIRST: Unit = { isFirst: true, isRagged: false };
const FIRST_RAGGED: Unit = { isFirst: true, isRagged: true };
const OTHER: Unit = { isFirst: false, isRagged: false };
const RAGGED: Unit = { isFirst: false, isRagged: true };

type Dimensions = readonly Dimension[];

export class Volumes {
  readonly #level: Level;
  readonly #shares: ReadonlyMap<Dimension, Share>;

  constructor(level: Level) {
    this.#level = level;
    this.#shares = sharesOf(level);
  }

  /** Elements of a tensor one unit holds in a full step. */
  held(tensor: Dimensions): number {
    return tensor.reduce((volume, dimension) => volume * this.#share(dimension).mapped, 1);
  }

  /** Extent of a dimension inside one unit, of the ragged one or of another. */
  inside({ kind, dimension }: MapDirective, { steps }: StepCase, isRagged: boolean): number {
    const { mapped, mappedEdge } = this.#share(dimension);
    const { isEdge } = steps.get(dimension)!;
    if (kind === 'temporal') return isEdge ? mappedEdge : mapped;
    return isEdge && (this.#level.edgeUnits === 1 || isRagged) ? mappedEdge : mapped;
  }

  /** Elements of an operand that have to be brought, to all units, each once where several want it. */
  ingress(tensor: Dimensions, now: StepCase): number {
    const spatial = this.#spatial(tensor, now);
    return spatial === null
      ? this.#taken(tensor, now, FIRST)
      : this.#over(spatial, (unit) => this.#taken(tensor, now, unit), OTHER);
  }

  /** Elements of the result that leave all units. */
  egress(tensor: Dimensions, now: StepCase): number {
    const spatial = this.#spatial(tensor, now);
    return spatial === null
      ? this.#given(tensor, now, FIRST)
      : this.#over(spatial, (unit) => this.#given(tensor, now, unit), OTHER);
  }

  /** Partial sums of the unit with the most of them. */
  sumsOfUnit(tensor: Dimensions, now: StepCase): number {
    const spatial = this.#spatial(tensor, now);
    const isAlone = spatial?.isEdge && spatial.step.hasRaggedUnit && this.#level.edgeUnits === 1;
    const unit = isAlone ? FIRST_RAGGED : FIRST;
    return this.#summed(tensor, now, unit) * this.#given(tensor, now, unit);
  }

  /** Partial sums of all units. */
  sums(tensor: Dimensions, now: StepCase): number {
    const spatials = this.#level.directives.filter(({ kind }) => kind === 'spatial');
    const isEdge = spatials.some(({ dimension }) => now.steps.get(dimension)!.isEdge);
    const step = now.steps.get(spatials.at(-1)!.dimension)!;
    const ofUnit = (unit: Unit): number =>
      this.#summed(tensor, now, unit) * this.#given(tensor, now, unit, unit !== RAGGED);
    return this.#over({ step, isEdge }, ofUnit, FIRST);
  }

  /** Over the units at work: the first, the ragged one if there is one, and the others, each as `other`. */
  #over(
    { step, isEdge }: { readonly step: Step; readonly isEdge: boolean },
    ofUnit: (unit: Unit) => number,
    other: Unit,
  ): number {
    const { units, edgeUnits } = this.#level;
    if (!isEdge) return ofUnit(FIRST) + (units - 1) * ofUnit(other);
    if (edgeUnits === 1) return ofUnit(step.hasRaggedUnit ? FIRST_RAGGED : FIRST);
    const ragged = step.hasRaggedUnit ? 1 : 0;
    const others = Math.max(0, edgeUnits - ragged - 1);
    return ofUnit(FIRST) + others * ofUnit(other) + (ragged === 1 ? ofUnit(RAGGED) : 0);
  }

  /** The step over the dimension of a tensor that is spread over the units, if one is. */
  #spatial(tensor: Dimensions, { steps }: StepCase): { readonly step: Step; readonly isEdge: boolean } | null {
    let step: Step | null = null;
    let isEdge = false;
    for (const dimension of tensor) {
      if (this.#directive(dimension).kind !== 'spatial') continue;
      step = steps.get(dimension)!;
      isEdge ||= step.isEdge;
    }
    return step && { step, isEdge };
  }

  #taken(tensor: Dimensions, { steps }: StepCase, { isFirst, isRagged }: Unit): number {
    const { directives, edgeUnits } = this.#level;
    const moving = directives.findLastIndex(({ dimension }) => steps.get(dimension)!.at !== 'first');
    let volume = 1;
    if (moving < 0) {
      for (const { kind, dimension } of directives) {
        if (!tensor.includes(dimension)) continue;
        const { mapped, mappedEdge } = this.#share(dimension);
        const { isEdge } = steps.get(dimension)!;
        if (!isEdge) volume *= mapped;
        else if (kind === 'temporal') volume *= mappedEdge;
        else if (edgeUnits > 1) volume *= isRagged ? mappedEdge : mapped;
        else if (isFirst || isRagged) volume *= mappedEdge;
      }
      return volume;
    }
    if (!tensor.includes(directives[moving]!.dimension)) return 0;
    // An inner loop over the tensor starts anew: nothing of what was there is left.
    const isAnew = directives.some(({ dimension }, index) => {
      const { at, isWhole } = steps.get(dimension)!;
      return index > moving && tensor.includes(dimension) && at === 'first' && !isWhole;
    });
    for (const [index, { kind, dimension }] of directives.entries()) {
      if (!tensor.includes(dimension)) continue;
      const { mapped, unique, mappedEdge, uniqueEdge } = this.#share(dimension);
      const { at, isEdge } = steps.get(dimension)!;
      const overlaps = index === moving && !isAnew;
      if (kind === 'temporal') {
        if (at === 'first') volume *= isEdge ? mappedEdge : mapped;
        else if (overlaps) {
          if (unique === 0) throw new Refusal(`${dimension} moves on although a step covers all of it`);
          volume *= unique;
        } else volume *= mapped;
      } else {
        const sharesWithNeighbour = !isFirst && (at === 'first' ? index > moving : overlaps);
        if (sharesWithNeighbour) volume *= isRagged ? uniqueEdge : unique;
        else volume *= isRagged ? mappedEdge : mapped;
      }
    }
    return volume;
  }

  /** How many products each result of a unit sums. */
  #summed(tensor: Dimensions, { steps }: StepCase, unit: Unit): number {
    let volume = 1;
    for (const { kind, dimension } of this.#level.directives) {
      if (tensor.includes(dimension)) continue;
      const share = this.#share(dimension);
      const step = steps.get(dimension)!;
      if (kind === 'temporal') volume *= step.isEdge ? share.mappedEdge : share.mapped;
      else if (step.at === 'first' && step.isEdge && unit.isRagged) volume *= share.mappedEdge;
      else volume *= this.#spread(share, share.mappedEdge, step, unit);
    }
    return volume;
  }

  /** Results of a unit; `sharesEdge`: a ragged one leaves out what its neighbour has. */
  #given(tensor: Dimensions, { steps }: StepCase, unit: Unit, sharesEdge = true): number {
    const { edgeUnits } = this.#level;
    let volume = 1;
    for (const dimension of tensor) {
      const share = this.#share(outputOf(dimension));
      const step = steps.get(dimension)!;
      if (this.#directive(dimension).kind === 'temporal') volume *= step.isEdge ? share.mappedEdge : share.mapped;
      else if (step.at === 'first' && step.isEdge && unit.isRagged)
        volume *= edgeUnits > 1 && sharesEdge ? share.uniqueEdge : share.mappedEdge;
      // The one unit of a last step is counted by its input rows, not by its outputs.
      else volume *= this.#spread(share, this.#share(dimension).mappedEdge, step, unit);
    }
    return volume;
  }

  #spread({ mapped, unique, uniqueEdge }: Share, alone: number, { at }: Step, { isFirst, isRagged }: Unit): number {
    const { edgeUnits } = this.#level;
    if (at === 'last' && edgeUnits === 1) return isFirst || isRagged ? alone : 1;
    if (at === 'last' && isRagged) return uniqueEdge;
    return isFirst ? mapped : unique || 1;
  }

  #directive(dimension: Dimension): MapDirective {
    const found = this.#level.directives.find((one) => one.dimension === dimension);
    if (!found) throw new Refusal(`nothing says how ${dimension} is mapped`);
    return found;
  }

  #share(dimension: Dimension): Share {
    const found = this.#shares.get(dimension);
    if (!found) throw new Refusal(`nothing says how ${dimension} is mapped`);
    return found;
  }
}

function sharesOf({ directives, extents, isSliding }: Level): ReadonlyMap<Dimension, Share> {
  const shares = new Map<Dimension, Share>();
  for (const { kind, dimension, size, offset } of directives) {
    const extent = extents.get(dimension)!;
    const steady = Math.max(0, Math.trunc((extent - size) / offset));
    const hasEdge = steady * offset + size < extent || size > extent;
    const left = extent - (steady + 1) * offset;
    const edge = left < 0 ? extent : left;
    shares.set(dimension, {
      mapped: size,
      unique: kind === 'temporal' && extent <= size ? 0 : Math.min(size, offset),
      mappedEdge: hasEdge ? edge : size,
      uniqueEdge: Math.max(offset - (size - edge), 0),
    });
  }
  for (const { dimension, size, offset } of directives) {
    const kernel = kernelOf(dimension, isSliding);
    if (kernel === undefined) continue;
    const [rows, window] = [shares.get(dimension)!, shares.get(kernel)];
    if (!window) throw new Refusal(`nothing says how ${kernel} is mapped`);
    const mappedEdge = rows.mappedEdge - window.mappedEdge + 1;
    shares.set(outputOf(dimension), {
      mapped: rows.mapped - window.mapped + 1,
      unique: Math.min(offset, size),
      mappedEdge,
      uniqueEdge: Math.min(offset, mappedEdge),
    });
  }
  return shares;
}
