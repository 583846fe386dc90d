/**
 * Networks of searched cells. A separable convolution is two kernels (depthwise, pointwise) and runs twice; a
 * factorised reduction is one; two equal branches of a block are one kernel, the factor 2 folded into its scale.
 */
import { type Feature, type Network, Sketch, volume } from './sketch.ts';

type Operation =
  | 'identity'
  | 'sep3'
  | 'sep5'
  | 'sep7'
  | 'dilated3'
  | 'max2'
  | 'max3'
  | 'average3'
  | 'conv1'
  | 'bottleneck3'
  | 'bottleneck7';

/** Operation and the state it reads: 0 the cell before last, 1 the last cell, 2 … the cell's own blocks. */
type Branch = readonly [operation: Operation, state: number];
type Block = readonly [Branch, Branch];

/** A cell: its blocks in order, and the states its result concatenates. */
interface Genotype {
  readonly blocks: readonly Block[];
  readonly result: readonly number[];
}

interface CellOptions {
  readonly channels: number;
  /** 2 where the cell halves height and width. */
  readonly stride: 1 | 2;
  /** The cell before last is used as it is where its shape fits. */
  readonly keepsFitting?: boolean;
}

/** NASNet-A: Zoph et al., CVPR 2018, figure 4; wiring as in TensorFlow's slim/nets/nasnet. */
const NASNET_A = {
  normal: {
    blocks: [
      [
        ['sep5', 1],
        ['sep3', 0],
      ],
      [
        ['sep5', 0],
        ['sep3', 0],
      ],
      [
        ['average3', 1],
        ['identity', 0],
      ],
      [
        ['average3', 0],
        ['average3', 0],
      ],
      [
        ['sep3', 1],
        ['identity', 1],
      ],
    ],
    result: [0, 2, 3, 4, 5, 6],
  },
  reduction: {
    blocks: [
      [
        ['sep5', 1],
        ['sep7', 0],
      ],
      [
        ['max3', 1],
        ['sep7', 0],
      ],
      [
        ['average3', 1],
        ['sep5', 0],
      ],
      [
        ['average3', 2],
        ['identity', 3],
      ],
      [
        ['sep3', 2],
        ['max3', 1],
      ],
    ],
    result: [3, 4, 5, 6],
  },
} as const satisfies Record<string, Genotype>;

/** DARTS, second order: Liu et al., ICLR 2019, genotype DARTS_V2 of the authors' repository. */
const DARTS = {
  normal: {
    blocks: [
      [
        ['sep3', 0],
        ['sep3', 1],
      ],
      [
        ['sep3', 0],
        ['sep3', 1],
      ],
      [
        ['sep3', 1],
        ['identity', 0],
      ],
      [
        ['identity', 0],
        ['dilated3', 2],
      ],
    ],
    result: [2, 3, 4, 5],
  },
  reduction: {
    blocks: [
      [
        ['max3', 0],
        ['max3', 1],
      ],
      [
        ['identity', 2],
        ['max3', 1],
      ],
      [
        ['max3', 0],
        ['identity', 2],
      ],
      [
        ['identity', 2],
        ['max3', 1],
      ],
    ],
    result: [2, 3, 4, 5],
  },
} as const satisfies Record<string, Genotype>;

/** PNASNet-5: Liu et al., ECCV 2018, figure 1; one cell, in both strides. */
const PNASNET_5 = (stride: 1 | 2): Genotype => ({
  blocks: [
    [
      ['sep5', 0],
      ['max3', 0],
    ],
    [
      ['sep7', 1],
      ['max3', 1],
    ],
    [
      ['sep5', 1],
      ['sep3', 1],
    ],
    [
      ['sep3', 4],
      ['max3', 1],
    ],
    [
      ['sep3', 0],
      [stride === 2 ? 'conv1' : 'identity', 1],
    ],
  ],
  result: [2, 3, 4, 5, 6],
});

