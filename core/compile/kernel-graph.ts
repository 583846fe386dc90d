/**
 * The compiler's graph: kernels (operators as units see them) and the tensors between them. Passes rewrite it;
 * `verifyKernelGraph` runs after each. Weights are not tensors here: a kernel owns them and streams them.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import type { ElementType, FusionRole, Kernel } from '#core/catalog/operator-type.ts';
import { elementCount } from '#core/catalog/operator-type.ts';
import { permutationOf } from '#core/catalog/operators/views.ts';
import { integersOf, textOf } from '#core/catalog/parameter.ts';
import type { ModelGraph, Operator as ModelOperator } from '#core/model/graph.ts';
import { type Layout, ROW_MAJOR, transposition } from './layout.ts';

export interface KernelTensor {
  readonly id: number;
  readonly name: string;
  readonly shape: readonly number[];
  readonly elements: number;
  readonly elementType: ElementType;
  readonly kind: 'input' | 'act' | 'output';
  /** The model's tensor that it is, as its operator makes it; views of it have no tensor of their own. */
  readonly origin: number;
  /** Which element of it, numbered row-major, lies at which place. Absent until layouts are assigned: row-major. */
  readonly layout?: Layout;
}

export const layoutOf = ({ layout }: KernelTensor): Layout => layout ?? ROW_MAJOR;

/**
 * What an operator does with the axes of its operand that layouts can follow: a transposition, whose result element i is
 * element `order`(i) of the operand, or work that keeps every axis in its place (pooling), at extents that may differ.
 */
export type AxisUse =
  | { readonly kind: 'transposed'; readonly order: Layout }
  | { readonly kind: 'kept'; readonly from: readonly number[]; readonly to: readonly number[] };

/**
 * What is fused is evaluated in the order of `nodes`; each reads operands of the kernel, constants, and results of those
 * before it. The results of the kernel are those of the last.
 */
export interface KernelOperator {
  readonly name: string;
  /** Operator type ids, the main one first, then what was fused into it. */
  readonly types: readonly string[];
  /** Document nodes, in the same order. */
  readonly nodes: readonly string[];
  readonly kernel: Kernel;
  readonly fusion: FusionRole;
  /** Tensor ids without repetition. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Elements stored in the operand format, and in the accumulator format (32 bits: bias, folded normalisation). */
  readonly weightElements: number;
  readonly biasElements: number;
  readonly macs: number;
  /** Of operators that belong together (an attention head): equal for those of one group. */
  readonly group?: string;
  /** Of the main operator; absent where its type alone says which layouts it takes, or it takes row-major only. */
  readonly axes?: AxisUse;
}

/** Operators in topological order. Tensor ids are indices into `tensors`. */
export interface KernelGraph {
  readonly operators: readonly KernelOperator[];
  readonly tensors: readonly KernelTensor[];
}

const LOOKUPS = new Set(['gather', 'embedding']);

/** One kernel for every compute operator of the model; constants become weights of the kernels that use them. */
export function lower(model: ModelGraph): KernelGraph {
  const tensors: KernelTensor[] = [];
  const idOf = new Map<number, number>();
  for (const tensor of model.tensors) {
    if (tensor.kind === 'constant') continue;
    idOf.set(tensor.index, tensors.length);
    tensors.push({
      id: tensors.length,
      name: tensor.name,
      shape: tensor.type.shape,
      elements: elementCount(tensor.type.shape),
      elementType: tensor.type.elementType,
      kind: tensor.kind === 'activation' ? 'act' : tensor.kind,
      origin: tensor.index,
    });
  }
  const operators: KernelOperator[] = [];
  for (const operator of model.operators) {
    const inputs = new Set<number>();
    let constants = 0;
    for (const index of operator.inputs) {
      if (index === null) continue;
      const id = idOf.get(index);
      if (id !== undefined) inputs.add(id);
      else constants += elementCount(model.tensors[index]!.type.shape);
    }
    const outputs = operator.outputs.map((index) => idOf.get(index)!);
    let weightElements = constants;
    let biasElements = 0;
    for (const weight of operator.weights) {
      if (weight.name === 'bias') biasElements += elementCount(weight.shape);
      else weightElements += elementCount(weight.shape);
    }
    // A lookup reads the rows it needs, not the whole table.
    if (LOOKUPS.has(operator.type.id)) weightElements = Math.min(weightElements, tensors[outputs[0]!]!.elements);
    const axes = axisUse(operator, model);
    operators.push({
      name: operator.name,
      types: [operator.type.id],
      nodes: [operator.node],
      kernel: operator.kernel,
      fusion: fusionOf(
        operator,
        operator.inputs[0] !== null && operator.inputs[0] !== undefined && idOf.has(operator.inputs[0]),
      ),
      inputs: [...inputs],
      outputs,
      weightElements,
      biasElements,
      macs: operator.macs,
      ...(axes && { axes }),
    });
  }
  return compact({ operators, tensors });
}

