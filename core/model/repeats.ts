/**
 * Repeated structures of a drawn model, and folding them into one reusable block. Candidates are its groups and, level
 * by level, the repeated blocks of what lies in none (blocks.ts). Two are the same when every part, read back from the
 * results along the ports in order, has equal type, parameters, shapes and links: compared in full, not by a hash.
 */
import { canonicalJson } from '#core/base/canonical.ts';
import type { TensorType } from '#core/catalog/operator-type.ts';
import { asUse, freeBlockName } from '#core/document/block-commands.ts';
import { blockOf, insideOf, usesOf } from '#core/document/block-uses.ts';
import type { Command } from '#core/document/command.ts';
import { type Document, type DocumentNode, GROUP_TYPE, isPart } from '#core/document/document.ts';
import { type BlockNode, findBlocks } from './blocks.ts';
import { ModelMemo } from './memo.ts';
import { portKey } from './ports.ts';
import { type Wired, wire } from './wiring.ts';

export interface Occurrence {
  /** The group that holds it, or null where there is none yet. */
  readonly group: string | null;
  /** Ids, the same part of the structure at the same index of each occurrence. */
  readonly parts: readonly string[];
}

export interface Repeat {
  /** What its groups are called, without a number at the end; `Block` where there is none. */
  readonly name: string;
  /** In document order, two or more; not all are uses of one block already. */
  readonly occurrences: readonly Occurrence[];
  /** Operators of one occurrence. */
  readonly operators: number;
  /** Operators that need not be looked at one by one any longer. */
  readonly saved: number;
}

const SMALLEST = 3;
const VIEW: ReadonlySet<string> = new Set(['collapsed', 'block', 'slots']);

/**
 * Largest saving first. @param types of results by `portKey`, as `buildModel` gives them.
 * Linear in nodes × depth of groups, but for the sorting.
 */
export function findRepeats(document: Document, types: ReadonlyMap<string, TensorType>): readonly Repeat[] {
  const { order } = wire(document, new ModelMemo());
  const facts = new Facts(document, order, types);
  const bySignature = new Map<string, Occurrence[]>();
  const put = (group: string | null, members: ReadonlySet<string>) => {
    const read = facts.read(members, group);
    if (read === null) return;
    const known = bySignature.get(read.signature);
    if (known) known.push({ group, parts: read.parts });
    else bySignature.set(read.signature, [{ group, parts: read.parts }]);
  };
  const groups = [...document.nodes.values()].filter(({ type }) => type === GROUP_TYPE);
  const inside = insideOf(document, new Set(groups.map(({ id }) => id)));
  for (const { id } of groups) put(id, new Set(inside.get(id)));
  for (const members of facts.loose()) put(null, members);

  const found: Repeat[] = [];
  for (const occurrences of bySignature.values()) {
    const operators = facts.operatorsIn(occurrences[0]!.parts);
    if (occurrences.length < 2 || operators < SMALLEST) continue;
    const blocks = new Set(occurrences.map(({ group }) => blockName(document, group)));
    if (blocks.size === 1 && !blocks.has('')) continue;
    const name = nameOf(document, occurrences[0]!.group);
    found.push({ name, occurrences, operators, saved: operators * (occurrences.length - 1) });
  }
  return found.sort((a, b) => b.saved - a.saved);
}

function blockName(document: Document, group: string | null): string {
  const node = document.nodes.get(group ?? '');
  return node ? blockOf(node) : '';
}

function nameOf(document: Document, group: string | null): string {
  const name = document.nodes.get(group ?? '')?.name ?? '';
  return name.replace(/[\s._-]*\d+$/, '').trim() || 'Block';
}

/**
 * Makes one block of all occurrences, in one step: the first is the model of the drawing, the others take its places.
 * Occurrences that are uses of a block already keep it, and the others join.
 */