/** AmoebaNet-D: Real et al., AAAI 2019, as in TensorFlow's TPU models (whose normal cell's result differs from the paper's). */
const AMOEBANET_D = {
  normal: {
    blocks: [
      [
        ['conv1', 1],
        ['max3', 1],
      ],
      [
        ['identity', 1],
        ['bottleneck7', 0],
      ],
      [
        ['conv1', 0],
        ['bottleneck7', 0],
      ],
      [
        ['max3', 2],
        ['identity', 2],
      ],
      [
        ['average3', 1],
        ['conv1', 5],
      ],
    ],
    result: [0, 3, 4, 6],
  },
  reduction: {
    blocks: [
      [
        ['max2', 0],
        ['max3', 0],
      ],
      [
        ['identity', 2],
        ['bottleneck3', 1],
      ],
      [
        ['bottleneck7', 2],
        ['max3', 2],
      ],
      [
        ['identity', 3],
        ['max2', 1],
      ],
      [
        ['average3', 2],
        ['conv1', 3],
      ],
    ],
    result: [4, 5, 6],
  },
} as const satisfies Record<string, Genotype>;

function apply(net: Sketch, operation: Operation, x: Feature, stride: 1 | 2): Feature {
  const [channels] = volume(x);
  const separable = (kernel: number) => {
    const once = (from: Feature, step: 1 | 2) =>
      net.conv(net.depthwise(from, kernel, { stride: step, trainedPerChannel: 0 }), channels, 1);
    return once(once(x, stride), 1);
  };
  switch (operation) {
    case 'identity':
      return stride === 1 ? x : reduced(net, x, channels);
    case 'sep3':
      return separable(3);
    case 'sep5':
      return separable(5);
    case 'sep7':
      return separable(7);
    case 'dilated3':
      return net.conv(net.depthwise(x, 3, { stride, trainedPerChannel: 0 }), channels, 1);
    case 'max2':
      return net.maxPool(x, 2, { stride });
    case 'max3':
      return net.maxPool(x, 3, { stride });
    case 'average3':
      return net.averagePool(x, 3, { stride });
    case 'conv1':
      return net.conv(x, channels, 1, { stride });
    case 'bottleneck3':
      return net.conv(net.conv(net.conv(x, channels / 4, 1), channels / 4, 3, { stride }), channels, 1);
    case 'bottleneck7': {
      if (stride !== 1) throw new Error('a 1 × 7, 7 × 1 bottleneck stands inside a cell');
      const across = net.conv(net.conv(x, channels / 4, 1), channels / 4, [1, 7]);
      return net.conv(net.conv(across, channels / 4, [7, 1]), channels, 1);
    }
  }
}

/** Half of the channels from the even, half from the odd rows and columns, each by a 1 × 1 convolution. */
const reduced = (net: Sketch, x: Feature, channels: number): Feature =>
  net.conv(x, channels, 1, { stride: 2, type: 'FactorizedReduce' });

function cell(net: Sketch, genotype: Genotype, beforeLast: Feature, last: Feature, options: CellOptions): Feature {
  const { channels, stride, keepsFitting = false } = options;
  const [from, height] = volume(beforeLast);
  const isLarger = height > volume(last)[1];
  const states = [
    isLarger
      ? reduced(net, beforeLast, channels)
      : keepsFitting && from === channels
        ? beforeLast
        : net.conv(beforeLast, channels, 1),
    net.conv(last, channels, 1),
  ];
  for (const [left, right] of genotype.blocks) {
    const branch = ([operation, state]: Branch) => apply(net, operation, states[state]!, state < 2 ? stride : 1);
    const one = branch(left);
    states.push(String(left) === String(right) ? one : net.add(one, branch(right)));
  }
  return net.concat(...genotype.result.map((state) => states[state]!));
}

