/** Key presses as text: `Mod+K`, `Shift+L`, `Alt+ArrowLeft`, `?`; Mod is Ctrl, or Command on a Mac. */

type KeyPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

const MODIFIERS = new Set(['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead', 'Unidentified']);

/** False while only Ctrl, Shift and their like are down. */
export function isWhole(event: Pick<KeyboardEvent, 'key'>): boolean {
  return !MODIFIERS.has(event.key);
}

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
