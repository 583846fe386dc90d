/**
 * Keeps the uses of a block equal: what a command did in one of them is done in the others, in the same patch.
 * A three-way merge, part by part: what changed in any use since before the command holds for all; names follow where
 * they were equal; links across the border are each use's own. Inner blocks before those around them; linear.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { fitUse } from './block-fit.ts';
import { givenUp, mergeLinks, mergeParts, mergeSlots, type OldUse, withValues } from './block-merge.ts';
import {
  breakCircles,
  change,
  commonGroups,
  endKey,
  freshId,
  hasSameSlots,
  type InnerLink,
  innerLinks,
  isSameRecord,
  type LinkEndsIndex,
  linksAt,
  type Merged,
  NO_ENDS,
  nodesBySlot,
  offsetOf,
  type Point,
  removals,
  type Source,
  shareable,
  type Work,
  type Working,
} from './block-parts.ts';
import { type BlockUse, blockOf, groupsAround, insideOf, isNumbers, usesOf } from './block-uses.ts';
import { componentPort } from './components.ts';
import type { Document, DocumentLink, DocumentNode, Endpoint } from './document.ts';
import { withoutOwn } from './own-values.ts';
import { applyPatch, type Change, type Patch, squash } from './patch.ts';

/** The given patch, which leads from `before` to `after`, with what it means for other uses of the blocks it touched. */
export function withOtherUses(before: Document, after: Document, patch: Patch): Result<Patch, Problem> {
  const marked = [...after.nodes.values()].filter((node) => blockOf(node) !== '');
  if (marked.length === 0) return ok(withoutStrays(after, patch));
  const was = usesOf(before);
  // A use that lost or gained something does not fit its numbers until it is done: only new ones are read here.
  const known = marked.every((node) => sameMark(before.nodes.get(node.id), node)) ? NO_USES : usesOf(after);
  const uses = new Map<string, Working>();
  for (const node of marked) {
    const block = blockOf(node);
    const old = was.get(node.id);
    const isOld = old?.block === block && old.root.parameters.slots === node.parameters.slots;
    const isMade = sameMark(before.nodes.get(node.id), node) ? null : known.get(node.id);
    if (isOld) uses.set(node.id, { root: node.id, block, before: old, slotOf: new Map(old.slotOf) });
    else if (isMade) uses.set(node.id, { root: node.id, block, before: null, slotOf: new Map(isMade.slotOf) });
  }
  return new Sync(before, after, patch, uses).run();
}

/** What is in no use any longer has nothing of its own. */
function withoutStrays({ nodes }: Document, patch: Patch): Patch {
  const strays: Change[] = [];
  for (const node of nodes.values()) {
    if (node.own === undefined) continue;
    const isPart = groupsAround(nodes, node).some((group) => blockOf(nodes.get(group)!) !== '');
    if (!isPart) strays.push(change(node, withoutOwn(node)));
  }
  return strays.length === 0 ? patch : squash(patch, strays);
}

const NO_USES: ReadonlyMap<string, BlockUse> = new Map();

/** Whether a group says the same of its block as before. */
function sameMark(before: DocumentNode | undefined, { parameters }: DocumentNode): boolean {
  return before?.parameters.block === parameters.block && before?.parameters.slots === parameters.slots;
}

class Sync {
  readonly #before: Document;
  readonly #uses: Map<string, Working>;
  #now: Document;
  #patch: Patch;
  /** Uses in which something changed. */
  readonly #touched = new Set<string>();

  constructor(before: Document, after: Document, patch: Patch, uses: Map<string, Working>) {
    this.#before = before;
    this.#now = after;
    this.#patch = patch;
    this.#uses = uses;
  }

