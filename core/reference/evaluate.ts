/**
 * Plain execution of operators and models on numbers, after the ONNX standard: what a compiled program has to agree
 * with. Sums are formed in double precision and rounded once to the result's element type; integer products are exact.
 */
import { type Control, uncontrolled } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { elementCount, type TensorType } from '#core/catalog/operator-type.ts';
import { shapeText } from '#core/catalog/operators/common.ts';
import { variadicIndex } from '#core/document/ports.ts';
import type { ModelGraph, Operator } from '#core/model/graph.ts';
import { EVALUATORS, undefinedReason } from './operators/index.ts';
import { rounded } from './rounding.ts';
import { attempted, type TensorValues, type ValueSource, wholeTensor } from './values.ts';

export type WeightsByName = ReadonlyMap<string, TensorValues> | ((name: string) => TensorValues);

/**
 * The results of one operator. `inputs` are in the order of the input ports, null where nothing is linked; `outputs` are
 * the types the operator type infers, or a prefix of them where later results are not wanted. Results come in that order.
 * Problems: `reference.undefined` (no semantics: opaque), `reference.weight` (missing or of another size),
 * `reference.operand` (numbers do not fill their shape).
 */
export function evaluateOperator(
  operator: Pick<Operator, 'type' | 'parameters' | 'weights'>,
  inputs: readonly (TensorValues | null)[],
  weights: WeightsByName,
  outputs: readonly TensorType[],
): Result<readonly TensorValues[], Problem> {
  const { type, parameters } = operator;
  const evaluate = EVALUATORS.get(type.id);
  if (!evaluate) return err(undefinedProblem(operator));
  const short = inputs.findIndex((each) => each && !wholeTensor(each));
  if (short !== -1) {
    const given = inputs[short]!;
    const message = `Operand ${short + 1} of ${type.title} has ${given.data.length} numbers for ${shapeText(given.type.shape)}`;
    return err(problem('reference.operand', message));
  }
  const known = new Map<string, TensorValues>();
  for (const { name, shape } of operator.weights) {
    const values = typeof weights === 'function' ? weights(name) : weights.get(name);
    if (values?.data.length !== elementCount(shape)) {
      const had = values ? `${values.data.length} numbers` : 'nothing';
      const message = `The ${name} of ${type.title} is ${shapeText(shape)}; ${had} is given`;
      return err(problem('reference.weight', message, { facts: { weight: name, elements: elementCount(shape) } }));
    }
    known.set(name, values);
  }
  const weight = (name: string) => {
    const found = known.get(name);
    if (!found) throw new Error(`${type.id} has no weight called '${name}'`);
    return found;
  };
  const made = evaluate({ parameters, inputs, outputs, weight });
  if (!made.ok) return err(problem('reference.undefined', `${type.title} cannot be evaluated: ${made.error}`));
  return ok(outputs.map((each, i) => ({ type: each, data: rounded(each.elementType, made.value[i]!) })));
}

function undefinedProblem({ type, parameters }: Pick<Operator, 'type' | 'parameters'>): Problem {
  const reason = undefinedReason(type.id, parameters);
  return problem('reference.undefined', `${type.title} cannot be evaluated: ${reason}`);
}

function placed(fault: Problem, { name, node }: Operator): Problem {
  return { ...fault, message: `'${name}': ${fault.message}`, where: { ...fault.where, node } };
}

export interface EvaluateOptions {
  /** Every tensor is kept, else only the outputs; what nobody reads any more is let go meanwhile. */
  readonly keepAll?: boolean;
  readonly control?: Control;
}

/**
 * The model's outputs (or every tensor) by tensor index. Operators run in graph order. Problems are those of
 * `evaluateOperator`, with the operator's name and node, and `run.cancelled`.
 */
export function evaluateModel(
  graph: ModelGraph,
  source: ValueSource,
  options: EvaluateOptions = {},
): Result<ReadonlyMap<number, TensorValues>, Problem> {
  const { keepAll = false, control = uncontrolled } = options;
  const unknown = graph.operators.find(({ type }) => !EVALUATORS.has(type.id));
  if (unknown) return err(placed(undefinedProblem(unknown), unknown));
  const live = new Map<number, TensorValues>();
  const kept = new Map<number, TensorValues>();
  for (const { index, kind, producer } of graph.tensors) {
    if (producer !== null || (!keepAll && graph.tensors[index]!.consumers.length === 0)) continue;
    const values = attempted(() => source.tensor(index));
    if (!values.ok) return values;
    live.set(index, values.value);
    if (keepAll || kind === 'output') kept.set(index, values.value);
  }
  for (const operator of graph.operators) {
    if (control.cancelled()) return err(problem('run.cancelled', 'The evaluation was stopped'));
    const inputs = operator.inputs.map((index) => (index === null ? null : (live.get(index) ?? null)));
    const run = attempted(() =>
      evaluateOperator(operator, inputs, (name) => source.weight(operator.index, name), typesOf(operator, graph)),
    );
    const made = run.ok ? run.value : run;
    if (!made.ok) return err(placed(made.error, operator));
    for (const index of operator.outputs) {
      const tensor = graph.tensors[index]!;
      const values = made.value[portIndex(operator, tensor.port)]!;
      live.set(index, values);
      if (keepAll || tensor.kind === 'output') kept.set(index, values);
    }
    for (const index of operator.inputs)
      if (index !== null && graph.tensors[index]!.consumers.at(-1) === operator.index) live.delete(index);
    control.report({
      phase: 'reference',
      fraction: (operator.index + 1) / graph.operators.length,
      message: operator.name,
    });
  }
  return ok(kept);
}

/** The types of all results up to the last one that is a tensor of the graph. */
export function typesOf(operator: Operator, graph: ModelGraph): readonly TensorType[] {
  const inferred = operator.type.infer(
    operator.inputs.map((index) => (index === null ? null : graph.tensors[index]!.type)),
    operator.parameters,
  );
  if (!inferred.ok) throw new Error(inferred.error);
  const last = Math.max(0, ...operator.outputs.map((index) => portIndex(operator, graph.tensors[index]!.port)));
  return inferred.value.slice(0, last + 1);
}

/** Which result leaves through `port`. */
export function portIndex(operator: Pick<Operator, 'type'>, port: string): number {
  const specs = operator.type.outputs;
  const variadic = specs.findIndex((spec) => spec.variadic && variadicIndex(spec.id, port) !== -1);
  return variadic === -1
    ? specs.findIndex(({ id }) => id === port)
    : variadic + variadicIndex(specs[variadic]!.id, port);
}
