/**
 * What Timeloop's files say of a machine beside its tree of memories, and a drawing can use: process and clock, attributes
 * of components, and which operands a memory keeps (by constraints, by directives of a mapping, or by its name).
 */
import { isRecord, listOf, pick, type Record_, textOf } from './read.ts';

export const OPERANDS = ['input', 'weight', 'output'] as const;
export type Operand = (typeof OPERANDS)[number];

/** As Timeloop's own shapes (gemm-ABZ, cnn-layer) and exercises name data spaces and their memories. */
const NAMES: Readonly<Record<Operand, RegExp>> = {
  input: /^[ai]$|input|ifmap|iact|activation/i,
  weight: /^[bw]$|weight|filter|wgt/i,
  output: /^[zo]$|output|ofmap|psum|partial|accum/i,
};

export interface Hints {
  /** Of a component itself; empty where it has none. */
  attributesOf(component: string): Record_;
  /** The first value of an attribute in the architecture, containers before what is in them, or of a variable. */
  anywhere(attribute: string): unknown;
  /** The operands a memory keeps; all where nothing says. Never none. */
  keptBy(memory: string): readonly Operand[];
}

export function readHints(root: Record_): Hints {
  const attributes = new Map<string, Record_>();
  const kept = new Map<string, readonly Operand[]>();
  const all: Record_[] = [];
  const keep = (name: string, directive: Record_): void => {
    const only = operandsOf(pick(directive, 'keep_only', 'keep'));
    const bypassed = operandsOf(directive.bypass);
    const left = (kept.get(name) ?? OPERANDS).filter(
      (operand) => !bypassed.includes(operand) && (only.length === 0 || only.includes(operand)),
    );
    if (left.length > 0) kept.set(name, left);
  };
  // The depth of a file is bounded where it is read.
  const walk = (node: unknown): void => {
    if (!isRecord(node)) return;
    const own = isRecord(node.attributes) ? node.attributes : node;
    all.push(own);
    const name = plainName(node.name);
    if (name !== null) {
      attributes.set(name, own);
      const { constraints } = node;
      const directive = isRecord(constraints) ? pick(constraints, 'dataspace', 'datatype', 'bypass') : null;
      if (isRecord(directive)) keep(name, directive);
    }
    for (const children of [node.local, node.nodes, node.storage, node.arithmetic, node.subtree])
      for (const child of listOf(children)) walk(child);
  };
  walk(root.arch ?? root.architecture);
  if (isRecord(root.variables)) all.push(root.variables);
  const constraints = root.architecture_constraints ?? root.arch_constraints;
  const targets = isRecord(constraints) ? listOf(constraints.targets) : [];
  for (const directive of [...targets, ...listOf(root.mapping)]) {
    if (!isRecord(directive) || !/^(bypass|datatype|dataspace)$/.test(textOf(directive.type) ?? '')) continue;
    const name = plainName(directive.target);
    if (name !== null) keep(name, directive);
  }
  return {
    attributesOf: (component) => attributes.get(component) ?? {},
    anywhere: (attribute) => all.find((record) => pick(record, attribute) !== undefined)?.[attribute],
    keptBy(memory) {
      const named = kept.get(memory) ?? operandsOf(memory);
      return named.length > 0 ? named : OPERANDS;
    },
  };
}

/** `PE[0..15]` is PE. */
function plainName(name: unknown): string | null {
  return textOf(name)?.replace(/\[\d+\.\.\d+\]$/, '') ?? null;
}

function operandsOf(names: unknown): readonly Operand[] {
  const texts = listOf(names).map((name) => textOf(name) ?? '');
  return OPERANDS.filter((operand) => texts.some((text) => NAMES[operand].test(text)));
}
