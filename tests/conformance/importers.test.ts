/** Every registered importer: whatever the bytes, an answer and never an exception; the same bytes, the same answer. */
import { describe, expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { bytesSource, type Importer } from '#core/technique/importer.ts';
import { techniques } from '#core/technique/registry.ts';

const importers: readonly Importer[] = techniques.importer;
const FILES = 200;

/** Nothing, noise, and noise made of what text formats are made of. */
function drawnBytes(seed: number): Uint8Array {
  const rng = createRng(seed);
  const length = seed % 20 === 0 ? seed / 20 : rng.below(400);
  const letters = '{}[]":,.-0123456789 \n\tabcxyz#<>';
  return Uint8Array.from({ length }, () =>
    seed % 2 === 0 ? rng.below(256) : letters.charCodeAt(rng.below(letters.length)),
  );
}

describe.each(importers.map((importer) => ({ id: importer.manifest.id, importer })))('$id', ({ importer }) => {
  it(`conforms on ${FILES} files that are none of its`, () => {
    expect(importer.extensions.length).toBeGreaterThan(0);
    for (const extension of importer.extensions) {
      expect(extension).toMatch(/^\.[a-z0-9-]+$/);
      for (let seed = 0; seed < FILES; seed++) {
        const bytes = drawnBytes(seed);
        const file = `file${extension}`;
        expect(typeof importer.match(file, bytes.subarray(0, 64))).toBe('boolean');
        const open = () => importer.open(bytesSource(bytes), { document: 'd', file });
        const made = open();
        expect(open(), `seed ${seed}`).toEqual(made);
        if (made.ok) {
          expect(made.value.document.id).toBe('d');
          continue;
        }
        const { code, message, severity, where } = made.error;
        expect(code).toMatch(/^[a-z0-9-]+\.[a-z0-9.-]+$/);
        expect(message.length).toBeGreaterThan(0);
        expect(severity).toBe('error');
        expect(where.file, `${code}: ${message}`).toBe(file);
      }
    }
  });
});
