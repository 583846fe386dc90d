/**
 * Document → typed model graph, with every fault a problem that says where. Live validation and the compiler share it. What
 * lies behind a fault stays untyped and unreported: one mistake gives one problem. Each part is evaluated once, in `Wiring`'s
 * order; with a memo of the revision before, only parts that an edit reaches are, and what did not change is the same object.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { finished, type Steps } from '#core/base/steps.ts';
import { elementCount, type TensorType } from '#core/catalog/operator-type.ts';
import { textOf } from '#core/catalog/parameter.ts';
import type { Document, Endpoint } from '#core/document/document.ts';
import { Assembly } from './assembly.ts';
import type { BuiltModel } from './graph.ts';
import { type Followed, isSameType, ModelMemo } from './memo.ts';
import { nameOf, PARTS_A_STEP, type Part, type Typed, type Wired } from './part.ts';
import { portKey } from './ports.ts';
import { Wiring } from './wiring.ts';

/** @param memo of the document's earlier revisions, where there are any. */
export function buildModel(document: Document, memo = new ModelMemo()): BuiltModel {
  return finished(buildSteps(document, memo));
}

/** The same a few hundred parts at a time. */
export function* buildSteps(document: Document, memo: ModelMemo): Steps<BuiltModel> {
  // Taken out meanwhile: what throws half-way is not kept.
  const following = memo.take(document.id) ?? new FollowedModel(memo);
  const built = yield* following.follow(document);
  memo.keep(document.id, following);
  return built;
}

/** A model as it was built last, brought to one revision after another. */
class FollowedModel implements Followed {
  readonly #memo: ModelMemo;
  readonly #wiring = new Wiring();
  readonly #assembly = new Assembly();
  #types: ReadonlyMap<string, TensorType> = new Map();
  #problems: readonly Problem[] = [];
  /** Warnings about unknown operators, by name. */
  #opaque: ReadonlyMap<string, Problem> = new Map();

  constructor(memo: ModelMemo) {
    this.#memo = memo;
  }

