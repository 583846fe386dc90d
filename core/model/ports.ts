/** The ports of a drawn operator: declared ones, variadic ones expanded by links and by the parameters `inputs`, `outputs`. */
import type { ParameterValues } from '#core/base/value.ts';
import type { OperatorType } from '#core/catalog/operator-type.ts';
import { expandPorts, type Port } from '#core/document/ports.ts';

export interface OperatorPorts {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** `linked`: port ids of the node that carry links, by side. */
export function operatorPorts(
  type: OperatorType,
  parameters: ParameterValues,
  linked: { readonly inputs: Iterable<string>; readonly outputs: Iterable<string> },
): OperatorPorts {
  const fixed = (id: string) => {
    const count = parameters[id];
    return typeof count === 'number' ? count : undefined;
  };
  return {
    inputs: expandPorts(type.inputs, linked.inputs, fixed('inputs')),
    outputs: expandPorts(type.outputs, linked.outputs, fixed('outputs')),
  };
}

/** Names an output port within a document: the key of inferred types. */
export function portKey(node: string, port: string): string {
  return `${node}/${port}`;
}
