/**
 * The numbers a run's program is played on: weights of the model file, bound by document node, and seeded random ones for
 * inputs, for what the file does not have, and for operators that were edited until the file's no longer fit.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { elementCount } from '#core/catalog/operator-type.ts';
import type { ModelGraph } from '#core/model/graph.ts';
import { randomSource, valueSourceOf } from '#core/reference/source.ts';
import type { StoredWeights } from '#core/reference/stored.ts';
import type { ValueSource } from '#core/reference/values.ts';
import type { ByteSource, Importer } from '#core/technique/importer.ts';
import { techniques } from '#core/technique/registry.ts';
import type { CertificateNumbers, WeightsIdentity } from './result.ts';

const importers: readonly Importer[] = techniques.importer;
/** Importers recognise their files by this many first bytes. */
const HEAD_BYTES = 4096;

export interface RunNumbers {
  readonly source: ValueSource;
  readonly from: CertificateNumbers;
}

/**
 * @param file with its identity; null draws everything from the seed. Problems: those of the importer, and
 * `weights.none` where the file is of a format without weights.
 */
export function numbersOf(
  graph: ModelGraph,
  file: { readonly identity: WeightsIdentity; readonly source: ByteSource } | null,
  seed: number,
): Result<RunNumbers, Problem> {
  const fallback = randomSource(graph, seed);
  const owners = ownersOf(graph);
  if (!file) {
    const from = { file: null, owners: owners.size, random: owners.size, seed };
    return ok({ source: fallback, from });
  }
  const stored = storedWeights(file.identity, file.source);
  if (!stored.ok) return stored;
  // What the drawn operator leaves out of the file's is for the import to tell; its numbers are the file's all the same.
  let weights: StoredWeights = { tensors: fitting(graph, stored.value), deviations: [] };
  for (;;) {
    const made = valueSourceOf(graph, weights, file.source, { inputs: new Map(), fallback });
    if (made.ok) {
      const has = new Set(weights.tensors.map(({ node, name }) => `${node}/${name}`));
      const random = [...owners].filter(([node, names]) => names.some((name) => !has.has(`${node}/${name}`))).length;
      return ok({ source: made.value, from: { file: file.identity.name, owners: owners.size, random, seed } });
    }
    // What cannot be read (cut off, kept elsewhere, no numbers) is random, node by node.
    const { node } = made.error.where;
    const rest = weights.tensors.filter((each) => each.node !== node);
    if (rest.length === weights.tensors.length) return made;
    weights = { ...weights, tensors: rest };
  }
}

/** A sentence about where the numbers came from. */
export function numbersText({ file, owners, random, seed }: CertificateNumbers): string {
  const drawn = `random from seed ${seed}`;
  if (owners === 0) return `Inputs are ${drawn}.`;
  if (file === null) return `Weights and inputs are ${drawn}.`;
  if (random === 0) return `Weights are those of ${file}; inputs are ${drawn}.`;
  const which = `${random} of ${owners} ${owners === 1 ? 'operator' : 'operators'}`;
  return `Weights are those of ${file} except for ${which}, for which it has none that fit (drawn or edited here); these and inputs are ${drawn}.`;
}

/** Names of the weights by the node that has them. */
function ownersOf(graph: ModelGraph): ReadonlyMap<string, readonly string[]> {
  const owners = new Map<string, readonly string[]>();
  for (const { node, weights } of graph.operators)
    if (weights.length > 0)
      owners.set(
        node,
        weights.map(({ name }) => name),
      );
  for (const { node, kind } of graph.tensors) if (kind === 'constant') owners.set(node, ['value']);
  return owners;
}

function storedWeights(identity: WeightsIdentity, source: ByteSource): Result<StoredWeights, Problem> {
  const { name, shapes, values } = identity;
  const importer = importers.find((candidate) => candidate.match(name, source.read(0, HEAD_BYTES)));
  const none = problem('weights.none', `${name} is in no format that has weights`);
  if (!importer) return err(none);
  const choices = { ...(shapes && { shapes }), ...(values && { values }) };
  const opened = importer.open(source, { document: 'model', file: name, ...choices });
  if (!opened.ok) return opened;
  return opened.value.weights ? ok(opened.value.weights) : err(none);
}

/** Those of weights the graph still has, in their size, that the file has numbers for. */
function fitting(graph: ModelGraph, { tensors }: StoredWeights): StoredWeights['tensors'] {
  const wanted = new Map<string, number>();
  for (const { node, weights } of graph.operators)
    for (const { name, shape } of weights) wanted.set(`${node}/${name}`, elementCount(shape));
  for (const { node, kind, type } of graph.tensors)
    if (kind === 'constant') wanted.set(`${node}/value`, elementCount(type.shape));
  return tensors.filter(
    ({ node, name, type, data }) =>
      data.kind !== 'absent' && wanted.get(`${node}/${name}`) === elementCount(type.shape),
  );
}
