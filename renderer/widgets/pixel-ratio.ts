import { onBeforeUnmount, onMounted, type Ref, ref } from 'vue';

/** Device pixels a CSS pixel: follows the window from screen to screen, and the browser's zoom. */
export function usePixelRatio(): Readonly<Ref<number>> {
  const ratio = ref(globalThis.devicePixelRatio || 1);
  let query: MediaQueryList | null = null;
  function follow(): void {
    query?.removeEventListener('change', follow);
    ratio.value = globalThis.devicePixelRatio || 1;
    query = matchMedia(`(resolution: ${ratio.value}dppx)`);
    query.addEventListener('change', follow);
  }
  onMounted(() => {
    if (typeof matchMedia === 'function') follow();
  });
  onBeforeUnmount(() => query?.removeEventListener('change', follow));
  return ratio;
}
