import { nextTick } from 'vue';

/**
 * What stood over the canvas is closed: the keyboard goes back to the canvas, unless it is on its way elsewhere, which
 * is what closed it.
 */
export function giveBack(focus: () => void): void {
  // Between two elements the page itself has the focus.
  if (document.activeElement !== document.body) nextTick().then(focus);
}
