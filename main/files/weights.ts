/** The kept model file that a run reads its weights from. */
import type { RunInputs } from '#core/run/result.ts';
import type { Project } from '#projects/project.ts';

/** The inputs with the file their weights are read from, where there is a copy and values may be verified. */
export function withWeights(target: Project, document: string, { weights: _other, ...inputs }: RunInputs): RunInputs {
  const weights = inputs.settings.values === 'never' ? null : target.files.identity(document);
  return weights ? { ...inputs, weights } : inputs;
}
