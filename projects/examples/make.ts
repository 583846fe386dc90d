/**
 * Writes the shipped examples (`node projects/examples/make.ts`). They are ordinary text projects: templates for
 * users, fixtures for tests. A test fails when a folder differs from what this file draws.
 */
import { resolve } from 'node:path';
import { resolveMachine } from '#core/architecture/machine.ts';
import { presetById } from '#core/architecture/presets.ts';
import { apply } from '#core/document/apply.ts';
import { type Document, type DocumentNode, type Endpoint, toFile } from '#core/document/document.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { techniques } from '#core/technique/registry.ts';
import { saveTextProject, type TextProject } from '../text.ts';
import { KERNELS, kernelProject } from './intar/kernels.ts';
import { Sketch } from './sketch.ts';

export interface Example {
  readonly slug: string;
  readonly project: TextProject;
}

/** Howard et al., MobileNets, arXiv 1704.04861, table 1: 224 × 224, width 1. */
function mobileNetV1(): Document {
  const sketch = new Sketch();
  let at = sketch.add('input', 'image', { shape: [1, 3, 224, 224] });
  const normalised = (name: string, from: Endpoint) =>
    sketch.add('activation', `${name} relu`, { function: 'relu' }, sketch.add('batch-norm', `${name} bn`, {}, from));
  at = normalised(
    'conv',
    sketch.add('conv', 'conv', { outChannels: 32, kernel: [3, 3], strides: [2, 2], bias: false }, at),
  );
  const blocks: readonly (readonly [filters: number, stride: number])[] = [
    [64, 1],
    [128, 2],
    [128, 1],
    [256, 2],
    [256, 1],
    [512, 2],
    [512, 1],
    [512, 1],
    [512, 1],
    [512, 1],
    [512, 1],
    [1024, 2],
    [1024, 1],
  ];
  blocks.forEach(([filters, stride], index) => {
    const name = `separable ${index + 1}`;
    const input = at;
    at = sketch.group(name, `separable ${filters}/${stride}/${blocks[index - 1]?.[0] ?? 32}`, () => {
      const depthwise = normalised(
        'depthwise',
        sketch.add('depthwise-conv', 'depthwise', { kernel: [3, 3], strides: [stride, stride], bias: false }, input),
      );
      return normalised(
        'pointwise',
        sketch.add(
          'conv',
          'pointwise',
          { outChannels: filters, kernel: [1, 1], strides: [1, 1], bias: false },
          depthwise,
        ),
      );
    });
  });
  at = sketch.add('pool', 'average pool', { operation: 'average', global: true }, at);
  at = sketch.add('flatten', 'flatten', {}, at);
  at = sketch.add('dense', 'classifier', { units: 1000 }, at);
  sketch.add('output', 'class scores', {}, at);
  return sketch.document('model', 'MobileNetV1 224');
}

/** Devlin et al., BERT, arXiv 1810.04805, base: 12 layers, 768 wide, 12 heads; 128 tokens, after the embedding. */
function bertBaseEncoder(): Document {
  const [tokens, width, heads, inner] = [128, 768, 12, 3072];
  const sketch = new Sketch();
  let at = sketch.add('input', 'embedded tokens', { shape: [1, tokens, width] });
  for (let layer = 1; layer <= 12; layer++) {
    const input = at;
    at = sketch.group(`encoder layer ${layer}`, 'encoder layer', () => {
      const split = (name: string, permutation: readonly number[]) => {
        const projected = sketch.add('dense', name, { units: width }, input);
        const reshaped = sketch.add(
          'reshape',
          `${name} heads`,
          { shape: [1, tokens, heads, width / heads] },
          projected,
        );
        return sketch.add('transpose', `${name} by head`, { permutation }, reshaped);
      };
      const query = split('query', [0, 2, 1, 3]);
      const key = split('key', [0, 2, 3, 1]);
      const value = split('value', [0, 2, 1, 3]);
      const scores = sketch.add(
        'softmax',
        'attention',
        { axis: -1 },
        sketch.add('batched-matmul', 'query · key', {}, query, key),
      );
      const mixed = sketch.add('batched-matmul', 'attention · value', {}, scores, value);
      const joined = sketch.add(
        'reshape',
        'join heads',
        { shape: [1, tokens, width] },
        sketch.add('transpose', 'by token', { permutation: [0, 2, 1, 3] }, mixed),
      );
      const attended = sketch.add(
        'elementwise',
        'add attention',
        { operation: 'add' },
        sketch.add('dense', 'attention output', { units: width }, joined),
        input,
      );
      const middle = sketch.add('layer-norm', 'norm 1', {}, attended);
      const wide = sketch.add(
        'activation',
        'gelu',
        { function: 'gelu' },
        sketch.add('dense', 'feed-forward in', { units: inner }, middle),
      );
      const fed = sketch.add(
        'elementwise',
        'add feed-forward',
        { operation: 'add' },
        sketch.add('dense', 'feed-forward out', { units: width }, wide),
        middle,
      );
      return sketch.add('layer-norm', 'norm 2', {}, fed);
    });
  }
  sketch.add('output', 'encoded tokens', {}, at);
  return sketch.document('model', 'BERT-base encoder, 128 tokens');
}

