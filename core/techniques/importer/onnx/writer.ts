/** The writer of ONNX files, for this importer's tests. */
export * from '#core/interchange/onnx-export/writer.ts';
