/** A bundle from a stranger, in a worker: checked whole, runs verified as far as an imported run is, simulations simulated again. */
import { uncontrolled } from '#core/base/control.ts';
import type { Problem } from '#core/base/problem.ts';
import { ok, type Result } from '#core/base/result.ts';
import { parseRun } from '#core/report/parse.ts';
import { isSimulationFile, parseSimulation } from '#core/report/simulation/parse.ts';
import { renderSimulation } from '#core/report/simulation/render.ts';
import { simulationRun } from '#core/run/fabric/pipeline.ts';
import type { SimulationResult } from '#core/run/fabric/result.ts';
import { runFamily } from '#core/run/pipeline.ts';
import type { RunResult } from '#core/run/result.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { type Bundle, type BundleContents, type CheckedRun, readBundle } from '#projects/bundle.ts';
import { sortOf } from '#projects/run-store.ts';
import { openFileSource } from '../files/byte-source.ts';
import type { RunOutput } from './messages.ts';

type Pack = (result: RunResult | SimulationResult, json: string) => RunOutput;

/** @param pack a finished run as the project keeps it. */
export async function checkedBundle(
  path: string,
  appVersion: string,
  solver: () => Promise<MipSolver>,
  pack: Pack,
): Promise<Result<BundleContents, Problem>> {
  const source = openFileSource(path);
  try {
    const bundle = readBundle(source);
    if (!bundle.ok) return bundle;
    const runs: CheckedRun[] = [];
    for (const run of bundle.value.runs) {
      const checked = await checkedRun(run, appVersion, solver, pack);
      if (!checked.ok) return checked;
      runs.push(checked.value);
    }
    return ok({ ...bundle.value, runs });
  } finally {
    source.close();
  }
}

async function checkedRun(
  { json, curve, title, model, architecture }: Bundle['runs'][number],
  appVersion: string,
  solver: () => Promise<MipSolver>,
  pack: Pack,
): Promise<Result<CheckedRun, Problem>> {
  const run = { title, model, architecture };
  if (isSimulationFile(json)) {
    const inputs = parseSimulation(json);
    if (!inputs.ok) return inputs;
    const again = simulationRun(inputs.value, { mip: await solver(), control: uncontrolled, appVersion });
    if (!again.ok) return again;
    const { key } = again.value;
    const finished = pack(again.value, renderSimulation(again.value, 'json'));
    return ok({ run: { ...run, key, family: key }, sort: sortOf(again.value.inputs), finished, curve });
  }
  const parsed = parseRun(json);
  if (!parsed.ok) return parsed;
  const { key, inputs } = parsed.value;
  const family = runFamily(inputs, appVersion);
  return ok({ run: { ...run, key, family }, sort: sortOf(inputs), finished: pack(parsed.value, json), curve });
}
