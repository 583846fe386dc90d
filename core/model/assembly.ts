/**
 * Evaluated parts → model graph. While the order and the links stand, an edit puts new records in the places of what it
 * touched; all else is the same object in every graph, so that what is known of an operator can be known by its record.
 */
import type { Steps } from '#core/base/steps.ts';
import { booleanOf } from '#core/catalog/parameter.ts';
import type { ModelGraph, Operator, Tensor } from './graph.ts';
import type { ModelMemo } from './memo.ts';
import { nameOf, PARTS_A_STEP, type Part, type Typed, type Wired } from './part.ts';

/** The wired parts of a document by id, and in evaluation order. */
interface Parts {
  readonly parts: ReadonlyMap<string, Part>;
  readonly order: readonly Part[];
}

type Draft = { -readonly [Key in keyof Tensor]: Tensor[Key] } & { consumers: number[] };

export class Assembly {
  #known: ModelGraph | null = null;
  /** Evaluated since the known graph. */
  readonly #touched = new Set<Part>();

  /** Parts, links or their order changed. */
  restart(): void {
    this.#known = null;
    this.#touched.clear();
  }

  touch(part: Part): void {
    if (this.#known) this.#touched.add(part);
  }

  /** Of parts that all have types. */
  *graph(parts: Parts, memo: ModelMemo): Steps<ModelGraph> {
    const graph = (this.#known && patched(this.#known, parts, this.#touched, memo)) ?? (yield* assembled(parts, memo));
    this.#touched.clear();
    this.#known = graph;
    return graph;
  }
}

function* assembled({ parts, order }: Parts, memo: ModelMemo): Steps<ModelGraph> {
  const tensors: Draft[] = [];
  const operators: Operator[] = [];
  for (const [at, part] of order.entries()) {
    if (at % PARTS_A_STEP === PARTS_A_STEP - 1) yield;
    const { typed } = part;
    part.operator = -1;
    part.tensors = [];
    if (!typed) continue;
    const { wired, outputs } = typed;
    const { type } = wired;
    if (type.id === 'output') {
      const made = tensors[sourceOf(wired, 'in', parts, tensors) ?? -1];
      if (made && made.producer !== null) made.kind = 'output';
      continue;
    }
    const isRim = type.category === 'interface';
    const index = operators.length;
    part.tensors = results(typed).map((at) => {
      const tensor: Draft = {
        index: tensors.length,
        name: resultName(wired, at),
        type: outputs[at]!,
        node: wired.node.id,
        port: wired.outputs[at]?.id ?? '',
        producer: isRim ? null : index,
        consumers: [],
        kind: type.id === 'input' || type.id === 'constant' ? type.id : wired.read.size === 0 ? 'output' : 'activation',
      };
      if (type.id === 'constant') tensor.trained = booleanOf(wired.parameters, 'trained', true);
      tensors.push(tensor);
      return tensor.index;
    });
    if (isRim) continue;
    const operands = wired.inputs.map(({ id }) => sourceOf(wired, id, parts, tensors));
    for (const operand of operands) {
      const consumers = operand === null ? undefined : tensors[operand]!.consumers;
      if (consumers && consumers.at(-1) !== index) consumers.push(index);
    }
    part.operator = index;
    operators.push(operatorOf(typed, index, operands, part.tensors, memo));
  }
  return { operators, tensors };
}

/** Null where a part has other results or operands than before. */
function patched(graph: ModelGraph, { parts }: Parts, touched: ReadonlySet<Part>, memo: ModelMemo): ModelGraph | null {
  if (touched.size === 0) return graph;
  const tensors = [...graph.tensors];
  const operators = [...graph.operators];
  for (const { typed, operator, tensors: made } of touched) {
    if (!typed) return null;
    const { wired, outputs } = typed;
    if (wired.type.id === 'output') continue;
    const now = results(typed);
    if (now.length !== made.length) return null;
    for (const [place, at] of now.entries()) {
      const index = made[place]!;
      const old = tensors[index]!;
      if (old.port !== (wired.outputs[at]?.id ?? '')) return null;
      const trained = wired.type.id === 'constant' && { trained: booleanOf(wired.parameters, 'trained', true) };
      tensors[index] = { ...old, name: resultName(wired, at), type: outputs[at]!, ...trained };
    }
    if (operator < 0) continue;
    const { inputs } = operators[operator]!;
    const operands = wired.inputs.map(({ id }) => sourceOf(wired, id, parts, tensors));
    if (operands.length !== inputs.length || operands.some((operand, at) => operand !== inputs[at])) return null;
    operators[operator] = operatorOf(typed, operator, operands, made, memo);
  }
  return { operators, tensors };
}

function operatorOf(
  typed: Typed,
  index: number,
  operands: readonly (number | null)[],
  made: readonly number[],
  memo: ModelMemo,
): Operator {
  const { wired, inputs, outputs } = typed;
  const { node, type, parameters } = wired;
  typed.work ??= memo.work(node, inputs, () => ({
    weights: type.weights(inputs, parameters),
    macs: type.macs(inputs, outputs, parameters),
    kernel: type.kernel(inputs, outputs, parameters),
  }));
  return {
    index,
    node: node.id,
    type,
    name: nameOf(node),
    parameters,
    inputs: operands,
    outputs: made,
    ...typed.work,
  };
}

/** Which of its results are tensors: those somebody reads, and the first one always. */
function results({ wired, outputs }: Typed): readonly number[] {
  return outputs.flatMap((_, at) => (at === 0 || wired.read.has(wired.outputs[at]?.id ?? '') ? [at] : []));
}

function resultName({ node, outputs }: Wired, at: number): string {
  return at === 0 ? nameOf(node) : `${nameOf(node)} ${outputs[at]?.title ?? at}`;
}

/** The tensor that feeds a port. */
function sourceOf(
  { sources }: Wired,
  port: string,
  parts: ReadonlyMap<string, Part>,
  tensors: readonly Tensor[],
): number | null {
  const from = sources.get(port)?.from;
  const made = from && parts.get(from.node)?.tensors;
  return made?.find((index) => tensors[index]!.port === from!.port) ?? null;
}
