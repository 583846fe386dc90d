/** The catalog's category of an operator type, for its colour; unknown types are 'opaque', as is what a file left out. */
import type { OperatorCategory } from '#core/catalog/operator-type.ts';
import { operatorType } from '#core/catalog/operators.ts';
import { textOf } from '#core/catalog/parameter.ts';
import type { DocumentNode } from '#core/document/document.ts';

export function categoryOf(type: string): OperatorCategory {
  return operatorType(type)?.category ?? 'opaque';
}

/** What a node does, in a word or two: its operation where the type has several (`add`, `relu`), else its type. */
export function operatorDetail(node: DocumentNode): string {
  const type = operatorType(node.type);
  if (!type) return node.type;
  for (const id of ['operation', 'function']) {
    const value = textOf(node.parameters, id);
    if (value) return value;
  }
  return type.title;
}
