// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest';
import {
  bindingsText,
  clashesOf,
  FIGURE_VERBS,
  figureVerbFor,
  holdersOf,
  keysOf,
  overrides,
  parseBindings,
  takeOver,
  type Verb,
  withKeys,
} from './bindings.ts';

const verb = (id: string, keys: readonly string[], scope: Verb['scope'] = 'everywhere'): Verb => ({
  id,
  label: id,
  scope,
  keys,
});
const undo = verb('undo', ['Mod+Z']);
const fit = verb('fit', ['F'], 'drawing');
const all = verb('all', ['F', '0'], 'figure');
const verbs = [undo, fit, all];

describe('bindings', () => {
  beforeEach(() => {
    overrides.value = {};
  });

  it('are the standard until something else is chosen', () => {
    expect(keysOf(undo, {})).toEqual(['Mod+Z']);
    expect(keysOf(undo, { undo: ['U'] })).toEqual(['U']);
    expect(keysOf(undo, { undo: [] })).toEqual([]);
    expect(withKeys({ undo: ['U'] }, undo, ['Mod+Z'])).toEqual({});
  });

  it('may be shared by the drawing and a figure, by nothing else', () => {
    expect(clashesOf(verbs, {})).toEqual([]);
    expect(holdersOf('F', undo, verbs, {})).toEqual([fit, all]);
    expect(holdersOf('F', fit, verbs, {})).toEqual([]);
    expect(clashesOf(verbs, { undo: ['F'] })).toEqual([{ key: 'F', verbs: [undo, fit, all] }]);
  });

  it('are taken over from all that held them, and only that key', () => {
    const chosen = takeOver({}, undo, 'F', verbs);
    expect(chosen).toEqual({ undo: ['F'], fit: [], all: ['0'] });
    expect(clashesOf(verbs, chosen)).toEqual([]);
  });

  it('go through text and back, and other text is refused', () => {
    const chosen = { undo: ['Mod+U', 'F9'], fit: [] };
    expect(parseBindings(bindingsText(chosen))).toEqual(chosen);
    for (const text of [
      '',
      '{}',
      '[]',
      '{"format":"weft-keys/2","keys":{}}',
      '{"format":"weft-keys/1","keys":{"a":1}}',
    ])
      expect(parseBindings(text)).toBeNull();
  });

  it('of figures follow the choice', () => {
    expect(figureVerbFor('W')).toBe('figure.zoom-in');
    overrides.value = withKeys({}, FIGURE_VERBS[0], ['I']);
    expect(figureVerbFor('W')).toBeNull();
    expect(figureVerbFor('I')).toBe('figure.zoom-in');
  });
});
