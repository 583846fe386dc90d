/** Levers: what depths are predicted to give is what a simulation of the changed drawing gives; estimates are never below the possible. */
import { expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { play } from '#core/simulate/network/player.ts';
import type { Variant } from '#core/stages/design.ts';
import { dataflowDesign, sequentialDesign } from '#core/stages/modes.ts';
import { simulateDesign } from '#core/stages/simulate.ts';
import { explainDeadlock, resolveDeadlock } from '#core/stalls/deadlock.ts';
import { designSizing, sizedFifos, subjectOfDesign } from '#core/stalls/design.ts';
import { drawnSpans, explainStalls } from '#core/stalls/explain.ts';
import { type LeverBench, leversOf, verifyLever } from '#core/stalls/levers.ts';
import { stallReport } from '#core/stalls/report.ts';
import { randomFabric, randomTaskGraph } from '../support/random-task-graph.ts';

/** Random designs that were simulated; their drawings have FIFOs of depth 1 to 4 where the seed says so. */
function* benches(count: number): Generator<LeverBench & { readonly seed: number }> {
  for (let seed = 0, found = 0; found < count; seed++) {
    const rng = createRng(20_000 + seed);
    const drawn = randomTaskGraph(rng);
    const graph =
      rng.below(2) === 0
        ? drawn
        : { ...drawn, streams: drawn.streams.map((stream) => ({ ...stream, depth: 1 + rng.below(4) })) };
    const fabric = randomFabric(rng, graph.tasks.length);
    const variant: Variant = rng.below(3) === 0 ? 'ideal' : 'as-built';
    const design = (rng.below(4) === 0 ? sequentialDesign : dataflowDesign)(graph, fabric, variant);
    if (!design.ok) continue;
    const simulated = simulateDesign(graph, fabric, design.value, { trace: true });
    if (!simulated.ok) continue;
    found++;
    const documents = { tasks: 'tasks', fabric: 'fabric' };
    yield {
      seed,
      graph,
      fabric,
      design: design.value,
      built: simulated.value.built,
      run: simulated.value.run,
      documents,
    };
  }
}

it('depths are exact, other levers are verified by simulation, accounts and paths add up', () => {
  const counts = { exact: 0, estimate: 0, better: 0, paths: 0 };
  let error = 0;
  for (const bench of benches(200)) {
    const { run, seed } = bench;
    const { tasks, path, pathShares } = explainStalls(subjectOfDesign(bench, bench.built), run);
    for (const { busy, stallIn, stallOut, reconfigure } of tasks)
      expect(busy + stallIn + stallOut + reconfigure, `seed ${seed}`).toBe(run.makespan);
    if (path) {
      counts.paths++;
      expect(
        pathShares.reduce((sum, { ticks }) => sum + ticks, 0),
        `seed ${seed}`,
      ).toBe(run.makespan);
      expect(drawnSpans(path, 100).at(-1)!.end).toBe(run.makespan);
    }
    for (const candidate of leversOf(bench)) {
      const verified = verifyLever(candidate);
      if (!verified.ok) throw new Error(`seed ${seed}: ${verified.error.message}`);
      const { basis, predictedCycles, simulatedCycles, parameter, title } = verified.value;
      if (parameter === 'depth') {
        counts.exact++;
        expect(basis).toBe('exact');
        expect(predictedCycles, `seed ${seed}, ${title}`).toBe(simulatedCycles);
      } else {
        counts.estimate++;
        expect(basis).toBe('estimate');
        expect(predictedCycles).toBeGreaterThanOrEqual(0);
        if (simulatedCycles! < run.makespan) counts.better++;
        error += Math.abs(predictedCycles - simulatedCycles!) / simulatedCycles!;
      }
    }
  }
  expect(counts.exact).toBeGreaterThan(20);
  expect(counts.estimate).toBeGreaterThan(200);
  // Most estimates do help; where not, verification says so.
  expect(counts.better / counts.estimate).toBeGreaterThan(0.7);
  expect(error / counts.estimate).toBeLessThan(0.25);
}, 240_000);

it('artificial deadlocks of designs are resolved by what is said, true ones are not', () => {
  let resolved = 0;
  for (const bench of benches(200)) {
    const { built, run, seed } = bench;
    if (!run.deadlock) continue;
    const subject = subjectOfDesign(bench, built);
    const options = { sized: sizedFifos(built), sizing: designSizing(bench, built) };
    const told = explainDeadlock(subject, run.deadlock, options);
    expect(told.steps.length, `seed ${seed}`).toBeGreaterThan(0);
    const resolution = resolveDeadlock(subject, options);
    if (!resolution) continue;
    resolved++;
    const depths = built.network.fifos.map(
      ({ capacity }, fifo) => resolution.grown.find((one) => one.fifo === fifo)?.to ?? capacity,
    );
    expect(play(options.sizing.at(depths))!.makespan).toBe(resolution.makespan);
    for (const { fifo, to } of resolution.grown)
      expect(play(options.sizing.at(depths.with(fifo, to - 1)))!.deadlock, `seed ${seed}`).not.toBeNull();
  }
  expect(resolved).toBeGreaterThan(30);
});

it('a report verifies as many estimates as it is told, and a deadlock is its only finding', () => {
  for (const bench of benches(40)) {
    const { levers, criticalPath, findings } = stallReport(bench, { verify: 1 });
    const estimates = levers.filter(({ basis }) => basis === 'estimate');
    if (bench.run.deadlock) {
      expect(levers).toEqual([]);
      expect(findings.map(({ code }) => code)).toEqual([expect.stringMatching(/^stalls\.deadlock-(artificial|true)$/)]);
      continue;
    }
    expect(estimates.map(({ simulatedCycles }) => simulatedCycles !== null)).toEqual(
      estimates.map((_, index) => index === 0),
    );
    expect(new Set(levers.map(({ id }) => id)).size).toBe(levers.length);
    if (bench.run.makespan > 0) expect(criticalPath.at(-1)?.end).toBe(bench.run.makespan);
  }
});
