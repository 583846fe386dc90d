/**
 * `v-tip="text"`: a tooltip on hover and on keyboard focus, one element for the whole page. It only repeats or
 * completes what a label says, so it is hidden from screen readers; Escape hides it. What is to be read anyway has none.
 */
import type { Directive } from 'vue';

const DELAY_MS = 350;
const texts = new WeakMap<HTMLElement, string>();
let bubble: HTMLElement | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
let owner: HTMLElement | null = null;

function show(target: HTMLElement): void {
  const text = texts.get(target);
  if (!text || !target.isConnected || isRead(target, text)) return;
  bubble ??= makeBubble();
  bubble.textContent = text;
  bubble.hidden = false;
  owner = target;
  const box = target.getBoundingClientRect();
  const own = bubble.getBoundingClientRect();
  const below = box.bottom + 6 + own.height <= innerHeight;
  bubble.style.top = `${below ? box.bottom + 6 : Math.max(4, box.top - 6 - own.height)}px`;
  bubble.style.left = `${Math.min(Math.max(4, box.left + box.width / 2 - own.width / 2), innerWidth - own.width - 4)}px`;
}

/** The tip would repeat what stands there uncut. */
function isRead(target: HTMLElement, text: string): boolean {
  const isCut = (element: Element) => element.scrollWidth > element.clientWidth;
  return target.textContent?.trim() === text && ![target, ...target.querySelectorAll('.ellipsis')].some(isCut);
}

function hide(): void {
  clearTimeout(timer);
  owner = null;
  if (bubble) bubble.hidden = true;
}

function makeBubble(): HTMLElement {
  const made = document.createElement('div');
  made.className = 'tip';
  made.setAttribute('aria-hidden', 'true');
  document.body.append(made);
  addEventListener('keydown', (event) => event.key === 'Escape' && hide(), true);
  addEventListener('pointerdown', hide, true);
  return made;
}

function later(event: Event): void {
  const target = event.currentTarget;
  if (!(target instanceof HTMLElement)) return;
  // The focus of a press is where the pointer is, and the press just hid the tip.
  if (event.type === 'focus' && !target.matches(':focus-visible')) return;
  clearTimeout(timer);
  timer = setTimeout(() => show(target), DELAY_MS);
}

export const vTip: Directive<HTMLElement, string | null | undefined> = {
  mounted(element, { value }) {
    if (value) texts.set(element, value);
    element.addEventListener('pointerenter', later);
    element.addEventListener('pointerleave', hide);
    element.addEventListener('focus', later);
    element.addEventListener('blur', hide);
  },
  updated(element, { value }) {
    if (value) texts.set(element, value);
    else texts.delete(element);
    if (owner === element && bubble) {
      if (value) bubble.textContent = value;
      else hide();
    }
  },
  beforeUnmount(element) {
    if (owner === element) hide();
    element.removeEventListener('pointerenter', later);
    element.removeEventListener('pointerleave', hide);
    element.removeEventListener('focus', later);
    element.removeEventListener('blur', hide);
  },
};
