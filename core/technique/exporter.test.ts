import { describe, expect, it } from 'vitest';
import { emptyDocument } from '#core/document/document.ts';
import { type Exporter, exportWith } from './exporter.ts';
import { techniques } from './registry.ts';

const exporters: readonly Exporter[] = techniques.exporter;
const [first] = exporters;
const request = { model: emptyDocument('m', 'model', 'm'), architecture: null, parameters: {} };

describe('inputs of exporters', () => {
  it('have a role each, and words', () => {
    for (const { inputs } of exporters) {
      expect(new Set(inputs.map(({ role }) => role)).size).toBe(inputs.length);
      for (const { role, title, note } of inputs)
        for (const text of [role, title, note]) expect(text.trim()).not.toBe('');
    }
  });

  it('are asked for where they are required', () => {
    const needy: Exporter = {
      ...first!,
      inputs: [{ role: 'board.txt', title: 'Board', note: 'Its pins.', isRequired: true }],
      export: ({ files }) => ({
        ok: true,
        value: { name: files['board.txt'] ?? '', mediaType: '', bytes: new Uint8Array(), problems: [] },
      }),
    };
    const without = exportWith(needy, { ...request, files: { 'other.txt': '' } });
    expect(!without.ok && without.error).toMatchObject({ code: 'export.input', where: { file: 'board.txt' } });
    expect(exportWith(needy, { ...request, files: { 'board.txt': '' } })).toMatchObject({ ok: true });
  });
});
