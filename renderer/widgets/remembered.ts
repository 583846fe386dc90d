/** A ref kept in localStorage under `weft.<name>`; what does not pass `read` is as if it were absent. */
import { type Ref, shallowRef, watch } from 'vue';

export function remembered<T>(name: string, initial: T, read: (stored: unknown) => T | null): Ref<T> {
  const key = `weft.${name}`;
  const value = shallowRef(recall(key, read) ?? initial);
  watch(value, (next) => {
    try {
      localStorage.setItem(key, JSON.stringify(next));
    } catch {
      // Storage is full or forbidden: it lasts as long as the window.
    }
  });
  return value;
}

function recall<T>(key: string, read: (stored: unknown) => T | null): T | null {
  try {
    const text = localStorage.getItem(key);
    return text === null ? null : read(JSON.parse(text));
  } catch {
    return null;
  }
}
