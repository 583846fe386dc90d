/** Networks whose blocks are parallel branches and a concatenation. */
import { type Feature, type Network, Sketch, volume } from './sketch.ts';

/** GoogLeNet (Szegedy et al., CVPR 2015), table 1, without the auxiliary classifiers; 224 × 224, biases, LRN. */
export function googleNet(): Network {
  const net = new Sketch('googlenet', { trainedPerChannel: 1 });
  const half = { stride: 2, padding: 'valid', ceil: true } as const;
  const normalise = (x: Feature) => net.op('LRN', [x], x.shape);
  const stem = normalise(net.maxPool(net.conv(net.input(3, 224, 224), 64, 7, { stride: 2 }), 3, half));
  let x = net.maxPool(normalise(net.conv(net.conv(stem, 64, 1), 192, 3)), 3, half);
  const modules = [
    [64, 96, 128, 16, 32, 32],
    [128, 128, 192, 32, 96, 64],
    'pool',
    [192, 96, 208, 16, 48, 64],
    [160, 112, 224, 24, 64, 64],
    [128, 128, 256, 24, 64, 64],
    [112, 144, 288, 32, 64, 64],
    [256, 160, 320, 32, 128, 128],
    'pool',
    [256, 160, 320, 32, 128, 128],
    [384, 192, 384, 48, 128, 128],
  ] as const;
  for (const module of modules) {
    if (module === 'pool') {
      x = net.maxPool(x, 3, half);
      continue;
    }
    const [one, reduce3, three, reduce5, five, pooled] = module;
    x = net.concat(
      net.conv(x, one, 1),
      net.conv(net.conv(x, reduce3, 1), three, 3),
      net.conv(net.conv(x, reduce5, 1), five, 5),
      net.conv(net.maxPool(x, 3), pooled, 1),
    );
  }
  return net.finish(net.dense(net.globalPool(x), 1000));
}

/** Inception-v2 = BN-Inception (Ioffe and Szegedy, ICML 2015), figure 5, channels as in its Caffe model; 224 × 224. */
export function inceptionV2(): Network {
  // The Caffe model trains a bias beside scale and shift.
  const net = new Sketch('inception-v2', { trainedPerChannel: 3 });
  const half = { stride: 2, padding: 'valid', ceil: true } as const;
  const stem = net.maxPool(net.conv(net.input(3, 224, 224), 64, 7, { stride: 2 }), 3, half);
  let x = net.maxPool(net.conv(net.conv(stem, 64, 1), 192, 3), 3, half);
  const module = (one: number, three: Pair, double: Pair, pooled: number, pool: 'averagePool' | 'maxPool') => {
    const twice = net.conv(net.conv(net.conv(x, double[0], 1), double[1], 3), double[1], 3);
    x = net.concat(
      net.conv(x, one, 1),
      net.conv(net.conv(x, three[0], 1), three[1], 3),
      twice,
      net.conv(net[pool](x, 3), pooled, 1),
    );
  };
  const reduction = (three: Pair, double: Pair) => {
    const stride = { stride: 2 };
    x = net.concat(
      net.conv(net.conv(x, three[0], 1), three[1], 3, stride),
      net.conv(net.conv(net.conv(x, double[0], 1), double[1], 3), double[1], 3, stride),
      net.maxPool(x, 3, half),
    );
  };
  module(64, [64, 64], [64, 96], 32, 'averagePool');
  module(64, [64, 96], [64, 96], 64, 'averagePool');
  reduction([128, 160], [64, 96]);
  module(224, [64, 96], [96, 128], 128, 'averagePool');
  module(192, [96, 128], [96, 128], 128, 'averagePool');
  module(160, [128, 160], [128, 160], 128, 'averagePool');
  module(96, [128, 192], [160, 192], 128, 'averagePool');
  reduction([128, 192], [192, 256]);
  module(352, [192, 320], [160, 224], 128, 'averagePool');
  module(352, [192, 320], [192, 224], 128, 'maxPool');
  return net.finish(net.dense(net.globalPool(x), 1000));
}

type Pair = readonly [reduced: number, channels: number];

