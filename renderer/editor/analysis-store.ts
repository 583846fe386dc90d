/**
 * Live validation and inferred types of every open document, with each edit. Results are plain values behind shallow refs; a
 * document that did not change is never analysed twice, and of a model only what an edit reaches is.
 */
import { defineStore } from 'pinia';
import { shallowReactive, watch } from 'vue';
import { type Machine, resolveMachine } from '#core/architecture/machine.ts';
import type { Problem, Severity } from '#core/base/problem.ts';
import { finished, type Steps } from '#core/base/steps.ts';
import type { TensorType } from '#core/catalog/operator-type.ts';
import type { Document } from '#core/document/document.ts';
import type { Fabric } from '#core/fabric/fabric.ts';
import { readFabric } from '#core/fabric/read.ts';
import { buildSteps } from '#core/model/build.ts';
import { type ModelFacts, modelFacts } from '#core/model/facts.ts';
import type { ModelGraph, Operator } from '#core/model/graph.ts';
import { ModelMemo } from '#core/model/memo.ts';
import { portKey } from '#core/model/ports.ts';
import { readTaskGraph } from '#core/taskgraph/read.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import { useDocuments } from '../client/documents-store.ts';
import { afterFrame, inSlices } from './after-frame.ts';

export interface Analysis {
  /** The document it was made from. */
  readonly document: Document;
  readonly problems: readonly Problem[];
  readonly byNode: ReadonlyMap<string, readonly Problem[]>;
  /** Inferred type of an output port by `portKey`; empty unless it is a model. */
  readonly types: ReadonlyMap<string, TensorType>;
  /** Operators by node and the model's totals, while it has no error. */
  readonly operators: ReadonlyMap<string, Operator>;
  readonly facts: ModelFacts | null;
  /** Of a model without errors, and of an architecture that can run one. */
  readonly graph: ModelGraph | null;
  readonly machine: Machine | null;
  /** Of a drawn task graph, and of a drawn fabric, without errors. */
  readonly tasks: TaskGraph | null;
  readonly fabric: Fabric | null;
}

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** @param memo of the documents and nodes analysed before. */
export function analyse(document: Document, memo = new ModelMemo()): Analysis {
  return finished(analysisSteps(document, memo));
}

function* analysisSteps(document: Document, memo: ModelMemo): Steps<Analysis> {
  const { problems, types, graph, machine, tasks, fabric } = { ...NOTHING, ...(yield* read(document, memo)) };
  return {
    document,
    ...sorted(problems),
    types,
    graph,
    machine,
    tasks,
    fabric,
    get operators() {
      return graph ? operatorsOf(graph) : NO_OPERATORS;
    },
    get facts() {
      return graph && factsOf(graph);
    },
  };
}

/** What is found out of a record that stays the same from edit to edit: once, and when somebody asks. */
function once<Key extends object, Value>(find: (of: Key) => Value): (of: Key) => Value {
  const known = new WeakMap<Key, Value>();
  return (of) => {
    const value = known.get(of) ?? find(of);
    known.set(of, value);
    return value;
  };
}

const NO_OPERATORS: Analysis['operators'] = new Map();
const operatorsOf = once(
  ({ operators }: ModelGraph): Analysis['operators'] => new Map(operators.map((each) => [each.node, each])),
);
const factsOf = once(modelFacts);
const sorted = once((found: readonly Problem[]): Pick<Analysis, 'problems' | 'byNode'> => {
  const problems = found.toSorted((a, b) => RANK[a.severity] - RANK[b.severity]);
  const byNode = new Map<string, Problem[]>();
  for (const problem of problems) {
    const node = problem.where.node;
    if (node === undefined) continue;
    const known = byNode.get(node);
    if (known) known.push(problem);
    else byNode.set(node, [problem]);
  }
  return { problems, byNode };
});

/**
 * The analysis of a document that differs from an analysed one only in where nodes stand, which nothing here depends
 * on: the same but for the document. Null where more changed. A model's memo knows that by itself.
 */
