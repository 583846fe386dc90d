/**
 * Chains of element-wise operators of any length become one kernel: every element passes all of them while it is on the
 * lanes. Along tensors with one reader that are no graph outputs, and never where the fused operator's operands and result
 * together would take more room than the larger of its parts.
 */
import type { Kernel } from '#core/catalog/operator-type.ts';
import { operatorType } from '#core/catalog/operators.ts';
import { compact, type KernelGraph, type KernelOperator, usesOf } from '#core/compile/kernel-graph.ts';
import type { Pass } from '#core/compile/pass.ts';

export const technique: Pass = {
  manifest: {
    id: 'pass/fuse-pointwise',
    kind: 'pass',
    version: '1',
    title: 'Fuse element-wise chains',
    summary: 'Makes one kernel of element-wise operators that follow one another on the same unit.',
    maturity: 'stable',
    citations: [
      {
        text: 'Chen et al., TVM: an automated end-to-end optimizing compiler for deep learning, OSDI 2018, section 3 (injective operators)',
        reference: 'arXiv:1802.04799',
      },
    ],
    parameters: [],
  },
  phase: 'fuse',
  run(graph: KernelGraph): KernelGraph {
    const { producer, consumers } = usesOf(graph);
    const made: (KernelOperator | null)[] = [...graph.operators];
    const size = (ids: readonly number[]) => ids.reduce((sum, id) => sum + graph.tensors[id]!.elements, 0);
    const room = ({ inputs, outputs }: KernelOperator) => size(inputs) + size(outputs);
    graph.operators.forEach((_, index) => {
      // An operator takes in the makers of its operands one after the other; those have taken in theirs.
      for (let next = true; next; ) {
        next = false;
        const operator = made[index]!;
        for (const id of operator.inputs) {
          const maker = producer[id]!;
          const before = maker < 0 ? null : made[maker]!;
          if (!before || graph.tensors[id]!.kind !== 'act' || consumers[id]!.length !== 1) continue;
          const fused = fusedOf(before, operator, id);
          if (!fused || room(fused) > Math.max(room(before), room(operator))) continue;
          made[maker] = null;
          made[index] = fused;
          next = true;
          break;
        }
      }
    });
    const operators = made.filter((operator) => operator !== null);
    return operators.length === graph.operators.length ? graph : compact({ tensors: graph.tensors, operators });
  },
};

const POINTWISE: ReadonlySet<string> = new Set(['batch-norm', 'cast', 'quantize', 'dequantize']);

function isPointwise(type: string): boolean {
  const category = operatorType(type)?.category;
  return category === 'elementwise' || category === 'activation' || POINTWISE.has(type);
}

/** `before` and then `after`, at the place of `after`; null where they do not go together. */
function fusedOf(before: KernelOperator, after: KernelOperator, through: number): KernelOperator | null {
  const kernel = together(before.kernel, after.kernel);
  if (!kernel || before.outputs.length !== 1 || after.outputs.length !== 1) return null;
  if (![...before.types, ...after.types].every(isPointwise)) return null;
  return {
    ...after,
    name: before.name,
    types: [...before.types, ...after.types],
    nodes: [...before.nodes, ...after.nodes],
    kernel,
    inputs: [...new Set([...before.inputs, ...after.inputs.filter((id) => id !== through)])],
    weightElements: before.weightElements + after.weightElements,
    biasElements: before.biasElements + after.biasElements,
    macs: before.macs + after.macs,
    fusion: 'none',
  };
}

/** Of one kind and as many elements: another kind may have another unit. */
function together(before: Kernel, after: Kernel): Kernel | null {
  if (before.kind === 'vector' && after.kind === 'vector' && before.elements === after.elements)
    return { ...after, operationsPerElement: before.operationsPerElement + after.operationsPerElement };
  if (before.kind === 'special' && after.kind === 'special' && before.elements === after.elements)
    return {
      ...after,
      operationsPerElement: before.operationsPerElement + after.operationsPerElement,
      evaluations: before.evaluations + after.evaluations,
    };
  return null;
}