/** Inception-v3 (Szegedy et al., CVPR 2016) as in torchvision, without the auxiliary classifier; 299 × 299. */
export function inceptionV3(): Network {
  const net = new Sketch('inception-v3');
  const half = { stride: 2, padding: 'valid' } as const;
  let x = net.conv(net.input(3, 299, 299), 32, 3, half);
  x = net.conv(net.conv(x, 32, 3, { padding: 'valid' }), 64, 3);
  x = net.conv(net.maxPool(x, 3, half), 80, 1);
  x = net.maxPool(net.conv(x, 192, 3, { padding: 'valid' }), 3, half);
  for (const pooled of [32, 64, 64])
    x = net.concat(
      net.conv(x, 64, 1),
      net.conv(net.conv(x, 48, 1), 64, 5),
      net.conv(net.conv(net.conv(x, 64, 1), 96, 3), 96, 3),
      net.conv(net.averagePool(x, 3), pooled, 1),
    );
  x = net.concat(
    net.conv(x, 384, 3, half),
    net.conv(net.conv(net.conv(x, 64, 1), 96, 3), 96, 3, half),
    net.maxPool(x, 3, half),
  );
  const across = [1, 7] as const;
  const along = [7, 1] as const;
  for (const width of [128, 160, 160, 192]) {
    const twice = net.conv(net.conv(net.conv(x, width, 1), width, along), width, across);
    x = net.concat(
      net.conv(x, 192, 1),
      net.conv(net.conv(net.conv(x, width, 1), width, across), 192, along),
      net.conv(net.conv(twice, width, along), 192, across),
      net.conv(net.averagePool(x, 3), 192, 1),
    );
  }
  x = net.concat(
    net.conv(net.conv(x, 192, 1), 320, 3, half),
    net.conv(net.conv(net.conv(net.conv(x, 192, 1), 192, across), 192, along), 192, 3, half),
    net.maxPool(x, 3, half),
  );
  const split = (from: Feature) => net.concat(net.conv(from, 384, [1, 3]), net.conv(from, 384, [3, 1]));
  for (let module = 0; module < 2; module++)
    x = net.concat(
      net.conv(x, 320, 1),
      split(net.conv(x, 384, 1)),
      split(net.conv(net.conv(x, 448, 1), 384, 3)),
      net.conv(net.averagePool(x, 3), 192, 1),
    );
  return net.finish(net.dense(net.globalPool(x), 1000));
}

/** SqueezeNet 1.1 (Iandola et al., arXiv 1602.07360; version 1.1 of the authors' repository); 224 × 224, biases. */
export function squeezeNet(): Network {
  const net = new Sketch('squeezenet', { trainedPerChannel: 1 });
  const half = { stride: 2, padding: 'valid', ceil: true } as const;
  let x = net.conv(net.input(3, 224, 224), 64, 3, { stride: 2, padding: 'valid' });
  for (const widths of [
    [16, 16],
    [32, 32],
    [48, 48, 64, 64],
  ]) {
    x = net.maxPool(x, 3, half);
    for (const width of widths) {
      const squeezed = net.conv(x, width, 1);
      x = net.concat(net.conv(squeezed, 4 * width, 1), net.conv(squeezed, 4 * width, 3));
    }
  }
  return net.finish(net.globalPool(net.conv(x, 1000, 1)));
}

/**
 * U-Net (Ronneberger et al., MICCAI 2015), figure 1: 572 × 572 in, unpadded convolutions, 388 × 388 out. A skipped
 * map is cropped by the concatenation that reads it.
 */
export function uNet(): Network {
  const net = new Sketch('unet', { trainedPerChannel: 1 });
  const twice = (x: Feature, channels: number) => {
    const inner = net.conv(x, channels, 3, { padding: 'valid' });
    return net.conv(inner, channels, 3, { padding: 'valid' });
  };
  const skips: Feature[] = [];
  let x = net.input(1, 572, 572);
  for (const channels of [64, 128, 256, 512]) {
    x = twice(x, channels);
    skips.push(x);
    x = net.maxPool(x, 2, { stride: 2, padding: 'valid' });
  }
  x = twice(x, 1024);
  for (let skip = skips.pop(); skip; skip = skips.pop()) {
    const [channels] = volume(skip);
    x = twice(net.concat(skip, net.upConv(x, channels)), channels);
  }
  return net.finish(net.conv(x, 2, 1));
}
