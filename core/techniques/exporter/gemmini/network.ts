/**
 * A model as calls of Gemmini routines. Convolutions, matrix products, sums and ReLU run on the mesh, with a normalisation and
 * a ReLU after them folded in; views cost nothing; the rest are host functions the user supplies. Images lie channels last
 * between convolutions, everything else row-major as in the model, and is turned where the two meet.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { elementCount } from '#core/catalog/operator-type.ts';
import { slide } from '#core/catalog/operators/window.ts';
import { booleanOf, integerOf, textOf } from '#core/catalog/parameter.ts';
import type { ModelGraph, Operator, Tensor } from '#core/model/graph.ts';
import { convolution, elementSum, gemm } from './kernels.ts';
import type { Routine } from './loops.ts';
import type { GemminiParameters } from './parameters.ts';

type Layout = 'rows' | 'channels-last';

/** C declarations and statements of one network. */
export interface Network {
  readonly routines: readonly Routine[];
  /** `extern const elem_t …;` of weights and constants, with what they are. */
  readonly externs: readonly string[];
  /** `extern void host_…(…);` */
  readonly hosts: readonly string[];
  readonly buffers: readonly string[];
  readonly scales: readonly string[];
  readonly parameters: readonly string[];
  readonly calls: readonly string[];
  readonly problems: readonly Problem[];
  /** Operators on the mesh, folded into one on it, without work, and left to the host. */
  readonly counts: { readonly mesh: number; readonly folded: number; readonly views: number; readonly host: number };
}

export function lowerNetwork(graph: ModelGraph, parameters: GemminiParameters): Network {
  return new Lowering(graph, parameters).run();
}

/** A C identifier of `name`, told apart by `index`. */
export function identifier(prefix: string, index: number, name: string): string {
  const slug = name
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 32);
  return `${prefix}${index}${slug === '' ? '' : `_${slug}`}`;
}

const shapeText = (shape: readonly number[]) => (shape.length === 0 ? 'scalar' : shape.join(' x '));
const RELU = new Set(['relu', 'relu6']);

class Lowering {
  readonly #graph: ModelGraph;
  readonly #parameters: GemminiParameters;
  readonly #routines = new Map<string, Routine>();
  readonly #externs: string[] = [];
  readonly #hosts: string[] = [];
  readonly #buffers: string[] = [];
  readonly #scales: string[] = [];
  readonly #formals: string[] = [];
  readonly #calls: string[] = [];
  readonly #problems: Problem[] = [];
  readonly #done = new Set<number>();
  /** C expressions that point at a tensor, by layout. */
  readonly #places = new Map<number, Map<Layout, string>>();
  readonly #counts = { mesh: 0, folded: 0, views: 0, host: 0 };

  constructor(graph: ModelGraph, parameters: GemminiParameters) {
    this.#graph = graph;
    this.#parameters = parameters;
  }

