/**
 * Colour refinement (Weisfeiler and Leman, 1968) of operators and tensors: the coarsest colours under which those of one
 * colour have neighbours of the same colours. Only neighbours of what has changed are looked at again, and the largest
 * part of a colour keeps it (Hopcroft, 1971), so that a chain of n operators costs n log n and not n².
 */
import type { SearchInstance } from './instance.ts';

/** By id; numbered in the order in which the operators, and the tensors they touch, are given. */
export interface Colours {
  readonly op: ReadonlyMap<number, number>;
  readonly tensor: ReadonlyMap<number, number>;
}

export function refinedColours(instance: SearchInstance, ops: readonly number[]): Colours {
  const { operands, results, predecessors, successors, producer, consumers } = instance;
  const tensors = [...new Set(ops.flatMap((op) => [...operands[op]!, ...results[op]!]))];
  const nodeOfOp = new Map(ops.map((op, node) => [op, node] as const));
  const nodeOfTensor = new Map(tensors.map((tensor, index) => [tensor, ops.length + index] as const));
  /** What lies outside is one neighbour like another. */
  const nodes = (ids: Iterable<number>, nodeOf: ReadonlyMap<number, number>): Int32Array =>
    Int32Array.from(ids, (id) => nodeOf.get(id) ?? OUTSIDE);
  const kindOf = (tensor: number): string => {
    const isOwn = nodeOfOp.has(producer[tensor]!) && consumers[tensor]!.every((user) => nodeOfOp.has(user));
    const kind = producer[tensor]! < 0 ? 'i' : instance.isIntermediate[tensor] ? 'a' : 'o';
    return `${kind} ${instance.size[tensor]} ${instance.bytes[tensor]} ${isOwn ? '' : tensor}`;
  };
  const colours = refined(
    [...ops.map((op) => `${instance.mandatory[op]}`), ...tensors.map(kindOf)],
    [
      ...ops.map((op) => [
        nodes(operands[op]!, nodeOfTensor),
        nodes(results[op]!, nodeOfTensor),
        nodes(predecessors[op]!, nodeOfOp),
        nodes(successors[op]!, nodeOfOp),
      ]),
      ...tensors.map((tensor) => [nodes([producer[tensor]!], nodeOfOp), nodes(consumers[tensor]!, nodeOfOp)]),
    ],
  );
  return { op: numbered(ops, colours, 0), tensor: numbered(tensors, colours, ops.length) };
}

const OUTSIDE = -1;

/**
 * @param kinds what may have one colour at all, by node.
 * @param neighbours by node, in lists that tell in which way; who is a neighbour has one.
 */
function refined(kinds: readonly string[], neighbours: readonly (readonly Int32Array[])[]): Int32Array {
  const colours = new Int32Array(kinds.length);
  const members: Set<number>[] = [];
  const recolour = (group: readonly number[]): void => {
    for (const node of group) {
      members[colours[node]!]?.delete(node);
      colours[node] = members.length;
    }
    members.push(new Set(group));
  };
  const all = [...kinds.keys()];
  colours.fill(-1);
  for (const group of Map.groupBy(all, (node) => kinds[node]!).values()) recolour(group);
  const signatureOf = (node: number): string =>
    neighbours[node]!.map((list) =>
      Array.from(list, (other) => (other === OUTSIDE ? OUTSIDE : colours[other]!))
        .sort((a, b) => a - b)
        .join(),
    ).join(';');

  for (let touched = new Set(all); touched.size > 0; ) {
    const open = [...touched].filter((node) => members[colours[node]!]!.size > 1);
    const changed: (readonly number[])[] = [];
    for (const [colour, own] of Map.groupBy(open, (node) => colours[node]!)) {
      const groups = [...Map.groupBy(own, signatureOf).values()];
      // Who has no neighbour of a new colour looks as it did, and unlike all who have one.
      if (own.length < members[colour]!.size) groups.push([...members[colour]!].filter((node) => !touched.has(node)));
      const largest = groups.reduce((a, b) => (b.length > a.length ? b : a));
      changed.push(...groups.filter((group) => group !== largest));
    }
    changed.forEach(recolour);
    touched = new Set(changed.flat().flatMap((node) => neighbours[node]!.flatMap((list) => [...list])));
    touched.delete(OUTSIDE);
  }
  return colours;
}

function numbered(ids: readonly number[], colours: Int32Array, first: number): ReadonlyMap<number, number> {
  const numbers = new Map<number, number>();
  return new Map(
    ids.map((id, index) => {
      const colour = colours[first + index]!;
      const number = numbers.get(colour) ?? numbers.size;
      numbers.set(colour, number);
      return [id, number] as const;
    }),
  );
}