function axisUse({ type, inputs, outputs, parameters }: ModelOperator, model: ModelGraph): AxisUse | null {
  const [operand = null] = inputs;
  if (operand === null) return null;
  const from = model.tensors[operand]!.type.shape;
  if (type.id === 'transpose')
    return {
      kind: 'transposed',
      order: transposition(from, permutationOf(from, integersOf(parameters, 'permutation'))),
    };
  const to = model.tensors[outputs[0]!]!.type.shape;
  return type.id === 'pool' && outputs.length === 1 ? { kind: 'kept', from, to } : null;
}

/** Elementwise kernels fold like a bias only where they are affine in the tensor that comes first. */
function fusionOf(operator: ModelOperator, tensorFirst: boolean): FusionRole {
  if (operator.type.id !== 'elementwise') return operator.type.fusion;
  const operation = textOf(operator.parameters, 'operation', 'add');
  const affine =
    operation === 'add' || operation === 'mul' || operation === 'sub' || (operation === 'div' && tensorFirst);
  return affine ? operator.type.fusion : 'none';
}

/** Drops tensors no operator touches any more and renumbers the rest; operators keep their order. */
export function compact(graph: KernelGraph): KernelGraph {
  const used = new Set<number>();
  for (const operator of graph.operators) {
    for (const id of operator.inputs) used.add(id);
    for (const id of operator.outputs) used.add(id);
  }
  if (used.size === graph.tensors.length) return graph;
  const renamed = new Map<number, number>();
  const tensors = graph.tensors
    .filter((tensor) => used.has(tensor.id))
    .map((tensor, id): KernelTensor => {
      renamed.set(tensor.id, id);
      return { ...tensor, id };
    });
  const rename = (ids: readonly number[]) => ids.map((id) => renamed.get(id)!);
  return {
    tensors,
    operators: graph.operators.map((operator) => ({
      ...operator,
      inputs: rename(operator.inputs),
      outputs: rename(operator.outputs),
    })),
  };
}

export interface Uses {
  /** Producing operator of each tensor, −1 for graph inputs. */
  readonly producer: Int32Array;
  readonly consumers: readonly (readonly number[])[];
}

export function usesOf(graph: KernelGraph): Uses {
  const producer = new Int32Array(graph.tensors.length).fill(-1);
  const consumers: number[][] = graph.tensors.map(() => []);
  graph.operators.forEach((operator, index) => {
    for (const id of operator.outputs) producer[id] = index;
    for (const id of operator.inputs) consumers[id]!.push(index);
  });
  return { producer, consumers };
}

/** Structural faults a pass may have made: any is a bug of that pass, named by `pass`. */
export function verifyKernelGraph(graph: KernelGraph, pass: string): readonly Problem[] {
  const found: Problem[] = [];
  const fault = (message: string) => found.push(problem('compile.pass', `${pass}: ${message}`, { facts: { pass } }));
  const made = new Uint8Array(graph.tensors.length);
  graph.tensors.forEach((tensor, index) => {
    if (tensor.kind === 'input') made[tensor.id] = 1;
    if (tensor.id !== index) fault(`tensor ${tensor.name} has id ${tensor.id} at place ${index}`);
  });
  for (const operator of graph.operators) {
    for (const id of operator.inputs)
      if (!made[id]) fault(`${operator.name} uses tensor ${graph.tensors[id]?.name ?? id} before it is made`);
    for (const id of operator.outputs) {
      if (made[id]) fault(`tensor ${graph.tensors[id]?.name ?? id} is made twice`);
      made[id] = 1;
    }
    const { inputs } = operator;
    if (inputs.length > 1 && inputs.some((id, place) => inputs.indexOf(id) < place))
      fault(`${operator.name} lists an operand twice`);
    if (operator.nodes.length !== operator.types.length)
      fault(`${operator.name} has ${operator.nodes.length} nodes for ${operator.types.length} types`);
  }
  return found;
}
