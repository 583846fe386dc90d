/** What was predicted of a simulation, and what hardware took: designs considered, levers, the error. */
import type { SimulationResult } from '#core/run/fabric/result.ts';
import type { Lever } from '#core/stalls/lever.ts';
import { amount, type ExplainedFigure, explainDeviation, explained, type Named, word } from './explained.ts';
import { COUNTED, explainMakespan, simulator, timeModel } from './simulation.ts';

/** A design that was considered: what the time model predicts, what was simulated, and how far they lie apart. */
export function explainConsidered(
  result: SimulationResult,
  at: number,
  figure: 'predicted' | 'simulated' | 'gap' | 'offChipBytes',
): ExplainedFigure {
  const { title, predicted, simulated, offChipBytes, design } = result.considered[at]!;
  const stages = [amount('stages', design.stages.length, '')];
  switch (figure) {
    case 'predicted':
      return explained(
        { title: `Predicted cycles: ${title}`, value: predicted, unit: 'cycles', badge: 'estimate' },
        {
          formula: 'Σ over stages of max(slowest task, busiest channel) + fill + reconfiguration',
          source: 'InTAR, arXiv 2502.08807; rationale of the time model',
          technique: timeModel(result),
        },
        stages,
      );
    case 'simulated':
      return explained(
        { title: `Simulated cycles: ${title}`, value: simulated ?? 0, unit: 'cycles', badge: 'simulated' },
        { formula: 'last tick at which a task ends', source: COUNTED, technique: simulator(result) },
        stages,
      );
    case 'offChipBytes':
      return explained(
        { title: `Off-chip bytes: ${title}`, value: offChipBytes, unit: 'B', badge: 'estimate' },
        { formula: 'Σ bytes of loads and stores of the design', source: 'definition', technique: timeModel(result) },
        stages,
      );
    case 'gap':
      return explainDeviation(
        `Model gap: ${title}`,
        { symbol: 'predicted', figure: () => explainConsidered(result, at, 'predicted') },
        { symbol: 'simulated', figure: () => explainConsidered(result, at, 'simulated') },
      );
  }
}

/** What hardware took, and how far the simulation lies from it. */
export function explainMeasured(result: SimulationResult, figure: 'measured' | 'error'): ExplainedFigure {
  const measured: Named = {
    symbol: 'hardware',
    figure: () =>
      explained(
        { title: 'Cycles of the hardware', value: result.measured?.cycles ?? 0, unit: 'cycles', badge: 'measured' },
        { formula: 'measured', source: result.measured?.source ?? '', technique: null },
        [],
      ),
  };
  if (figure === 'measured') return measured.figure();
  return explainDeviation('Error', { symbol: 'simulated', figure: () => explainMakespan(result) }, measured);
}

/** What a lever is predicted to lead to, or how far that lies from the run. */
export function explainSimulationLever(
  result: SimulationResult,
  lever: Lever,
  figure: 'predicted' | 'change',
): ExplainedFigure {
  if (figure === 'change')
    return explainDeviation(
      lever.title,
      { symbol: 'predicted', figure: () => explainSimulationLever(result, lever, 'predicted') },
      { symbol: 'cycles now', figure: () => explainMakespan(result) },
    );
  const isExact = lever.basis === 'exact';
  return explained(
    {
      title: `Cycles predicted: ${lever.title}`,
      value: lever.predictedCycles,
      unit: 'cycles',
      badge: isExact ? 'simulated' : 'estimate',
    },
    {
      formula: lever.method,
      source: isExact ? 'simulated with that change' : 'critical path and time model',
      technique: isExact ? simulator(result) : timeModel(result),
    },
    [
      amount('cycles now', result.timeline.makespanCycles, 'cycles', () => explainMakespan(result)),
      word(lever.parameter, JSON.stringify(lever.value), { kind: 'node', document: lever.document, node: lever.node }),
    ],
  );
}