/** A stack of cells after a stem: what each cell is, how wide, and in which stride. */
function stacked(
  net: Sketch,
  beforeLast: Feature,
  last: Feature,
  cells: readonly (CellOptions & { readonly genotype: Genotype })[],
): Network {
  for (const { genotype, ...options } of cells)
    [beforeLast, last] = [last, cell(net, genotype, beforeLast, last, options)];
  return net.finish(net.dense(net.globalPool(last), 1000));
}

/**
 * NASNet-A (repeats @ 24 × channels): 4 @ 1056 is the published mobile network at 224 × 224, 6 @ 4032 the large one at
 * 331 × 331. Two liberties: the stem's convolution is padded (112 × 112 behind it, not 111 × 111), and both operands of
 * the first cell pass a 1 × 1 convolution, where the original leaves one as it is.
 */
export function nasNetA(
  name: string,
  { repeats, channels, stem, size }: { repeats: number; channels: number; stem: number; size: number },
): Network {
  const net = new Sketch(name);
  const first = net.conv(net.input(3, size, size), stem, 3, { stride: 2 });
  const reduction = (width: number) => ({ genotype: NASNET_A.reduction, channels: width, stride: 2 }) as const;
  const normals = (width: number) =>
    Array.from({ length: repeats }, () => ({ genotype: NASNET_A.normal, channels: width, stride: 1 }) as const);
  return stacked(net, first, first, [
    reduction(channels / 4),
    reduction(channels / 2),
    ...normals(channels),
    reduction(channels * 2),
    ...normals(channels * 2),
    reduction(channels * 4),
    ...normals(channels * 4),
  ]);
}

/** DARTS on ImageNet: 14 cells, 48 channels, 224 × 224. */
export function darts(): Network {
  const net = new Sketch('darts');
  const half = { stride: 2 };
  const first = net.conv(net.conv(net.input(3, 224, 224), 24, 3, half), 48, 3, half);
  const second = net.conv(first, 48, 3, half);
  const cells = Array.from({ length: 14 }, (_, index) => {
    const isReduction = index === 4 || index === 9;
    const stage = index < 4 ? 0 : index < 9 ? 1 : 2;
    const genotype: Genotype = isReduction ? DARTS.reduction : DARTS.normal;
    return { genotype, channels: 48 << stage, stride: isReduction ? 2 : 1 } as const;
  });
  return stacked(net, first, second, cells);
}

/** PNASNet-5 (N = 3, F = 54), the published mobile network, 224 × 224. */
export function pnasNet5(): Network {
  const net = new Sketch('pnasnet-5');
  const first = net.conv(net.input(3, 224, 224), 32, 3, { stride: 2 });
  const ofStride = (channels: number, stride: 1 | 2) => ({ genotype: PNASNET_5(stride), channels, stride });
  const cells = [54, 108, 216].flatMap((channels, stage) =>
    [0, 1, 2].map((index) => ofStride(channels, stage > 0 && index === 0 ? 2 : 1)),
  );
  return stacked(net, first, first, [ofStride(13, 2), ofStride(27, 2), ...cells]);
}

/** AmoebaNet-D (18 normal cells, 208 filters) at 224 × 224, as GPipe (Huang et al., NeurIPS 2019) sizes it. */
export function amoebaNetD(): Network {
  const net = new Sketch('amoebanet-d');
  const stem = net.conv(net.input(3, 224, 224), 52, 3, { stride: 2 });
  let channels = 52;
  const reduction = () => {
    channels *= 2;
    return { genotype: AMOEBANET_D.reduction, channels, stride: 2, keepsFitting: true } as const;
  };
  const normals = () =>
    Array.from(
      { length: 6 },
      () => ({ genotype: AMOEBANET_D.normal, channels, stride: 1, keepsFitting: true }) as const,
    );
  const cells = [reduction(), reduction(), ...normals(), reduction(), ...normals(), reduction(), ...normals()];
  return stacked(net, stem, stem, cells);
}
