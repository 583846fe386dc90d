/**
 * Topology ↔ model. A topology lists layers and not what joins them, so each layer becomes an operator with its own input
 * and output; back, every operator that an array runs as matrix products becomes rows.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import { operatorType } from '#core/catalog/operators.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import type { Document, DocumentLink, DocumentNode } from '#core/document/document.ts';
import type { ModelGraph, Operator } from '#core/model/graph.ts';
import { arranged } from '#core/model/layout.ts';
import { type ConvolutionLayer, formatTopology, layerWorkload, type Topology, type TopologyLayer } from './topology.ts';

/** Rows one model may become; a batched product is a row for each of its groups. */
const MOST_ROWS = 100_000;

/** @param id of the document to make. */
export function topologyDocument(topology: Topology, id: string, title: string): Document {
  const nodes = new Map<string, DocumentNode>();
  const links = new Map<string, DocumentLink>();
  const add = (type: string, name: string, parameters: ParameterValues): string => {
    const node = `n${nodes.size + 1}`;
    const complete = { ...defaultParameters(operatorType(type)?.parameters ?? []), ...parameters };
    nodes.set(node, { id: node, type, name, x: 0, y: 0, parent: null, parameters: complete });
    return node;
  };
  const join = (from: string, to: string, port: string) => {
    const link = `l${links.size + 1}`;
    links.set(link, { id: link, from: { node: from, port: 'out' }, to: { node: to, port } });
  };
  for (const layer of topology.layers) {
    const { name } = layer;
    const input = add('input', `${name} input`, { shape: inputShape(layer), elementType: 'int8' });
    const operator =
      layer.kind === 'gemm'
        ? add('dense', name, { units: layer.n, bias: false })
        : add('conv', name, convolutionParameters(layer));
    const output = add('output', `${name} output`, {});
    join(input, operator, 'in');
    join(operator, output, 'in');
  }
  return arranged({ id, kind: 'model', title, nodes, links });
}

function inputShape(layer: TopologyLayer): readonly number[] {
  if (layer.kind === 'gemm') return [layer.m, layer.k];
  return [1, layer.channels * layer.groups, layer.inputHeight, layer.inputWidth];
}

function convolutionParameters(layer: ConvolutionLayer): ParameterValues {
  const window = layerWorkload(layer).convolution!;
  // SCALE-Sim rounds the number of windows up: the last may reach beyond the input, as if it were padded at the end.
  const pad = (windows: number, stride: number, filter: number, extent: number) =>
    Math.max(0, (windows - 1) * stride + filter - extent);
  return {
    outChannels: layer.filters * layer.groups,
    groups: layer.groups,
    kernel: [layer.filterHeight, layer.filterWidth],
    strides: [layer.strideHeight, layer.strideWidth],
    autoPad: 'explicit',
    pads: [
      0,
      0,
      pad(window.outputHeight, layer.strideHeight, layer.filterHeight, layer.inputHeight),
      pad(window.outputWidth, layer.strideWidth, layer.filterWidth, layer.inputWidth),
    ],
    bias: false,
  };
}

export interface WrittenTopology {
  readonly text: string;
  /** Operators left out, and what the format cannot say. Never errors. */
  readonly problems: readonly Problem[];
}

/**
 * The rows of a model. Convolutions are written with their padded extents; a product among convolutions as a 1 × K
 * convolution; depthwise ones under SCALE-Sim's DP name; other groups and images of a batch as rows of their own.
 */
export function modelTopology(graph: ModelGraph, file: string): Result<WrittenTopology, Problem> {
  const layers: TopologyLayer[] = [];
  const skipped: string[] = [];
  const isMixed = graph.operators.some(({ kernel }) => kernel.kind === 'gemm' && kernel.convolution !== undefined);
  for (const operator of graph.operators) {
    const { kernel } = operator;
    if (kernel.kind === 'view') continue;
    if (kernel.kind !== 'gemm') {
      skipped.push(operator.name);
      continue;
    }
    if (layers.length + rowCount(operator) > MOST_ROWS) {
      const message = `${operator.name} would take the topology beyond ${MOST_ROWS} rows`;
      return err(problem('scale-sim.too-large', message, { where: { file, node: operator.node } }));
    }
    layers.push(...operatorLayers(operator, isMixed));
  }
  if (layers.length === 0) {
    const message = 'The model has no convolution and no matrix product; a topology holds nothing else';
    return err(problem('scale-sim.nothing', message, { where: { file } }));
  }
  const problems =
    skipped.length === 0
      ? []
      : [
          problem(
            'scale-sim.skipped',
            `${skipped.length} ${skipped.length === 1 ? 'operator is' : 'operators are'} not matrix products and left out: ${skipped.slice(0, 5).join(', ')}${skipped.length > 5 ? ' …' : ''}`,
            { severity: 'info', where: { file }, facts: { skipped: skipped.length } },
          ),
        ];
  return ok({ text: formatTopology(isMixed ? 'convolution' : 'gemm', layers), problems });
}

function imagesOf(kernel: Extract<Operator['kernel'], { readonly kind: 'gemm' }>): number {
  const window = kernel.convolution;
  return window ? Math.max(1, Math.round(kernel.m / (window.outputHeight * window.outputWidth))) : 1;
}

function rowCount({ kernel }: Operator): number {
  return kernel.kind === 'gemm' ? kernel.groups * imagesOf(kernel) : 0;
}

function operatorLayers({ name, kernel }: Operator, isMixed: boolean): readonly TopologyLayer[] {
  if (kernel.kind !== 'gemm') return [];
  const { groups, m, n, k, convolution: window } = kernel;
  const title = plainName(name);
  if (!window) {
    return repeated(title, groups, (row): TopologyLayer => {
      if (!isMixed) return { kind: 'gemm', name: row, line: 0, m, n, k };
      const extents = { inputHeight: m, inputWidth: k, filterHeight: 1, filterWidth: k };
      const rest = { channels: 1, filters: n, strideHeight: 1, strideWidth: 1, groups: 1 };
      return { kind: 'convolution', name: row, line: 0, ...extents, ...rest };
    });
  }
  const channels = Math.max(1, Math.round(window.inputChannels / groups));
  const isDepthwise = groups > 1 && channels === 1;
  const layer = {
    kind: 'convolution',
    line: 0,
    inputHeight: (window.outputHeight - 1) * window.strideHeight + window.kernelHeight,
    inputWidth: (window.outputWidth - 1) * window.strideWidth + window.kernelWidth,
    filterHeight: window.kernelHeight,
    filterWidth: window.kernelWidth,
    channels,
    filters: n,
    strideHeight: window.strideHeight,
    strideWidth: window.strideWidth,
    groups: isDepthwise ? groups : 1,
  } as const;
  const rows = imagesOf(kernel) * (isDepthwise ? 1 : groups);
  return repeated(isDepthwise ? `${title}_DP` : title, rows, (row) => ({ ...layer, name: row }));
}

function repeated(name: string, count: number, layer: (name: string) => TopologyLayer): readonly TopologyLayer[] {
  return Array.from({ length: count }, (_, i) => layer(count === 1 ? name : `${name}_${i}`));
}

/** A name as a cell can hold it; DP in it would mean depthwise. */
function plainName(name: string): string {
  const plain = name.replace(/[,\s#"]+/g, '_').replaceAll('DP', 'Dp');
  return plain === '' ? 'layer' : plain;
}
