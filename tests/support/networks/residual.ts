/** Networks of residual blocks at 224 × 224. */
import { type Feature, type Network, Sketch, volume } from './sketch.ts';

/**
 * ResNet-50 (He et al., CVPR 2016) as the ONNX model zoo has it: strides in the 3 × 3 convolutions, the shortcut's
 * projection after the branch, normalisation constants (4 a channel) and the bias stored with the weights, softmax.
 */
export function resnet50(): Network {
  const net = new Sketch('resnet50', { convolutionConstants: 4, denseConstants: 1 });
  let x = net.maxPool(net.conv(net.input(3, 224, 224), 64, 7, { stride: 2 }), 3, { stride: 2 });
  [3, 4, 6, 3].forEach((blocks, stage) => {
    const width = 64 << stage;
    for (let block = 0; block < blocks; block++) {
      const stride = block === 0 && stage > 0 ? 2 : 1;
      const inner = net.conv(net.conv(x, width, 1), width, 3, { stride });
      const branch = net.conv(inner, 4 * width, 1);
      x = net.add(branch, block === 0 ? net.conv(x, 4 * width, 1, { stride }) : x);
    }
  });
  const logits = net.dense(net.globalPool(x), 1000);
  return net.finish(net.op('Softmax', [logits], logits.shape));
}

/** MobileNetV2 1.0 (Sandler et al., CVPR 2018), table 2. */
export function mobilenetV2(): Network {
  const net = new Sketch('mobilenetv2');
  let x = net.conv(net.input(3, 224, 224), 32, 3, { stride: 2 });
  const rows = [
    [1, 16, 1, 1],
    [6, 24, 2, 2],
    [6, 32, 3, 2],
    [6, 64, 4, 2],
    [6, 96, 3, 1],
    [6, 160, 3, 2],
    [6, 320, 1, 1],
  ] as const;
  for (const [expansion, channels, blocks, firstStride] of rows) {
    for (let block = 0; block < blocks; block++) {
      const stride = block === 0 ? firstStride : 1;
      const [from] = volume(x);
      const expanded = expansion === 1 ? x : net.conv(x, expansion * from, 1);
      const projected = net.conv(net.depthwise(expanded, 3, { stride }), channels, 1);
      x = stride === 1 && from === channels ? net.add(projected, x) : projected;
    }
  }
  return net.finish(net.dense(net.globalPool(net.conv(x, 1280, 1)), 1000));
}

/**
 * ShuffleNet (Zhang et al., CVPR 2018), table 1; the channel shuffle is an operator. `narrowing` is the width of a unit
 * over that of its bottleneck: 4 in the paper, 1 in the ONNX model zoo's network (4 groups, 272 channels halved).
 */
export function shuffleNet({ groups, channels: least, narrowing }: ShuffleSize): Network {
  const net = new Sketch('shufflenet');
  let x = net.maxPool(net.conv(net.input(3, 224, 224), 24, 3, { stride: 2 }), 3, { stride: 2 });
  const branch = (from: Feature, width: number, channels: number, stride: number, isFirst: boolean): Feature => {
    // The first unit's operand has 24 channels only: no groups there.
    const narrow = net.conv(from, width, 1, { groups: isFirst ? 1 : groups });
    const shuffled = net.op('Shuffle', [narrow], narrow.shape);
    return net.conv(net.depthwise(shuffled, 3, { stride }), channels, 1, { groups });
  };
  [4, 8, 4].forEach((units, stage) => {
    const channels = least << stage;
    for (let unit = 0; unit < units; unit++) {
      const added = unit > 0 ? channels : channels - volume(x)[0];
      const width = narrowing === 1 ? added : channels / narrowing;
      x =
        unit > 0
          ? net.add(branch(x, width, channels, 1, false), x)
          : net.concat(branch(x, width, added, 2, stage === 0), net.averagePool(x, 3, { stride: 2 }));
    }
  });
  return net.finish(net.dense(net.globalPool(x), 1000));
}

interface ShuffleSize {
  readonly groups: number;
  /** Of the first stage; twice as many in each next. */
  readonly channels: number;
  readonly narrowing: number;
}

/**
 * DenseNet-121 (Huang et al., CVPR 2017), growth 32. A layer's own normalisation and activation are fused into
 * reading its operand; the features grow by one concatenation a layer.
 */
export function denseNet121(): Network {
  const net = new Sketch('densenet121', { trainedPerChannel: 0 });
  const first = net.conv(net.input(3, 224, 224), 64, 7, { stride: 2, trainedPerChannel: 2 });
  let x = net.maxPool(first, 3, { stride: 2 });
  [6, 12, 24, 16].forEach((layers, block) => {
    if (block > 0) {
      const [channels] = volume(x);
      x = net.averagePool(net.conv(x, channels / 2, 1, { normalisesOperand: true }), 2, { stride: 2 });
    }
    for (let layer = 0; layer < layers; layer++) {
      const narrow = net.conv(x, 128, 1, { normalisesOperand: true, trainedPerChannel: 2 });
      x = net.concat(x, net.conv(narrow, 32, 3));
    }
  });
  return net.finish(net.dense(net.globalPool(x, { normalisesOperand: true }), 1000));
}
