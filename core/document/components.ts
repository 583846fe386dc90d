/**
 * What documents of components (architectures, task graphs, fabrics) have in common: the type of a node, which ports may
 * be joined, and the problems of single nodes and links. Unknown types and the faults of a newer file are told, not lost.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import type { ComponentPort, ComponentType } from '#core/catalog/component-type.ts';
import { COMPONENT_TYPES } from '#core/catalog/components.ts';
import { defaultParameters, parameterFault } from '#core/catalog/parameter.ts';
import { type Document, type DocumentKind, type DocumentNode, type Endpoint, isPart } from './document.ts';

const KIND_TITLES: Readonly<Record<ComponentPort['kind'], string>> = {
  operand: 'scratchpad and unit',
  memory: 'DMA and scratchpad',
  bus: 'channel, bus and DMA',
  write: 'a task and the stream it writes',
  read: 'a stream and the task that reads it',
  transfer: 'off-chip tensors and tasks',
  data: 'channels, banks and cores',
};

/** The type as this kind of document knows it; a type of another kind is unknown here. */
export function componentTypeIn(kind: DocumentKind, type: string): ComponentType | undefined {
  return kind === 'model' ? undefined : COMPONENT_TYPES[kind].find(({ id }) => id === type);
}

/** Its parameters, with the default of each that it leaves out. */
export function parametersOf(kind: DocumentKind, { type, parameters }: DocumentNode): ParameterValues {
  return withDefaults(kind, type, parameters);
}

export function withDefaults(kind: DocumentKind, type: string, parameters: ParameterValues): ParameterValues {
  return { ...defaultParameters(componentTypeIn(kind, type)?.parameters ?? []), ...parameters };
}

export function componentPort(document: Document, end: Endpoint): ComponentPort | null {
  const node = document.nodes.get(end.node);
  return (node && componentTypeIn(document.kind, node.type)?.ports.find((port) => port.id === end.port)) ?? null;
}

/** ok(true), or one sentence saying why the two ports cannot be joined. `from` is an output, `to` an input. */
export function canJoin(document: Document, from: Endpoint, to: Endpoint): Result<true, string> {
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

/** Faults of single nodes (type, parameters) and links (ports). Codes begin with the document's kind. */
export function componentProblems(document: Document): readonly Problem[] {
  const found: Problem[] = [];
  for (const node of document.nodes.values()) if (isPart(node)) found.push(...nodeProblems(document, node));
  const taken = new Set<string>();
  for (const link of document.links.values()) {
    const fault = linkFault(document, link.from, link.to, taken);
    if (fault === null) continue;
    found.push(
      problem(`${document.kind}.link`, `The link ${link.id} ${fault}`, {
        where: { document: document.id, link: link.id },
        fixes: [{ title: 'Delete the link', edits: [{ type: 'remove-link', link: link.id }] }],
      }),
    );
  }
  return found;
}

function nodeProblems(document: Document, node: DocumentNode): readonly Problem[] {
  const type = componentTypeIn(document.kind, node.type);
  const where = { document: document.id, node: node.id };
  if (!type) {
    return [
      problem(`${document.kind}.unknown-type`, `${node.name} is of the unknown type ${node.type}`, {
        where,
        fixes: [{ title: `Delete ${node.name}`, edits: [{ type: 'remove-node', node: node.id }] }],
      }),
    ];
  }
  return type.parameters.flatMap((spec) => {
    // What a document from before the parameter leaves out reads as its default.
    const fault = parameterFault(spec, node.parameters[spec.id] ?? spec.default);
    if (fault === null) return [];
    const edit = { type: 'set-parameter', node: node.id, parameter: spec.id, value: spec.default } as const;
    return [
      problem(`${document.kind}.parameter`, `${node.name}: ${fault}`, {
        where: { ...where, parameter: spec.id },
        fixes: [{ title: `Set ${spec.title} to ${shown(spec.default)}`, edits: [edit] }],
      }),
    ];
  });
}

const shown = (value: unknown) =>
  value === '' ? 'nothing' : Array.isArray(value) ? value.join(', ') || 'nothing' : String(value);

/** @param taken ends of ports for one link that have one, grown. */
function linkFault(document: Document, from: Endpoint, to: Endpoint, taken: Set<string>): string | null {
  const source = componentPort(document, from);
  const target = componentPort(document, to);
  if (!source || !target) return 'ends at a port that does not exist';
  if (source.side !== 'output' || target.side !== 'input') return 'must run from an output (right) to an input (left)';
  if (source.kind !== target.kind) return `joins a ${source.kind} port and a ${target.kind} port`;
  for (const [end, port] of [
    [from, source],
    [to, target],
  ] as const) {
    if (port.many) continue;
    const key = `${end.node} ${end.port}`;
    if (taken.has(key)) return `is a second one at the port '${port.title}', which takes one`;
    taken.add(key);
  }
  return null;
}
