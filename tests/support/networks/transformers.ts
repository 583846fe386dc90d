/** Transformer encoders and decoders without embeddings; attention as one kernel a layer, or one a head. */
import { type Feature, type Network, Sketch } from './sketch.ts';

interface Size {
  readonly layers: number;
  readonly heads: number;
  readonly sequence: number;
  readonly width: number;
}

/** [sequence, from] × [from, width]. */
function matMul(net: Sketch, x: Feature, width: number, type = 'MatMul'): Feature {
  const [sequence, from] = matrix(x);
  const weights = from * width;
  return net.op(type, [x], [sequence, width], {
    weightBytes: weights,
    parameters: weights + width,
    macs: weights * sequence,
  });
}

function layerNorm(net: Sketch, x: Feature): Feature {
  const [, width] = matrix(x);
  return net.op('LayerNorm', [x], x.shape, { weightBytes: 2 * width });
}

function matrix({ shape }: Feature): readonly [sequence: number, width: number] {
  const [sequence, width] = shape;
  if (sequence === undefined || width === undefined) throw new Error(`[${shape}] is no matrix`);
  return [sequence, width];
}

/** Attention in one go: scores of all heads are one tensor. Ends with the output projection. */
function attention(net: Sketch, x: Feature, { heads, sequence, width }: Size): Feature {
  const [q, k, v] = [matMul(net, x, width), matMul(net, x, width), matMul(net, x, width)];
  const macs = sequence * sequence * width;
  const scores = net.op('QKt', [q, k], [heads, sequence, sequence], { macs });
  const weights = net.op('Softmax', [scores], scores.shape);
  return matMul(net, net.op('AV', [weights, v], [sequence, width], { macs }), width);
}

/** Attention head by head: six kernels each, then a concatenation and the output projection. */
function attentionByHeads(net: Sketch, x: Feature, { heads, sequence, width }: Size): Feature {
  const depth = width / heads;
  const macs = sequence * sequence * depth;
  const attended = Array.from({ length: heads }, () => {
    const [q, k, v] = [matMul(net, x, depth), matMul(net, x, depth), matMul(net, x, depth)];
    const scores = net.op('QKt', [q, k], [sequence, sequence], { macs });
    return net.op('AV', [net.op('Softmax', [scores], scores.shape), v], [sequence, depth], { macs });
  });
  return matMul(net, net.op('Concat', attended, [sequence, width]), width);
}

/** Devlin et al., NAACL 2019: normalisation after each residual sum. */
function encoder(name: string, size: Size, attend: typeof attention): Network {
  const { sequence, width } = size;
  const net = new Sketch(name);
  let x = net.input(sequence, width);
  for (let layer = 0; layer < size.layers; layer++) {
    const attended = layerNorm(net, net.add(attend(net, x, size), x));
    const hidden = matMul(net, attended, 4 * width, 'MatMul+GELU');
    x = layerNorm(net, net.add(matMul(net, hidden, width), attended));
  }
  return net.finish(x);
}

const BERT_BASE: Size = { layers: 12, heads: 12, sequence: 128, width: 768 };

export function bertBase(): Network {
  return encoder('bert_base', BERT_BASE, attention);
}

export function bertBaseByHeads(): Network {
  return encoder('bert-base-heads', BERT_BASE, attentionByHeads);
}

/** Radford et al., 2019, GPT-2 medium (24 layers, 16 heads, width 1024) over 256 tokens: normalisation before each branch. */
export function gptByHeads(): Network {
  const size: Size = { layers: 24, heads: 16, sequence: 256, width: 1024 };
  const net = new Sketch('gpt2-medium-heads');
  let x = net.input(size.sequence, size.width);
  for (let layer = 0; layer < size.layers; layer++) {
    x = net.add(attentionByHeads(net, layerNorm(net, x), size), x);
    const hidden = matMul(net, layerNorm(net, x), 4 * size.width, 'MatMul+GELU');
    x = net.add(matMul(net, hidden, size.width), x);
  }
  return net.finish(x);
}
