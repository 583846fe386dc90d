/**
 * Folds what follows a kernel element by element into that kernel: batch normalisation and bias into the weights
 * and bias of a GEMM, plain activations (one comparison or scaling an element) into any computing kernel. Only
 * along tensors with one consumer that are not graph outputs, so no value anyone else reads disappears.
 */
import { compact, type KernelGraph, type KernelOperator, usesOf } from '#core/compile/kernel-graph.ts';
import type { Pass } from '#core/compile/pass.ts';

export const technique: Pass = {
  manifest: {
    id: 'pass/fuse-epilogue',
    kind: 'pass',
    version: '1',
    title: 'Fuse normalisation, bias and activation',
    summary:
      'Folds batch normalisation, bias and plain activations into the convolution, product or elementwise kernel before them.',
    maturity: 'stable',
    citations: [
      {
        text: 'Jacob et al., Quantization and training of neural networks for efficient integer-arithmetic-only inference, CVPR 2018, section 3.2 (batch-norm folding)',
        reference: 'arXiv:1712.05877',
      },
    ],
    parameters: [],
  },
  phase: 'fuse',
  run(graph: KernelGraph): KernelGraph {
    const { producer, consumers } = usesOf(graph);
    /** Where an operator ended up: itself, or the operator it was folded into. */
    const home = graph.operators.map((_, index) => index);
    const merged: (KernelOperator | null)[] = [...graph.operators];
    graph.operators.forEach((operator, index) => {
      const [operand] = operator.inputs;
      if (operator.inputs.length !== 1 || operand === undefined) return;
      const maker = producer[operand]!;
      if (maker < 0 || consumers[operand]!.length !== 1 || graph.tensors[operand]!.kind !== 'act') return;
      const host = home[maker]!;
      const into = merged[host]!;
      if (into.outputs.length !== 1 || operator.outputs.length !== 1 || !folds(operator, into)) return;
      home[index] = host;
      merged[index] = null;
      merged[host] = {
        ...into,
        types: [...into.types, ...operator.types],
        nodes: [...into.nodes, ...operator.nodes],
        outputs: operator.outputs,
        biasElements: foldedBias(operator, into),
      };
    });
    const operators = merged.filter((operator) => operator !== null);
    return operators.length === graph.operators.length ? graph : compact({ tensors: graph.tensors, operators });
  },
};

function folds(operator: KernelOperator, into: KernelOperator): boolean {
  const { kernel } = into;
  switch (operator.fusion) {
    case 'normalisation':
    case 'bias': {
      if (kernel.kind !== 'gemm' || kernel.bIsActivation) return false;
      const constants = operator.weightElements + operator.biasElements;
      // One number a channel at most (a normalisation has up to four), and no activation in between.
      const perChannel = kernel.n * kernel.groups * (operator.fusion === 'normalisation' ? 4 : 1);
      return constants > 0 && constants <= perChannel && into.types.length === affineLength(into);
    }
    case 'activation':
      return (
        operator.kernel.kind === 'vector' &&
        operator.weightElements === 0 &&
        kernel.kind !== 'move' &&
        kernel.kind !== 'view'
      );
    case 'none':
      return false;
  }
}

/** Types of `into` up to the first activation; equal to all of them when only affine steps were folded so far. */
function affineLength(into: KernelOperator): number {
  const first = into.types.findIndex((type, index) => index > 0 && type === 'activation');
  return first < 0 ? into.types.length : first;
}

function foldedBias(operator: KernelOperator, into: KernelOperator): number {
  if (operator.fusion === 'activation' || into.kernel.kind !== 'gemm') return into.biasElements;
  return Math.max(into.biasElements, into.kernel.n * into.kernel.groups);
}
