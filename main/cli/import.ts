import { buildModel } from '#core/model/build.ts';
import { modelFacts } from '#core/model/facts.ts';
import { type Command, DONE, FAILED, printProblems } from './command.ts';
import { choicesOf, loadModel, SHAPE_OPTION, VALUE_OPTION } from './inputs.ts';

export const importCommand: Command = {
  name: 'import',
  positionals: ['FILE'],
  summary: 'Imports a model and prints what is in it.',
  details: `FILE is an .onnx file, a model document (JSON), a project (.weft) or a project folder. Weights are passed over,
external data is not opened. Operators are what computes or moves: constants and shape arithmetic are folded.
With --json: {operators, tensors, parameters, macs, inputs, outputs, problems}; inputs and outputs are lists of
{name, shape, elementType}, the four counts are numbers.`,
  options: { json: { type: 'boolean', help: 'JSON on stdout.' }, shape: SHAPE_OPTION, value: VALUE_OPTION },
  async run([file = ''], options, io) {
    const loaded = loadModel(file, choicesOf(options));
    if (!loaded.ok) {
      printProblems([loaded.error], io);
      if (options.json) io.out(JSON.stringify({ problems: [loaded.error] }));
      return FAILED;
    }
    const built = buildModel(loaded.value.model);
    const problems = [...loaded.value.problems, ...built.problems];
    printProblems(problems, io);
    if (built.graph === null) {
      if (options.json) io.out(JSON.stringify({ problems }));
      return FAILED;
    }
    const facts = modelFacts(built.graph);
    if (options.json) io.out(JSON.stringify({ ...facts, problems }));
    else {
      io.out(
        `${loaded.value.model.title}: ${facts.operators} operators, ${facts.tensors} tensors, ${facts.parameters} parameters, ${facts.macs} MACs`,
      );
      for (const [title, rows] of [
        ['in', facts.inputs],
        ['out', facts.outputs],
      ] as const) {
        for (const row of rows) io.out(`  ${title} ${row.name}: ${row.shape.join('×')} ${row.elementType}`);
      }
    }
    return DONE;
  },
};
