/**
 * Stages on random task graphs: what must hold of any design on any fabric. Tokens in = tokens out, bytes balance, no core
 * over its lanes, no channel over its time, busy + stalls + reconfigure = makespan, no run below the model's lower bounds, no
 * deadlock, folded = unfolded, and the prediction near the simulation.
 */
import { expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import type { Fabric } from '#core/fabric/fabric.ts';
import type { Design } from '#core/stages/design.ts';
import { dataflowDesign, sequentialDesign, stagedDesign, verifyDesign } from '#core/stages/modes.ts';
import { totalBytes } from '#core/stages/off-chip.ts';
import { totalTokens } from '#core/stages/rates.ts';
import { type SimulatedDesign, simulateDesign } from '#core/stages/simulate.ts';
import { type DesignPrediction, predictDesign } from '#core/stages/time.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import { randomFabric, randomTaskGraph } from '../support/random-task-graph.ts';

const GRAPHS = 1000;
const UNFOLDED_EVERY = 5;
/** Prediction and simulation differ at most by this factor. */
const MODEL_FACTOR = 2.5;

function designsOf(graph: TaskGraph, fabric: Fabric, cut: number) {
  const tasks = graph.tasks.map((_, task) => task);
  const halves = [tasks.slice(0, cut), tasks.slice(cut)].filter(({ length }) => length > 0);
  return (['as-built', 'ideal'] as const).flatMap((variant) => [
    sequentialDesign(graph, fabric, variant),
    dataflowDesign(graph, fabric, variant),
    // Streams go from lower to higher tasks, so any cut is in order and convex.
    stagedDesign(graph, fabric, halves, 'reconfigurable', variant),
  ]);
}

function checkConservation(
  graph: TaskGraph,
  fabric: Fabric,
  design: Design,
  { run, built }: SimulatedDesign,
  predicted: DesignPrediction,
): void {
  for (const { busy, stallIn, stallOut, reconfigure } of run.processes)
    expect(busy + stallIn + stallOut + reconfigure).toBe(run.makespan);
  graph.streams.forEach(({ from, to, depth }, stream) => {
    const fifo = run.fifos[built.fifoOf[stream]!];
    if (!fifo) return;
    expect(fifo.put).toBe(totalTokens(from, graph.tasks));
    expect(fifo.got).toBe(totalTokens(to, graph.tasks));
    if (built.streamKind[stream] === 'fifo' && depth > 0) expect(fifo.maximum).toBeLessThanOrEqual(depth);
  });
  const bytes = fabric.channels.map(() => ({ load: 0, store: 0 }));
  for (const accesses of built.accesses)
    for (const access of accesses) bytes[access.channel]![access.direction] += totalBytes(access);
  run.channels.forEach(({ loadedBytes, storedBytes, busy }, channel) => {
    expect(loadedBytes).toBe(bytes[channel]!.load);
    expect(storedBytes).toBe(bytes[channel]!.store);
    expect(busy).toBeLessThanOrEqual(run.makespan);
  });
  expect(predicted.offChipBytes).toBe(bytes.reduce((sum, { load, store }) => sum + load + store, 0));
  for (const { compute, offChip } of predicted.stages) {
    expect(run.makespan).toBeGreaterThanOrEqual(compute);
    expect(run.makespan).toBeGreaterThanOrEqual(offChip);
  }
  for (const { tasks } of design.stages) {
    const used = fabric.cores.map(() => 0);
    for (const { shares, task } of tasks)
      for (const { core, lanes } of shares)
        used[core]! += lanes / fabric.cores[core]!.lanes[graph.tasks[task]!.format]!;
    for (const share of used) expect(share).toBeLessThanOrEqual(1 + 1e-9);
  }
  // Tasks on a core one stage after another do not overlap.
  const until = fabric.cores.map(() => 0);
  for (const { tasks } of design.stages) {
    for (const { task, shares } of tasks)
      for (const { core } of shares) expect(run.processes[task]!.start).toBeGreaterThanOrEqual(until[core]!);
    for (const { task, shares } of tasks)
      for (const { core } of shares) until[core] = Math.max(until[core]!, run.processes[task]!.end);
  }
}

it('random task graphs, sequential, dataflow and in two stages, as built and ideal', () => {
  const gaps: number[] = [];
  let dead = 0;
  let runs = 0;
  for (let seed = 0; seed < GRAPHS; seed++) {
    const rng = createRng(seed);
    const graph = randomTaskGraph(rng);
    const fabric = randomFabric(rng, graph.tasks.length);
    for (const design of designsOf(graph, fabric, 1 + rng.below(graph.tasks.length))) {
      if (!design.ok) throw new Error(`seed ${seed}: ${design.error.message}`);
      expect(verifyDesign(graph, fabric, design.value)).toEqual([]);
      const simulated = simulateDesign(graph, fabric, design.value);
      if (!simulated.ok) throw new Error(`seed ${seed}: ${simulated.error.message}`);
      const predicted = predictDesign(graph, fabric, design.value);
      runs++;
      if (simulated.value.run.deadlock !== null) {
        // Forks that meet again need FIFOs of a certain depth; more room always helps.
        dead++;
        expect(simulated.value.run.deadlock.kind, `seed ${seed}`).toBe('artificial');
        continue;
      }
      try {
        checkConservation(graph, fabric, design.value, simulated.value, predicted);
      } catch (error) {
        throw new Error(`seed ${seed}, ${design.value.mode}, ${design.value.variant}: ${error}`);
      }
      const { makespan } = simulated.value.run;
      if (makespan > 0) gaps.push(predicted.cycles / makespan);
      if (seed % UNFOLDED_EVERY !== 0) continue;
      const whole = simulateDesign(graph, fabric, design.value, { fold: false });
      if (!whole.ok) throw new Error(whole.error.message);
      const { events: _, ...rest } = whole.value.run;
      const { events: __, ...folded } = simulated.value.run;
      expect(folded, `seed ${seed}`).toEqual(rest);
    }
  }
  gaps.sort((a, b) => a - b);
  const quantile = (q: number) => gaps[Math.min(gaps.length - 1, Math.floor(q * gaps.length))]!;
  expect(quantile(0.5)).toBeGreaterThan(0.98);
  expect(quantile(0.5)).toBeLessThan(1.02);
  expect(quantile(0.05)).toBeGreaterThan(0.7);
  expect(quantile(0.95)).toBeLessThan(1.2);
  expect(quantile(0)).toBeGreaterThan(1 / MODEL_FACTOR);
  expect(quantile(1)).toBeLessThan(MODEL_FACTOR);
  // Most are played to the end, or little would be tested.
  expect(dead).toBeLessThan(runs / 4);
});

it('FIFOs without bound never deadlock', () => {
  for (let seed = 0; seed < GRAPHS; seed++) {
    const rng = createRng(seed);
    const drawn = randomTaskGraph(rng);
    const graph = { ...drawn, streams: drawn.streams.map((stream) => ({ ...stream, depth: 0 })) };
    const fabric = randomFabric(rng, graph.tasks.length);
    const design = dataflowDesign(graph, fabric, 'as-built');
    if (!design.ok) throw new Error(design.error.message);
    const simulated = simulateDesign(graph, fabric, design.value);
    if (!simulated.ok) throw new Error(simulated.error.message);
    expect(simulated.value.run.deadlock).toBe(null);
  }
});
