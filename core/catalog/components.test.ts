import { describe, expect, it } from 'vitest';
import { COMPONENT_TYPES, componentType } from './components.ts';
import { defaultParameters, parameterFault } from './parameter.ts';

const all = Object.values(COMPONENT_TYPES).flat();

describe('component catalog', () => {
  it('has ids that are there once over all kinds of documents', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const type of all) expect(componentType(type.id)).toBe(type);
  });

  it.each(all.map((type) => [type.id, type] as const))('%s is declared completely', (_, type) => {
    expect(type.title).not.toBe('');
    expect(type.summary).toMatch(/\.$/);
    expect(type.source).not.toBe('');
    for (const list of [type.parameters, type.ports]) expect(new Set(list.map(({ id }) => id)).size).toBe(list.length);
    for (const spec of type.parameters) {
      expect(spec.help).toMatch(/\.$/);
      expect(parameterFault(spec, spec.default)).toBeNull();
    }
    // A node that says nothing of itself reads as one freshly drawn.
    expect(type.badge({})).toBe(type.badge(defaultParameters(type.parameters)));
    expect(type.badge({})).not.toBe('');
  });
});