export function foldCommand(
  document: Document,
  { occurrences, name: stem }: Pick<Repeat, 'occurrences' | 'name'>,
  newId: (prefix: string) => string,
): Command | null {
  if (occurrences.length === 0) return null;
  const uses = usesOf(document);
  const known = occurrences.find(({ group }) => uses.has(group ?? ''));
  const knownUse = uses.get(known?.group ?? '');
  const name = knownUse?.block ?? freeBlockName(document, stem);
  const slotOf = (at: number) => knownUse?.slotOf.get(known?.parts[at] ?? '') ?? at;
  const place = new Map([...document.nodes.keys()].map((id, at) => [id, at]));
  const commands: Command[] = [];
  for (const [number, { group, parts }] of occurrences.entries()) {
    if (group !== null && blockName(document, group) === name) continue;
    const slots = new Map(parts.map((id, at) => [id, slotOf(at)]));
    const inOrder = parts.toSorted((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0)).map((id) => slots.get(id)!);
    if (group === null) {
      const members = parts.flatMap((part) => document.nodes.get(part) ?? []);
      const made: DocumentNode = {
        id: newId('g'),
        type: GROUP_TYPE,
        name: `${name} ${number + 1}`,
        x: Math.min(...members.map(({ x }) => x)),
        y: Math.min(...members.map(({ y }) => y)),
        parent: members[0]?.parent ?? null,
        parameters: { collapsed: true, block: name, slots: inOrder },
      };
      commands.push({ type: 'nodes.group', group: made, members: parts });
    } else commands.push(...asUse(group, name, inOrder));
  }
  return { type: 'batch', label: `Fold ${occurrences.length} × ${name} into one block`, commands };
}

/** What is asked of the parts of a model again and again. */
class Facts {
  readonly #document: Document;
  readonly #order: readonly Wired[];
  readonly #wired = new Map<string, Wired>();
  readonly #place = new Map<string, number>();
  readonly #readers = new Map<string, string[]>();
  readonly #shapes = new Map<string, string>();

  constructor(document: Document, order: readonly Wired[], types: ReadonlyMap<string, TensorType>) {
    this.#document = document;
    this.#order = order;
    for (const [at, wired] of order.entries()) {
      const { id } = wired.node;
      this.#wired.set(id, wired);
      this.#place.set(id, at);
      for (const link of wired.sources.values()) {
        const known = this.#readers.get(link.from.node);
        if (known) known.push(id);
        else this.#readers.set(link.from.node, [id]);
      }
      const shapes = wired.outputs.flatMap((port) => types.get(portKey(id, port.id)) ?? []);
      this.#shapes.set(id, shapes.map(({ shape, elementType }) => `${shape.join('x')}:${elementType}`).join());
    }
  }

  operatorsIn(parts: readonly string[]): number {
    return parts.filter((id) => this.#isOperator(id)).length;
  }

  #isOperator(id: string): boolean {
    const wired = this.#wired.get(id);
    return wired !== undefined && wired.type.category !== 'interface';
  }

