/** The networks the scheduler is measured on, as scheduling problems built in code. */
import type { ScheduleProblem } from '#core/schedule/problem.ts';
import { amoebaNetD, darts, nasNetA, pnasNet5 } from './cells.ts';
import { googleNet, inceptionV2, inceptionV3, squeezeNet, uNet } from './inception.ts';
import { randWire } from './randwire.ts';
import { denseNet121, mobilenetV2, resnet50, shuffleNet } from './residual.ts';
import type { Network } from './sketch.ts';
import { bertBase, bertBaseByHeads, gptByHeads } from './transformers.ts';

export interface NamedNetwork {
  readonly name: string;
  readonly family: 'classic' | 'nas' | 'transformer';
  build(): ScheduleProblem;
  /** The same with its parameters and MACs. */
  sketch(): Network;
}

const named = (name: string, family: NamedNetwork['family'], sketch: () => Network): NamedNetwork => ({
  name,
  family,
  build: () => ({ ...sketch().problem, name }),
  sketch,
});

export const NETWORKS: readonly NamedNetwork[] = [
  named('ResNet-50', 'classic', resnet50),
  named('MobileNetV2', 'classic', mobilenetV2),
  named('BERT-base', 'classic', bertBase),
  named('GoogLeNet', 'classic', googleNet),
  named('Inception-v2', 'classic', inceptionV2),
  named('Inception-v3', 'classic', inceptionV3),
  named('DenseNet-121', 'classic', denseNet121),
  named('SqueezeNet', 'classic', squeezeNet),
  named('ShuffleNet', 'classic', () => shuffleNet({ groups: 4, channels: 136, narrowing: 1 })),
  named('U-Net', 'classic', uNet),
  named('NASNet-A', 'nas', () => nasNetA('nasnet-a', { repeats: 4, channels: 44, stem: 32, size: 224 })),
  named('NASNet-A N=10', 'nas', () => nasNetA('nasnet-a-10', { repeats: 10, channels: 44, stem: 32, size: 224 })),
  named('DARTS', 'nas', darts),
  named('PNASNet-5', 'nas', pnasNet5),
  named('AmoebaNet-D', 'nas', amoebaNetD),
  // Random wirings differ in difficulty: three, as they come.
  named('RandWire', 'nas', () => randWire(1)),
  named('RandWire seed 2', 'nas', () => randWire(2)),
  named('RandWire seed 3', 'nas', () => randWire(3)),
  named('BERT-base by heads', 'transformer', bertBaseByHeads),
  named('GPT-2 medium by heads', 'transformer', gptByHeads),
];

export function networkByName(name: string): NamedNetwork {
  const found = NETWORKS.find((one) => one.name === name);
  if (!found) throw new Error(`there is no network ${name}; there are ${NETWORKS.map((one) => one.name).join(', ')}`);
  return found;
}
