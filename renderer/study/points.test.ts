import { describe, expect, it } from 'vitest';
import type { StudyMetric, StudyPoint } from '#core/study/study.ts';
import { StudyPoints } from './points.ts';
import { drawnPoints, studyView } from './test-support.ts';

/** By definition: no other is as good everywhere and better somewhere. */
function bruteFront(points: readonly StudyPoint[], objectives: readonly StudyMetric[]): readonly number[] {
  const of = ({ metrics }: StudyPoint) =>
    objectives.map(({ id, better }) => (metrics[id] ?? Number.NaN) * (better === 'less' ? 1 : -1));
  const sound = points.filter(({ failure }) => failure === null);
  return sound
    .filter((a) => {
      const mine = of(a);
      return !sound.some((b) => {
        const theirs = of(b);
        return theirs.every((value, at) => value <= mine[at]!) && theirs.some((value, at) => value < mine[at]!);
      });
    })
    .map(({ index }) => index);
}

describe('the points of a study', () => {
  const { metrics } = studyView();
  const objectives = metrics.filter(({ id }) => ['time.cycles', 'area.total', 'energy.total'].includes(id));

  it.each([1, 2, 3, 4, 5])('keep the front up batch by batch as brute force finds it, seed %i', (seed) => {
    const two = objectives.filter(({ id }) => id !== 'energy.total');
    const all = drawnPoints(600, seed);
    for (const led of [two, objectives]) {
      const points = new StudyPoints(led);
      for (let from = 0; from < all.length; from += 97) {
        points.add(all.slice(from, from + 97));
        const known = all.slice(0, from + 97);
        expect([...points.view().front].sort((a, b) => a - b)).toEqual(bruteFront(known, led));
      }
    }
  });

  it('count what failed by reason, and take nothing twice or out of turn', () => {
    const points = new StudyPoints(objectives);
    const all = drawnPoints(40);
    points.add(all.slice(0, 20));
    points.add(all.slice(10, 30));
    points.add(all.slice(35));
    expect(points.count).toBe(30);
    expect(points.view()).toMatchObject({ count: 30, failed: 1, failures: [['Does not fit', 1]] });
  });
});
