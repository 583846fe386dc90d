/** Whether a use that came is what the others are; its parts take their places. */
import { type Problem, problem } from '#core/base/problem.ts';
import { isSameValue } from '#core/base/value.ts';
import { change, isView, type LinksByUse, nodesBySlot, parameterIds, partOf, type Working } from './block-parts.ts';
import type { Document, DocumentNode } from './document.ts';
import { isOwn } from './own-values.ts';
import type { Change } from './patch.ts';

/** @param uses those whose word counts, the first one first; @param patch grown by what moves. */
export function fitUse(
  now: Document,
  model: Working,
  use: Working,
  uses: readonly Working[],
  links: LinksByUse,
  patch: Change[],
): Problem | null {
  const root = now.nodes.get(use.root)!;
  const differs = (about: string) =>
    problem('command.other-block', `${root.name || root.id} is no use of the block ${use.block}: ${about}`, {
      where: { node: root.id },
    });
  const corner = now.nodes.get(model.root)!;
  const idOf = nodesBySlot(use.slotOf);
  if (idOf.size !== model.slotOf.size) return differs('it holds another number of nodes');
  for (const [id, slot] of model.slotOf) {
    const there = now.nodes.get(id)!;
    const node = now.nodes.get(idOf.get(slot) ?? '');
    if (!node) return differs(`it has no ${there.name}`);
    const isSamePlace = partOf(now, model.slotOf, there).parent === partOf(now, use.slotOf, node).parent;
    const isSame =
      isSamePlace &&
      there.type === node.type &&
      parameterIds(there, node).every((parameter) => {
        if (isView(node.type, parameter) || isOwn(node, parameter)) return true;
        const said = isOwn(there, parameter) ? follower(now, uses, slot, parameter) : there;
        return isSameValue(said?.parameters[parameter], node.parameters[parameter]);
      });
    if (!isSame) return differs(`${node.name || node.id} is another`);
    const next = { ...node, x: root.x + there.x - corner.x, y: root.y + there.y - corner.y };
    if (next.x !== node.x || next.y !== node.y) patch.push(change(node, next));
  }
  const [wanted, own] = [links.get(model.root), links.get(use.root)];
  const isSame = wanted && own && wanted.size === own.size && [...wanted.keys()].every((key) => own.has(key));
  return isSame ? null : differs('it is linked in another way');
}

/** The first node that is this part and says of the parameter what the block says. */
function follower(
  { nodes }: Document,
  uses: readonly Working[],
  slot: number,
  parameter: string,
): DocumentNode | undefined {
  for (const { slotOf } of uses)
    for (const [id, each] of slotOf) {
      const node = each === slot ? nodes.get(id) : undefined;
      if (node && !isOwn(node, parameter)) return node;
    }
  return undefined;
}
