/**
 * Which node of one document is which of another. Revisions of one document: by id. Documents of different origin: by id
 * and name, by name, then by structure: colours of type, parameters and neighbourhood are refined (Weisfeiler and
 * Leman 1968), what has a colour alone in both is a pair, and pairs spread to the neighbours they determine.
 * Every pass looks at each node and each end of a link a bounded number of times.
 */
import type { Document, DocumentNode } from '#core/document/document.ts';
import { type Graph, graphOf, Labels } from './graph.ts';

export interface Matching {
  /** Ids of the first document → ids of the second. */
  readonly pairs: ReadonlyMap<string, string>;
  /** Nodes and ends of links looked at. */
  readonly work: number;
}

/** Steps a colour sees around its node; pairs spread further by themselves. */
const ROUNDS = 4;

/** Nodes of a pair have the same type. Deterministic: order of the documents decides between equals. */
export function matchNodes(a: Document, b: Document): Matching {
  return a.id === b.id ? matchById(a, b) : new Matcher(a, b).match();
}

function matchById(a: Document, b: Document): Matching {
  const pairs = new Map<string, string>();
  for (const { id, type } of a.nodes.values()) if (b.nodes.get(id)?.type === type) pairs.set(id, id);
  return { pairs, work: a.nodes.size };
}

type Colours = readonly (readonly number[])[];

class Matcher {
  readonly #labels = new Labels();
  readonly #a: Graph;
  readonly #b: Graph;
  /** Counterpart by number, −1 for none. */
  readonly #toB: number[];
  readonly #toA: number[];
  readonly #queue: number[] = [];
  #work = 0;

  constructor(a: Document, b: Document) {
    this.#a = graphOf(a, this.#labels);
    this.#b = graphOf(b, this.#labels);
    this.#toB = this.#a.nodes.map(() => -1);
    this.#toA = this.#b.nodes.map(() => -1);
  }

  match(): Matching {
    this.#alone(({ id, type, name }) => `${type}\n${id}\n${name}`);
    this.#alone(({ type, name }) => `${type}\n${name}`);
    this.#refined('contents', 0);
    // What is left differs in parameters: its type, among neighbours that are known, has to do.
    this.#spread('types', true);
    this.#refined('types', 1);
    this.#onlyOfItsType();
    this.#spread('types', true);
    const pairs = new Map<string, string>();
    this.#toB.forEach((other, number) => {
      if (other >= 0) pairs.set(this.#a.nodes[number]!.id, this.#b.nodes[other]!.id);
    });
    return { pairs, work: this.#work };
  }

