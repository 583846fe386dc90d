// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it } from 'vitest';
import { nextTick } from 'vue';
import { placeCard } from './placing.ts';
import { TOUR_STEPS } from './steps.ts';
import { useTour } from './tour-store.ts';

const first = { hasProject: false, recentProjects: 0, isAutomated: false };

describe('tour', () => {
  beforeEach(() => {
    localStorage.clear();
    setActivePinia(createPinia());
  });

  it('offers itself on the very first start only', async () => {
    for (const other of [{ hasProject: true }, { recentProjects: 1 }, { isAutomated: true }]) {
      useTour().offer({ ...first, ...other });
      expect(useTour().at).toBeNull();
    }
    useTour().offer(first);
    expect(useTour().at).toBe(0);
    useTour().leave();
    await nextTick();
    // Another window, and the next start.
    setActivePinia(createPinia());
    useTour().offer(first);
    expect(useTour().at).toBeNull();
    useTour().start();
    expect(useTour().at).toBe(0);
  });

  it('has five steps, goes back and forth, and ends', () => {
    const tour = useTour();
    expect(TOUR_STEPS.length).toBe(5);
    tour.start();
    tour.go(-1);
    expect(tour.at).toBe(0);
    tour.done(2);
    expect(tour.at).toBe(0);
    tour.done(0);
    expect(tour.at).toBe(1);
    for (let step = 1; step < 5; step++) tour.go(1);
    expect(tour.at).toBeNull();
  });

  it('stands beside its anchor and in the window', () => {
    const card = { width: 340, height: 160 };
    const window = { width: 1280, height: 720 };
    const at = (left: number, top: number, width: number, height: number) =>
      placeCard({ left, top, width, height }, card, window);
    expect(at(100, 50, 200, 40)).toEqual({ left: 100, top: 102 });
    expect(at(1200, 8, 70, 28)).toEqual({ left: 928, top: 48 });
    expect(at(0, 400, 1280, 300)).toEqual({ left: 12, top: 228 });
    expect(at(0, 44, 248, 660)).toEqual({ left: 260, top: 44 });
    expect(at(1000, 44, 280, 660)).toEqual({ left: 648, top: 44 });
    expect(at(0, 44, 1280, 660)).toEqual({ left: 928, top: 532 });
    expect(placeCard(null, card, window)).toEqual({ left: 470, top: 524 });
  });
});
