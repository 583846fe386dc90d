/**
 * One action, one object: label, keywords, icon, keys, predicate and what it does. Toolbar, menu, command palette,
 * shortcut help and keyboard all read the same registry; a second action of one id or one key is a bug and throws.
 */
import type { Component } from 'vue';

export type ActionGroup = 'Project' | 'Run' | 'Edit' | 'Arrange' | 'Select' | 'View' | 'Help';

export interface Action {
  /** Stable, dotted; the command line uses the same verbs. */
  readonly id: string;
  readonly label: string;
  readonly group: ActionGroup;
  readonly keywords?: readonly string[];
  readonly icon?: Component;
  /** `Mod+K`, `Shift+L`, `Alt+ArrowLeft`, `?`; Mod is Ctrl, or Command on a Mac. The first is shown. */
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

export class ActionRegistry {
  readonly #byId = new Map<string, Action>();
  readonly #byKey = new Map<string, Action>();

  register(actions: readonly Action[]): void {
    for (const action of actions) {
      if (this.#byId.has(action.id)) throw new Error(`action ${action.id} is registered twice`);
      this.#byId.set(action.id, action);
      for (const key of action.keys ?? []) {
        const holder = this.#byKey.get(key);
        if (holder) throw new Error(`key ${key} belongs to ${holder.id} and to ${action.id}`);
        this.#byKey.set(key, action);
      }
    }
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
    return this.#byKey.get(key);
  }
}

export function isAvailable(action: Action): boolean {
  return action.when?.() ?? true;
}

type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

/** The press as it is written in `keys`. */
export function keyOf(event: KeyPress, isMac: boolean): string {
  const mod = isMac ? event.metaKey : event.ctrlKey;
  const name = event.key === ' ' ? 'Space' : event.key.length === 1 ? event.key.toUpperCase() : event.key;
  // A sign such as ? or + is already the shifted key.
  const isSign = event.key.length === 1 && !/[a-z0-9 ]/i.test(event.key);
  return [mod && 'Mod', event.altKey && 'Alt', event.shiftKey && !isSign && 'Shift', name].filter(Boolean).join('+');
}

const SHOWN: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Delete: 'Del',
  Escape: 'Esc',
};

/** `Ctrl K` or `⌘K`, for people. */
export function keyLabel(key: string, isMac: boolean): string {
  const parts = key.split(/\+(?=.)/).map((part) => {
    if (part === 'Mod') return isMac ? '⌘' : 'Ctrl';
    if (part === 'Shift') return isMac ? '⇧' : 'Shift';
    if (part === 'Alt') return isMac ? '⌥' : 'Alt';
    return SHOWN[part] ?? part;
  });
  return parts.join(isMac ? '' : ' ');
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