  run(): Network {
    for (const tensor of this.#graph.tensors) {
      const { index, kind, name, type } = tensor;
      if (kind !== 'input' && kind !== 'constant') continue;
      const layout: Layout = kind === 'input' && this.#isPicture(tensor) ? 'channels-last' : 'rows';
      const place = identifier(kind === 'input' ? 'in' : 'k', index, name);
      const what = `${shapeText(type.shape)}${layout === 'rows' ? '' : ', channels last'}`;
      if (kind === 'input') this.#formals.push(`const elem_t *${place} /* ${what} */`);
      else this.#externs.push(`extern const elem_t ${place}[${elementCount(type.shape)}]; /* ${what} */`);
      this.#places.set(index, new Map([[layout, place]]));
    }
    for (const operator of this.#graph.operators) if (!this.#done.has(operator.index)) this.#lower(operator);
    this.#tell();
    return {
      routines: [...this.#routines.values()],
      externs: this.#externs,
      hosts: this.#hosts,
      buffers: this.#buffers,
      scales: this.#scales,
      parameters: this.#formals,
      calls: this.#calls,
      problems: this.#problems,
      counts: this.#counts,
    };
  }

  #tell(): void {
    const { host } = this.#counts;
    if (host > 0)
      this.#problems.push(
        problem(
          'gemmini.host',
          `${host} operators are not Gemmini's: the program calls host functions for them, which are to be supplied`,
          {
            severity: 'warning',
            facts: { operators: host },
          },
        ),
      );
    this.#problems.push(
      problem(
        'gemmini.weights',
        'Weights and scales are not in the program: it declares the arrays, and a scale macro for each operator that is 1 unless defined',
        {
          severity: 'info',
        },
      ),
    );
  }

  #lower(operator: Operator): void {
    const done = this.#onMesh(operator);
    if (done) this.#counts.mesh++;
    else if (operator.kernel.kind === 'view' && operator.outputs.length === 1) this.#view(operator);
    else this.#host(operator);
  }

  #onMesh(operator: Operator): boolean {
    switch (operator.type.id) {
      case 'conv':
      case 'depthwise-conv':
        return this.#convolve(operator);
      case 'dense':
      case 'matmul':
      case 'batched-matmul':
      case 'gemm':
        return this.#multiply(operator);
      case 'elementwise':
      case 'activation':
        return this.#sum(operator);
      default:
        return false;
    }
  }

  #convolve(operator: Operator): boolean {
    const { kernel, parameters: p } = operator;
    const input = this.#tensor(operator.inputs[0]);
    if (kernel.kind !== 'gemm' || !kernel.convolution || !input) return false;
    const [batch = 1, channels = 1, ...spatial] = input.type.shape;
    const slid = slide(spatial, p);
    if (!slid.ok || spatial.length > 2) return false;
    const { value: window } = slid;
    // One spatial axis is a picture one row high.
    const pair = (list: readonly number[], fill: number): readonly [number, number] =>
      list.length === 1 ? [fill, list[0]!] : [list[0]!, list[1]!];
    const [height, width] = pair(spatial, 1);
    const filters = kernel.groups * kernel.n;
    const fused = this.#fold(operator);
    const bias = fused.bias || booleanOf(p, 'bias', true);
    const kernelShape = pair(window.kernel, 1);
    const common = { bias, relu: fused.relu, scale: 'scale' } as const;
    const isPointwise =
      kernel.groups === 1 &&
      [...window.kernel, ...window.strides].every((each) => each === 1) &&
      [...window.begins, ...window.ends].every((each) => each === 0);
    // Without a window the pixels of all rows are rows of one product: no block ends where a row of the picture does.
    const routine = isPointwise
      ? gemm(
          {
            ...common,
            name: identifier('conv', operator.index, operator.name),
            comment: `pointwise convolution: ${batch * height * width} x ${channels} by ${channels} x ${filters}`,
            groups: 1,
            m: batch * height * width,
            n: filters,
            k: channels,
          },
          this.#parameters,
        )
      : convolution(
          {
            ...common,
            name: identifier('conv', operator.index, operator.name),
            comment: `${kernel.groups === 1 ? 'convolution' : `convolution in ${kernel.groups} groups`}: ${batch} x ${height} x ${width} x ${channels}, window ${kernelShape.join(' x ')}, ${filters} filters`,
            batch,
            groups: kernel.groups,
            channels,
            filters,
            height,
            width,
            kernel: kernelShape,
            strides: pair(window.strides, 1),
            dilations: pair(window.dilations, 1),
            begins: pair(window.begins, 0),
            result: pair(window.result, 1),
          },
          this.#parameters,
        );
    const shape = [...kernelShape, channels / kernel.groups, filters];
    const weights = this.#weight(
      operator,
      'w',
      'elem',
      shape,
      `window height, width, channels of a group, filters${fused.note}`,
    );
    const addend = bias ? [this.#weight(operator, 'b', 'acc', [filters], `biases${fused.note}`)] : [];
    const operands = [this.#read(input, 'channels-last'), weights, ...addend];
    this.#call(routine, operator, operands, this.#write(fused.output, 'channels-last'));
    return true;
  }

  #multiply(operator: Operator): boolean {
    const { kernel, parameters: p } = operator;
    const [a, b, c] = operator.inputs.map((index) => this.#tensor(index));
    if (kernel.kind !== 'gemm' || !a) return false;
    if (booleanOf(p, 'transposeA') || booleanOf(p, 'transposeB') || c) return false;
    if (integerOf(p, 'alpha', 1) !== 1) return false;
    const { groups, m, n, k } = kernel;
    const isDense = operator.type.id === 'dense';
    // Operands that repeat over leading axes are not one after the other in memory.
    const fits =
      elementCount(a.type.shape) === groups * m * k &&
      (isDense || (b && elementCount(b.type.shape) === groups * k * n));
    if (!fits) return false;
    const fused = isDense ? this.#fold(operator) : this.#foldRelu(operator);
    const bias = isDense && (fused.bias || booleanOf(p, 'bias', true));
    const routine = gemm(
      {
        name: identifier('gemm', operator.index, operator.name),
        comment: `matrix product: ${groups > 1 ? `${groups} of ` : ''}${m} x ${k} by ${k} x ${n}`,
        groups,
        m,
        n,
        k,
        bias,
        relu: fused.relu,
        scale: 'scale',
      },
      this.#parameters,
    );
    const right = isDense
      ? this.#weight(operator, 'w', 'elem', [k, n], `features in, features out${fused.note}`)
      : this.#read(b!, 'rows');
    const addend = bias ? [this.#weight(operator, 'b', 'acc', [n], `biases${fused.note}`)] : [];
    this.#call(routine, operator, [this.#read(a, 'rows'), right, ...addend], this.#write(fused.output, 'rows'));
    return true;
  }

  #sum(operator: Operator): boolean {
    const { parameters: p } = operator;
    const isActivation = operator.type.id === 'activation';
    if (isActivation ? !isRelu(operator) : textOf(p, 'operation', 'add') !== 'add') return false;
    // A variadic operator keeps a place for the next operand.
    const operands = operator.inputs.map((index) => this.#tensor(index)).filter((each) => each !== null);
    const [first] = operands;
    if (!first || operands.length !== (isActivation ? 1 : 2)) return false;
    const elements = elementCount(first.type.shape);
    if (operands.some((each) => shapeText(each.type.shape) !== shapeText(first.type.shape))) return false;
    const fused = isActivation
      ? { relu: true, output: this.#graph.tensors[operator.outputs[0]!]! }
      : this.#foldRelu(operator);
    const layout: Layout = operands.every((each) => this.#places.get(each.index)?.has('channels-last'))
      ? 'channels-last'
      : 'rows';
    const routine = elementSum(
      {
        name: identifier(isActivation ? 'relu' : 'sum', operator.index, operator.name),
        comment: `${isActivation ? 'ReLU' : 'sum'} of ${elements} elements`,
        elements,
        operands: isActivation ? 1 : 2,
        relu: fused.relu,
        scale: 'scale',
      },
      this.#parameters,
    );
    this.#call(
      routine,
      operator,
      operands.map((each) => this.#read(each, layout)),
      this.#write(fused.output, layout),
    );
    return true;
  }

  /** Nothing is computed; only who reads images channels last has to be told otherwise. */
  #view(operator: Operator): void {
    const input = this.#tensor(operator.inputs[0]);
    const output = this.#graph.tensors[operator.outputs[0]!]!;
    if (!input) {
      this.#host(operator);
      return;
    }
    this.#counts.views++;
    const from = this.#read(input, 'rows');
    if (output.kind === 'output') {
      const to = this.#write(output, 'rows');
      this.#calls.push(
        `memcpy(${to}, ${from}, ${elementCount(output.type.shape)} * sizeof(elem_t)); /* ${comment(operator)} */`,
      );
    } else this.#places.set(output.index, new Map([['rows', from]]));
  }

  #host(operator: Operator): void {
    this.#counts.host++;
    const inputs = operator.inputs.map((index) => this.#tensor(index)).filter((each) => each !== null);
    const outputs = operator.outputs.map((index) => this.#graph.tensors[index]!);
    const name = identifier(`host_${operator.type.id.replaceAll('-', '_')}`, operator.index, operator.name);
    const formals = [
      ...inputs.map(({ type }, i) => `const elem_t *x${i} /* ${shapeText(type.shape)} */`),
      ...outputs.map(({ type }, i) => `elem_t *y${i} /* ${shapeText(type.shape)} */`),
    ];
    this.#hosts.push(`extern void ${name}(${formals.join(', ')}); /* ${comment(operator)} */`);
    const actuals = [
      ...inputs.map((each) => this.#read(each, 'rows')),
      ...outputs.map((each) => this.#write(each, 'rows')),
    ];
    this.#calls.push(`${name}(${actuals.join(', ')});`);
  }

  /** What follows and nobody else reads: a normalisation goes into weights and biases, a ReLU into the way out. */
  #fold(operator: Operator): {
    readonly relu: boolean;
    readonly bias: boolean;
    readonly note: string;
    readonly output: Tensor;
  } {
    const next = this.#only(operator);
    const hasNorm = next?.type.id === 'batch-norm';
    if (hasNorm) this.#take(next);
    const last = hasNorm ? next : operator;
    const { relu, output } = this.#foldRelu(last);
    return { relu, bias: hasNorm, note: hasNorm ? `, with ${next.name.replaceAll('*/', '')} folded in` : '', output };
  }

  #foldRelu(operator: Operator): {
    readonly relu: boolean;
    readonly bias: boolean;
    readonly note: string;
    readonly output: Tensor;
  } {
    const next = this.#only(operator);
    const relu = next !== null && isRelu(next);
    if (relu) this.#take(next);
    return { relu, bias: false, note: '', output: this.#graph.tensors[(relu ? next : operator).outputs[0]!]! };
  }

  #take(operator: Operator): void {
    this.#done.add(operator.index);
    this.#counts.folded++;
  }

  /** The one operator that reads the result, where it is no result of the model and read first. */
  #only(operator: Operator): Operator | null {
    const output = this.#graph.tensors[operator.outputs[0]!]!;
    if (operator.outputs.length !== 1 || output.kind !== 'activation' || output.consumers.length !== 1) return null;
    const reader = this.#graph.operators[output.consumers[0]!]!;
    return reader.inputs[0] === output.index && reader.inputs.filter((index) => index === output.index).length === 1
      ? reader
      : null;
  }

  #tensor(index: number | null | undefined): Tensor | null {
    return index === null || index === undefined ? null : this.#graph.tensors[index]!;
  }

  #isPicture({ consumers, type }: Tensor): boolean {
    return type.shape.length > 2 && consumers.some((index) => /conv$/.test(this.#graph.operators[index]!.type.id));
  }

  /** A C expression pointing at the tensor in this layout; turns it the first time it is not there. */
  #read({ index, name, type }: Tensor, layout: Layout): string {
    const places = this.#places.get(index);
    const found = places?.get(layout);
    if (found !== undefined) return found;
    const [other] = places ? [...places.values()] : [];
    if (places === undefined || other === undefined) throw new Error(`tensor ${name} is read before it is made`);
    const [batch = 1, channels = 1, ...spatial] = type.shape;
    const positions = elementCount(spatial);
    // One channel, or one position: both layouts are the same.
    if (type.shape.length < 3 || channels === 1 || positions === 1) {
      places.set(layout, other);
      return other;
    }
    const made = identifier(layout === 'rows' ? 'r' : 'c', index, name);
    this.#buffers.push(`static elem_t ${made}[${elementCount(type.shape)}] row_align(1);`);
    const turn = layout === 'rows' ? `${batch}, ${positions}, ${channels}` : `${batch}, ${channels}, ${positions}`;
    this.#calls.push(`weft_turn(${other}, ${made}, ${turn});`);
    places.set(layout, made);
    return made;
  }

  #write({ index, name, type, kind }: Tensor, layout: Layout): string {
    const what = `${shapeText(type.shape)}${layout === 'rows' ? '' : ', channels last'}`;
    const place = identifier(kind === 'output' ? 'out' : 't', index, name);
    if (kind === 'output') this.#formals.push(`elem_t *${place} /* ${what} */`);
    else this.#buffers.push(`static elem_t ${place}[${elementCount(type.shape)}] row_align(1); /* ${what} */`);
    this.#places.set(index, new Map([[layout, place]]));
    return place;
  }

  #weight(operator: Operator, prefix: string, type: 'elem' | 'acc', shape: readonly number[], what: string): string {
    const name = identifier(prefix, operator.index, operator.name);
    this.#externs.push(`extern const ${type}_t ${name}[${elementCount(shape)}]; /* ${shapeText(shape)}: ${what} */`);
    return name;
  }

  /** Operators of equal shape share one routine. */
  #call(routine: Routine, operator: Operator, operands: readonly string[], result: string): void {
    const key = JSON.stringify([routine.buffers, routine.body]);
    const known = this.#routines.get(key) ?? routine;
    this.#routines.set(key, known);
    const scale = identifier('SCALE_', operator.index, operator.name).toUpperCase();
    this.#scales.push(scale);
    this.#calls.push(`${known.name}(${[...operands, result, scale].join(', ')}); /* ${comment(operator)} */`);
  }
}

function comment({ name, type }: Operator): string {
  return `${type.title}: ${name}`.replaceAll('*/', '');
}

/** ReLU6 and clips from 0 are ReLU whose upper limit the requantisation keeps: 127 stands for it. */
function isRelu({ type, parameters }: Operator): boolean {
  if (type.id !== 'activation') return false;
  const kind = textOf(parameters, 'function', 'relu');
  return RELU.has(kind);
}