  /** Repeated blocks of what lies in no group at each level, with the constants that only they read. */
  loose(): readonly ReadonlySet<string>[] {
    const levels = new Map<string | null, BlockNode[]>();
    for (const { node, type, sources } of this.#order) {
      if (type.category === 'interface') continue;
      const record: BlockNode = {
        id: node.id,
        type: node.type,
        category: type.category,
        parameters: node.parameters,
        sources: [...sources.values()].map((link) => link.from.node),
        shapes: this.#shapes.get(node.id) ?? '',
      };
      const level = levels.get(node.parent);
      if (level) level.push(record);
      else levels.set(node.parent, [record]);
    }
    return [...levels.values()].flatMap((nodes) => {
      const blocks = findBlocks(nodes);
      const count = new Map<string, number>();
      for (const { hash } of blocks) count.set(hash, (count.get(hash) ?? 0) + 1);
      return blocks
        .filter(({ hash }) => (count.get(hash) ?? 0) > 1)
        .map(({ members }) => this.#withConstants(new Set(members)));
    });
  }

  #withConstants(members: Set<string>): ReadonlySet<string> {
    const parent = this.#document.nodes.get([...members][0] ?? '')?.parent;
    for (const id of [...members])
      for (const link of this.#wired.get(id)?.sources.values() ?? []) {
        const node = this.#document.nodes.get(link.from.node);
        if (node?.type !== 'constant' || node.parent !== parent) continue;
        if (this.#readers.get(node.id)?.every((reader) => members.has(reader))) members.add(node.id);
      }
    return members;
  }

  /** Null where a part is on a circle or of an unknown type. */
  read(
    members: ReadonlySet<string>,
    root: string | null,
  ): { readonly signature: string; readonly parts: readonly string[] } | null {
    const parts: string[] = [];
    const index = new Map<string, number>();
    const add = (id: string) => index.set(id, parts.push(id) - 1);
    const inner = [...members]
      .filter((id) => this.#wired.has(id))
      .sort((a, b) => this.#place.get(a)! - this.#place.get(b)!);
    const cones = this.#cones(inner, members);
    const ends = inner
      .filter((id) => !this.#readers.get(id)?.some((reader) => members.has(reader)))
      .sort((a, b) => cones.get(a)! - cones.get(b)! || this.#place.get(a)! - this.#place.get(b)!);
    const open = ends.toReversed();
    // Depth first, operands in the order of their ports; iterative, for chains of thousands.
    for (let id = open.at(-1); id !== undefined; id = open.at(-1)) {
      const waiting = index.has(id) ? [] : this.#sourcesIn(id, members).filter((each) => !index.has(each));
      if (waiting.length > 0) {
        open.push(...waiting.toReversed());
        continue;
      }
      open.pop();
      if (!index.has(id)) add(id);
    }
    const others = [...members].flatMap((id) => (index.has(id) ? [] : (this.#document.nodes.get(id) ?? [])));
    if (others.some(isPart)) return null;
    // Groups by the first part in them, outer ones first; notes by what stands on them.
    const firstIn = new Map<string, number>();
    const sizes = new Map<string, number>();
    for (const [at, id] of parts.entries())
      for (let up = this.#document.nodes.get(id)?.parent ?? null; up !== null && up !== root; ) {
        firstIn.set(up, Math.min(firstIn.get(up) ?? at, at));
        sizes.set(up, (sizes.get(up) ?? 0) + 1);
        up = this.#document.nodes.get(up)?.parent ?? null;
      }
    const rank = ({ id }: DocumentNode) => firstIn.get(id) ?? parts.length;
    others.sort((a, b) => rank(a) - rank(b) || (sizes.get(b.id) ?? 0) - (sizes.get(a.id) ?? 0));
    for (const { id } of others) add(id);
    return { signature: parts.map((id) => this.#signatureOf(id, index)).join('\n'), parts };
  }

  #sourcesIn(id: string, members: ReadonlySet<string>): readonly string[] {
    const { inputs = [], sources } = this.#wired.get(id) ?? {};
    return inputs.flatMap((port) => {
      const from = sources?.get(port.id)?.from.node;
      return from !== undefined && members.has(from) ? [from] : [];
    });
  }

  /** A number for each part, equal for equal parts with equal operands all the way back. */
  readonly #labels = new Map<string, number>();
  #cones(inner: readonly string[], members: ReadonlySet<string>): ReadonlyMap<string, number> {
    const cones = new Map<string, number>();
    for (const id of inner) {
      const text = `${this.#content(id)} ${this.#sourcesIn(id, members).map((each) => cones.get(each) ?? -1)}`;
      const label = this.#labels.get(text) ?? this.#labels.size;
      this.#labels.set(text, label);
      cones.set(id, label);
    }
    return cones;
  }

  readonly #contents = new Map<string, string>();
  #content(id: string): string {
    const known = this.#contents.get(id);
    if (known !== undefined) return known;
    const { type, parameters } = this.#document.nodes.get(id)!;
    // Whether it is open and what block it is of say nothing about what is in a group.
    const own = Object.entries(parameters).filter(([key]) => type !== GROUP_TYPE || !VIEW.has(key));
    const made = `${type} ${canonicalJson(Object.fromEntries(own))} ${this.#shapes.get(id) ?? ''}`;
    this.#contents.set(id, made);
    return made;
  }

  #signatureOf(id: string, index: ReadonlyMap<string, number>): string {
    const { parent } = this.#document.nodes.get(id)!;
    const links = [...(this.#wired.get(id)?.sources ?? [])]
      .map(([port, { from }]) => [port, index.get(from.node) ?? -1, index.has(from.node) ? from.port : ''].join(' '))
      .sort();
    return `${this.#content(id)} in ${index.get(parent ?? '') ?? -1} < ${links.join(', ')}`;
  }
}
