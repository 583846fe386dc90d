/** The keys of an open menu (WAI-ARIA menu pattern): arrows go round, Home and End to its ends, Escape and Tab close it. */
export function onMenuKey(event: KeyboardEvent, items: readonly HTMLElement[], close: () => void): void {
  const at = document.activeElement instanceof HTMLElement ? items.indexOf(document.activeElement) : -1;
  if (event.key === 'ArrowDown') items[(at + 1) % items.length]?.focus();
  else if (event.key === 'ArrowUp') items[(at - 1 + items.length) % items.length]?.focus();
  else if (event.key === 'Home') items[0]?.focus();
  else if (event.key === 'End') items.at(-1)?.focus();
  else if (event.key === 'Escape' || event.key === 'Tab') close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
