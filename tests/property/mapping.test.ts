/** The closed form of a loop nest against two walks of it, and what any count must obey. */
import { expect, it } from 'vitest';
import { evaluate } from '#core/mapping/evaluate.ts';
import { boxWords } from '#core/mapping/workload.ts';
import { cases } from '../support/cases.ts';
import { countAsTimeloop } from './mapping-collapse.ts';
import { forNests } from './mapping-nests.ts';
import { walk } from './mapping-oracle.ts';

const NESTS = cases(100, 2000);

it(`counts what a walk of the nest counts (${NESTS} nests)`, () => {
  forNests(NESTS, true, 1, ({ tree, workload, mapping }) => {
    const found = evaluate(tree, workload, mapping, 'exact');
    if (!found.ok) throw new Error(found.error.message);
    const walked = walk(workload, mapping);
    const ours = tree.levels.map(({ name }) => {
      const level = found.value.levels.find((known) => known.level === name)!;
      return workload.dataSpaces.map((space) => {
        const data = level.data.find(({ dataSpace }) => dataSpace === space.name);
        return data ? { reads: data.reads, fills: data.fills, updates: data.updates } : null;
      });
    });
    expect(ours).toEqual(walked);
  });
});

it(`counts as Timeloop does where it looks at two iterations of a loop (${NESTS} nests)`, () => {
  forNests(NESTS, true, 2, ({ tree, workload, mapping }) => {
    const found = evaluate(tree, workload, mapping);
    if (!found.ok) throw new Error(found.error.message);
    const ours = found.value.levels.map(({ data }) =>
      workload.dataSpaces.map(({ name }) => {
        const counted = data.find(({ dataSpace }) => dataSpace === name);
        return counted ? { reads: counted.reads, fills: counted.fills, updates: counted.updates } : null;
      }),
    );
    expect(ours).toEqual(countAsTimeloop(tree, workload, mapping));
  });
});

it(`moves no word twice unseen: reads above are fills below times distinct children (${NESTS} nests)`, () => {
  forNests(NESTS, false, 2, ({ tree, workload, mapping }) => {
    const found = evaluate(tree, workload, mapping, 'exact');
    if (!found.ok) throw new Error(found.error.message);
    const { levels } = found.value;
    for (const [level, { data }] of levels.entries())
      for (const [space, { isReadWrite, projection }] of workload.dataSpaces.entries()) {
        const here = data[space]!;
        // A level's own children: what it was filled with is read at least once.
        if (!isReadWrite && level > 0) {
          expect(here.reads).toBe(levels[level - 1]!.data[space]!.fills * here.distinctChildren);
          // Unless the box of a tile has words between the strides that nobody reads.
          if (projection.every((rank) => rank.length === 1 && rank[0]!.coefficient === 1))
            expect(here.reads).toBeGreaterThanOrEqual(here.fills);
        }
        // Every partial sum that is read is updated, and the first of each word is not read.
        if (isReadWrite) expect(here.reads).toBe(here.updates - here.partitionWords);
      }
  });
});

it(`adds up: energy is the sum of its parts, no nest is faster than its roofline (${NESTS} nests)`, () => {
  forNests(NESTS, true, 1, ({ tree, workload, mapping, rng }) => {
    const narrow = {
      ...tree,
      levels: tree.levels.map((level) => ({
        ...level,
        readBandwidth: rng.below(2) === 0 ? null : 1 / (1 + rng.below(4)),
        writeBandwidth: rng.below(2) === 0 ? null : 1 / (1 + rng.below(4)),
      })),
    };
    const found = evaluate(narrow, workload, mapping);
    if (!found.ok) throw new Error(found.error.message);
    const { cycles, parts, energyPj, computeEnergyPj, levels, computes, edp, utilisation } = found.value;
    const energies = levels.flatMap(({ data }) => data.map((one) => one.energyPj));
    expect(energyPj).toBeCloseTo(
      energies.reduce((sum, energy) => sum + energy, computeEnergyPj),
      6,
    );
    expect(edp).toBe(energyPj * cycles);
    expect(cycles).toBe(parts.compute + parts.stall);
    expect(cycles).toBeGreaterThanOrEqual(computes / tree.compute.instances);
    expect(utilisation).toBeLessThanOrEqual(1);
    for (const [index, { data }] of levels.entries()) {
      const { readBandwidth, writeBandwidth } = narrow.levels[index]!;
      const read = data.reduce((sum, { reads }) => sum + reads, 0);
      const written = data.reduce((sum, { fills, updates }) => sum + fills + updates, 0);
      if (readBandwidth !== null) expect(cycles).toBeGreaterThanOrEqual(Math.floor(read / readBandwidth));
      if (writeBandwidth !== null) expect(cycles).toBeGreaterThanOrEqual(Math.floor(written / writeBandwidth));
    }
    const whole = workload.dimensions.map(({ size }) => size);
    for (const one of workload.dataSpaces) {
      const outermost = levels.at(-1)!.data.find(({ dataSpace }) => dataSpace === one.name)!;
      expect(outermost.tileWords).toBe(boxWords(one, whole));
      if (one.isReadWrite) expect(outermost.updates).toBeGreaterThanOrEqual(outermost.tileWords);
    }
  });
});
