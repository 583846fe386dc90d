/** Drawn models as ONNX files of shapes. */
import { ok } from '#core/base/result.ts';
import { writeOnnx } from '#core/interchange/onnx-export/export.ts';
import { type Exporter, fileStem } from '#core/technique/exporter.ts';

export const technique: Exporter = {
  manifest: {
    id: 'exporter/onnx',
    kind: 'exporter',
    version: '1.0.0',
    title: 'ONNX (shapes only)',
    summary: 'Writes a model as ONNX: operators, shapes and names; weights are ConstantOfShape, without numbers.',
    maturity: 'stable',
    citations: [
      {
        text: 'Open Neural Network Exchange, operators up to set 21 (23 for RMSNormalization)',
        reference: 'onnx.ai/onnx',
      },
      { text: 'Protocol Buffers, Encoding', reference: 'protobuf.dev/programming-guides/encoding' },
    ],
    parameters: [],
  },
  extension: '.onnx',
  inputs: [],
  export({ model }) {
    const written = writeOnnx(model);
    if (!written.ok) return written;
    return ok({ name: `${fileStem(model.title)}.onnx`, mediaType: 'application/octet-stream', ...written.value });
  },
};
