/** The catalog's category of an operator type, for its colour; unknown types are 'opaque'. */
import type { OperatorCategory } from '#core/catalog/operator-type.ts';

const INTERIM: readonly (readonly [RegExp, OperatorCategory])[] = [
  [/conv/, 'convolution'],
  [/matmul|linear|gemm|dense/, 'linear'],
  [/attention/, 'attention'],
  [/pool/, 'pooling'],
  [/norm/, 'normalisation'],
  [/relu|gelu|softmax|sigmoid|tanh|swish|clip/, 'activation'],
  [/^(add|sub|mul|div)/, 'elementwise'],
  [/reshape|transpose|concat|flatten|slice/, 'layout'],
  [/^(input|output|constant)$/, 'interface'],
];

export function categoryOf(type: string): OperatorCategory {
  return INTERIM.find(([pattern]) => pattern.test(type))?.[1] ?? 'opaque';
}
