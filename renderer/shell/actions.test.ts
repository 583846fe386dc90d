// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it } from 'vitest';
import { TOUR_STEPS } from '../tour/steps.ts';
import { overrides } from '../widgets/bindings.ts';
import { keyLabel, keyOf } from '../widgets/keys.ts';
import { type Action, ActionRegistry, actionFor } from './actions.ts';
import { defineActions } from './define-actions.ts';

const action = (id: string, more: Partial<Action> = {}): Action => ({
  id,
  label: id,
  group: 'Edit',
  perform: () => {},
  ...more,
});
const press = (key: string, more: KeyboardEventInit = {}) =>
  new KeyboardEvent('keydown', { key, bubbles: true, ...more });

/** Dispatches on an element and says which action it stands for. */
function pressedOn(element: HTMLElement, registry: ActionRegistry, event: KeyboardEvent): string | null {
  let found: string | null = null;
  document.body.append(element);
  element.addEventListener('keydown', (seen) => {
    found = actionFor(registry, seen, false)?.id ?? null;
  });
  element.dispatchEvent(event);
  element.remove();
  return found;
}

describe('action registry', () => {
  it('throws on a second action of one id, and tells of a second of one key', () => {
    const registry = new ActionRegistry();
    registry.register([action('edit.a', { keys: ['A'] })]);
    expect(() => registry.register([action('edit.a')])).toThrow('action edit.a is registered twice');
    registry.register([action('edit.b', { keys: ['A'] })]);
    expect(registry.clashes().map(({ key, verbs }) => [key, ...verbs.map(({ id }) => id)])).toEqual([
      ['A', 'edit.a', 'edit.b'],
    ]);
    expect(registry.forKey('A')?.id).toBe('edit.a');
    expect(() => registry.get('edit.none')).toThrow('there is no action edit.none');
  });

  it('follows the keys that the user chose', () => {
    const registry = new ActionRegistry();
    registry.register([action('edit.a', { keys: ['A'] }), action('edit.b')]);
    overrides.value = { 'edit.a': [], 'edit.b': ['A', 'F9'] };
    expect(registry.forKey('A')?.id).toBe('edit.b');
    expect(registry.keysOf(registry.get('edit.b'))).toEqual(['A', 'F9']);
    overrides.value = {};
    expect(registry.forKey('A')?.id).toBe('edit.a');
    expect(registry.forKey('F9')).toBeUndefined();
  });

  it('writes presses as they stand in `keys`', () => {
    expect(keyOf(press('k', { ctrlKey: true }), false)).toBe('Mod+K');
    expect(keyOf(press('k', { metaKey: true }), true)).toBe('Mod+K');
    expect(keyOf(press('L', { shiftKey: true }), false)).toBe('Shift+L');
    expect(keyOf(press('?', { shiftKey: true }), false)).toBe('?');
    expect(keyOf(press(' '), false)).toBe('Space');
    expect(keyOf(press('ArrowLeft', { altKey: true }), false)).toBe('Alt+ArrowLeft');
    expect(keyLabel('Mod+Shift+Z', false)).toBe('Ctrl Shift Z');
    expect(keyLabel('Mod+K', true)).toBe('⌘K');
    expect(keyLabel('+', false)).toBe('+');
  });

  it('leaves typing to fields, and Space to buttons', () => {
    const registry = new ActionRegistry();
    registry.register([
      action('edit.insert', { keys: ['Space'], inCanvas: true }),
      action('view.fit', { keys: ['F'], inCanvas: true }),
      action('run.start', { keys: ['Mod+Enter'], inFields: true }),
      action('edit.undo', { keys: ['Mod+Z'] }),
    ]);
    const canvas = document.createElement('div');
    canvas.className = 'weft-canvas';
    expect(pressedOn(canvas, registry, press(' '))).toBe('edit.insert');
    expect(pressedOn(document.createElement('button'), registry, press(' '))).toBeNull();
    expect(pressedOn(document.createElement('button'), registry, press('f'))).toBe('view.fit');
    const field = document.createElement('input');
    expect(pressedOn(field, registry, press('f'))).toBeNull();
    expect(pressedOn(field, registry, press('z', { ctrlKey: true }))).toBeNull();
    expect(pressedOn(field, registry, press('Enter', { ctrlKey: true }))).toBe('run.start');
  });

  it('skips what is not available', () => {
    const registry = new ActionRegistry();
    registry.register([action('edit.undo', { keys: ['Mod+Z'], when: () => false })]);
    expect(pressedOn(document.createElement('div'), registry, press('z', { ctrlKey: true }))).toBeNull();
  });
});

describe('the studio’s actions', () => {
  beforeEach(() => setActivePinia(createPinia()));

  it('have ids and keys of their own, and the keys people were promised', () => {
    const registry = new ActionRegistry();
    registry.register(defineActions());
    const promised = {
      'Mod+K': 'help.commands',
      Space: 'edit.insert',
      'Mod+F': 'select.find',
      'Mod+Enter': 'run.start',
      'Shift+L': 'arrange.layout',
      'Mod+G': 'arrange.group',
      F: 'view.fit',
      X: 'select.probe',
      'Mod+D': 'edit.duplicate',
      '?': 'help.shortcuts',
    };
    for (const [key, id] of Object.entries(promised)) expect(registry.forKey(key)?.id).toBe(id);
    for (const each of registry.all()) expect(each.label).not.toBe('');
    expect(registry.clashes()).toEqual([]);
  });

  it('have the keys that the tour speaks of', () => {
    const ids = new Set(defineActions().map(({ id }) => id));
    const named = TOUR_STEPS.flatMap(({ text }) => [...text.matchAll(/\{([^}]*)\}/g)].map(([, id]) => id));
    expect(named).toContain('run.start');
    for (const id of named) expect(ids).toContain(id);
  });

  it('offer nothing that needs a project while none is open', () => {
    const available = defineActions()
      .filter((each) => each.when?.() ?? true)
      .map((each) => each.id);
    expect(available).not.toContain('run.start');
    expect(available).not.toContain('edit.undo');
    expect(available).toContain('project.open-file');
  });
});
