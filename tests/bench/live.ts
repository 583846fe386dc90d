/**
 * The live estimate of 1,000 operators after one edit, as the editor makes it: of an operator, of the array's size, with and
 * without the array models. `npm run bench live [-- --write]`: into core/compile/README.md.
 */
import { parseArgs } from 'node:util';
import { resolveMachine } from '#core/architecture/machine.ts';
import { presetById } from '#core/architecture/presets.ts';
import { estimateModel } from '#core/compile/estimate.ts';
import { MappingCache } from '#core/compile/map.ts';
import type { Document, DocumentNode } from '#core/document/document.ts';
import { buildModel } from '#core/model/build.ts';
import { ModelMemo } from '#core/model/memo.ts';
import { ArrayModelCache, arrayModelsOf } from '#core/run/array-models.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { techniques } from '#core/technique/registry.ts';
import { Sketch } from '#projects/examples/sketch.ts';
import { count, spread, table, writeSection } from '../support/bench-report.ts';
import { largeModel } from '../support/large-model.ts';
import { distribution, machineLine } from '../support/measure.ts';

const ARCHITECTURE = 'systolic-32x32';
const OPERATORS = 1000;
/** Of each kind; the first are not counted. */
const [EDITS, WARM] = [61, 10];
const COMPILER = { passes: techniques.pass, units: techniques.unit };

/** Convolutions of which no two are alike, each with an activation of its own: every kernel is mapped by itself. */
function unlikeModel(operators: number): Document {
  const sketch = new Sketch();
  let at = sketch.add('input', 'image', { shape: [1, 64, 28, 28] });
  for (let index = 0; index < operators / 2; index++) {
    const kernel = index % 2 === 0 ? [3, 3] : [1, 1];
    at = sketch.add('conv', `conv ${index}`, { outChannels: 64 + ((index * 7) % 501), kernel }, at);
    at = sketch.add('activation', `gelu ${index}`, { function: 'gelu' }, at);
  }
  sketch.add('output', 'result', {}, at);
  return sketch.document('unlike', 'No two alike');
}

function edited(document: Document, node: DocumentNode, parameters: DocumentNode['parameters']): Document {
  const changed = { ...node, parameters: { ...node.parameters, ...parameters } };
  return { ...document, nodes: new Map(document.nodes).set(node.id, changed) };
}

const nodesOf = (document: Document, type: string) => [...document.nodes.values()].filter((node) => node.type === type);

/** A studio with both documents open. What an edit leaves alone is not analysed again. */
class Live {
  model: Document;
  architecture = presetById(ARCHITECTURE)!.build('a');
  readonly #withModels: boolean;
  readonly #memo = new ModelMemo();
  readonly #mappings = new MappingCache();
  readonly #estimates = new ArrayModelCache();
  #graph: ReturnType<typeof buildModel>['graph'] = null;
  #built: Document | null = null;

  constructor(model: Document, withModels: boolean) {
    this.model = model;
    this.#withModels = withModels;
  }

  estimate(): { readonly operators: number; readonly kernels: number; readonly recomputed: number } {
    if (this.#built !== this.model) this.#graph = buildModel(this.model, this.#memo).graph;
    this.#built = this.model;
    const { machine } = resolveMachine(this.architecture);
    if (!this.#graph || !machine) throw new Error('a document is incomplete');
    const found = estimateModel(this.#graph, machine, COMPILER, DEFAULT_SETTINGS, this.#mappings);
    if (!found.ok) throw new Error(found.error.message);
    if (this.#withModels) arrayModelsOf(found.value, machine, DEFAULT_SETTINGS, this.#estimates);
    const { kernels, recomputed } = found.value;
    return { operators: this.#graph.operators.length, kernels: kernels.length, recomputed };
  }
}

function row(title: string, model: Document, kind: 'operator' | 'array', withModels: boolean): readonly string[] {
  const live = new Live(model, withModels);
  const convolutions = nodesOf(model, 'conv').slice(100);
  const [array] = nodesOf(live.architecture, 'systolic-array');
  let last = live.estimate();
  const [elapsed, busy]: [number[], number[]] = [[], []];
  for (let edit = 0; edit < WARM + EDITS; edit++) {
    if (kind === 'operator')
      live.model = edited(live.model, convolutions[edit]!, { outChannels: 64, groups: 2 ** (1 + (edit % 6)) });
    else live.architecture = edited(live.architecture, array!, { rows: 8 + edit, columns: 100 - edit });
    const before = performance.now();
    const used = process.cpuUsage();
    last = live.estimate();
    const { user, system } = process.cpuUsage(used);
    if (edit < WARM) continue;
    elapsed.push(performance.now() - before);
    busy.push((user + system) / 1000);
  }
  return [
    title,
    kind === 'operator' ? 'an operator' : "the array's size",
    withModels ? 'yes' : 'no',
    count(last.operators),
    count(last.kernels),
    count(last.recomputed),
    spread(distribution(elapsed)),
    spread(distribution(busy)),
  ];
}

const { values: flags } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
const HEAD = [
  'model',
  'edit of',
  'three cycle models',
  'operators',
  'kernels',
  'mapped anew',
  'elapsed, min / median / max',
  'processor, min / median / max',
];
const models = [
  ['residual blocks', largeModel(OPERATORS)],
  ['no two kernels alike', unlikeModel(OPERATORS)],
] as const;
const rows = models.flatMap(([title, model]) =>
  (['operator', 'array'] as const).flatMap((kind) => [false, true].map((with3) => row(title, model, kind, with3))),
);
const text = [
  `\`npm run bench live -- --write\`; ${machineLine()}. Document to estimate, ${EDITS} edits of each kind for \`${ARCHITECTURE}\` after ${WARM} not ` +
    'counted. The machine is shared with other work: elapsed is what passed, processor what this took of it, garbage collection included.',
  table(HEAD, rows, 3),
].join('\n\n');
console.log(text);
if (flags.write) writeSection(new URL('../../core/compile/README.md', import.meta.url), 'live', text);
