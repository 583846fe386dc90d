/**
 * Scheduling problems sketched layer by layer: int8 (one byte an element), batch 1, one operator = one whole-tensor
 * kernel with normalisation and activation fused. Counts parameters as trained and MACs, to hold a sketch against
 * published figures. Shapes are [channels, height, width], [sequence, width] or [features].
 */
import type { ScheduleOperator, ScheduleProblem, ScheduleTensor } from '#core/schedule/problem.ts';

/** A tensor of the sketch. */
export interface Feature {
  readonly id: number;
  readonly shape: readonly number[];
}

export interface Network {
  readonly problem: ScheduleProblem;
  /** As trained: weights, biases, and scale and shift of normalisations. */
  readonly parameters: number;
  /** Multiply-accumulates of one inference. */
  readonly macs: number;
}

export interface SketchOptions {
  /** Bytes stored a channel beside a convolution's weights; 0 where normalisation is folded into the scale. */
  readonly convolutionConstants?: number;
  /** Bytes stored a feature beside a dense layer's weights. */
  readonly denseConstants?: number;
  /** Trained parameters a channel beside a convolution's weights: 2 for a normalisation, 1 for a bias. */
  readonly trainedPerChannel?: number;
}

export interface WindowOptions {
  readonly stride?: number;
  /** 'same': ⌈in / stride⌉; 'valid': no padding; otherwise rows and columns added on each side. */
  readonly padding?: 'same' | 'valid' | number;
  /** A last window may hang over the edge. */
  readonly ceil?: boolean;
}

export interface ConvolutionOptions extends WindowOptions {
  readonly groups?: number;
  readonly type?: string;
  readonly trainedPerChannel?: number;
  /** Scale and shift of a normalisation before the convolution, fused into reading its operand. */
  readonly normalisesOperand?: boolean;
}

export type Kernel = number | readonly [height: number, width: number];

export class Sketch {
  readonly #name: string;
  readonly #options: Required<SketchOptions>;
  readonly #tensors: ScheduleTensor[] = [];
  readonly #ops: ScheduleOperator[] = [];
  #parameters = 0;
  #macs = 0;

  constructor(name: string, options: SketchOptions = {}) {
    this.#name = name;
    this.#options = { convolutionConstants: 0, denseConstants: 0, trainedPerChannel: 2, ...options };
  }

  input(...shape: readonly number[]): Feature {
    return this.#tensor(`in${this.#tensors.length}`, shape, 'input');
  }

  /** Any operator with one result. `parameters` default to `weightBytes`. */
  op(
    type: string,
    inputs: readonly Feature[],
    shape: readonly number[],
    cost: { readonly weightBytes?: number; readonly parameters?: number; readonly macs?: number } = {},
  ): Feature {
    const id = this.#ops.length;
    const name = `${type}_${id}`;
    const output = this.#tensor(name, shape, 'act');
    const { weightBytes = 0, parameters = weightBytes, macs = 0 } = cost;
    this.#parameters += parameters;
    this.#macs += macs;
    this.#ops.push({ id, name, type, inputs: inputs.map((one) => one.id), outputs: [output.id], weightBytes });
    return output;
  }

