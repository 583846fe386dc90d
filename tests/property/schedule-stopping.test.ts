/**
 * Stopped at any moment a scheduler still has a verified answer, no dearer than Belady's rule in file order where that
 * can be laid out; and what it tells meanwhile is monotone.
 */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type Control, type Progress, uncontrolled } from '#core/base/control.ts';
import { evict } from '#core/schedule/eviction.ts';
import { gapObjective, gapView } from '#core/schedule/gaps.ts';
import { orderByName } from '#core/schedule/orders.ts';
import { place } from '#core/schedule/place.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { cases } from '../support/cases.ts';
import { forTrials, SCHEDULERS, solved, type Trial } from './schedule-trials.ts';

/** A dozen graphs a mode in an `npm test`. */
const GRAPHS = cases(6, 120);
const LARGER = { first: 11_000_000, operators: [12, 30] } as const;
/** For the integer programme over order and residency, which takes minutes to prove the larger ones. */
const SMALLER = { first: 11_000_000, operators: [5, 8] } as const;
/** Polls after which the user has asked to stop. */
const POLLS = [0, 1, 2, 5, 10, 100, 1_000, 10_000];

// Many small searches: minutes where the machine is busy.
vi.setConfig({ testTimeout: 600_000 });

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

function stoppedAfter(polls: number): Control {
  let polled = 0;
  return { report: () => {}, cancelled: () => ++polled > polls };
}

/** Bytes by Belady's rule in file order; infinite where that residency was not laid out with hardly any search. */
function beladyLaidOut({ problem, mode, S }: Trial): number {
  const view = gapView(problem, { mode, S, granule: 1 }, orderByName(problem, 'file'));
  const kept = evict(view, 'belady');
  const placement = place(view, kept, { granule: 1, nodeLimit: 1_000, control: uncontrolled });
  return typeof placement === 'string' ? Infinity : gapObjective(view, kept);
}

describe.each(SCHEDULERS.map((scheduler) => [scheduler.manifest.id, scheduler] as const))('%s', (_, scheduler) => {
  const options = scheduler.manifest.id === 'scheduler/free-order-ilp' ? SMALLER : LARGER;

  it(`stopped after 0 to ${POLLS.at(-1)} polls has an answer no dearer than Belady's rule, on ${GRAPHS} graphs a mode`, () => {
    let cut = 0;
    let compared = 0;
    forTrials(
      GRAPHS,
      (trial) => {
        const belady = beladyLaidOut(trial);
        if (belady < Infinity) compared++;
        for (const polls of POLLS) {
          const { objective, stop } = solved(scheduler, trial.problem, trial, {
            mip,
            control: stoppedAfter(polls),
          });
          expect(objective).toBeLessThanOrEqual(belady);
          if (stop === 'cancelled') cut++;
        }
      },
      options,
    );
    expect(compared).toBeGreaterThan(2 * GRAPHS);
    // Stopped at once, at least, there is mostly no proof yet.
    expect(cut).toBeGreaterThan(GRAPHS);
  });

  it('tells an incumbent that never rises, a bound that never falls and no gap below 0', () => {
    let told = 0;
    forTrials(
      GRAPHS,
      ({ problem, mode, S }) => {
        const reports: Progress[] = [];
        const control: Control = { report: (progress) => reports.push(progress), cancelled: () => false };
        const { objective, bound } = solved(scheduler, problem, { mode, S }, { mip, control });
        const figures = reports.map((report) => report.figures ?? {});
        const incumbents = figures.flatMap(({ incumbent }) => (incumbent === undefined ? [] : [incumbent]));
        const bounds = figures.flatMap((one) => (one.bound === undefined ? [] : [one.bound]));
        const fractions = reports.map(({ fraction }) => fraction);
        expect(incumbents).toEqual([...incumbents].sort((a, b) => b - a));
        expect(bounds).toEqual([...bounds].sort((a, b) => a - b));
        expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
        expect(fractions.at(-1)).toBe(1);
        for (const { gap } of figures) if (gap !== undefined) expect(gap).toBeGreaterThanOrEqual(0);
        // The last is the answer, but for what its addresses cost.
        expect(incumbents.at(-1)).toBeLessThanOrEqual(objective);
        expect(bounds.at(-1)).toBe(bound);
        told += reports.length;
      },
      options,
    );
    expect(told).toBeGreaterThan(10 * GRAPHS);
  });
});
