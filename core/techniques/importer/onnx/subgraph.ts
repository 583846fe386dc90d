/**
 * Result types of operators that hold graphs and stay opaque, from what they carry: a Scan or Loop hands its
 * state on unchanged in type, a Scan stacks what its body yields. Source: ONNX operators, Scan-11, Loop-13.
 */
import type { TensorType } from '#core/catalog/operator-type.ts';
import type { Call } from './fold.ts';
import { declaredType, type Symbols } from './inputs.ts';

/** One entry a result as far as known; empty for operators without graphs. */
export function subgraphTypes(call: Call, symbols: Symbols): (TensorType | null)[] {
  if (call.operator === 'Scan' && call.opset >= 9) return scanned(call, symbols);
  if (call.operator === 'Loop') return call.inputs.slice(2).map((input) => input?.type ?? null);
  return [];
}

function scanned(call: Call, symbols: Symbols): (TensorType | null)[] {
  const body = call.attributes.graph('body');
  const sequences = call.attributes.integer('num_scan_inputs', 1);
  const states = call.inputs.length - sequences;
  const axis = call.attributes.integers('scan_input_axes')?.[0] ?? 0;
  const sequence = call.inputs[states]?.type;
  const steps = sequence?.shape.at(axis);
  return call.outputs.map((_, i) => {
    if (i < states) return call.inputs[i]?.type ?? null;
    const element = declaredType(body?.outputs[i], symbols);
    if (!element || steps === undefined) return null;
    const given = call.attributes.integers('scan_output_axes')?.[i - states] ?? 0;
    const place = given < 0 ? given + element.shape.length + 1 : given;
    return { shape: element.shape.toSpliced(place, 0, steps), elementType: element.elementType };
  });
}
