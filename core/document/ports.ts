/**
 * The ports a node really has. A variadic port `in` of an operator stands for `in0`, `in1`, …: as many as
 * are linked plus one free; parameters may fix the number (`inputs`, `outputs`).
 */
import type { OperandSpec } from '#core/catalog/operator-type.ts';

export interface Port {
  readonly id: string;
  readonly title: string;
  readonly optional: boolean;
}

/** `linked`: port ids of this side that carry a link. */
export function expandPorts(
  specs: readonly OperandSpec[],
  linked: Iterable<string>,
  fixedCount?: number,
): readonly Port[] {
  const ports: Port[] = [];
  const used = [...linked];
  for (const spec of specs) {
    if (!spec.variadic) {
      ports.push({ id: spec.id, title: spec.title, optional: spec.optional ?? false });
      continue;
    }
    let highest = -1;
    for (const id of used) {
      const index = variadicIndex(spec.id, id);
      if (index > highest) highest = index;
    }
    const total = fixedCount ?? Math.max(highest + 2, 1);
    for (let i = 0; i < total; i++)
      ports.push({ id: `${spec.id}${i}`, title: `${spec.title} ${i + 1}`, optional: i > 0 });
  }
  return ports;
}

/** The index of port `id` in the variadic port `base`, or −1 when it is not one of them. */
export function variadicIndex(base: string, id: string): number {
  if (!id.startsWith(base)) return -1;
  const rest = id.slice(base.length);
  return /^(0|[1-9]\d{0,4})$/.test(rest) ? Number(rest) : -1;
}
