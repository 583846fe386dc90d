/** Which component ports may be joined, asked while the user drags. */
import { err, ok, type Result } from '#core/base/result.ts';
import type { ComponentPort } from '#core/catalog/component-type.ts';
import { componentType } from '#core/catalog/components.ts';
import type { Document, Endpoint } from '#core/document/document.ts';

const KIND_TITLES: Readonly<Record<ComponentPort['kind'], string>> = {
  operand: 'scratchpad and unit',
  memory: 'DMA and scratchpad',
  bus: 'channel, bus and DMA',
};

export function componentPort(document: Document, end: Endpoint): ComponentPort | null {
  const node = document.nodes.get(end.node);
  return (node && componentType(node.type)?.ports.find((port) => port.id === end.port)) ?? null;
}

/** ok(true), or one sentence saying why the two ports cannot be joined. `from` is an output, `to` an input. */
export function canConnect(document: Document, from: Endpoint, to: Endpoint): Result<true, string> {
  const source = componentPort(document, from);
  const target = componentPort(document, to);
  if (!source || !target) return err('There is no such port');
  if (from.node === to.node) return err('A component cannot be joined to itself');
  if (source.side !== 'output' || target.side !== 'input') return err('Draw from an output (right) to an input (left)');
  if (source.kind !== target.kind) {
    return err(
      `A ${source.kind} port joins ${KIND_TITLES[source.kind]}; this one is a ${target.kind} port (${KIND_TITLES[target.kind]})`,
    );
  }
  for (const link of document.links.values()) {
    const same =
      link.from.node === from.node &&
      link.from.port === from.port &&
      link.to.node === to.node &&
      link.to.port === to.port;
    if (same) return err('These two are joined already');
    if (!target.many && link.to.node === to.node && link.to.port === to.port)
      return err(`The port '${target.title}' takes one link, and has it`);
    if (!source.many && link.from.node === from.node && link.from.port === from.port)
      return err(`The port '${source.title}' takes one link, and has it`);
  }
  return ok(true);
}