  run(): Result<Patch, Problem> {
    this.#touch(this.#patch);
    for (const use of this.#uses.values()) if (use.before === null) this.#touched.add(use.root);
    if (this.#touched.size === 0) return ok(withoutStrays(this.#now, this.#patch));
    const order = this.#order();
    if (!order.ok) return order;
    for (const block of order.value) {
      const uses = [...this.#uses.values()].filter((use) => use.block === block && this.#now.nodes.has(use.root));
      if (!uses.some(({ root }) => this.#touched.has(root))) continue;
      const fault = this.#equalise(uses);
      if (fault) return err(fault);
    }
    this.#number();
    return ok(withoutStrays(this.#now, this.#patch));
  }

  #apply(patch: Patch): void {
    if (patch.length === 0) return;
    this.#now = applyPatch(this.#now, patch);
    this.#patch = squash(this.#patch, patch);
    this.#touch(patch);
  }

  #touch(patch: Patch): void {
    for (const change of patch) {
      if (change.table === 'title') continue;
      for (const [record, { nodes }] of [[change.before, this.#before] as const, [change.after, this.#now] as const]) {
        if (record === null) continue;
        if ('parent' in record) for (const id of [record.id, ...groupsAround(nodes, record)]) this.#mark(id);
        else for (const id of commonGroups(nodes, record)) this.#mark(id);
      }
    }
  }

  #mark(id: string): void {
    if (this.#uses.has(id)) this.#touched.add(id);
  }

  /** Inner blocks first. */
  #order(): Result<readonly string[], Problem> {
    const inner = new Map<string, Set<string>>();
    for (const { block } of this.#uses.values()) inner.set(block, new Set());
    for (const { root, block } of this.#uses.values())
      for (const around of groupsAround(this.#now.nodes, this.#now.nodes.get(root))) {
        const outer = this.#uses.get(around);
        if (outer) inner.get(outer.block)!.add(block);
      }
    const order: string[] = [];
    const state = new Map<string, 'open' | 'done'>();
    const visit = (block: string): string | null => {
      if (state.get(block) === 'done') return null;
      if (state.get(block) === 'open') return block;
      state.set(block, 'open');
      for (const each of inner.get(block) ?? []) {
        const circle = visit(each);
        if (circle !== null) return circle;
      }
      state.set(block, 'done');
      order.push(block);
      return null;
    };
    for (const block of inner.keys()) {
      const circle = visit(block);
      if (circle !== null)
        return err(problem('command.block-in-itself', `The block ${circle} cannot hold a use of itself`));
    }
    return ok(order);
  }

  #equalise(uses: readonly Working[]): Problem | null {
    const first = uses.find(({ before }) => before !== null)?.before;
    // One that a file brought along with other numbers is left alone.
    const olds = uses.filter((use): use is OldUse => !!use.before && !!first && hasSameSlots(use.before, first));
    const news = uses.filter(({ before }) => before === null);
    if (olds.length > 0) this.#merge(olds);
    const [model = news[0]] = olds;
    if (!model || news.length === 0) return null;
    const links = innerLinks(this.#now, [model, ...news]);
    const patch: Change[] = [];
    for (const use of news) {
      if (use === model) continue;
      const fault = fitUse(this.#now, model, use, [...olds, ...news], links, patch);
      if (fault) return fault;
    }
    this.#apply(patch);
    return null;
  }

  /** What changed in some of the uses is changed in all. */
  #merge(olds: readonly OldUse[]): void {
    const inside = insideOf(this.#now, new Set(olds.map(({ root }) => root)));
    const first = olds[0]!.before;
    const touched = olds.filter(({ root }) => this.#touched.has(root));
    this.#apply(this.#newcomers(touched, inside));
    const { slots, out, gone } = mergeSlots(this.#now, first, touched, inside, (use, id) => this.#innerKey(use, id));
    const changed = mergeParts(this.#before, this.#now, touched, slots);
    breakCircles(changed.parts, (slot) =>
      first.slotOf.get(this.#before.nodes.get(first.nodeOf.get(slot) ?? '')?.parent ?? ''),
    );
    const here = innerLinks(this.#now, olds);
    const links = mergeLinks(this.#before, touched, slots, here);
    const merged: Merged = { ...changed, slots, out, gone, links };
    const drawn = links.added.size > 0 ? linksAt(this.#now) : NO_ENDS;
    const work: Work = { patch: [], added: new Set(), nodesOff: new Set(), linksOff: new Set() };
    for (const use of olds) {
      const idOf = this.#bring(use, merged, work);
      this.#bringLinks(use, idOf, links, here.get(use.root) ?? new Map(), drawn, work);
    }
    const { nodesOff, linksOff } = work;
    const isOff = ({ id, from, to }: DocumentLink) =>
      linksOff.has(id) || nodesOff.has(from.node) || nodesOff.has(to.node);
    this.#apply([
      ...(linksOff.size + nodesOff.size > 0 ? removals('links', this.#now.links, isOff) : []),
      ...(nodesOff.size > 0 ? removals('nodes', this.#now.nodes, ({ id }) => nodesOff.has(id)) : []),
      ...work.patch,
    ]);
    this.#apply(givenUp(this.#before, this.#now, olds, touched));
  }

  /** What comes into a use by itself, not in a use of a block inside, is the block's: nothing of it is its own. */
  #newcomers(touched: readonly OldUse[], inside: ReadonlyMap<string, readonly string[]>): Patch {
    return touched.flatMap((use) =>
      (inside.get(use.root) ?? []).flatMap((id) => {
        const node = this.#now.nodes.get(id)!;
        if (node.own === undefined || use.slotOf.has(id)) return [];
        const [nearest] = groupsAround(this.#now.nodes, node).filter((group) => this.#uses.has(group));
        return nearest === use.root ? [change(node, withoutOwn(node))] : [];
      }),
    );
  }

  /** A node that is new in a block inside: the same for all uses of the block around. */
  #innerKey(use: Working, id: string): string | null {
    for (const group of groupsAround(this.#now.nodes, this.#now.nodes.get(id))) {
      if (group === use.root) return null;
      const inner = this.#uses.get(group);
      const slot = use.slotOf.get(group);
      if (inner && slot !== undefined) return `in ${slot} ${inner.slotOf.get(id)}`;
    }
    return null;
  }

  /** The nodes of one use as merged; returns the node that is each part there. */
  #bring(use: Working, merged: Merged, { patch, added, nodesOff }: Work): ReadonlyMap<number, string> {
    const { slots, parts, values, names, out, gone, source } = merged;
    const { nodes } = this.#now;
    const root = nodes.get(use.root)!;
    const idOf = nodesBySlot(use.slotOf);
    for (const slot of gone) {
      const id = idOf.get(slot);
      if (id !== undefined && nodes.has(id)) nodesOff.add(id);
    }
    for (const slot of out) {
      const node = nodes.get(idOf.get(slot) ?? '');
      // What lies in a group that is taken out goes with it.
      const isInOut = node?.parent != null && out.has(use.slotOf.get(node.parent) ?? -1);
      if (node && !isInOut) patch.push(change(node, { ...node, parent: root.parent }));
    }
    for (const slot of [...gone, ...out]) use.slotOf.delete(idOf.get(slot) ?? '');
    for (const slot of slots) {
      if (idOf.has(slot)) continue;
      const id = freshId(use.root, source.get(slot)?.node ?? '', (each) => nodes.has(each) || added.has(each));
      added.add(id);
      idOf.set(slot, id);
      use.slotOf.set(id, slot);
    }
    const parentOf = (slot: number): string => {
      const wanted = parts.get(slot);
      if (wanted) return wanted.parent >= 0 && slots.has(wanted.parent) ? idOf.get(wanted.parent)! : use.root;
      const parent = nodes.get(idOf.get(slot)!)?.parent ?? use.root;
      return nodesOff.has(parent) ? use.root : parent;
    };
    // Where a part stands follows from where what holds it stands.
    const places = new Map<string, Point>([[use.root, root]]);
    const placeOf = (id: string): Point => {
      const known = places.get(id);
      if (known) return known;
      const slot = use.slotOf.get(id);
      const node = nodes.get(id);
      if (slot === undefined) return node ?? root;
      const by = parts.get(slot) ?? (node ? offsetOf(this.#now, node) : { x: 0, y: 0 });
      const holder = placeOf(parentOf(slot));
      const place = { x: holder.x + by.x, y: holder.y + by.y };
      places.set(id, place);
      return place;
    };
    for (const slot of slots) {
      const id = idOf.get(slot)!;
      const node = nodes.get(id);
      const wanted = parts.get(slot);
      const name = names.get(slot);
      const parent = parentOf(slot);
      const { x, y } = placeOf(id);
      if (node) {
        const parameters = withValues(node, values.get(slot));
        const next = {
          ...node,
          type: wanted?.type ?? node.type,
          name: name && node.name === name.from ? name.to : node.name,
          x,
          y,
          parent,
          parameters,
        };
        if (!isSameRecord(node, next)) patch.push(change(node, next));
        continue;
      }
      const from = source.get(slot);
      const model = nodes.get(from?.node ?? '');
      if (!from || !model) continue;
      const made: DocumentNode = { ...model, id, x, y, parent, parameters: shareable(model) };
      patch.push({ table: 'nodes', id, before: null, after: made });
      this.#adopt(id, from, idOf);
    }
    // Groups that became uses with their block.
    for (const [slot, from] of source) {
      const id = idOf.get(slot);
      if (id !== undefined && from.node !== id && nodes.has(id)) this.#adopt(id, from, idOf);
    }
    return idOf;
  }

  /** A use inside the block that came along: its parts are those of the one it was made from. */
  #adopt(id: string, { node: from, use: around }: Source, idOf: ReadonlyMap<number, string>): void {
    const inner = this.#uses.get(from);
    if (!inner || this.#uses.get(id)?.block === inner.block) return;
    const slotOf = new Map<string, number>();
    for (const [node, slot] of inner.slotOf) {
      const counterpart = idOf.get(around.slotOf.get(node) ?? -1);
      if (counterpart !== undefined) slotOf.set(counterpart, slot);
    }
    this.#uses.set(id, { root: id, block: inner.block, before: null, slotOf });
    this.#touched.add(id);
  }

  #bringLinks(
    use: Working,
    idOf: ReadonlyMap<number, string>,
    { removed, added }: Merged['links'],
    here: ReadonlyMap<string, InnerLink>,
    drawn: LinkEndsIndex,
    work: Work,
  ): void {
    for (const key of removed.keys()) for (const id of here.get(key)?.ids ?? []) work.linksOff.add(id);
    for (const [key, ends] of added) {
      const from = { node: idOf.get(ends.from) ?? '', port: ends.fromPort };
      const to = { node: idOf.get(ends.to) ?? '', port: ends.toPort };
      if (here.has(key) || !use.slotOf.has(from.node) || !use.slotOf.has(to.node)) continue;
      // A port for one link gives up what came from or went outside for the block's own.
      const isOutside = (node: string | undefined) => node !== undefined && !use.slotOf.has(node);
      if (this.#isSingle(to))
        for (const id of drawn.into.get(endKey(to)) ?? [])
          if (isOutside(this.#now.links.get(id)?.from.node)) work.linksOff.add(id);
      if (this.#now.kind !== 'model' && this.#isSingle(from))
        for (const id of drawn.outOf.get(endKey(from)) ?? [])
          if (isOutside(this.#now.links.get(id)?.to.node)) work.linksOff.add(id);
      const id = freshId(use.root, ends.link, (each) => this.#now.links.has(each) || work.added.has(each));
      work.added.add(id);
      work.patch.push({ table: 'links', id, before: null, after: { id, from, to } });
    }
  }

  #isSingle(end: Endpoint): boolean {
    return componentPort(this.#now, end)?.many !== true;
  }

  /** Writes the numbers down where they changed. */
  #number(): void {
    const uses = [...this.#uses.values()].filter(
      ({ root, block }) => this.#touched.has(root) && this.#now.nodes.get(root)?.parameters.block === block,
    );
    const inside = insideOf(this.#now, new Set(uses.map(({ root }) => root)));
    const patch: Change[] = [];
    for (const { root, slotOf } of uses) {
      const node = this.#now.nodes.get(root)!;
      const slots = (inside.get(root) ?? []).map((id) => slotOf.get(id) ?? -1);
      const known = node.parameters.slots;
      const isSame = isNumbers(known) && known.length === slots.length && known.every((slot, at) => slot === slots[at]);
      if (!isSame) patch.push(change(node, { ...node, parameters: { ...node.parameters, slots } }));
    }
    this.#now = applyPatch(this.#now, patch);
    this.#patch = squash(this.#patch, patch);
  }
}
