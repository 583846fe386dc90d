/**
 * What a command changed in the uses of a block, merged into what the block is now: which parts there are, what changed
 * of them, which links came and went. Values a use has of its own (own-values.ts) are left out. Pure.
 */
import { isSameValue, type ParameterValue } from '#core/base/value.ts';
import {
  type ChangedValues,
  change,
  type InnerLink,
  innerLinks,
  isSamePart,
  isView,
  type LinkEnds,
  type LinksByUse,
  type Merged,
  nodesBySlot,
  type Part,
  parameterIds,
  partOf,
  type Source,
  type Working,
} from './block-parts.ts';
import type { BlockUse } from './block-uses.ts';
import type { Document, DocumentNode } from './document.ts';
import { isOwn } from './own-values.ts';
import type { Change, Patch } from './patch.ts';

/** A use that was there before the command. */
export type OldUse = Working & { readonly before: BlockUse };

/**
 * Which parts the block has now: those taken out or deleted in any use are so in all, new ones get a number, which is
 * written to their uses. @param innerKey equal for a node that is new in a block inside and its counterparts.
 */
export function mergeSlots(
  { nodes }: Document,
  first: BlockUse,
  touched: readonly OldUse[],
  inside: ReadonlyMap<string, readonly string[]>,
  innerKey: (use: Working, id: string) => string | null,
): Pick<Merged, 'slots' | 'out' | 'gone'> {
  const slots = new Set(first.nodeOf.keys());
  const out = new Set<number>();
  const gone = new Set<number>();
  const made = new Map<string, number>();
  let next = Math.max(-1, ...slots) + 1;
  for (const use of touched) {
    const held = new Set(inside.get(use.root));
    for (const [slot, id] of use.before.nodeOf) {
      if (held.has(id)) continue;
      slots.delete(slot);
      use.slotOf.delete(id);
      if (nodes.has(id)) out.add(slot);
      else gone.add(slot);
    }
    for (const id of held) {
      if (use.slotOf.has(id)) continue;
      const key = innerKey(use, id) ?? `${use.root} ${id}`;
      const slot = made.get(key) ?? next++;
      made.set(key, slot);
      use.slotOf.set(id, slot);
      slots.add(slot);
    }
  }
  for (const slot of gone) out.delete(slot);
  return { slots, out, gone };
}

/** What changed of each part; of two changes of the same thing the first holds. */
export function mergeParts(
  before: Document,
  now: Document,
  touched: readonly OldUse[],
  slots: ReadonlySet<number>,
): Pick<Merged, 'names' | 'values' | 'source'> & { readonly parts: Map<number, Part> } {
  const parts = new Map<number, Part>();
  const values = new Map<number, Map<string, ParameterValue | undefined>>();
  const names = new Map<number, { readonly from: string | null; readonly to: string }>();
  const source = new Map<number, Source>();
  for (const use of touched)
    for (const [id, slot] of use.slotOf) {
      if (!slots.has(slot)) continue;
      const node = now.nodes.get(id)!;
      const old = before.nodes.get(use.before.nodeOf.get(slot) ?? '');
      if (old === node && now.nodes.get(node.parent ?? '') === before.nodes.get(old.parent ?? '')) continue;
      const part = partOf(now, use.slotOf, node);
      if (!parts.has(slot) && !(old && isSamePart(part, partOf(before, use.before.slotOf, old)))) {
        parts.set(slot, part);
        if (!source.has(slot)) source.set(slot, { node: id, use });
      }
      for (const [parameter, value] of changedValues(old, node)) {
        const known = values.get(slot) ?? new Map<string, ParameterValue | undefined>();
        if (known.has(parameter)) continue;
        values.set(slot, known.set(parameter, value));
        // A group that became a use brings the numbers of its parts along.
        if (parameter === 'block' || !source.has(slot)) source.set(slot, { node: id, use });
      }
      const from = old?.name ?? null;
      if (!names.has(slot) && node.name !== from) names.set(slot, { from, to: node.name });
    }
  return { parts, values, names, source };
}

function changedValues(old: DocumentNode | undefined, node: DocumentNode): ChangedValues {
  const changed = new Map<string, ParameterValue | undefined>();
  if (old?.parameters === node.parameters) return changed;
  for (const id of parameterIds(old ?? node, node)) {
    if (isView(node.type, id) || isOwn(node, id) || (old && isOwn(old, id))) continue;
    const value = node.parameters[id];
    if (!old || !isSameValue(old.parameters[id], value)) changed.set(id, value);
  }
  return changed;
}

export function mergeLinks(
  before: Document,
  touched: readonly OldUse[],
  slots: ReadonlySet<number>,
  here: LinksByUse,
): Merged['links'] {
  const removed = new Map<string, LinkEnds>();
  const added = new Map<string, LinkEnds>();
  const were = innerLinks(
    before,
    touched.map((use) => ({ root: use.root, slotOf: use.before.slotOf })),
  );
  for (const { root } of touched) {
    const then = were.get(root) ?? new Map<string, InnerLink>();
    const now = here.get(root) ?? new Map<string, InnerLink>();
    for (const [key, { ends }] of then)
      if (!now.has(key) && slots.has(ends.from) && slots.has(ends.to)) removed.set(key, ends);
    for (const [key, { ends }] of now) if (!then.has(key)) added.set(key, ends);
  }
  return { removed, added };
}

/** The parameters as merged, but for those that are the node's own. */
export function withValues(node: DocumentNode, values: ChangedValues | undefined): DocumentNode['parameters'] {
  if (!values) return node.parameters;
  const next: Record<string, ParameterValue> = { ...node.parameters };
  for (const [id, value] of values) {
    if (isOwn(node, id)) continue;
    if (value === undefined) delete next[id];
    else next[id] = value;
  }
  return next;
}

/** Values of its own that a use gave up become the block's again; where no use has the block's, the first's holds. */
export function givenUp(
  before: Document,
  { nodes }: Document,
  olds: readonly OldUse[],
  touched: readonly OldUse[],
): Patch {
  const wanted = new Map<number, Set<string>>();
  for (const { before: was, slotOf } of touched)
    for (const [id, slot] of slotOf) {
      const node = nodes.get(id);
      for (const parameter of before.nodes.get(was.nodeOf.get(slot) ?? '')?.own ?? [])
        if (node && !isOwn(node, parameter)) wanted.set(slot, (wanted.get(slot) ?? new Set()).add(parameter));
    }
  if (wanted.size === 0) return [];
  const all = olds.map(({ slotOf, before: was }) => ({ nodeOf: nodesBySlot(slotOf), was }));
  const patch: Change[] = [];
  for (const [slot, parameters] of wanted) {
    const uses = all.flatMap(({ nodeOf, was }) => {
      const node = nodes.get(nodeOf.get(slot) ?? '');
      return node ? [{ node, old: before.nodes.get(was.nodeOf.get(slot) ?? '') }] : [];
    });
    const next = new Map<string, DocumentNode>();
    for (const parameter of parameters) {
      const following = uses.filter(({ node }) => !isOwn(node, parameter));
      const model = following.find(({ old }) => old && !isOwn(old, parameter)) ?? following[0];
      const values: ChangedValues = new Map([[parameter, model?.node.parameters[parameter]]]);
      for (const { node } of following) {
        if (isSameValue(node.parameters[parameter], model?.node.parameters[parameter])) continue;
        const known = next.get(node.id) ?? node;
        next.set(node.id, { ...known, parameters: withValues(known, values) });
      }
    }
    for (const [id, node] of next) patch.push(change(nodes.get(id)!, node));
  }
  return patch;
}