  conv(x: Feature, channels: number, kernel: Kernel, options: ConvolutionOptions = {}): Feature {
    const { groups = 1, type = 'Conv', trainedPerChannel = this.#options.trainedPerChannel } = options;
    const [from, height, width] = volume(x);
    const [rows, columns] = extent(kernel);
    const shape = [channels, spanned(height, rows, options), spanned(width, columns, options)] as const;
    const weights = (channels * from * rows * columns) / groups;
    if (!Number.isInteger(weights)) throw new Error(`${from} → ${channels} channels in ${groups} groups`);
    return this.op(type, [x], shape, {
      weightBytes: weights + this.#options.convolutionConstants * channels,
      parameters: weights + trainedPerChannel * channels + (options.normalisesOperand ? 2 * from : 0),
      macs: weights * shape[1] * shape[2],
    });
  }

  depthwise(x: Feature, kernel: Kernel, options: ConvolutionOptions = {}): Feature {
    const [channels] = volume(x);
    return this.conv(x, channels, kernel, { type: 'DWConv', ...options, groups: channels });
  }

  /** 2 × 2 transposed convolution of stride 2. */
  upConv(x: Feature, channels: number): Feature {
    const [from, height, width] = volume(x);
    const weights = from * channels * 4;
    return this.op('ConvTranspose', [x], [channels, height * 2, width * 2], {
      weightBytes: weights,
      parameters: weights + this.#options.trainedPerChannel * channels,
      macs: weights * height * width,
    });
  }

  maxPool(x: Feature, kernel: number, options: WindowOptions = {}): Feature {
    return this.#pool('MaxPool', x, kernel, options);
  }

  averagePool(x: Feature, kernel: number, options: WindowOptions = {}): Feature {
    return this.#pool('AveragePool', x, kernel, options);
  }

  globalPool(x: Feature, options: { readonly type?: string; readonly normalisesOperand?: boolean } = {}): Feature {
    const [channels] = volume(x);
    const parameters = options.normalisesOperand ? 2 * channels : 0;
    return this.op(options.type ?? 'GlobalAveragePool', [x], [channels], { parameters });
  }

  add(...terms: readonly Feature[]): Feature {
    const [first] = terms;
    if (!first || terms.some((one) => String(one.shape) !== String(first.shape)))
      throw new Error(`a sum of ${terms.map((one) => `[${one.shape}]`).join(' + ')}`);
    return this.op('Add', terms, first.shape);
  }

  /** Along channels; larger maps are cropped to the smallest on the way. */
  concat(...parts: readonly Feature[]): Feature {
    const volumes = parts.map(volume);
    const least = (axis: 1 | 2) => Math.min(...volumes.map((shape) => shape[axis]));
    return this.op('Concat', parts, [volumes.reduce((sum, [channels]) => sum + channels, 0), least(1), least(2)]);
  }

  /** A fully connected layer over all of x. */
  dense(x: Feature, features: number): Feature {
    const weights = elements(x.shape) * features;
    return this.op('Gemm', [x], [features], {
      weightBytes: weights + this.#options.denseConstants * features,
      parameters: weights + features,
      macs: weights,
    });
  }

  /** The finished network; `outputs` leave the chip once in any case. */
  finish(...outputs: readonly Feature[]): Network {
    const leaving = new Set(outputs.map((one) => one.id));
    const tensors = this.#tensors.map((one) => (leaving.has(one.id) ? { ...one, kind: 'output' as const } : one));
    return {
      problem: { name: this.#name, bytesPerElement: 1, tensors, ops: [...this.#ops] },
      parameters: this.#parameters,
      macs: this.#macs,
    };
  }

  #pool(type: string, x: Feature, kernel: number, options: WindowOptions): Feature {
    const [channels, height, width] = volume(x);
    return this.op(type, [x], [channels, spanned(height, kernel, options), spanned(width, kernel, options)]);
  }

  #tensor(name: string, shape: readonly number[], kind: ScheduleTensor['kind']): Feature {
    const id = this.#tensors.length;
    this.#tensors.push({ id, name, shape, bytes: elements(shape), kind });
    return { id, shape };
  }
}

export function volume({ shape }: Feature): readonly [channels: number, height: number, width: number] {
  const [channels, height, width] = shape;
  if (channels === undefined || height === undefined || width === undefined) throw new Error(`[${shape}] is no map`);
  return [channels, height, width];
}

const elements = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

const extent = (kernel: Kernel): readonly [number, number] => (typeof kernel === 'number' ? [kernel, kernel] : kernel);

function spanned(
  length: number,
  kernel: number,
  { stride = 1, padding = 'same', ceil = false }: WindowOptions,
): number {
  if (padding === 'same') return Math.ceil(length / stride);
  const around = length + 2 * (padding === 'valid' ? 0 : padding) - kernel;
  return (ceil ? Math.ceil(around / stride) : Math.floor(around / stride)) + 1;
}
