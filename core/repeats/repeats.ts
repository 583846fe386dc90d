/**
 * Repeated structures of a drawing of any kind: its groups, and what lies in none (pieces.ts). Two are the same when
 * they read the same (structure.ts): types, parameters, links by port, groups inside and, in a model, shapes.
 */

import { isSameValue } from '#core/base/value.ts';
import type { TensorType } from '#core/catalog/operator-type.ts';
import { blockOf, insideOf, usesOf } from '#core/document/block-uses.ts';
import { type Document, type DocumentNode, GROUP_TYPE, isPart } from '#core/document/document.ts';
import { followerOf, indexUses, isOwn } from '#core/document/own-values.ts';
import { isCounted, loosePieces, SMALLEST } from './pieces.ts';
import { contentOf, Structures } from './structure.ts';

export interface Occurrence {
  /** The group that holds it, or null where there is none yet. */
  readonly group: string | null;
  /** Ids, the same part of the structure at the same index of each occurrence. */
  readonly parts: readonly string[];
}

export interface Repeat {
  /** What its groups are called, without a number at the end; `Block` where there is none. */
  readonly name: string;
  /** Apart from each other, groups in document order first; two or more, and not all uses of one block already. */
  readonly occurrences: readonly Occurrence[];
  /** Operators or components of one occurrence. */
  readonly operators: number;
  /** Operators or components that need not be looked at one by one any longer. */
  readonly saved: number;
}

interface Candidate {
  readonly group: string | null;
  readonly members: ReadonlySet<string>;
}

/**
 * Largest saving first. @param types of a model's results by `portKey`, as `buildModel` gives them; empty for others.
 * Time grows with nodes × depth of groups, and for what lies in no group with the number of different counts (≤ 32).
 */
export function findRepeats(document: Document, types: ReadonlyMap<string, TensorType>): readonly Repeat[] {
  const shapes = shapesOf(types);
  return repeatsBy(document, (node) => `${contentOf(node)} ${shapes.get(node.id) ?? ''}`);
}

/** A value that a use would keep to itself. */
export interface Difference {
  readonly node: DocumentNode;
  readonly parameter: string;
}

export interface Similar extends Repeat {
  readonly differences: readonly Difference[];
}

/** Those that are the same but for parameters of their parts: folded, what differs is the uses' own (own-values.ts). */
export function findSimilar(document: Document): readonly Similar[] {
  const index = indexUses(usesOf(document));
  return repeatsBy(document, (node) => (isPart(node) ? node.type : contentOf(node))).flatMap((repeat) => {
    const found = differences(document, repeat, index);
    return found.length > 0 ? [{ ...repeat, differences: found }] : [];
  });
}

/**
 * Values that differ from what the block of these occurrences would say: what the uses among them say that are of the
 * first block, otherwise what most say. Those kept to a use already are left out.
 */
export function differences(
  document: Document,
  { occurrences }: Pick<Repeat, 'occurrences'>,
  index = indexUses(usesOf(document)),
): readonly Difference[] {
  const known = occurrences.findIndex(({ group }) => index.uses.has(group ?? ''));
  const found: Difference[] = [];
  for (const at of occurrences[0]?.parts.keys() ?? []) {
    const nodes = occurrences.map(({ parts }) => document.nodes.get(parts[at]!)!);
    const [first] = nodes;
    if (!first || !isPart(first) || nodes.every(({ parameters }) => parameters === first.parameters)) continue;
    for (const parameter of new Set(nodes.flatMap(({ parameters }) => Object.keys(parameters)))) {
      const follower = nodes[known] && followerOf(document, index, nodes[known].id, parameter);
      const said = (follower ?? mostCommon(nodes, parameter)).parameters[parameter];
      for (const node of nodes)
        if (!isSameValue(node.parameters[parameter], said) && !isOwn(node, parameter)) found.push({ node, parameter });
    }
  }
  return found;
}

/** The first node with the value that most have. */
function mostCommon(nodes: readonly DocumentNode[], parameter: string): DocumentNode {
  const byValue = Map.groupBy(nodes, ({ parameters }) => JSON.stringify(parameters[parameter]));
  return [...byValue.values()].reduce((a, b) => (b.length > a.length ? b : a))[0]!;
}

function repeatsBy(document: Document, describe: (node: DocumentNode) => string): readonly Repeat[] {
  const structures = new Structures(document, describe);
  const groups = [...document.nodes.values()].filter(({ type }) => type === GROUP_TYPE);
  const inside = insideOf(document, new Set(groups.map(({ id }) => id)));
  const candidates: readonly Candidate[] = [
    ...groups.map(({ id }) => ({ group: id, members: new Set(inside.get(id)) })),
    ...loosePieces(document, structures).map((members) => ({ group: null, members })),
  ];
  const found: Repeat[] = [];
  const large = candidates.filter(({ members }) => members.size >= SMALLEST);
  for (const alike of Map.groupBy(large, ({ members }) => structures.census(members)).values()) {
    if (alike.length < 2) continue;
    const read = alike.map(({ group, members }) => ({ group, ...structures.read(members) }));
    for (const equal of Map.groupBy(read, ({ text }) => text).values()) {
      const occurrences = apart(equal);
      const operators =
        occurrences[0]?.parts.filter((id) => isCounted(document.kind, document.nodes.get(id)!)).length ?? 0;
      if (occurrences.length < 2 || operators < SMALLEST) continue;
      const blocks = new Set(occurrences.map(({ group }) => blockName(document, group)));
      if (blocks.size === 1 && !blocks.has('')) continue;
      const name = nameOf(document, occurrences[0]!.group);
      found.push({ name, occurrences, operators, saved: operators * (occurrences.length - 1) });
    }
  }
  return found.sort((a, b) => b.saved - a.saved);
}

/** Of a node's results, in the order of its ports as they were typed. */
function shapesOf(types: ReadonlyMap<string, TensorType>): ReadonlyMap<string, string> {
  const shapes = new Map<string, string>();
  for (const [key, { shape, elementType }] of types) {
    const node = key.slice(0, key.lastIndexOf('/'));
    shapes.set(node, `${shapes.get(node) ?? ''} ${shape.join('x')}:${elementType}`);
  }
  return shapes;
}

/** Without those that share a part with one before. */
function apart(occurrences: readonly Occurrence[]): readonly Occurrence[] {
  const taken = new Set<string>();
  return occurrences.flatMap(({ group, parts }) => {
    if (parts.some((id) => taken.has(id))) return [];
    for (const id of parts) taken.add(id);
    return [{ group, parts }];
  });
}

export function blockName(document: Document, group: string | null): string {
  const node = document.nodes.get(group ?? '');
  return node ? blockOf(node) : '';
}

function nameOf(document: Document, group: string | null): string {
  const name = document.nodes.get(group ?? '')?.name ?? '';
  return name.replace(/[\s._-]*\d+$/, '').trim() || 'Block';
}