  #pair(a: number, b: number): void {
    this.#toB[a] = b;
    this.#toA[b] = a;
    this.#queue.push(a);
  }

  #free(graph: Graph): readonly number[] {
    const other = graph === this.#a ? this.#toB : this.#toA;
    this.#work += other.length;
    return other.flatMap((pair, number) => (pair < 0 ? [number] : []));
  }

  /** Free nodes by key, in document order. */
  #buckets<K>(keyA: (number: number) => K, keyB: (number: number) => K): Map<K, [number[], number[]]> {
    const buckets = new Map<K, [number[], number[]]>();
    const put = (key: K, number: number, side: 0 | 1) => {
      const bucket = buckets.get(key) ?? [[], []];
      bucket[side].push(number);
      buckets.set(key, bucket);
    };
    for (const number of this.#free(this.#a)) put(keyA(number), number, 0);
    for (const number of this.#free(this.#b)) put(keyB(number), number, 1);
    return buckets;
  }

  /** Pairs what has a key alone in both documents. */
  #alone(key: (node: DocumentNode) => string): void {
    const buckets = this.#buckets(
      (number) => key(this.#a.nodes[number]!),
      (number) => key(this.#b.nodes[number]!),
    );
    for (const [ours, theirs] of buckets.values())
      if (ours.length === 1 && theirs.length === 1) this.#pair(ours[0]!, theirs[0]!);
  }

  /** Wide surroundings first, then narrower ones; equals last, one at a time, for each settles what hangs on it. */
  #refined(by: 'contents' | 'types', narrowest: number): void {
    this.#spread(by, false);
    const rounds = this.#colours(by);
    for (const paired of ['alone', 'equal'] as const) {
      for (let round = rounds.length - 1; round >= narrowest; round--) {
        const [ofA, ofB] = rounds[round]!;
        const buckets = this.#buckets(
          (number) => ofA![number]!,
          (number) => ofB![number]!,
        );
        for (const [ours, theirs] of buckets.values()) {
          if (ours.length !== theirs.length || (paired === 'alone' && ours.length > 1)) continue;
          let next = 0;
          for (const number of ours) {
            if (this.#toB[number]! >= 0) continue;
            while (next < theirs.length && this.#toA[theirs[next]!]! >= 0) next++;
            const partner = theirs[next];
            if (partner === undefined) break;
            this.#pair(number, partner);
            this.#spread(by, false);
          }
        }
      }
    }
  }

  /** Colours of both documents after 0 … ROUNDS refinements; those of a pair are their own from the start. */
  #colours(by: 'contents' | 'types'): readonly Colours[] {
    const first = (graph: Graph) =>
      graph[by].map((colour, number) => {
        const a = graph === this.#b ? this.#toA[number]! : this.#toB[number]! < 0 ? -1 : number;
        return a < 0 ? colour : this.#labels.of(`pair ${a}`);
      });
    const rounds: Colours[] = [[first(this.#a), first(this.#b)]];
    for (let round = 1; round <= ROUNDS; round++) {
      const [ofA, ofB] = rounds[round - 1]!;
      rounds.push([this.#refine(this.#a, ofA!, round), this.#refine(this.#b, ofB!, round)]);
    }
    return rounds;
  }

  #refine(graph: Graph, colours: readonly number[], round: number): readonly number[] {
    return graph.edges.map((edges, number) => {
      this.#work += edges.length + 1;
      const around = edges.map(({ label, other }) => `${label}.${colours[other]}`).sort();
      return this.#labels.of(`${round} ${colours[number]} ${around.join(' ')}`);
    });
  }

  /**
   * From every new pair to its neighbours: one free neighbour of a kind at the same port on both sides is a pair too.
   * @param all begins with all pairs instead of the new ones.
   */
  #spread(by: 'contents' | 'types', all: boolean): void {
    if (all) {
      this.#queue.length = 0;
      this.#toB.forEach((other, number) => {
        if (other >= 0) this.#queue.push(number);
      });
    }
    for (let number = this.#queue.pop(); number !== undefined; number = this.#queue.pop()) {
      const ours = this.#neighbours(this.#a, number, this.#toB, by);
      if (ours.size === 0) continue;
      const theirs = this.#neighbours(this.#b, this.#toB[number]!, this.#toA, by);
      for (const [key, neighbour] of ours) {
        const counterpart = theirs.get(key);
        if (neighbour === null || counterpart === null || counterpart === undefined) continue;
        if (this.#toB[neighbour]! < 0 && this.#toA[counterpart]! < 0) this.#pair(neighbour, counterpart);
      }
    }
  }

  /** Free neighbours by edge and kind; null where there are several. */
  #neighbours(
    graph: Graph,
    number: number,
    paired: readonly number[],
    by: 'contents' | 'types',
  ): ReadonlyMap<string, number | null> {
    const found = new Map<string, number | null>();
    const edges = graph.edges[number]!;
    this.#work += edges.length + 1;
    for (const { label, other } of edges) {
      if (paired[other]! >= 0) continue;
      const key = `${label} ${graph[by][other]}`;
      found.set(key, found.has(key) && found.get(key) !== other ? null : other);
    }
    return found;
  }

  /** The one scratchpad of either drawing is the scratchpad, whatever it is called and however large. */
  #onlyOfItsType(): void {
    const counts = (graph: Graph) => {
      const found = new Map<number, number>();
      for (const type of graph.types) found.set(type, (found.get(type) ?? 0) + 1);
      return found;
    };
    const ofA = counts(this.#a);
    const ofB = counts(this.#b);
    const buckets = this.#buckets(
      (number) => this.#a.types[number]!,
      (number) => this.#b.types[number]!,
    );
    for (const [type, [ours, theirs]] of buckets)
      if (ofA.get(type) === 1 && ofB.get(type) === 1 && ours.length === 1 && theirs.length === 1)
        this.#pair(ours[0]!, theirs[0]!);
  }
}
