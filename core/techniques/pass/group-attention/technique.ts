/**
 * Attention: product of queries and keys, scale, mask, softmax, product with values. Scale and mask go with the results of the
 * first product as a bias does; the kernels that are left are marked as one group.
 */
import { compact, type KernelGraph, type KernelOperator, type Uses, usesOf } from '#core/compile/kernel-graph.ts';
import type { Pass } from '#core/compile/pass.ts';

export const technique: Pass = {
  manifest: {
    id: 'pass/group-attention',
    kind: 'pass',
    version: '1',
    title: 'Recognise attention',
    summary:
      'Folds scale and mask into the product of queries and keys, and marks product, softmax and product as a group.',
    maturity: 'stable',
    citations: [
      { text: 'Vaswani et al., Attention is all you need, NIPS 2017, section 3.2.1', reference: 'arXiv:1706.03762' },
    ],
    parameters: [],
  },
  phase: 'fuse',
  run(graph: KernelGraph): KernelGraph {
    if (!graph.operators.some(({ types }) => types[0] === 'softmax')) return graph;
    const uses = usesOf(graph);
    const made: (KernelOperator | null)[] = [...graph.operators];
    graph.operators.forEach((operator, index) => {
      if (operator.types[0] !== 'softmax') return;
      const values = onlyReader(graph, uses, operator.outputs[0]!);
      if (values === null || !isProduct(graph.operators[values]!)) return;
      const between: number[] = [];
      let maker = uses.producer[operator.inputs[0]!]!;
      while (maker >= 0 && isScaleOrMask(graph.operators[maker]!) && isReadOnce(graph, uses, maker)) {
        between.unshift(maker);
        maker = scoresBehind(graph, uses, maker);
      }
      if (maker < 0 || !isProduct(graph.operators[maker]!) || !isReadOnce(graph, uses, maker)) return;
      const members = [maker, ...between, index, values];
      if (members.some((one) => made[one] !== graph.operators[one])) return;
      const group = `attention ${graph.operators[maker]!.name}`;
      const folded = between.length > 0 ? foldedInto(graph, maker, between) : null;
      if (folded) {
        // At the place of the last one folded in, where all operands are made.
        for (const one of [maker, ...between]) made[one] = null;
        made[between.at(-1)!] = { ...folded, group };
      } else for (const one of [maker, ...between]) made[one] = { ...graph.operators[one]!, group };
      made[index] = { ...operator, group };
      made[values] = { ...graph.operators[values]!, group };
    });
    return compact({ tensors: graph.tensors, operators: made.filter((operator) => operator !== null) });
  },
};

const isProduct = ({ kernel }: KernelOperator): boolean => kernel.kind === 'gemm' && kernel.bIsActivation;

/** Additions and scalings only; what is fused by then counts as a whole. */
function isScaleOrMask({ types, kernel, outputs }: KernelOperator): boolean {
  return (
    types.every((type) => type === 'elementwise' || type === 'where') &&
    kernel.kind === 'vector' &&
    outputs.length === 1
  );
}

/** The operator that alone reads a tensor which stays inside; null otherwise. */
function onlyReader(graph: KernelGraph, { consumers }: Uses, tensor: number): number | null {
  const [first, second] = consumers[tensor]!;
  return first !== undefined && second === undefined && graph.tensors[tensor]!.kind === 'act' ? first : null;
}

function isReadOnce(graph: KernelGraph, uses: Uses, operator: number): boolean {
  const { outputs } = graph.operators[operator]!;
  return outputs.length === 1 && onlyReader(graph, uses, outputs[0]!) !== null;
}

/** Maker of the operand that is as large as the result: the scores on their way; −1 where that is not one. */
function scoresBehind(graph: KernelGraph, { producer }: Uses, operator: number): number {
  const { inputs, outputs } = graph.operators[operator]!;
  const { elements } = graph.tensors[outputs[0]!]!;
  const [scores, ...others] = inputs.filter((id) => graph.tensors[id]!.elements === elements && producer[id]! >= 0);
  return scores === undefined || others.length > 0 ? -1 : producer[scores]!;
}

/** The product with scale and mask behind it, or null where it would need more room than its parts. */
function foldedInto(graph: KernelGraph, product: number, between: readonly number[]): KernelOperator | null {
  const parts = [product, ...between].map((index) => graph.operators[index]!);
  const inner = new Set(parts.slice(0, -1).flatMap(({ outputs }) => outputs));
  const inputs = [...new Set(parts.flatMap((part) => part.inputs.filter((id) => !inner.has(id))))];
  const last = parts.at(-1)!;
  const size = (ids: readonly number[]) => ids.reduce((sum, id) => sum + graph.tensors[id]!.elements, 0);
  const room = (part: Pick<KernelOperator, 'inputs' | 'outputs'>) => size(part.inputs) + size(part.outputs);
  if (room({ inputs, outputs: last.outputs }) > Math.max(...parts.map(room))) return null;
  const [main] = parts;
  return {
    ...main!,
    types: parts.flatMap(({ types }) => types),
    nodes: parts.flatMap(({ nodes }) => nodes),
    inputs,
    outputs: last.outputs,
    weightElements: parts.reduce((sum, part) => sum + part.weightElements, 0),
    biasElements: parts.reduce((sum, part) => sum + part.biasElements, 0),
    fusion: 'none',
  };
}
