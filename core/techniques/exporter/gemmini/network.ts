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
import { type Fused, fused, fusedRelu, isRelu } from './fuse.ts';
import { convolution, elementSum, gemm } from './kernels.ts';
import type { Routine } from './loops.ts';
import type { GemminiParameters } from './parameters.ts';
import { identifier, type Layout, Places, shapeText } from './places.ts';

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

class Lowering {
  readonly #graph: ModelGraph;
  readonly #parameters: GemminiParameters;
  readonly #routines = new Map<string, Routine>();
  readonly #places: Places;
  readonly #hosts: string[] = [];
  readonly #scales: string[] = [];
  readonly #calls: string[] = [];
  readonly #problems: Problem[] = [];
  readonly #done = new Set<number>();
  readonly #counts = { mesh: 0, folded: 0, views: 0, host: 0 };

  constructor(graph: ModelGraph, parameters: GemminiParameters) {
    this.#graph = graph;
    this.#parameters = parameters;
    this.#places = new Places(graph, this.#calls);
  }

  run(): Network {
    for (const operator of this.#graph.operators) if (!this.#done.has(operator.index)) this.#lower(operator);
    this.#tell();
    return {
      routines: [...this.#routines.values()],
      externs: this.#places.externs,
      hosts: this.#hosts,
      buffers: this.#places.buffers,
      scales: this.#scales,
      parameters: this.#places.parameters,
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
    const after = this.#take(fused(this.#graph, operator));
    const bias = after.bias || booleanOf(p, 'bias', true);
    const kernelShape = pair(window.kernel, 1);
    const common = { bias, relu: after.relu, scale: 'scale' } as const;
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
    const weights = this.#places.weight(
      operator,
      'w',
      'elem',
      shape,
      `window height, width, channels of a group, filters${after.note}`,
    );
    const addend = bias ? [this.#places.weight(operator, 'b', 'acc', [filters], `biases${after.note}`)] : [];
    const operands = [this.#places.read(input, 'channels-last'), weights, ...addend];
    this.#call(routine, operator, operands, this.#places.write(after.output, 'channels-last'));
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
    const after = this.#take((isDense ? fused : fusedRelu)(this.#graph, operator));
    const bias = isDense && (after.bias || booleanOf(p, 'bias', true));
    const routine = gemm(
      {
        name: identifier('gemm', operator.index, operator.name),
        comment: `matrix product: ${groups > 1 ? `${groups} of ` : ''}${m} x ${k} by ${k} x ${n}`,
        groups,
        m,
        n,
        k,
        bias,
        relu: after.relu,
        scale: 'scale',
      },
      this.#parameters,
    );
    const right = isDense
      ? this.#places.weight(operator, 'w', 'elem', [k, n], `features in, features out${after.note}`)
      : this.#places.read(b!, 'rows');
    const addend = bias ? [this.#places.weight(operator, 'b', 'acc', [n], `biases${after.note}`)] : [];
    this.#call(
      routine,
      operator,
      [this.#places.read(a, 'rows'), right, ...addend],
      this.#places.write(after.output, 'rows'),
    );
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
    const after = isActivation
      ? { relu: true, output: this.#graph.tensors[operator.outputs[0]!]! }
      : this.#take(fusedRelu(this.#graph, operator));
    const layout: Layout = operands.every((each) => this.#places.has(each.index, 'channels-last'))
      ? 'channels-last'
      : 'rows';
    const routine = elementSum(
      {
        name: identifier(isActivation ? 'relu' : 'sum', operator.index, operator.name),
        comment: `${isActivation ? 'ReLU' : 'sum'} of ${elements} elements`,
        elements,
        operands: isActivation ? 1 : 2,
        relu: after.relu,
        scale: 'scale',
      },
      this.#parameters,
    );
    this.#call(
      routine,
      operator,
      operands.map((each) => this.#places.read(each, layout)),
      this.#places.write(after.output, layout),
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
    const from = this.#places.read(input, 'rows');
    if (output.kind === 'output') {
      const to = this.#places.write(output, 'rows');
      this.#calls.push(
        `memcpy(${to}, ${from}, ${elementCount(output.type.shape)} * sizeof(elem_t)); /* ${comment(operator)} */`,
      );
    } else this.#places.set(output.index, 'rows', from);
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
      ...inputs.map((each) => this.#places.read(each, 'rows')),
      ...outputs.map((each) => this.#places.write(each, 'rows')),
    ];
    this.#calls.push(`${name}(${actuals.join(', ')});`);
  }

  #take(after: Fused): Fused {
    for (const { index } of after.taken) this.#done.add(index);
    this.#counts.folded += after.taken.length;
    return after;
  }

  #tensor(index: number | null | undefined): Tensor | null {
    return index === null || index === undefined ? null : this.#graph.tensors[index]!;
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
