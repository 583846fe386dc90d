/**
 * DRACO: depthwise convolutions become group convolutions of G channels a group, which reuse each input for G filters and so
 * fill more cells. Every divisor of the channels up to the widest axis of an array is predicted on the machine; each layer takes
 * the largest utilisation that costs it no time. Source: Jha et al., arXiv 2006.15103.
 */
import type { Machine } from '#core/architecture/machine.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { integerOf } from '#core/catalog/parameter.ts';
import { estimateModel, type KernelEstimate, type ModelEstimate } from '#core/compile/estimate.ts';
import { MappingCache } from '#core/compile/map.ts';
import { apply } from '#core/document/apply.ts';
import type { Command } from '#core/document/command.ts';
import type { Document } from '#core/document/document.ts';
import { buildModel } from '#core/model/build.ts';
import { portKey } from '#core/model/ports.ts';
import type {
  LayerFigures,
  Predicted,
  Proposal,
  ProposedLayer,
  Rewrite,
  RewriteRequest,
} from '#core/technique/rewrite.ts';
import { type Depthwise, depthwiseLayers, groupedNode } from './layers.ts';

export const technique: Rewrite = {
  manifest: {
    id: 'rewrite/draco',
    kind: 'rewrite',
    version: '1',
    title: 'DRACO: depthwise to group convolution',
    summary:
      'Replaces depthwise convolutions by group convolutions that fill more of a systolic array in the same time.',
    maturity: 'experimental',
    citations: [
      {
        text: 'Jha, Ravishankar, Mittal, Kaushik, Mandal, Chandra: DRACO, co-optimizing hardware utilization, and performance of DNNs on systolic accelerator, ISVLSI 2020',
        reference: 'arXiv:2006.15103',
      },
    ],
    parameters: [
      {
        id: 'groupSize',
        title: 'Channels a group',
        help: 'The same for every layer whose channels it divides; 0 chooses for each layer what fills the array most at no cost in time.',
        kind: 'integer',
        unit: '',
        minimum: 0,
        maximum: 4096,
        default: 0,
      },
    ],
  },
  propose,
};

function propose(request: RewriteRequest): Result<Proposal, Problem> {
  const cache = new MappingCache();
  const before = estimated(request, request.model, cache);
  if (!before.ok) return before;
  const layers = depthwiseLayers(request.model, channelsOf(request.model));
  const asked = integerOf(request.parameters, 'groupSize', 0);
  const chosen = new Map<string, number>();
  if (asked > 1) for (const { node, channels } of layers) if (channels % asked === 0) chosen.set(node.id, asked);
  if (asked === 0) {
    const trials = trialsOf(request, layers, cache);
    if (!trials.ok) return trials;
    const was = byNode(before.value);
    for (const { node } of layers) {
      const size = bestSize(node.id, was, trials.value);
      if (size > 1) chosen.set(node.id, size);
    }
  }
  const command = commandOf(request.model, layers, chosen);
  const after = command ? estimatedAfter(request, command, cache) : before;
  if (!after.ok) return after;
  const changes = new Map(
    layers.flatMap(({ node, channels }): readonly (readonly [string, string])[] => {
      const size = chosen.get(node.id);
      return size === undefined ? [] : [[node.id, `${channels} groups of 1 → ${channels / size} of ${size}`]];
    }),
  );
  return ok({
    command,
    finding: findingOf(layers.length, chosen.size, asked),
    layers: layersOf(request.model, before.value, after.value, changes),
    before: predicted(before.value, request.machine),
    after: predicted(after.value, request.machine),
  });
}

function findingOf(layers: number, chosen: number, asked: number): string {
  if (layers === 0) return 'The model has no depthwise convolution.';
  const all = layers === 1 ? 'The depthwise convolution' : `Of ${layers} depthwise convolutions`;
  if (chosen > 0 && layers === 1) return `${all} becomes a group convolution.`;
  if (chosen > 0)
    return `${all} ${chosen} ${chosen === 1 ? 'becomes a group convolution' : 'become group convolutions'}.`;
  if (asked > 1) return `${all}${layers === 1 ? ' has no' : ' none has'} channels that ${asked} divides.`;
  if (asked === 1) return 'Groups of one channel are what is drawn.';
  return `${all}${layers === 1 ? ' would not fill' : ' none would fill'} more of an array as a group convolution in the same time.`;
}

/** Group sizes tried: divisors of a layer's channels, up to the widest axis of an array. */
function trialsOf(
  request: RewriteRequest,
  layers: readonly Depthwise[],
  cache: MappingCache,
): Result<ReadonlyMap<number, KernelsByNode>, Problem> {
  const widest = request.machine.units.reduce(
    (most, unit) => (unit.kind === 'systolic-array' ? Math.max(most, unit.rows, unit.columns) : most),
    1,
  );
  const trials = new Map<number, KernelsByNode>();
  for (let size = 2; size <= widest; size++) {
    const divided = layers.filter(({ channels }) => channels % size === 0);
    const command = commandOf(request.model, divided, new Map(divided.map(({ node }) => [node.id, size])));
    if (!command) continue;
    const made = estimatedAfter(request, command, cache);
    if (!made.ok) return made;
    trials.set(size, byNode(made.value));
  }
  return ok(trials);
}

