/** A finished run as the project keeps it: the bulk packed, the figures beside it. */
import { gzipSync } from 'node:zlib';
import type { SimulationResult } from '#core/run/fabric/result.ts';
import type { RunResult } from '#core/run/result.ts';
import type { RunOutput } from './messages.ts';

/** @param json the run's own text. */
export function packedRun(
  result: Pick<RunResult | SimulationResult, 'key' | 'title' | 'totals' | 'stoppedEarly'>,
  json: string,
  { stageMilliseconds = {}, convergence = [] }: Partial<Pick<RunOutput, 'stageMilliseconds' | 'convergence'>> = {},
): RunOutput {
  return {
    result: gzipSync(json, { level: 6 }),
    key: result.key,
    title: result.title,
    totals: result.totals.map(({ id, title, value, unit, badge }) => ({ id, title, value, unit, badge })),
    stoppedEarly: result.stoppedEarly,
    stageMilliseconds,
    convergence,
  };
}
