/** What a kernel's results are: its operators one after the other on whole tensors, in no tiles and through no buffers. */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { KernelBodies } from '#core/compile/kernel-body.ts';
import { isEqual } from '#core/compile/layout.ts';
import { evaluateOperator, portIndex, typesOf } from '#core/reference/evaluate.ts';
import { attempted, type TensorValues, type ValueSource } from '#core/reference/values.ts';

/**
 * Results by tensor of the model.
 * @param bodies of one kernel, whose operands are inputs of its model. Problems: those of `evaluateOperator`.
 */
export function kernelReference(
  { model, operators, results, root, place, kernelTensor }: KernelBodies,
  source: ValueSource,
): Result<ReadonlyMap<number, TensorValues>, Problem> {
  const made = new Map<number, TensorValues>();
  const evaluate = (index: number): Problem | null => {
    const operator = model.operators[index]!;
    const inputs: (TensorValues | null)[] = [];
    for (const tensor of operator.inputs) {
      const values = tensor === null ? ok(null) : numbersOf(tensor);
      if (!values.ok) return values.error;
      inputs.push(values.value);
    }
    const run = attempted(() =>
      evaluateOperator(operator, inputs, (name) => source.weight(operator.index, name), typesOf(operator, model)),
    );
    const outputs = run.ok ? run.value : run;
    if (!outputs.ok) return outputs.error;
    for (const tensor of operator.outputs)
      made.set(tensor, outputs.value[portIndex(operator, model.tensors[tensor]!.port)]!);
    return null;
  };
  const numbersOf = (index: number): Result<TensorValues, Problem> => {
    const { type, kind, producer } = model.tensors[index]!;
    const under = root[index]!;
    const isGiven = model.tensors[under]!.kind === 'input' && kernelTensor[under] !== -1;
    if (!made.has(under) && (isGiven || kind === 'constant')) {
      const read = attempted(() => source.tensor(isGiven ? under : index));
      if (!read.ok) return read;
      made.set(under, read.value);
    }
    // A view whose axes lie in another order is not the numbers under it.
    const isAsUnder = isEqual(place[index]!, place[under]!);
    if (!made.has(index) && !(isAsUnder && made.has(under)) && producer !== null) {
      const fault = evaluate(producer);
      if (fault) return err(fault);
    }
    const values = (isAsUnder ? made.get(under) : null) ?? made.get(index);
    return values ? ok({ type, data: values.data }) : err(problem('reference.input', `tensor ${index} has no numbers`));
  };
  for (const operator of operators[0]!) {
    const fault = evaluate(operator.index);
    if (fault) return err(fault);
  }
  const found = new Map<number, TensorValues>();
  for (const index of results[0]!) found.set(index, made.get(index)!);
  return ok(found);
}
