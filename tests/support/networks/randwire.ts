/**
 * RandWire (Xie et al., ICCV 2019), small regime: three stages of 32 nodes wired by Watts and Strogatz's model
 * WS(4, 0.75). A node is a sum of what it reads (where that is more than one map) and a separable convolution.
 */
import { createRng, type Rng } from '#core/base/rng.ts';
import { type Feature, type Network, Sketch } from './sketch.ts';

const NODES = 32;
const NEIGHBOURS = 4;
const REWIRED = 0.75;

export function randWire(seed: number, channels = 78): Network {
  const rng = createRng(seed);
  const net = new Sketch('randwire');
  const separable = (x: Feature, width: number, stride: 1 | 2) =>
    net.conv(net.depthwise(x, 3, { stride, trainedPerChannel: 0 }), width, 1);
  let x = net.conv(net.input(3, 224, 224), channels / 2, 3, { stride: 2 });
  x = net.conv(x, channels, 3, { stride: 2 });
  for (const width of [channels, 2 * channels, 4 * channels]) {
    const before = wattsStrogatz(rng);
    const isRead = new Set(before.flat());
    const made: Feature[] = [];
    for (const operands of before) {
      // A node that reads no other reads the stage's operand, and halves it.
      const [first, ...others] = operands.map((node) => made[node]!);
      const sum = first && others.length > 0 ? net.op('WeightedSum', [first, ...others], first.shape) : first;
      made.push(sum ? separable(sum, width, 1) : separable(x, width, 2));
    }
    const ends = made.filter((_, node) => !isRead.has(node));
    x = ends.length === 1 ? ends[0]! : net.op('Mean', ends, ends[0]!.shape);
  }
  return net.finish(net.dense(net.globalPool(net.conv(x, 1280, 1)), 1000));
}

/** For each node the lower-numbered nodes it is joined to, ascending. */
function wattsStrogatz(rng: Rng): readonly (readonly number[])[] {
  const joined = Array.from({ length: NODES }, () => new Set<number>());
  const join = (a: number, b: number) => {
    joined[a]!.add(b);
    joined[b]!.add(a);
  };
  for (let step = 1; step <= NEIGHBOURS / 2; step++)
    for (let node = 0; node < NODES; node++) join(node, (node + step) % NODES);
  for (let step = 1; step <= NEIGHBOURS / 2; step++) {
    for (let node = 0; node < NODES; node++) {
      const neighbour = (node + step) % NODES;
      if (rng.next() >= REWIRED) continue;
      const free = joined.map((_, other) => other).filter((other) => other !== node && !joined[node]!.has(other));
      if (free.length === 0) continue;
      joined[node]!.delete(neighbour);
      joined[neighbour]!.delete(node);
      join(node, free[rng.below(free.length)]!);
    }
  }
  return joined.map((others, node) => [...others].filter((other) => other < node).sort((a, b) => a - b));
}
