/**
 * A document's nodes and links, checked for structure and indexed: what hangs on which port, in which order
 * nodes can be evaluated. Groups only hold nodes and do not appear. First stage of `buildModel`.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import type { ParameterValues } from '#core/base/value.ts';
import type { OperatorType } from '#core/catalog/operator-type.ts';
import { operatorType } from '#core/catalog/operators.ts';
import { defaultParameters, type ParameterSpec, parameterFault } from '#core/catalog/parameter.ts';
import { type Document, type DocumentLink, type DocumentNode, isPart } from '#core/document/document.ts';
import type { Port } from '#core/document/ports.ts';
import { ModelMemo, type Settings } from './memo.ts';
import { topologicalOrder } from './order.ts';
import { operatorPorts } from './ports.ts';

export interface Wired {
  readonly node: DocumentNode;
  readonly type: OperatorType;
  readonly parameters: ParameterValues;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** By input port id; the first link wins where there are several. */
  readonly sources: ReadonlyMap<string, DocumentLink>;
  /** Output port ids that carry a link. */
  readonly read: ReadonlySet<string>;
  /** False: a parameter is at fault, so that its types cannot be known. */
  readonly isSound: boolean;
}

export interface Wiring {
  /** In evaluation order; nodes on or behind a cycle are left out. */
  readonly order: readonly Wired[];
  readonly problems: readonly Problem[];
}

interface Ends {
  readonly inputs: Map<string, DocumentLink>;
  readonly outputs: Set<string>;
}

export function wire(document: Document, memo = new ModelMemo()): Wiring {
  const problems: Problem[] = [];
  const report = (
    code: string,
    message: string,
    where: Problem['where'],
    fixes: Problem['fixes'] = [],
    facts: Problem['facts'] = {},
  ) => problems.push(problem(code, message, { where: { document: document.id, ...where }, fixes, facts }));

  const nodes: DocumentNode[] = [];
  const ends = new Map<string, Ends>();
  for (const node of document.nodes.values()) {
    if (!isPart(node)) continue;
    nodes.push(node);
    ends.set(node.id, { inputs: new Map(), outputs: new Set() });
  }

  for (const link of document.links.values()) {
    const from = ends.get(link.from.node);
    const to = ends.get(link.to.node);
    const remove = [{ title: 'Remove the link', edits: [{ type: 'remove-link', link: link.id }] }] as const;
    if (!from || !to) {
      report('link.dangling', 'An end of this link is not an operator', { link: link.id }, remove);
    } else if (to.inputs.has(link.to.port)) {
      const name = nameOf(document.nodes.get(link.to.node)!);
      const message = `Two links enter the port '${link.to.port}' of ${name}; it takes one`;
      report('link.port-taken', message, { link: link.id, node: link.to.node }, remove);
    } else {
      to.inputs.set(link.to.port, link);
      from.outputs.add(link.from.port);
    }
  }

  const wired = new Map<string, Wired>();
  for (const node of nodes) {
    const type = operatorType(node.type);
    const { inputs, outputs } = ends.get(node.id)!;
    if (!type) {
      report('model.unknown-type', `${nameOf(node)} is of the type '${node.type}', which this version does not know`, {
        node: node.id,
      });
      continue;
    }
    const { parameters, faults } = memo.settings(node, () => ({
      parameters: { ...defaultParameters(type.parameters), ...node.parameters },
      faults: parameterFaults(type.parameters, node),
    }));
    for (const { parameter, message, fix } of faults)
      report('model.parameter', `${nameOf(node)}: ${message}`, { node: node.id, parameter }, fix);
    const ports = operatorPorts(type, parameters, { inputs: inputs.keys(), outputs });
    const known = {
      inputs: new Set(ports.inputs.map(({ id }) => id)),
      outputs: new Set(ports.outputs.map(({ id }) => id)),
    };
    for (const [port, link] of inputs) {
      if (known.inputs.has(port)) continue;
      inputs.delete(port);
      report('link.no-such-port', `${nameOf(node)} has no input '${port}'`, { link: link.id, node: node.id }, [
        { title: 'Remove the link', edits: [{ type: 'remove-link', link: link.id }] },
      ]);
    }
    for (const port of outputs)
      if (!known.outputs.has(port))
        report('link.no-such-port', `${nameOf(node)} has no result '${port}'`, { node: node.id });
    wired.set(node.id, {
      node,
      type,
      parameters,
      ...ports,
      sources: inputs,
      read: outputs,
      isSound: faults.length === 0,
    });
  }
  return { order: ordered([...wired.values()], report), problems };
}

export function nameOf(node: DocumentNode): string {
  return node.name === '' ? node.id : node.name;
}

function parameterFaults(specs: readonly ParameterSpec[], node: DocumentNode): Settings['faults'] {
  const faults: Settings['faults'][number][] = [];
  for (const spec of specs) {
    const value = node.parameters[spec.id];
    if (value === undefined) continue;
    const message = parameterFault(spec, value);
    if (message === null) continue;
    const isNumber =
      (spec.kind === 'integer' || spec.kind === 'number') && typeof value === 'number' && !Number.isNaN(value);
    const near = isNumber ? Math.min(Math.max(Math.round(value), spec.minimum), spec.maximum) : spec.default;
    const title = `Set ${spec.title} to ${Array.isArray(near) ? `[${near.join(', ')}]` : near}`;
    const fix = [
      { title, edits: [{ type: 'set-parameter', node: node.id, parameter: spec.id, value: near }] },
    ] as const;
    faults.push({ parameter: spec.id, message, fix });
  }
  return faults;
}

function ordered(
  wired: readonly Wired[],
  report: (code: string, message: string, where: Problem['where'], fixes: Problem['fixes']) => void,
): readonly Wired[] {
  const indexOf = new Map(wired.map(({ node }, index) => [node.id, index]));
  const successors: number[][] = wired.map(() => []);
  for (const [index, { sources }] of wired.entries()) {
    for (const link of sources.values()) {
      const tail = indexOf.get(link.from.node);
      if (tail !== undefined) successors[tail]!.push(index);
    }
  }
  const { order, cycle } = topologicalOrder(successors);
  const [first] = cycle;
  if (first !== undefined) {
    const members = cycle.map((index) => wired[index]!);
    const names = members.map(({ node }) => nameOf(node));
    const shown = names.length > 8 ? [...names.slice(0, 7), `… (${names.length} operators)`] : names;
    const last = members.at(-1)!.node.id;
    const closing = [...wired[first]!.sources.values()].find((link) => link.from.node === last);
    report(
      'model.cycle',
      `The model goes in a circle: ${[...shown, names[0]].join(' → ')}. Data must flow one way`,
      { node: members[0]!.node.id, ...(closing ? { link: closing.id } : {}) },
      closing ? [{ title: 'Remove the link that closes it', edits: [{ type: 'remove-link', link: closing.id }] }] : [],
    );
  }
  return order.map((index) => wired[index]!);
}
