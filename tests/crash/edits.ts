/** Seeded edits of a document, and temporary folders: what the durability tests share. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRng, type Rng } from '#core/base/rng.ts';
import { type DocumentFile, emptyDocument, toFile } from '#core/document/document.ts';
import type { DocumentState, Operation } from '#core/document/history.ts';

export function emptyModel(id = 'model'): DocumentFile {
  return toFile(emptyDocument(id, 'model', `Model ${id}`));
}

/** The next operation that the state accepts: inserts, moves, parameters, removals, undo and redo. */
export function nextOperation(state: DocumentState, rng: Rng): Operation {
  const nodes = [...state.document.nodes.keys()];
  const pick = () => nodes[rng.below(nodes.length)]!;
  const kind = rng.below(10);
  if (kind === 0 && state.cursor > 0) return { type: 'undo' };
  if (kind === 1 && state.cursor < state.entries.length) return { type: 'redo' };
  if (nodes.length < 3 || kind < 5) {
    const id = `n${state.revision}`;
    const node = { id, type: 'relu', name: `relu ${id}`, x: rng.below(2000), y: rng.below(2000), parent: null };
    const parameters = { note: 'x'.repeat(rng.below(300)) };
    return { type: 'do', command: { type: 'nodes.insert', nodes: [{ ...node, parameters }], links: [] } };
  }
  if (kind < 8) {
    const positions = [{ node: pick(), x: rng.below(2000), y: rng.below(2000) }];
    return {
      type: 'do',
      command: { type: 'nodes.move', positions },
      gesture: `drag-${Math.floor(state.revision / 4)}`,
    };
  }
  if (kind === 8) return { type: 'do', command: { type: 'nodes.remove', nodes: [pick()] } };
  return {
    type: 'do',
    command: { type: 'node.set-parameter', node: pick(), parameter: 'axis', value: rng.below(1_000_000) },
  };
}

export { createRng };

/** A folder for one test, and the way to be rid of it. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'weft-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
