/** The registry as components use it. */
import { type InjectionKey, inject } from 'vue';
import { keyLabel } from '../widgets/keys.ts';
import type { Action, ActionRegistry } from './actions.ts';

export interface Actions {
  readonly registry: ActionRegistry;
  readonly perform: (id: string) => void;
  /** `Undo (Ctrl Z)`. */
  readonly tip: (id: string) => string;
  readonly keys: (action: Action) => string;
  readonly isMac: boolean;
}

export const actionsKey: InjectionKey<Actions> = Symbol('actions');

export function useActions(): Actions {
  const actions = inject(actionsKey);
  if (!actions) throw new Error('actions are provided by App.vue');
  return actions;
}

export function makeActions(registry: ActionRegistry, isMac: boolean, failed: (error: unknown) => void): Actions {
  const keys = (action: Action) => {
    const [first] = registry.keysOf(action);
    return first === undefined ? '' : keyLabel(first, isMac);
  };
  return {
    registry,
    isMac,
    keys,
    tip: (id) => {
      const action = registry.get(id);
      const shown = keys(action);
      return shown ? `${action.label}  ${shown}` : action.label;
    },
    perform: (id) => {
      const action = registry.get(id);
      if (action.when && !action.when()) return;
      Promise.resolve()
        .then(() => action.perform())
        .catch(failed);
    },
  };
}