/** The multi-layer perceptron of InTAR, arXiv 2502.08807: 256-1024-2048-256, batch 1. */
function perceptron(): Document {
  const sketch = new Sketch();
  let at = sketch.add('input', 'features', { shape: [1, 256] });
  [1024, 2048, 256].forEach((units, index) => {
    at = sketch.add('dense', `layer ${index + 1}`, { units }, at);
    if (index < 2) at = sketch.add('activation', `relu ${index + 1}`, { function: 'relu' }, at);
  });
  sketch.add('output', 'result', {}, at);
  return sketch.document('model', 'MLP 256-1024-2048-256');
}

function example(slug: string, title: string, summary: string, model: Document, preset: string): Example {
  return { slug, project: { title, summary, documents: [toFile(model), toFile(built(preset))] } };
}

function built(preset: string): Document {
  const architecture = presetById(preset);
  if (!architecture) throw new Error(`there is no preset ${preset}`);
  return architecture.build('architecture');
}

/** The array of Jha et al., DRACO, arXiv 2006.15103: 64 × 64, in the mobile-class preset. */
function array64(): Document {
  const drawn = built('systolic-32x32');
  const nodes = [...drawn.nodes].map(([id, node]): [string, DocumentNode] => {
    if (node.type !== 'systolic-array') return [id, node];
    return [id, { ...node, name: 'Array 64 × 64', parameters: { ...node.parameters, rows: 64, columns: 64 } }];
  });
  return { ...drawn, title: 'Systolic 64 × 64', nodes: new Map(nodes) };
}

/** MobileNetV1 as drawn, and with the group convolutions that DRACO proposes for the array. */
function draco(): Example {
  const model = mobileNetV1();
  const architecture = array64();
  const { machine } = resolveMachine(architecture);
  if (!machine) throw new Error('the array does not resolve');
  const compiler = { passes: techniques.pass, units: techniques.unit };
  const [rewrite] = techniques.rewrite;
  const proposed = rewrite.propose({ model, machine, compiler, settings: DEFAULT_SETTINGS, parameters: {} });
  if (!proposed.ok || !proposed.value.command) throw new Error('there is nothing to group');
  const applied = apply(model, proposed.value.command);
  if (!applied.ok) throw new Error(applied.error.message);
  const grouped = { ...applied.value.document, id: 'grouped', title: 'MobileNetV1 224, grouped' };
  return {
    slug: 'mobilenet-v1-draco',
    project: {
      title: 'DRACO: MobileNetV1 on a 64 × 64 array',
      summary:
        'Depthwise convolutions leave almost all of a 64 × 64 array idle; group convolutions fill more of it: +27.9 % mean utilisation in the same time, beside the paper’s +41.8 % and 42.6 % less latency over a row-stationary array.',
      documents: [toFile(model), toFile(architecture), toFile(grouped)],
    },
  };
}

export function examples(): readonly Example[] {
  return [
    example(
      'mobilenet-v1',
      'MobileNetV1 on a 32 × 32 array',
      'A CNN of depthwise-separable blocks on a mobile-class systolic array: where depthwise layers leave the array idle.',
      mobileNetV1(),
      'systolic-32x32',
    ),
    draco(),
    example(
      'bert-base',
      'BERT-base encoder on a 256 × 256 array',
      'Twelve identical encoder layers, 128 tokens, on a TPU-like array: attention, softmax and layer norm beside large products.',
      bertBaseEncoder(),
      'tpu-256x256',
    ),
    example(
      'mlp-two-cores',
      'MLP on two FPGA cores',
      'A hand-drawn three-layer perceptron at batch 1 on two small cores and one HBM channel: bound by its weights.',
      perceptron(),
      'fpga-2-cores',
    ),
    ...KERNELS.map((kernel) => ({ slug: kernel.slug, project: kernelProject(kernel) })),
  ];
}

if (process.argv[1] === import.meta.filename) {
  for (const { slug, project } of examples()) {
    const written = saveTextProject(resolve(import.meta.dirname, slug), project);
    if (!written.ok) throw new Error(written.error.message);
  }
}
