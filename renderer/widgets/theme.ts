/** Light, dark or as the system says; remembered. The result is `data-theme` on <html>. */
import { computed, ref, watchEffect } from 'vue';
import type { Theme } from './palette.ts';
import { remembered } from './remembered.ts';

export type ThemeChoice = Theme | 'system';

const choice = remembered<ThemeChoice>('theme', 'system', (value) =>
  value === 'light' || value === 'dark' || value === 'system' ? value : null,
);
const darkQuery = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : null;
const systemIsDark = ref(darkQuery?.matches ?? false);
darkQuery?.addEventListener('change', (event) => {
  systemIsDark.value = event.matches;
});

const theme = computed<Theme>(() =>
  choice.value === 'system' ? (systemIsDark.value ? 'dark' : 'light') : choice.value,
);

export function useTheme() {
  return { theme, choice };
}

/** Called once by the entry. */
export function installTheme(root: HTMLElement): void {
  watchEffect(() => {
    root.dataset.theme = theme.value;
  });
}
