/**
 * One action, one object: label, keywords, icon, keys, predicate and what it does. Toolbar, menu, command palette,
 * shortcut help and keyboard all read the same registry; a second action of one id is a bug and throws. Keys are the
 * standard or the user's choice (widgets/bindings.ts); where two actions have one key, the first has it.
 */
import type { Component } from 'vue';
import { type Clash, clashesOf, keysOf, type Overrides, overrides, type Verb } from '../widgets/bindings.ts';
import { keyOf } from '../widgets/keys.ts';

export type ActionGroup = 'Project' | 'Run' | 'Edit' | 'Arrange' | 'Select' | 'View' | 'Help';

export interface Action {
  /** Stable, dotted; the command line uses the same verbs. */
  readonly id: string;
  readonly label: string;
  readonly group: ActionGroup;
  readonly keywords?: readonly string[];
  readonly icon?: Component;
  /** The standard: `Mod+K`, `Shift+L`, `Alt+ArrowLeft`, `?`; Mod is Ctrl, or Command on a Mac. The first is shown. */
  readonly keys?: readonly string[];
  /** Keys act only while the drawing has the focus (or nothing has). */
  readonly inCanvas?: boolean;
  /** The key is shown, and what it does is left to the browser's own event. */
  readonly isNative?: boolean;
  /** Keys act in text fields too. */
  readonly inFields?: boolean;
  /** Not offered in the palette: repeats of one verb, such as the arrow keys. */
  readonly isHidden?: boolean;
  readonly when?: () => boolean;
  readonly perform: () => void | Promise<void>;
}

const NO_KEYS = { chosen: null, actions: new Map<string, Action>() };

/** The action as bindings see it. */
export function verbOf({ id, label, inCanvas, keys = [] }: Action): Verb {
  return { id, label, scope: inCanvas ? 'drawing' : 'everywhere', keys };
}

export class ActionRegistry {
  readonly #byId = new Map<string, Action>();
  #byKey: { readonly chosen: Overrides | null; readonly actions: ReadonlyMap<string, Action> } = NO_KEYS;

  register(actions: readonly Action[]): void {
    for (const action of actions) {
      if (this.#byId.has(action.id)) throw new Error(`action ${action.id} is registered twice`);
      this.#byId.set(action.id, action);
    }
    this.#byKey = NO_KEYS;
  }

  get(id: string): Action {
    const action = this.#byId.get(id);
    if (!action) throw new Error(`there is no action ${id}`);
    return action;
  }

  all(): readonly Action[] {
    return [...this.#byId.values()];
  }

  forKey(key: string): Action | undefined {
    const chosen = overrides.value;
    if (this.#byKey.chosen !== chosen) {
      const found = new Map<string, Action>();
      for (const action of this.all())
        for (const each of keysOf(verbOf(action), chosen)) if (!found.has(each)) found.set(each, action);
      this.#byKey = { chosen, actions: found };
    }
    return this.#byKey.actions.get(key);
  }

  /** The keys that act now, the first of which is shown. Reactive. */
  keysOf(action: Action): readonly string[] {
    return keysOf(verbOf(action));
  }

  /** Keys that several actions would answer to. Reactive. */
  clashes(): readonly Clash[] {
    return clashesOf(this.all().map(verbOf), overrides.value);
  }
}

export function isAvailable(action: Action): boolean {
  return action.when?.() ?? true;
}

const FIELD = 'input, textarea, select, [contenteditable="true"]';
const CONTROL =
  'button, a[href], summary, [role="option"], [role="treeitem"], [role="tab"], [role="separator"], [role="menuitem"]';

/** The action a key press stands for where it was pressed, or null. */
export function actionFor(registry: ActionRegistry, event: KeyboardEvent, isMac: boolean): Action | null {
  const action = registry.forKey(keyOf(event, isMac));
  if (!action || action.isNative || !isAvailable(action)) return null;
  const target = event.target;
  if (!(target instanceof Element)) return action;
  if (target.closest(FIELD) && !action.inFields) return null;
  if (action.inCanvas && !target.closest('.weft-canvas') && target !== target.ownerDocument.body) {
    // Letters still act with the focus on a button of the shell; keys that work the control itself do not.
    const isLetter = event.key.length === 1 && event.key !== ' ';
    if (!isLetter || target.closest(FIELD)) return null;
    if (target.closest('[role="tree"], [role="listbox"], dialog')) return null;
  }
  if (target.closest(CONTROL) && (event.key === ' ' || event.key === 'Enter') && !event.ctrlKey && !event.metaKey)
    return null;
  return action;
}
