/**
 * A document's nodes and links, checked for structure and indexed: what hangs on which port, in which order nodes can be
 * evaluated. Groups and notes do not appear. First stage of `buildModel`. A wiring follows its document from revision to
 * revision: only nodes that changed, or whose links did, are wired again; the order is found again when links or nodes change.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import type { Steps } from '#core/base/steps.ts';
import { operatorType } from '#core/catalog/operators.ts';
import { defaultParameters, type ParameterSpec, parameterFault } from '#core/catalog/parameter.ts';
import { type Document, type DocumentLink, type DocumentNode, isPart } from '#core/document/document.ts';
import { type Replaced, replaced } from '#core/document/replaced.ts';
import type { ModelMemo, Settings } from './memo.ts';
import { topologicalOrder } from './order.ts';
import { nameOf, newPart, PARTS_A_STEP, type Part } from './part.ts';
import { operatorPorts } from './ports.ts';

export interface Rewired {
  /** Parts that left the document. */
  readonly gone: readonly Part[];
  /** Whether parts, links or their order are others than before. */
  readonly isReordered: boolean;
}

export class Wiring {
  #document: Document | null = null;
  readonly #parts = new Map<string, Part>();
  /** In document order. */
  #list: readonly Part[] = [];
  /** Of a link that dangles or enters a taken port. */
  readonly #linkFaults = new Map<string, Problem>();
  #cycle: Problem | null = null;
  #order: readonly Part[] = [];
  #wired: readonly Part[] = [];
  #readers: readonly (readonly number[])[] = [];

  get parts(): ReadonlyMap<string, Part> {
    return this.#parts;
  }

  /** In evaluation order; parts on or behind a cycle are left out. */
  get order(): readonly Part[] {
    return this.#order;
  }

