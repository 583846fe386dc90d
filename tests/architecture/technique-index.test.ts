import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parameterFault } from '#core/catalog/parameter.ts';
import { indexSource } from '#core/technique/generate-index.ts';
import { techniques } from '#core/techniques/index.ts';

it('the generated index lists every technique folder (npm run techniques)', () => {
  const index = readFileSync(resolve(import.meta.dirname, '../../core/techniques/index.ts'), 'utf8');
  expect(index.replace(/\s+/g, '')).toBe(indexSource().replace(/\s+/g, ''));
});

describe('manifests', () => {
  const all = Object.entries(techniques).flatMap(([kind, members]) =>
    members.map((member) => ({ kind, manifest: member.manifest })),
  );
  it('have unique ids of their kind', () => {
    expect(new Set(all.map(({ manifest }) => manifest.id)).size).toBe(all.length);
    for (const { kind, manifest } of all) {
      expect(manifest.kind).toBe(kind);
      expect(manifest.id.startsWith(`${kind}/`)).toBe(true);
    }
  });

  it('cite something, and every default fits its declaration', () => {
    for (const { manifest } of all) {
      expect(manifest.citations.length, manifest.id).toBeGreaterThan(0);
      for (const spec of manifest.parameters)
        expect(parameterFault(spec, spec.default), `${manifest.id} ${spec.id}`).toBeNull();
    }
  });
});