  *follow(document: Document): Steps<BuiltModel> {
    const wiring = this.#wiring;
    const { gone, isReordered } = yield* wiring.follow(document, this.#memo);
    if (isReordered) this.#assembly.restart();
    const retyped: Retyped[] = [];
    for (const part of gone) forget(part, retyped);
    if (isReordered) for (const part of wiring.parts.values()) if (!part.isOrdered) forget(part, retyped);
    for (const [at, part] of wiring.order.entries()) {
      if (at % PARTS_A_STEP === PARTS_A_STEP - 1) yield;
      if (!part.isStale) continue;
      part.isStale = false;
      this.#memo.count();
      const before = part.typed;
      part.typed = null;
      part.fault = null;
      const made = evaluate(document, part.wired!, wiring.parts, this.#memo);
      if (made && 'code' in made) part.fault = made;
      else part.typed = made;
      part.advice = unreadAdvice(document, part.wired!);
      this.#assembly.touch(part);
      if (isSameTyped(before, part.typed)) continue;
      retyped.push({ before, after: part.typed });
      for (const reader of wiring.readersOf(part)) reader.isStale = true;
    }
    this.#types = withRetyped(this.#types, retyped);
    const problems = this.#collect(document);
    if (!isSameList(problems, this.#problems)) this.#problems = problems;
    const isWhole = !this.#problems.some(({ severity }) => severity === 'error');
    const graph = isWhole ? yield* this.#assembly.graph(wiring, this.#memo) : null;
    return { graph, problems: this.#problems, types: this.#types };
  }

  #collect(document: Document): readonly Problem[] {
    const found = this.#wiring.problems();
    const { order } = this.#wiring;
    for (const { fault } of order) if (fault) found.push(fault);
    if (!order.some((part) => isCompute(part.wired!))) {
      const message = 'The model has no operator yet. Drop an .onnx file on the canvas, or press Space and type a name';
      found.push(problem('model.empty', message, { severity: 'info', where: { document: document.id } }));
    }
    for (const { advice } of order) if (advice) found.push(advice);
    this.#collectOpaque(document, found);
    return found;
  }

  /** One warning for each unknown operator, however often it occurs. */
  #collectOpaque(document: Document, found: Problem[]): void {
    const byName = new Map<string, { readonly first: Wired; count: number }>();
    for (const { wired } of this.#wiring.order) {
      if (wired!.type.category !== 'opaque') continue;
      const name = textOf(wired!.parameters, 'operator') || nameOf(wired!.node);
      const known = byName.get(name);
      if (known) known.count++;
      else byName.set(name, { first: wired!, count: 1 });
    }
    const told = new Map<string, Problem>();
    for (const [name, { first, count }] of byName) {
      const known = this.#opaque.get(name);
      const isKnown = known?.where.node === first.node.id && known.facts.occurrences === count;
      told.set(name, isKnown ? known : opaqueAdvice(document, name, first, count));
    }
    this.#opaque = told;
    found.push(...told.values());
  }
}

const isCompute = ({ type }: Wired) => type.category !== 'interface';

interface Retyped {
  readonly before: Typed | null;
  readonly after: Typed | null;
}

/** What is out of the order has no types; it is evaluated when it comes back. */
function forget(part: Part, retyped: Retyped[]): void {
  if (part.typed) retyped.push({ before: part.typed, after: null });
  part.typed = null;
  part.fault = null;
  part.advice = null;
  part.isStale = true;
}

function isSameTyped(a: Typed | null, b: Typed | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.outputs.length !== b.outputs.length || a.wired.outputs.length !== b.wired.outputs.length) return false;
  return (
    a.outputs.every((type, at) => isSameType(type, b.outputs[at]!)) &&
    (a.wired.outputs === b.wired.outputs || a.wired.outputs.every(({ id }, at) => id === b.wired.outputs[at]!.id))
  );
}

function withRetyped(types: ReadonlyMap<string, TensorType>, retyped: readonly Retyped[]) {
  if (retyped.length === 0) return types;
  const next = new Map(types);
  for (const { before } of retyped)
    for (const { id } of before?.wired.outputs ?? []) next.delete(portKey(before!.wired.node.id, id));
  for (const { after } of retyped)
    for (const [at, type] of after?.outputs.entries() ?? []) {
      const port = after!.wired.outputs[at];
      if (port) next.set(portKey(after!.wired.node.id, port.id), type);
    }
  return next;
}

function isSameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((each, at) => each === b[at]);
}

function typeAt(parts: ReadonlyMap<string, Part>, { node, port }: Endpoint): TensorType | undefined {
  const typed = parts.get(node)?.typed;
  return typed?.outputs[typed.wired.outputs.findIndex(({ id }) => id === port)];
}

/** The node's types, the problem it has, or null when the fault lies before it or is reported already. */
function evaluate(
  document: Document,
  wired: Wired,
  parts: ReadonlyMap<string, Part>,
  memo: ModelMemo,
): Typed | Problem | null {
  const { node, type, parameters, sources } = wired;
  const fault = (code: string, message: string, rest: Partial<Pick<Problem, 'facts' | 'fixes'>> = {}) =>
    problem(code, message, { where: { document: document.id, node: node.id }, ...rest });
  const inputs: (TensorType | null)[] = [];
  for (const port of wired.inputs) {
    const link = sources.get(port.id);
    const isVariadic = !type.inputs.some(({ id }) => id === port.id);
    if (!link) {
      if (!port.optional && !isVariadic) {
        const fixes = [{ title: `Delete ${nameOf(node)}`, edits: [{ type: 'remove-node', node: node.id }] }] as const;
        return fault('model.missing-input', `${nameOf(node)} has nothing on its input '${port.title}'`, { fixes });
      }
      inputs.push(null);
      continue;
    }
    const found = typeAt(parts, link.from);
    if (!found) return null;
    inputs.push(found);
  }
  if (type.inputs.some((spec) => spec.variadic && !spec.optional) && inputs.every((each) => each === null))
    return fault('model.missing-input', `${nameOf(node)} has no operand: link at least one`);
  if (!wired.isSound) return null;
  const inferred = memo.infer(node, type, inputs, parameters);
  if (!inferred.ok) return fault('model.shape', `${nameOf(node)}: ${inferred.error}`);
  const unknown = [...wired.read].find(
    (port) => wired.outputs.findIndex(({ id }) => id === port) >= inferred.value.length,
  );
  if (unknown !== undefined && type.outputs.length > 0)
    return fault(
      'model.missing-result',
      `${nameOf(node)} has ${inferred.value.length} results; '${unknown}' is linked but is none of them`,
    );
  const huge = inferred.value.find(({ shape }) => !Number.isSafeInteger(elementCount(shape)));
  if (huge)
    return fault(
      'model.too-large',
      `${nameOf(node)}: a result of ${huge.shape.join('×')} has too many elements to count`,
    );
  return { wired, inputs, outputs: inferred.value, work: null };
}

function unreadAdvice(document: Document, wired: Wired): Problem | null {
  const { node, type, read } = wired;
  if (read.size > 0 || type.outputs.length === 0) return null;
  const message = isCompute(wired)
    ? `Nobody reads the result of ${nameOf(node)}; it is taken as an output of the model`
    : `Nobody reads ${nameOf(node)}`;
  return problem('model.unread-result', message, {
    severity: isCompute(wired) ? 'warning' : 'info',
    where: { document: document.id, node: node.id },
    fixes: [{ title: `Delete ${nameOf(node)}`, edits: [{ type: 'remove-node', node: node.id }] }],
  });
}

function opaqueAdvice(document: Document, name: string, { node }: Wired, count: number): Problem {
  const many = count > 1 ? `${count} operators are` : 'one operator is';
  const message = `${name} is not in the catalog: ${many} opaque. Operands and results are moved, the arithmetic is not counted`;
  return problem('model.opaque', message, {
    severity: 'warning',
    where: { document: document.id, node: node.id },
    facts: { operator: name, occurrences: count },
  });
}
