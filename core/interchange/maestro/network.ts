/**
 * MAESTRO's mapping file: constants, then one network of layers, each with a type, strides, extents and a dataflow of
 * TemporalMap, SpatialMap and Cluster directives. Sz(d) is the layer's extent of d; commas, colons, semicolons and
 * parentheses only part words. Source: maestro-project/maestro, data/mapping.
 */
import { err, ok, type Result } from '#core/base/result.ts';
import type { Fault } from './hardware.ts';

/** Batch, groups, filters, channels, kernel height and width, input height and width, rows of a product, output. */
export const DIMENSIONS = ['N', 'G', 'K', 'C', 'R', 'S', 'Y', 'X', 'M', "Y'", "X'"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export const LAYER_TYPES = ['CONV', 'DSCONV', 'NGCONV', 'TRCONV', 'GEMM'] as const;
export type LayerType = (typeof LAYER_TYPES)[number];

/** `size` elements of a dimension lie on a unit; from one step (temporal) or unit (spatial) to the next they move `offset`. */
export interface MapDirective {
  readonly kind: 'temporal' | 'spatial';
  readonly dimension: Dimension;
  readonly size: number;
  readonly offset: number;
}

/** What follows maps the inside of clusters of so many units. */
export interface ClusterDirective {
  readonly kind: 'cluster';
  readonly size: number;
}

export type Directive = MapDirective | ClusterDirective;

export interface NetworkLayer {
  readonly name: string;
  readonly line: number;
  readonly type: LayerType;
  readonly extents: ReadonlyMap<Dimension, number>;
  readonly strides: ReadonlyMap<Dimension, number>;
  readonly directives: readonly Directive[];
}

export interface Network {
  readonly name: string;
  readonly layers: readonly NetworkLayer[];
}

export const LARGEST_MAPPING = 2 ** 24;
const LARGEST_NUMBER = 2 ** 31 - 1;
const MOST_DIRECTIVES = 64;

interface Token {
  readonly text: string;
  readonly line: number;
}

/** Whether a file with this beginning is a mapping rather than hardware. */
export function isMapping(text: string): boolean {
  return /^\s*(Network|Layer|Constant)\b/m.test(text.slice(0, 2 ** 16).replace(/\/\/.*$/gm, ''));
}

export function readNetwork(text: string): Result<Network, Fault> {
  if (text.length > LARGEST_MAPPING)
    return err({ line: null, message: `the file has more than ${LARGEST_MAPPING} characters` });
  try {
    return ok(new Reader(tokensOf(text)).network());
  } catch (cause) {
    if (cause instanceof SyntaxFault) return err({ line: cause.line, message: cause.message });
    throw cause;
  }
}

class SyntaxFault extends Error {
  readonly line: number | null;
  constructor(line: number | null, message: string) {
    super(message);
    this.line = line;
  }
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries())
    for (const word of raw.replace(/\/\/.*$/, '').match(/[{}]|[^\s,():;{}]+/g) ?? [])
      tokens.push({ text: word, line: index + 1 });
  return tokens;
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;
  readonly #constants = new Map<string, number>();

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  network(): Network {
    let found: Network | null = null;
    for (let token = this.#next(); token !== null; token = this.#next()) {
      if (token.text === 'Constant') {
        const { text } = this.#need('a name');
        this.#constants.set(text, this.#count('a number', this.#constants));
      } else if (token.text === 'Network') {
        if (found) throw new SyntaxFault(token.line, 'a second network');
        const words = this.#until('{');
        found = { name: words.at(-1)?.text ?? 'Network', layers: this.#layers() };
      } else if (token.text === 'Accelerator')
        throw new SyntaxFault(token.line, 'hardware inside a mapping is not read; give it as a file of its own');
      else throw new SyntaxFault(token.line, `'${token.text.slice(0, 64)}' where Constant or Network belongs`);
    }
    if (!found) throw new SyntaxFault(null, 'there is no Network');
    if (found.layers.length === 0) throw new SyntaxFault(null, `network ${found.name} has no layers`);
    return found;
  }

  #layers(): readonly NetworkLayer[] {
    const layers: NetworkLayer[] = [];
    for (;;) {
      const token = this.#need('Layer or }');
      if (token.text === '}') return layers;
      if (token.text !== 'Layer') throw new SyntaxFault(token.line, `'${token.text.slice(0, 64)}' where Layer belongs`);
      layers.push(this.#layer(token.line, layers.at(-1)?.directives ?? null));
    }
  }

  /** A layer without a dataflow has that of the layer before it. */
  #layer(line: number, before: readonly Directive[] | null): NetworkLayer {
    const name = this.#until('{')
      .map(({ text }) => text)
      .join(' ');
    let type: LayerType | null = null;
    const strides = new Map<Dimension, number>();
    const extents = new Map<Dimension, number>();
    let directives: readonly Directive[] | null = null;
    for (;;) {
      const token = this.#need('a part of the layer or }');
      if (token.text === '}') break;
      if (token.text === 'Type') {
        const given = this.#need('a type');
        type = LAYER_TYPES.find((known) => known === given.text) ?? null;
        if (type === null)
          throw new SyntaxFault(given.line, `type ${given.text.slice(0, 32)} is none of ${LAYER_TYPES.join(', ')}`);
      } else if (token.text === 'Stride') this.#extents(strides);
      else if (token.text === 'Dimensions') this.#extents(extents);
      else if (token.text === 'Dataflow') directives = this.#dataflow(extents);
      else throw new SyntaxFault(token.line, `'${token.text.slice(0, 64)}' is no part of a layer`);
    }
    const where = `layer ${name}`;
    if (type === null) throw new SyntaxFault(line, `${where} has no type`);
    if (extents.size === 0) throw new SyntaxFault(line, `${where} has no dimensions`);
    directives ??= before;
    if (directives === null) throw new SyntaxFault(line, `${where} has no dataflow`);
    return { name, line, type, strides, extents, directives };
  }

  #extents(into: Map<Dimension, number>): void {
    this.#open();
    for (let token = this.#need('a dimension or }'); token.text !== '}'; token = this.#need('a dimension or }')) {
      const dimension = dimensionOf(token);
      const extent = this.#count('an extent', this.#constants);
      if ((into.get(dimension) ?? extent) !== extent)
        throw new SyntaxFault(token.line, `${dimension} is given twice, as ${into.get(dimension)} and ${extent}`);
      into.set(dimension, extent);
    }
  }

  #dataflow(extents: ReadonlyMap<Dimension, number>): readonly Directive[] {
    const directives: Directive[] = [];
    this.#open();
    for (let token = this.#need('a directive or }'); token.text !== '}'; token = this.#need('a directive or }')) {
      if (directives.length === MOST_DIRECTIVES)
        throw new SyntaxFault(token.line, `more than ${MOST_DIRECTIVES} directives`);
      if (token.text === 'Cluster') {
        const size = this.#count('a cluster size', this.#constants, extents);
        const kind = this.#need('P or L');
        if (kind.text !== 'P' && kind.text !== 'L')
          throw new SyntaxFault(kind.line, `'${kind.text.slice(0, 32)}' where P or L belongs`);
        directives.push({ kind: 'cluster', size });
      } else if (token.text === 'TemporalMap' || token.text === 'SpatialMap') {
        const size = this.#count('a size', this.#constants, extents);
        const offset = this.#count('an offset', this.#constants, extents);
        const dimension = dimensionOf(this.#need('a dimension'));
        const kind = token.text === 'TemporalMap' ? 'temporal' : 'spatial';
        const window = dimension === 'R' || dimension === 'S' ? extents.get(dimension) : undefined;
        // A window that moves over the kernel in parts is counted wrong there, so it is refused there.
        if (kind === 'temporal' && window !== undefined && (size !== offset || size !== window))
          throw new SyntaxFault(
            token.line,
            `TemporalMap(${size},${offset}) ${dimension} must have size and offset ${window}, the layer's ${dimension}`,
          );
        directives.push({ kind, dimension, size, offset });
      } else throw new SyntaxFault(token.line, `'${token.text.slice(0, 64)}' is no TemporalMap, SpatialMap or Cluster`);
    }
    return directives;
  }

  #count(what: string, constants: ReadonlyMap<string, number>, extents?: ReadonlyMap<Dimension, number>): number {
    const token = this.#need(what);
    if (extents && token.text === 'Sz') {
      const dimension = dimensionOf(this.#need('a dimension'));
      const extent = extents.get(dimension);
      if (extent === undefined)
        throw new SyntaxFault(
          token.line,
          `Sz(${dimension}), but the layer's dimensions before it have no ${dimension}`,
        );
      return extent;
    }
    const value = constants.get(token.text) ?? (/^\d{1,10}$/.test(token.text) ? Number(token.text) : Number.NaN);
    if (!(value >= 1 && value <= LARGEST_NUMBER))
      throw new SyntaxFault(token.line, `'${token.text.slice(0, 64)}' is not ${what}, 1 or more`);
    return value;
  }

  #open(): void {
    const token = this.#need('{');
    if (token.text !== '{') throw new SyntaxFault(token.line, `'${token.text.slice(0, 64)}' where { belongs`);
  }

  #until(end: string): readonly Token[] {
    const words: Token[] = [];
    for (let token = this.#need(end); token.text !== end; token = this.#need(end)) {
      if (words.length === 16) throw new SyntaxFault(token.line, `no ${end} after the name`);
      words.push(token);
    }
    return words;
  }

  #need(what: string): Token {
    const token = this.#next();
    if (token === null) throw new SyntaxFault(this.#tokens.at(-1)?.line ?? null, `the file ends where ${what} belongs`);
    return token;
  }

  #next(): Token | null {
    return this.#tokens[this.#at++] ?? null;
  }
}

function dimensionOf({ text, line }: Token): Dimension {
  const found = DIMENSIONS.find((known) => known === text);
  if (found === undefined)
    throw new SyntaxFault(line, `dimension ${text.slice(0, 32)} is none of ${DIMENSIONS.join(', ')}`);
  return found;
}