export function moved(known: Analysis, document: Document): Analysis | null {
  const { nodes, links, kind, title } = known.document;
  if (document.kind === 'model' || document.kind !== kind) return null;
  if (document.links !== links || document.title !== title) return null;
  if (document.nodes.size !== nodes.size) return null;
  for (const [id, node] of document.nodes) {
    const old = nodes.get(id);
    if (old === node) continue;
    if (!old || old.type !== node.type || old.name !== node.name || old.parent !== node.parent) return null;
    if (old.parameters !== node.parameters) return null;
  }
  return { ...known, document };
}

type Read = Pick<Analysis, 'problems' | 'types' | 'graph' | 'machine' | 'tasks' | 'fabric'>;
const NOTHING: Omit<Read, 'problems'> = { types: new Map(), graph: null, machine: null, tasks: null, fabric: null };

function* read(document: Document, memo: ModelMemo): Steps<Pick<Read, 'problems'> & Partial<Read>> {
  switch (document.kind) {
    case 'model':
      return yield* buildSteps(document, memo);
    case 'architecture':
      return resolveMachine(document);
    case 'tasks': {
      const { graph, problems } = readTaskGraph(document);
      return { tasks: graph, problems };
    }
    case 'fabric':
      return readFabric(document);
  }
}

/** Types at the input ports of a node, by port id. */
export function inputTypes(analysis: Analysis, node: string): ReadonlyMap<string, TensorType> {
  const found = new Map<string, TensorType>();
  for (const link of analysis.document.links.values()) {
    const type = link.to.node === node ? analysis.types.get(portKey(link.from.node, link.from.port)) : undefined;
    if (type) found.set(link.to.port, type);
  }
  return found;
}

export function worst(problems: readonly Problem[] | undefined): Severity | null {
  // Sorted by severity: the first is the worst. Information is not worth a mark on the drawing.
  const severity = problems?.[0]?.severity ?? null;
  return severity === 'info' ? null : severity;
}

/** Nodes from which on an edit is drawn first and analysed after: in smaller documents that takes less than a frame. */
const LARGE = 2000;

export const useAnalysis = defineStore('analysis', () => {
  const documents = useDocuments();
  const results = shallowReactive(new Map<string, Analysis>());
  const memo = new ModelMemo();
  let isScheduled = false;
  /** Analysed for the first time, between frames. */
  const arriving = new Set<string>();

  /** Open documents that are not analysed as they are now, nor about to be. */
  const stale = () =>
    [...documents.slots.keys()].flatMap((id) => {
      if (arriving.has(id)) return [];
      const document = documents.get(id)?.state.document;
      return document && results.get(id)?.document !== document ? { id, document } : [];
    });

  function analyseStale(isAll: boolean): void {
    for (const { id, document } of stale()) {
      const known = results.get(id);
      const isLarge = document.nodes.size > LARGE;
      // One that was just opened is new in all its nodes.
      if (!isAll && (!known || isLarge)) continue;
      if (!known && isLarge) arrive(id, document);
      else results.set(id, (known && moved(known, document)) ?? analyse(document, memo));
    }
  }

  /** Edits meanwhile are followed when it is done. */
  function arrive(id: string, document: Document): void {
    arriving.add(id);
    const finish = (analysis: Analysis) => {
      arriving.delete(id);
      if (documents.slots.has(id)) results.set(id, analysis);
      else memo.forget(id);
      onEdit();
    };
    inSlices(analysisSteps(document, memo), finish, () => arriving.delete(id));
  }

  /** Before anything is rendered, so that an edit and what follows from it are shown at once. */
  function onEdit(): void {
    for (const id of [...results.keys()])
      if (!documents.slots.has(id)) {
        results.delete(id);
        memo.forget(id);
      }
    analyseStale(false);
    if (isScheduled || stale().length === 0) return;
    isScheduled = true;
    afterFrame(() => {
      isScheduled = false;
      analyseStale(true);
    });
  }

  watch(() => [...documents.slots.keys()].map((id) => documents.get(id)?.state.document), onEdit, {
    immediate: true,
  });

  return {
    get: (id: string | null): Analysis | null => (id === null ? null : (results.get(id) ?? null)),
  };
});
