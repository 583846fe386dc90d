/**
 * Where tensors lie in a Gemmini network, and in which order: C expressions that point at them, and the arrays to declare for
 * them. A tensor that is read in an order it does not lie in is turned once.
 */
import { elementCount } from '#core/catalog/operator-type.ts';
import type { ModelGraph, Operator, Tensor } from '#core/model/graph.ts';

export type Layout = 'rows' | 'channels-last';

/** A C identifier of `name`, told apart by `index`. */
export function identifier(prefix: string, index: number, name: string): string {
  const slug = name
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 32);
  return `${prefix}${index}${slug === '' ? '' : `_${slug}`}`;
}

export const shapeText = (shape: readonly number[]) => (shape.length === 0 ? 'scalar' : shape.join(' x '));

export class Places {
  /** `extern const elem_t …;` of weights and constants, with what they are. */
  readonly externs: string[] = [];
  readonly buffers: string[] = [];
  /** Parameters of the network's function: inputs, then outputs. */
  readonly parameters: string[] = [];
  readonly #graph: ModelGraph;
  readonly #calls: string[];
  readonly #places = new Map<number, Map<Layout, string>>();

  /** @param calls statements of the network, to which those that turn tensors are added. */
  constructor(graph: ModelGraph, calls: string[]) {
    this.#graph = graph;
    this.#calls = calls;
    for (const tensor of graph.tensors) {
      const { index, kind, name, type } = tensor;
      if (kind !== 'input' && kind !== 'constant') continue;
      const layout: Layout = kind === 'input' && this.#isPicture(tensor) ? 'channels-last' : 'rows';
      const place = identifier(kind === 'input' ? 'in' : 'k', index, name);
      if (kind === 'input') this.parameters.push(`const elem_t *${place} /* ${layoutText(type.shape, layout)} */`);
      else
        this.externs.push(
          `extern const elem_t ${place}[${elementCount(type.shape)}]; /* ${layoutText(type.shape, layout)} */`,
        );
      this.set(index, layout, place);
    }
  }

  /** The tensor lies where `place` points, in this order alone. */
  set(tensor: number, layout: Layout, place: string): void {
    this.#places.set(tensor, new Map([[layout, place]]));
  }

  has(tensor: number, layout: Layout): boolean {
    return this.#places.get(tensor)?.has(layout) ?? false;
  }

  /** A C expression pointing at the tensor in this layout; turns it the first time it is not there. */
  read({ index, name, type }: Tensor, layout: Layout): string {
    const places = this.#places.get(index);
    const found = places?.get(layout);
    if (found !== undefined) return found;
    const [other] = places ? [...places.values()] : [];
    if (places === undefined || other === undefined) throw new Error(`tensor ${name} is read before it is made`);
    const [batch = 1, channels = 1, ...spatial] = type.shape;
    const positions = elementCount(spatial);
    // One channel, or one position: both layouts are the same.
    if (type.shape.length < 3 || channels === 1 || positions === 1) {
      places.set(layout, other);
      return other;
    }
    const made = identifier(layout === 'rows' ? 'r' : 'c', index, name);
    this.buffers.push(`static elem_t ${made}[${elementCount(type.shape)}] row_align(1);`);
    const turn = layout === 'rows' ? `${batch}, ${positions}, ${channels}` : `${batch}, ${channels}, ${positions}`;
    this.#calls.push(`weft_turn(${other}, ${made}, ${turn});`);
    places.set(layout, made);
    return made;
  }

  write({ index, name, type, kind }: Tensor, layout: Layout): string {
    const what = layoutText(type.shape, layout);
    const place = identifier(kind === 'output' ? 'out' : 't', index, name);
    if (kind === 'output') this.parameters.push(`elem_t *${place} /* ${what} */`);
    else this.buffers.push(`static elem_t ${place}[${elementCount(type.shape)}] row_align(1); /* ${what} */`);
    this.set(index, layout, place);
    return place;
  }

  weight(operator: Operator, prefix: string, type: 'elem' | 'acc', shape: readonly number[], what: string): string {
    const name = identifier(prefix, operator.index, operator.name);
    this.externs.push(`extern const ${type}_t ${name}[${elementCount(shape)}]; /* ${shapeText(shape)}: ${what} */`);
    return name;
  }

  #isPicture({ consumers, type }: Tensor): boolean {
    return type.shape.length > 2 && consumers.some((index) => /conv$/.test(this.#graph.operators[index]!.type.id));
  }
}

function layoutText(shape: readonly number[], layout: Layout): string {
  return `${shapeText(shape)}${layout === 'rows' ? '' : ', channels last'}`;
}
