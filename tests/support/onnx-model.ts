/** An ONNX file opened as a model graph with its numbers, for tests that execute it. */
import { buildModel } from '#core/model/build.ts';
import type { ModelGraph } from '#core/model/graph.ts';
import { evaluateModel } from '#core/reference/evaluate.ts';
import { randomSource, valueSourceOf } from '#core/reference/source.ts';
import type { TensorValues, ValueSource } from '#core/reference/values.ts';
import { type ByteSource, bytesSource, type ImportedModel, type ImportOptions } from '#core/technique/importer.ts';
import { technique } from '#core/techniques/importer/onnx/technique.ts';

export interface OpenedModel {
  readonly imported: ImportedModel;
  readonly graph: ModelGraph;
  /** Tensor index of each named output of the file. */
  readonly outputs: ReadonlyMap<string, number>;
}

export function openModel(file: Uint8Array | ByteSource, options: Partial<ImportOptions> = {}): OpenedModel {
  const source = file instanceof Uint8Array ? bytesSource(file) : file;
  const opened = technique.open(source, { document: 'm', file: 'model.onnx', ...options });
  if (!opened.ok) throw new Error(opened.error.message);
  const { graph, problems } = buildModel(opened.value.document);
  if (!graph) throw new Error(problems.map(({ message }) => message).join('; '));
  const { nodes, links } = opened.value.document;
  const outputs = new Map<string, number>();
  for (const node of nodes.values()) {
    if (node.type !== 'output') continue;
    const link = [...links.values()].find(({ to }) => to.node === node.id);
    const tensor = graph.tensors.find((each) => each.node === link?.from.node && each.port === link.from.port);
    if (tensor) outputs.set(node.name, tensor.index);
  }
  return { imported: opened.value, graph, outputs };
}

/** Seeded random numbers for every input, by name. */
export function randomInputs({ graph }: OpenedModel, seed: number): Readonly<Record<string, TensorValues>> {
  const random = randomSource(graph, seed);
  return Object.fromEntries(
    graph.tensors.filter(({ kind }) => kind === 'input').map(({ index, name }) => [name, random.tensor(index)]),
  );
}

export function sourceOf(
  { graph, imported }: OpenedModel,
  file: Uint8Array | ByteSource,
  inputs: Readonly<Record<string, TensorValues>>,
): ValueSource {
  const byIndex = new Map(
    graph.tensors.flatMap(({ index, name, kind }) => {
      const given = kind === 'input' ? inputs[name] : undefined;
      return given ? [[index, given] as const] : [];
    }),
  );
  const weights = imported.weights ?? { tensors: [], deviations: [] };
  const made = valueSourceOf(graph, weights, file instanceof Uint8Array ? bytesSource(file) : file, {
    inputs: byIndex,
  });
  if (!made.ok) throw new Error(made.error.message);
  return made.value;
}

/** Our outputs by name. */
export function runReference(
  model: OpenedModel,
  file: Uint8Array | ByteSource,
  inputs: Readonly<Record<string, TensorValues>>,
): ReadonlyMap<string, TensorValues> {
  const ran = evaluateModel(model.graph, sourceOf(model, file, inputs), { keepAll: true });
  if (!ran.ok) throw new Error(ran.error.message);
  return new Map([...model.outputs].map(([name, index]) => [name, ran.value.get(index)!]));
}
