import { validateArchitecture } from '#core/architecture/validate.ts';
import type { Problem } from '#core/base/problem.ts';
import { componentType } from '#core/catalog/components.ts';
import { type Document, isPart } from '#core/document/document.ts';
import { readFabric } from '#core/fabric/read.ts';
import { buildModel } from '#core/model/build.ts';
import { modelFacts } from '#core/model/facts.ts';
import { readTaskGraph } from '#core/taskgraph/read.ts';
import { type Command, DONE, FAILED, type Io, printProblems } from './command.ts';
import { choicesOf, loadDocument, SHAPE_OPTION, VALUE_OPTION } from './inputs.ts';

export const importCommand: Command = {
  name: 'import',
  positionals: ['FILE'],
  summary: 'Imports a model, an architecture, a task graph or a fabric and prints what is in it.',
  details: `FILE is a file an importer reads (ONNX models; architectures of other tools; SDF graphs), a document (JSON), a project (.weft)
or a project folder. Weights are passed over, external data is not opened. Operators are what computes or moves:
constants and shape arithmetic are folded. With --json, of a model: {operators, tensors, parameters, macs, inputs, outputs,
problems}; inputs and outputs are lists of {name, shape, elementType}, the four counts are numbers. Of anything else:
{title, components: [{type, name, parameters}], links, problems}.`,
  options: { json: { type: 'boolean', help: 'JSON on stdout.' }, shape: SHAPE_OPTION, value: VALUE_OPTION },
  async run([file = ''], options, io) {
    const isJson = options.json === true;
    const loaded = loadDocument(file, choicesOf(options));
    if (!loaded.ok) {
      printProblems([loaded.error], io);
      if (isJson) io.out(JSON.stringify({ problems: [loaded.error] }));
      return FAILED;
    }
    const { model: document, problems } = loaded.value;
    return document.kind === 'model'
      ? printModel(document, problems, io, isJson)
      : printComponents(document, problems, io, isJson);
  },
};

function printModel(model: Document, imported: readonly Problem[], io: Io, isJson: boolean): number {
  const built = buildModel(model);
  const problems = [...imported, ...built.problems];
  printProblems(problems, io);
  if (built.graph === null) {
    if (isJson) io.out(JSON.stringify({ problems }));
    return FAILED;
  }
  const facts = modelFacts(built.graph);
  if (isJson) {
    io.out(JSON.stringify({ ...facts, problems }));
    return DONE;
  }
  io.out(
    `${model.title}: ${facts.operators} operators, ${facts.tensors} tensors, ${facts.parameters} parameters, ${facts.macs} MACs`,
  );
  for (const [title, rows] of [
    ['in', facts.inputs],
    ['out', facts.outputs],
  ] as const) {
    for (const row of rows) io.out(`  ${title} ${row.name}: ${row.shape.join('×')} ${row.elementType}`);
  }
  return DONE;
}

function problemsOf(document: Document): readonly Problem[] {
  if (document.kind === 'tasks') return readTaskGraph(document).problems;
  return document.kind === 'fabric' ? readFabric(document).problems : validateArchitecture(document);
}

function printComponents(document: Document, imported: readonly Problem[], io: Io, isJson: boolean): number {
  const problems = [...imported, ...problemsOf(document)];
  printProblems(problems, io);
  const nodes = [...document.nodes.values()].filter(isPart);
  if (isJson) {
    const components = nodes.map(({ type, name, parameters }) => ({ type, name, parameters }));
    io.out(JSON.stringify({ title: document.title, components, links: document.links.size, problems }));
  } else {
    io.out(`${document.title}: ${nodes.length} components, ${document.links.size} links`);
    for (const { type, name, parameters } of nodes) {
      const declared = componentType(type);
      io.out(`  ${declared?.title ?? type} ${name}${declared ? `: ${declared.badge(parameters)}` : ''}`);
    }
  }
  return problems.some(({ severity }) => severity === 'error') ? FAILED : DONE;
}
