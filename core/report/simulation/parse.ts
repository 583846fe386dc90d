/**
 * The inputs of a simulation from a file nobody vouches for. Figures are not taken from it: a simulation is repeated in
 * moments, so whoever imports it simulates the frozen inputs again.
 */
import { z } from 'zod';
import { notJson } from '#core/base/json-fault.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { shapeFault } from '#core/base/shape-fault.ts';
import { documentFileSchema, simulationSettingsSchema } from '#core/contract/schemas.ts';
import type { SimulationInputs } from '#core/run/fabric/result.ts';

const HEAD = '{"format":"weft-simulation/1"';

const simulationSchema = z.object({
  format: z.literal('weft-simulation/1'),
  inputs: z.strictObject({ tasks: documentFileSchema, fabric: documentFileSchema, settings: simulationSettingsSchema }),
});

/** Whether a text says of itself that it is a simulation. */
export function isSimulationFile(json: string): boolean {
  return json.startsWith(HEAD);
}

/** Codes `run-file.*`, as of other runs; `facts.at` is the path inside the file. */
export function parseSimulation(json: string): Result<SimulationInputs, Problem> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return err(notJson('run-file.not-json', json, 'The file'));
  }
  const parsed = simulationSchema.safeParse(value);
  if (!parsed.success) {
    const { at, said } = shapeFault(parsed.error);
    return err(problem('run-file.shape', `The file is not a simulation of this format ${said}`, { facts: { at } }));
  }
  const { inputs } = parsed.data;
  if (inputs.tasks.kind !== 'tasks' || inputs.fabric.kind !== 'fabric')
    return err(problem('run-file.inconsistent', 'The file does not hold a task graph and a fabric'));
  return ok(inputs);
}
