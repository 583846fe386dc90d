/** Chains written as text: an operator type of the catalog a line, `input` followed by its shape (`input 1 3 8 8`). */
import { problem } from '#core/base/problem.ts';
import { err, ok } from '#core/base/result.ts';
import type { DocumentLink, DocumentNode } from '#core/document/document.ts';
import { buildModel } from '#core/model/build.ts';
import { modelFacts } from '#core/model/facts.ts';
import { arranged } from '#core/model/layout.ts';
import type { Importer } from '#core/technique/importer.ts';

const LARGEST_FILE = 2 ** 20;

export const technique: Importer = {
  manifest: {
    id: 'importer/example',
    kind: 'importer',
    version: '0.1.0',
    title: 'Example',
    summary: 'Opens a chain of operators written as text, one a line.',
    maturity: 'experimental',
    citations: [{ text: 'Where the idea comes from: authors, title, place and year' }],
    parameters: [],
  },
  extensions: ['.example'],
  match: (name) => name.toLowerCase().endsWith('.example'),
  open(source, { document, file }) {
    const fault = (code: string, message: string, byteOffset: number) =>
      err(problem(`example.${code}`, `${file}: ${message}`, { where: { file, byteOffset } }));
    if (source.size > LARGEST_FILE) return fault('large', `larger than ${LARGEST_FILE} bytes`, LARGEST_FILE);
    const text = new TextDecoder().decode(source.read(0, source.size));
    const nodes = new Map<string, DocumentNode>();
    const links = new Map<string, DocumentLink>();
    let offset = 0;
    for (const line of text.split('\n')) {
      const at = offset;
      offset += new TextEncoder().encode(line).length + 1;
      const [type = '', ...rest] = line.trim().split(/\s+/);
      if (type === '') continue;
      const shape = rest.map(Number);
      if (!shape.every((size) => Number.isSafeInteger(size) && size > 0))
        return fault('shape', `${rest.join(' ')} is not a shape`, at);
      const id = `n${nodes.size + 1}`;
      nodes.set(id, { id, type, name: id, x: 0, y: 0, parent: null, parameters: shape.length > 0 ? { shape } : {} });
      if (nodes.size === 1) continue;
      const from = { node: `n${nodes.size - 1}`, port: 'out' };
      links.set(`l${nodes.size}`, { id: `l${nodes.size}`, from, to: { node: id, port: 'in' } });
    }
    if (nodes.size === 0) return fault('empty', 'there is no operator in it', 0);
    const drawn = arranged({ id: document, kind: 'model', title: file, nodes, links });
    const { graph, problems } = buildModel(drawn);
    return ok({
      document: drawn,
      problems,
      facts: graph && modelFacts(graph),
      source: { format: 'Example', producer: '', opsets: {} },
    });
  },
};
