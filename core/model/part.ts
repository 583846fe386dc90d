/**
 * A node of a model that is neither group nor note, with everything found out about it: kept from revision to revision and
 * found out again only where an edit reaches it.
 */
import type { Problem } from '#core/base/problem.ts';
import type { ParameterValues } from '#core/base/value.ts';
import type { Kernel, OperatorType, TensorType, WeightTensor } from '#core/catalog/operator-type.ts';
import type { DocumentLink, DocumentNode } from '#core/document/document.ts';
import type { Port } from '#core/document/ports.ts';

/** Parts that are worked on without a pause: a millisecond or two. */
export const PARTS_A_STEP = 256;

export interface Wired {
  readonly node: DocumentNode;
  readonly type: OperatorType;
  readonly parameters: ParameterValues;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** By input port id; the first link wins where there are several. */
  readonly sources: ReadonlyMap<string, DocumentLink>;
  /** Output port ids that carry a link. */
  readonly read: ReadonlySet<string>;
  /** False: a parameter is at fault, so that its types cannot be known. */
  readonly isSound: boolean;
}

/** What a node does to operands of given types. */
export interface Work {
  readonly weights: readonly WeightTensor[];
  readonly macs: number;
  readonly kernel: Kernel;
}

export interface Typed {
  readonly wired: Wired;
  readonly inputs: readonly (TensorType | null)[];
  readonly outputs: readonly TensorType[];
  /** Once it was asked for. */
  work: Work | null;
}

export interface Part {
  /** As it was when it was wired: where it stands may be another by now. */
  node: DocumentNode;
  /** Links by the port they end at, known or not; ports that a link leaves. */
  inputs: Map<string, DocumentLink>;
  outputs: Set<string>;
  /** Null where the catalog does not know its type. */
  wired: Wired | null;
  /** Of its type, its parameters and its ports. */
  faults: readonly Problem[];
  /** Among the wired parts in document order, and whether it is on no cycle and behind none. */
  at: number;
  isOrdered: boolean;
  /** What it is or what it reads changed since it was evaluated. */
  isStale: boolean;
  typed: Typed | null;
  /** Why it has no types; null too where the fault lies before it. */
  fault: Problem | null;
  /** What is not wrong but probably not meant. */
  advice: Problem | null;
  /** Places in the graph assembled last: −1 and none for what is no operator and makes no tensor. */
  operator: number;
  tensors: readonly number[];
}

export function newPart(node: DocumentNode): Part {
  return {
    node,
    inputs: new Map(),
    outputs: new Set(),
    wired: null,
    faults: [],
    at: -1,
    isOrdered: false,
    isStale: true,
    typed: null,
    fault: null,
    advice: null,
    operator: -1,
    tensors: [],
  };
}

export function nameOf(node: DocumentNode): string {
  return node.name === '' ? node.id : node.name;
}