  /** Parts that read a part's results. */
  readersOf({ at }: Part): readonly Part[] {
    return (this.#readers[at] ?? []).map((reader) => this.#wired[reader]!);
  }

  /** In the order of links, then of nodes, then the cycle. */
  problems(): Problem[] {
    const found: Problem[] = [];
    if (this.#linkFaults.size > 0)
      for (const id of this.#document?.links.keys() ?? []) {
        const fault = this.#linkFaults.get(id);
        if (fault) found.push(fault);
      }
    for (const part of this.#list) for (const fault of part.faults) found.push(fault);
    if (this.#cycle) found.push(this.#cycle);
    return found;
  }

  /** Brings it to this revision; parts that changed are marked stale. */
  *follow(document: Document, memo: ModelMemo): Steps<Rewired> {
    const before = this.#document;
    const isSame = before?.id === document.id;
    const nodes = isSame ? replaced(before.nodes, document.nodes) : null;
    const links = isSame ? replaced(before.links, document.links) : null;
    this.#document = document;
    if (nodes && links) return yield* this.#step(document, nodes, links, memo);
    const gone = [...this.#parts.values()];
    this.#parts.clear();
    this.#linkFaults.clear();
    this.#cycle = null;
    this.#list = [];
    this.#reorder(document);
    const came = <T>(table: ReadonlyMap<string, T>): Replaced<T>[] =>
      [...table.values()].map((after) => ({ before: null, after }));
    yield* this.#step(document, came(document.nodes), came(document.links), memo);
    return { gone, isReordered: true };
  }

  *#step(
    document: Document,
    nodes: readonly Replaced<DocumentNode>[],
    links: readonly Replaced<DocumentLink>[],
    memo: ModelMemo,
  ): Steps<Rewired> {
    const gone: Part[] = [];
    const moved = new Set<string>();
    const changed = new Set<Part>();
    let isReordered = false;
    for (const { before, after } of nodes) {
      const old = before && isPart(before) ? this.#parts.get(before.id) : undefined;
      if (after && isPart(after)) {
        if (old && isDrawnAlike(old.node, after)) continue;
        if (old) old.node = after;
        else {
          this.#parts.set(after.id, newPart(after));
          moved.add(after.id);
        }
        changed.add(this.#parts.get(after.id)!);
      } else if (old) {
        this.#parts.delete(old.node.id);
        moved.add(old.node.id);
        gone.push(old);
      }
    }
    this.#relink(document, links, moved, changed);
    yield;
    if (moved.size > 0) {
      isReordered = true;
      this.#list = [...document.nodes.keys()].flatMap((id) => this.#parts.get(id) ?? []);
    }
    let left = PARTS_A_STEP;
    for (const part of changed) {
      if (left-- === 0) {
        left = PARTS_A_STEP;
        yield;
      }
      const { wired } = part;
      this.#wirePart(document, part, memo);
      part.isStale = true;
      if (wired?.type !== part.wired?.type || wired?.sources !== part.wired?.sources) isReordered = true;
      if (wired && !part.wired) this.#readersStale(document, part);
      // What goes in a circle is told by name.
      if (this.#cycle) isReordered = true;
    }
    yield;
    if (isReordered) this.#reorder(document);
    return { gone, isReordered };
  }

  /** Finds out anew what hangs on parts whose links changed, and adds those to `changed`. */
  #relink(
    document: Document,
    links: readonly Replaced<DocumentLink>[],
    moved: ReadonlySet<string>,
    changed: Set<Part>,
  ): void {
    const relinked = new Set<string>(moved);
    for (const { before, after } of links) {
      if (before) this.#linkFaults.delete(before.id);
      for (const link of [before, after]) {
        if (!link) continue;
        relinked.add(link.from.node);
        relinked.add(link.to.node);
      }
    }
    if (moved.size > 0)
      for (const { from, to } of document.links.values()) {
        if (!moved.has(from.node) && !moved.has(to.node)) continue;
        relinked.add(from.node);
        relinked.add(to.node);
      }
    // A fault of a link is told with the name of the part it enters.
    if (this.#linkFaults.size > 0) for (const { node } of changed) relinked.add(node.id);
    let round: ReadonlySet<string> = relinked;
    while (round.size > 0) round = this.#gather(document, round, changed);
  }

  /** @returns parts one of whose links has become right or wrong at its other end: they are gathered too. */
  #gather(document: Document, ids: ReadonlySet<string>, changed: Set<Part>): ReadonlySet<string> {
    for (const id of ids) {
      const part = this.#parts.get(id);
      if (!part) continue;
      part.inputs = new Map();
      part.outputs = new Set();
      changed.add(part);
    }
    const others = new Set<string>();
    for (const link of document.links.values()) {
      const isInto = ids.has(link.to.node);
      const isOutOf = ids.has(link.from.node);
      if (!isInto && !isOutOf) continue;
      const from = this.#parts.get(link.from.node);
      const to = this.#parts.get(link.to.node);
      if (isInto || !from || !to) {
        const wasFaulty = this.#linkFaults.delete(link.id);
        const fault = linkFault(document, link, from, to);
        if (fault) this.#linkFaults.set(link.id, fault);
        else to?.inputs.set(link.to.port, link);
        if (!isOutOf && wasFaulty !== (fault !== null)) others.add(link.from.node);
      }
      if (isOutOf && !this.#linkFaults.has(link.id)) from?.outputs.add(link.from.port);
    }
    return others;
  }

  #wirePart(document: Document, part: Part, memo: ModelMemo): void {
    const { node, inputs, outputs } = part;
    const type = operatorType(node.type);
    if (!type) {
      const message = `${nameOf(node)} is of the type '${node.type}', which this version does not know`;
      part.wired = null;
      part.faults = [problem('model.unknown-type', message, { where: { document: document.id, node: node.id } })];
      return;
    }
    const { parameters, faults } = memo.settings(node, () => ({
      parameters: { ...defaultParameters(type.parameters), ...node.parameters },
      faults: parameterFaults(type.parameters, node),
    }));
    const found = faults.map(({ parameter, message, fix }) =>
      problem('model.parameter', `${nameOf(node)}: ${message}`, {
        where: { document: document.id, node: node.id, parameter },
        fixes: fix,
      }),
    );
    const ports = operatorPorts(type, parameters, { inputs: inputs.keys(), outputs });
    const has = (side: 'inputs' | 'outputs', port: string) => ports[side].some(({ id }) => id === port);
    const strays = [...inputs].filter(([port]) => !has('inputs', port));
    for (const [port, link] of strays)
      found.push(
        problem('link.no-such-port', `${nameOf(node)} has no input '${port}'`, {
          where: { document: document.id, link: link.id, node: node.id },
          fixes: [removal(link)],
        }),
      );
    for (const port of outputs)
      if (!has('outputs', port))
        found.push(
          problem('link.no-such-port', `${nameOf(node)} has no result '${port}'`, {
            where: { document: document.id, node: node.id },
          }),
        );
    part.faults = found;
    part.wired = {
      node,
      type,
      parameters,
      ...ports,
      sources: strays.length === 0 ? inputs : new Map([...inputs].filter(([port]) => has('inputs', port))),
      read: outputs,
      isSound: faults.length === 0,
    };
  }

  /** Of a part that has no results any longer, for its type is unknown now. */
  #readersStale(document: Document, { node }: Part): void {
    for (const { from, to } of document.links.values()) {
      const reader = from.node === node.id ? this.#parts.get(to.node) : undefined;
      if (reader) reader.isStale = true;
    }
  }

  #reorder(document: Document): void {
    const wired = this.#list.filter((part) => part.wired !== null);
    wired.forEach((part, at) => {
      part.at = at;
    });
    const readers: number[][] = wired.map(() => []);
    for (const { at, wired: own } of wired)
      for (const link of own!.sources.values()) {
        const source = this.#parts.get(link.from.node);
        if (source?.wired) readers[source.at]!.push(at);
      }
    const { order, cycle } = topologicalOrder(readers);
    for (const part of this.#list) part.isOrdered = false;
    this.#order = order.map((at) => wired[at]!);
    for (const part of this.#order) part.isOrdered = true;
    this.#wired = wired;
    this.#readers = readers;
    this.#cycle = cycleFault(
      document,
      cycle.map((at) => wired[at]!),
    );
  }
}

/** Alike but for the place on the drawing and the group around it. */
function isDrawnAlike(a: DocumentNode, b: DocumentNode): boolean {
  return a.type === b.type && a.name === b.name && a.parameters === b.parameters;
}

const removal = (link: DocumentLink, title = 'Remove the link') =>
  ({ title, edits: [{ type: 'remove-link', link: link.id }] }) as const;

/** What is wrong with a link, where the links before it are there already. */
function linkFault(
  document: Document,
  link: DocumentLink,
  from: Part | undefined,
  to: Part | undefined,
): Problem | null {
  if (!from || !to)
    return problem('link.dangling', 'An end of this link is not an operator', {
      where: { document: document.id, link: link.id },
      fixes: [removal(link)],
    });
  if (!to.inputs.has(link.to.port)) return null;
  const message = `Two links enter the port '${link.to.port}' of ${nameOf(to.node)}; it takes one`;
  return problem('link.port-taken', message, {
    where: { document: document.id, link: link.id, node: link.to.node },
    fixes: [removal(link)],
  });
}

function cycleFault(document: Document, members: readonly Part[]): Problem | null {
  const [first] = members;
  const last = members.at(-1);
  if (!first || !last) return null;
  const names = members.map(({ node }) => nameOf(node));
  const shown = names.length > 8 ? [...names.slice(0, 7), `… (${names.length} operators)`] : names;
  const closing = [...first.wired!.sources.values()].find((link) => link.from.node === last.node.id);
  const message = `The model goes in a circle: ${[...shown, names[0]].join(' → ')}. Data must flow one way`;
  return problem('model.cycle', message, {
    where: { document: document.id, node: first.node.id, ...(closing && { link: closing.id }) },
    fixes: closing ? [removal(closing, 'Remove the link that closes it')] : [],
  });
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
