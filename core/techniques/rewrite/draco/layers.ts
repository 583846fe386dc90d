/** Depthwise layers of a drawn model, and the group convolutions that take their place. */
import { integerOf } from '#core/catalog/parameter.ts';
import type { Document, DocumentNode } from '#core/document/document.ts';

export interface Depthwise {
  readonly node: DocumentNode;
  readonly channels: number;
  /** Filters a channel. */
  readonly multiplier: number;
}

/**
 * Depthwise convolutions, and convolutions with as many groups as channels.
 *
 * @param channels of the node's operand; null where it is not known.
 */
export function depthwiseLayers(model: Document, channels: (node: string) => number | null): readonly Depthwise[] {
  return [...model.nodes.values()].flatMap((node): readonly Depthwise[] => {
    const count = node.type === 'depthwise-conv' || node.type === 'conv' ? channels(node.id) : null;
    if (count === null || count < 2) return [];
    if (node.type === 'depthwise-conv')
      return [{ node, channels: count, multiplier: integerOf(node.parameters, 'multiplier', 1) }];
    const filters = integerOf(node.parameters, 'outChannels', 1);
    return integerOf(node.parameters, 'groups', 1) === count && filters % count === 0
      ? [{ node, channels: count, multiplier: filters / count }]
      : [];
  });
}

/** The same node as a convolution with `size` channels a group: as many filters, each over all channels of its group. */
export function groupedNode({ node, channels, multiplier }: Depthwise, size: number): DocumentNode {
  const { multiplier: _filters, ...window } = node.parameters;
  return {
    ...node,
    type: 'conv',
    parameters: { ...window, outChannels: channels * multiplier, groups: channels / size },
  };
}
