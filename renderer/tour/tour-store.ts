/** Where the tour is. It offers itself once, on the very first start; afterwards only who asks for it gets it. */
import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { remembered } from '../widgets/remembered.ts';
import { TOUR_STEPS } from './steps.ts';

/** What is known of a start when it has settled. */
export interface Start {
  readonly hasProject: boolean;
  readonly recentProjects: number;
  /** A browser worked by a program is nobody to show around. */
  readonly isAutomated: boolean;
}

export const useTour = defineStore('tour', () => {
  const isKnown = remembered('tour-known', false, (stored) => (typeof stored === 'boolean' ? stored : null));
  /** Null while there is no tour. */
  const at = ref<number | null>(null);
  const step = computed(() => (at.value === null ? null : (TOUR_STEPS[at.value] ?? null)));

  function start(): void {
    isKnown.value = true;
    at.value = 0;
  }
  function leave(): void {
    at.value = null;
  }
  function go(by: 1 | -1): void {
    if (at.value === null) return;
    const next = at.value + by;
    at.value = next >= TOUR_STEPS.length ? null : Math.max(0, next);
  }
  /** Goes on by itself when what that step is about was done. */
  function done(stepAt: number): void {
    if (at.value === stepAt) go(1);
  }
  function offer({ hasProject, recentProjects, isAutomated }: Start): void {
    if (!isKnown.value && !hasProject && recentProjects === 0 && !isAutomated) start();
  }

  return { at, step, start, leave, go, done, offer };
});
