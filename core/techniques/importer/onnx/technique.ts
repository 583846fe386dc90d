/** ONNX files of any operator set, standard or with custom domains. Weights are counted from their shapes; where they lie is told, they are not read. */
import { problem } from '#core/base/problem.ts';
import { err, ok } from '#core/base/result.ts';
import type { Document } from '#core/document/document.ts';
import { buildModel } from '#core/model/build.ts';
import { modelFacts } from '#core/model/facts.ts';
import { arranged } from '#core/model/layout.ts';
import type { Importer } from '#core/technique/importer.ts';
import { convert } from './convert.ts';
import { grouped } from './hierarchy.ts';
import { readModel } from './proto.ts';
import { Wire } from './wire.ts';

export const technique: Importer = {
  manifest: {
    id: 'importer/onnx',
    kind: 'importer',
    version: '1.0.0',
    title: 'ONNX',
    summary: 'Opens ONNX models: operators, shapes and parameter counts; repeated blocks are folded.',
    maturity: 'stable',
    citations: [
      { text: 'Open Neural Network Exchange, intermediate representation and operators', reference: 'onnx.ai/onnx' },
      { text: 'Protocol Buffers, Encoding', reference: 'protobuf.dev/programming-guides/encoding' },
    ],
    parameters: [],
  },
  extensions: ['.onnx'],
  // A ModelProto starts with its ir_version: field 1, a varint.
  match: (name, head) => name.toLowerCase().endsWith('.onnx') || (head[0] === 0x08 && (head[1] ?? 255) < 64),
  open(source, options) {
    const wire = new Wire(source);
    const model = readModel(wire);
    if (wire.fault) {
      const { code, message, byteOffset } = wire.fault;
      const where = { file: options.file, byteOffset };
      return err(
        problem(`onnx.${code}`, `${options.file} cannot be read: ${message}`, { where, facts: { size: source.size } }),
      );
    }
    const converted = convert(model, source, options);
    if (!converted.ok) return converted;
    const { sketch, weights, problems } = converted.value;
    const title = options.file.replace(/^.*[/\\]/, '').replace(/\.onnx$/i, '') || 'Model';
    const flat: Document = { id: options.document, kind: 'model', title, nodes: sketch.nodes, links: sketch.links };
    const { graph, types } = buildModel(flat);
    return ok({
      document: arranged({ ...flat, nodes: grouped(sketch, types) }),
      problems,
      weights,
      facts: graph ? modelFacts(graph) : null,
      source: {
        format: 'ONNX',
        producer: [model.producer, model.producerVersion].filter((part) => part !== '').join(' '),
        opsets: Object.fromEntries(model.opsets),
      },
    });
  },
};
