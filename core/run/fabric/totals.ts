/** The headline metrics of a simulation, each with formula, inputs and source. */
import type { Badge, Metric, Provenance, TechniqueRef } from '#core/base/metric.ts';
import type { Unit } from '#core/base/quantity.ts';
import type { Fabric } from '#core/fabric/fabric.ts';
import type { NetworkRun } from '#core/simulate/network/run.ts';
import type { Design } from '#core/stages/design.ts';
import type { DesignEnergy } from '#core/stages/energy.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';

export const SIMULATOR: TechniqueRef = { id: 'core/simulate/network', version: '1' };
export const TIME_MODEL: TechniqueRef = { id: 'core/stages', version: '1' };

export interface SimulationTotals {
  readonly graph: TaskGraph;
  readonly fabric: Fabric;
  readonly design: Design;
  readonly run: NetworkRun;
  readonly energy: DesignEnergy;
  /** Cycles the time model predicts. */
  readonly predicted: number;
}

export function simulationTotals({
  graph,
  fabric,
  design,
  run,
  energy,
  predicted,
}: SimulationTotals): readonly Metric[] {
  const metric = (
    id: string,
    title: string,
    value: number,
    unit: Unit,
    badge: Badge,
    formula: string,
    inputs: Provenance['inputs'],
    source: string,
    technique: TechniqueRef,
  ): Metric => ({ id, title, value, unit, badge, provenance: { formula, inputs, source, technique } });
  const cycles = run.makespan;
  const bytes = run.channels.reduce((sum, channel) => sum + channel.loadedBytes + channel.storedBytes, 0);
  const work = graph.tasks.reduce(
    (sum, task) => sum + (task.operation === 'mac' ? task.work * task.blocks * task.firings : 0),
    0,
  );
  const lanes = macLanes(graph, fabric);
  const waited = run.processes.reduce((sum, { stallIn, stallOut }) => sum + stallIn + stallOut, 0);
  return [
    metric(
      'time.cycles',
      'Cycles',
      cycles,
      'cycles',
      'simulated',
      'last tick at which a task ends',
      [{ name: 'events', value: run.events, unit: '' }],
      'event simulation of the process network',
      SIMULATOR,
    ),
    metric(
      'time.seconds',
      'Time',
      cycles / fabric.clockHertz,
      's',
      'simulated',
      'cycles ÷ clock',
      [
        { name: 'cycles', value: cycles, unit: 'cycles' },
        { name: 'clock', value: fabric.clockHertz, unit: 'Hz' },
      ],
      'definition',
      SIMULATOR,
    ),
    metric(
      'time.predicted',
      'Predicted cycles',
      predicted,
      'cycles',
      'estimate',
      'Σ over stages of max(slowest task, busiest channel) + fill + reconfiguration',
      [{ name: 'stages', value: design.stages.length, unit: '' }],
      'InTAR, arXiv 2502.08807; rationale of the time model',
      TIME_MODEL,
    ),
    metric(
      'compute.utilisation',
      'Utilisation of the cores',
      lanes > 0 && cycles > 0 ? work / (lanes * cycles) : 0,
      '1',
      'simulated',
      'MACs ÷ (MACs a cycle of all cores × cycles)',
      [
        { name: 'MACs', value: work, unit: 'MAC' },
        { name: 'MACs a cycle', value: lanes, unit: 'MAC/cycle' },
        { name: 'cycles', value: cycles, unit: 'cycles' },
      ],
      'definition',
      SIMULATOR,
    ),
    metric(
      'offchip.bytes',
      'Off-chip bytes',
      bytes,
      'B',
      'simulated',
      'Σ bytes of loads and stores over all channels',
      [{ name: 'channels', value: run.channels.length, unit: '' }],
      'counted by the simulation',
      SIMULATOR,
    ),
    metric(
      'stalls.cycles',
      'Task-cycles stalled',
      waited,
      'cycles',
      'simulated',
      'Σ over tasks of stall in + stall out; waiting for its turn and after its end included',
      [{ name: 'tasks', value: graph.tasks.length, unit: '' }],
      'counted by the simulation',
      SIMULATOR,
    ),
    metric(
      'energy.total',
      'Energy',
      energy.total,
      'J',
      'estimate',
      'Σ operations × joules + Σ bytes × joules a byte by level + static power × time',
      [
        { name: 'operations', value: energy.operations, unit: 'J' },
        { name: 'banks', value: energy.banks, unit: 'J' },
        { name: 'off chip', value: energy.offChip, unit: 'J' },
        { name: 'static', value: energy.static, unit: 'J' },
      ],
      'figures of the drawn cores, banks and channels',
      TIME_MODEL,
    ),
  ];
}

/** MACs a cycle of all cores, each at its widest among the formats the tasks use. */
export function macLanes({ tasks }: TaskGraph, { cores }: Fabric): number {
  const formats = new Set(tasks.filter(({ operation }) => operation === 'mac').map(({ format }) => format));
  return cores
    .filter(({ operation }) => operation === 'mac')
    .reduce(
      (sum, core) => sum + Math.max(0, ...[...formats].map((format) => core.lanes[format] ?? 0)) / core.ticksPerCycle,
      0,
    );
}