/** 1 where nothing is better. Of equals the smallest, which has the fewest multiply-accumulates. */
function bestSize(node: string, before: KernelsByNode, trials: ReadonlyMap<number, KernelsByNode>): number {
  const was = before.get(node);
  if (!was) return 1;
  let best = { size: 1, utilisation: was.cells?.utilisation ?? 0 };
  for (const [size, trial] of trials) {
    const is = trial.get(node);
    if (!is || is.macs <= was.macs || is.cycles > was.cycles) continue;
    const utilisation = is.cells?.utilisation ?? 0;
    if (utilisation > best.utilisation) best = { size, utilisation };
  }
  return best.size;
}

function commandOf(model: Document, layers: readonly Depthwise[], sizes: ReadonlyMap<string, number>): Command | null {
  const chosen = layers.filter(({ node }) => sizes.has(node.id));
  if (chosen.length === 0) return null;
  const ids = new Set(chosen.map(({ node }) => node.id));
  const links = [...model.links.values()].filter(({ from, to }) => ids.has(from.node) || ids.has(to.node));
  return {
    type: 'batch',
    label: `Group ${chosen.length} depthwise ${chosen.length === 1 ? 'convolution' : 'convolutions'}`,
    commands: [
      { type: 'nodes.remove', nodes: [...ids] },
      { type: 'nodes.insert', nodes: chosen.map((layer) => groupedNode(layer, sizes.get(layer.node.id)!)), links },
    ],
  };
}

function estimated(
  { machine, compiler, settings }: RewriteRequest,
  model: Document,
  cache: MappingCache,
): Result<ModelEstimate, Problem> {
  const { graph, problems } = buildModel(model);
  if (graph) return estimateModel(graph, machine, compiler, settings, cache);
  return err(problems.find(({ severity }) => severity === 'error') ?? problem('rewrite.empty', 'The model is empty'));
}

function estimatedAfter(
  request: RewriteRequest,
  command: Command,
  cache: MappingCache,
): Result<ModelEstimate, Problem> {
  const applied = apply(request.model, command);
  return applied.ok ? estimated(request, applied.value.document, cache) : applied;
}

function channelsOf(model: Document): (node: string) => number | null {
  const { types } = buildModel(model);
  return (node) => {
    const link = [...model.links.values()].find(({ to }) => to.node === node);
    return (link && types.get(portKey(link.from.node, link.from.port))?.shape[1]) ?? null;
  };
}

/** Kernels by their main node. */
type KernelsByNode = ReadonlyMap<string, KernelEstimate>;
const byNode = ({ kernels }: ModelEstimate): KernelsByNode =>
  new Map(kernels.flatMap((kernel) => (kernel.nodes[0] === undefined ? [] : [[kernel.nodes[0], kernel]])));

function layersOf(
  model: Document,
  before: ModelEstimate,
  after: ModelEstimate,
  changes: ReadonlyMap<string, string>,
): readonly ProposedLayer[] {
  const now = byNode(after);
  return before.kernels.flatMap((was): readonly ProposedLayer[] => {
    const [node = ''] = was.nodes;
    const is = now.get(node);
    if (was.macs === 0 || !is) return [];
    const change = changes.get(node) ?? null;
    return [{ node, name: pathOf(model, node), change, before: figures(was), after: figures(is) }];
  });
}

function pathOf({ nodes }: Document, id: string): string {
  const names: string[] = [];
  for (let node = nodes.get(id); node; node = node.parent === null ? undefined : nodes.get(node.parent))
    names.unshift(node.name);
  return names.join(' · ');
}

const figures = ({ cycles, macs, unit, cells }: KernelEstimate): LayerFigures => ({
  cycles,
  macs,
  unit,
  utilisation: cells?.utilisation ?? 0,
  because: cells?.because ?? null,
});

function predicted({ kernels, cycles, macs }: ModelEstimate, { units }: Machine): Predicted {
  const layers = kernels.filter((kernel) => kernel.macs > 0);
  const sum = (of: (kernel: KernelEstimate) => number) => layers.reduce((total, kernel) => total + of(kernel), 0);
  const peak = units.reduce(
    (total, unit) => total + (unit.kind === 'systolic-array' ? (unit.rows * unit.columns) / unit.ticksPerCycle : 0),
    0,
  );
  return {
    cycles,
    macs,
    meanUtilisation: layers.length === 0 ? 0 : sum(({ cells }) => cells?.utilisation ?? 0) / layers.length,
    utilisation: peak * cycles === 0 ? 0 : sum(({ cells }) => cells?.macs ?? 0) / (peak * cycles),
  };
}
