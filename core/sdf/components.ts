/** Strongly connected components (Tarjan, SIAM J. Comput. 1(2), 1972), without recursion, by the channels that carry tokens. */
import { type SdfGraph, sum } from './graph.ts';

/** Actors of each component, in order of their index. */
export function stronglyConnected(graph: SdfGraph): readonly (readonly number[])[] {
  const next: number[][] = graph.actors.map(() => []);
  for (const { from, to, produce, consume } of graph.channels)
    if (sum(produce) + sum(consume) > 0) next[from]!.push(to);
  const count = graph.actors.length;
  const found = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const isOpen = new Uint8Array(count);
  const at = new Int32Array(count);
  const open: number[] = [];
  const components: number[][] = [];
  let discovered = 0;
  for (let root = 0; root < count; root++) {
    if (found[root] !== -1) continue;
    const path = [root];
    while (path.length > 0) {
      const actor = path[path.length - 1]!;
      if (found[actor] === -1) {
        found[actor] = low[actor] = discovered++;
        open.push(actor);
        isOpen[actor] = 1;
      }
      const follower = next[actor]![at[actor]!++];
      if (follower !== undefined) {
        if (found[follower] === -1) path.push(follower);
        else if (isOpen[follower] === 1) low[actor] = Math.min(low[actor]!, found[follower]!);
        continue;
      }
      path.pop();
      const before = path[path.length - 1];
      if (before !== undefined) low[before] = Math.min(low[before]!, low[actor]!);
      if (low[actor] !== found[actor]) continue;
      const component: number[] = [];
      for (;;) {
        const member = open.pop()!;
        isOpen[member] = 0;
        component.push(member);
        if (member === actor) break;
      }
      components.push(component.sort((a, b) => a - b));
    }
  }
  return components;
}
